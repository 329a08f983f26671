// Package command is what the programs of this repository share on the command
// line: flags and arguments in any order, help, results, one line of progress, one
// line of error, and exit codes. It is for them alone and promises nothing to
// others.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"uarweb/weights/version"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitBadInput    = 2
	exitInterrupted = 130 // as a shell reports a program that SIGINT ended
)

const exitCodes = "Exit codes: 0 done, 2 bad input or usage, 130 interrupted, 1 anything else."

// Program is a program with commands, or one that is a single command.
type Program struct {
	Name     string                                   // as it is typed
	Commands []Command                                // in the order in which help lists them; nil: there is only Run
	Run      func(ctx context.Context, c *Call) error // of a program without commands
	Notice   string                                   // what the help of a program with commands ends with; may be empty
}

// Command is one of a program's commands.
type Command struct {
	Name    string
	Summary string // for the list of commands
	Run     func(ctx context.Context, c *Call) error
}

// patience is how long a program that was interrupted may take to end by itself.
var patience = 10 * time.Second

// Main runs the program with the arguments and streams of the process, which it
// ends. The first SIGINT or SIGTERM cancels the context; a program that does not
// end of that ends at the second, or when its time is over.
func (p *Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // from now on signals do what they do by themselves
		time.Sleep(patience)
		p.say(os.Stderr, "interrupted")
		os.Exit(exitInterrupted)
	})
	os.Exit(p.Execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Execute runs the program with other arguments and streams, and returns its exit
// code. Results go to out, a line about an error to errs, and if that is a
// terminal, progress too.
func (p *Program) Execute(ctx context.Context, args []string, out, errs io.Writer) int {
	c := newCall(p, args, out, errs)
	err := p.dispatch(ctx, c)
	c.progress.clear()
	switch {
	case err == nil || errors.Is(err, errAnswered):
		return exitDone
	case ctx.Err() != nil:
		p.say(errs, "interrupted")
		return exitInterrupted
	}
	p.say(errs, strings.TrimPrefix(err.Error(), p.Name+": "))
	if _, bad := errors.AsType[inputError](err); bad {
		return exitBadInput
	}
	return exitFailed
}

// dispatch finds the command that is called and runs it.
func (p *Program) dispatch(ctx context.Context, c *Call) error {
	if p.Commands == nil {
		return p.Run(ctx, c)
	}
	if len(c.args) == 0 {
		return BadInput(fmt.Errorf("a command is needed; %s -h lists them", p.Name))
	}
	name := c.args[0]
	switch name {
	case "-h", "-help", "--help", "help":
		return p.help(c.Out)
	case "-version", "--version":
		return p.version(c.Out)
	}
	i := slices.IndexFunc(p.Commands, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return BadInput(fmt.Errorf("no command %q; %s -h lists them", name, p.Name))
	}
	c.name, c.args = p.Name+" "+name, c.args[1:]
	return p.Commands[i].Run(ctx, c)
}

// errAnswered ends a call whose flags asked for nothing but help or the version.
var errAnswered = errors.New("answered")

func (p *Program) help(out io.Writer) error {
	fmt.Fprintf(out, "usage: %s COMMAND [flags] [arguments]\n\n", p.Name)
	list := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, c := range p.Commands {
		fmt.Fprintf(list, "  %s\t%s\n", c.Name, c.Summary)
	}
	list.Flush()
	fmt.Fprintf(out, "\n\"%s COMMAND -h\" explains a command, \"%s -version\" prints the version.\n%s\n", p.Name, p.Name, exitCodes)
	if p.Notice != "" {
		fmt.Fprintf(out, "\n%s\n", p.Notice)
	}
	return errAnswered
}

func (p *Program) version(out io.Writer) error {
	fmt.Fprintf(out, "%s %s\n", p.Name, version.String())
	return errAnswered
}

// say writes a line to standard error.
func (p *Program) say(errs io.Writer, text string) {
	fmt.Fprintf(errs, "%s: %s\n", p.Name, Line(text))
}

// inputError marks an error that lies in the caller's arguments or files.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// BadInput marks err as one that lies in the caller's arguments or files; nil stays
// nil. The program's exit code tells it from others.
func BadInput(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// BadPlace marks an error of writing a file as the caller's if there is no such
// place as he named, or it is not his. A full disk is not his fault.
func BadPlace(err error) error {
	for _, fault := range []error{os.ErrNotExist, os.ErrExist, os.ErrPermission, syscall.ENOTDIR, syscall.EISDIR} {
		if errors.Is(err, fault) {
			return BadInput(err)
		}
	}
	return err
}

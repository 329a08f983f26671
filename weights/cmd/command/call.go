package command

import (
	"flag"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Call is one call of a command.
type Call struct {
	Flags *flag.FlagSet // declared before Parse
	Out   io.Writer     // results; what could move a terminal's cursor is escaped

	program  *Program
	name     string // as it is typed, the program's included
	args     []string
	version  bool // is asked for
	errs     io.Writer
	progress *progress
}

func newCall(p *Program, args []string, out, errs io.Writer) *Call {
	c := &Call{
		Flags:   flag.NewFlagSet(p.Name, flag.ContinueOnError),
		program: p, name: p.Name, args: args, errs: errs, progress: &progress{},
	}
	c.Flags.SetOutput(io.Discard) // a wrong flag is answered with one line
	c.Flags.Usage = func() {}
	if p.Commands == nil {
		c.Flags.BoolVar(&c.version, "version", false, "print the version")
	}
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		c.progress.terminal = f
	}
	c.Out = &output{to: out, progress: c.progress}
	return c
}

// Parse reads the flags and returns the arguments between them, of which there
// must be low to high. For help, synopsis is what follows the command's name, about
// what it does. Errors are to be returned as they are.
func (c *Call) Parse(synopsis, about string, low, high int) ([]string, error) {
	var rest []string
	for args := c.args; len(args) > 0; {
		if err := c.Flags.Parse(args); err == flag.ErrHelp {
			fmt.Fprintf(c.Out, "usage: %s %s\n\n%s\n\n", c.name, synopsis, about)
			c.Flags.SetOutput(c.Out)
			c.Flags.PrintDefaults()
			return nil, errAnswered
		} else if err != nil {
			return nil, c.wrong("%w", err)
		}
		if args = c.Flags.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	if c.version {
		return nil, c.program.version(c.Out)
	}
	if n := len(rest); n < low || n > high {
		takes := fmt.Sprint(low)
		if low < high {
			takes = fmt.Sprintf("%d to %d", low, high)
		}
		return nil, c.wrong("arguments: %d given, %s takes %s", n, c.name, takes)
	}
	return rest, nil
}

// Require returns an error unless each of these flags has a value.
func (c *Call) Require(flags ...string) error {
	for _, name := range flags {
		if f := c.Flags.Lookup(name); f.Value.String() == "" {
			value, _ := flag.UnquoteUsage(f)
			return c.wrong("-%s %s is missing", name, value)
		}
	}
	return nil
}

// wrong is an error of the command line.
func (c *Call) wrong(format string, args ...any) error {
	return BadInput(fmt.Errorf(format+"; %s -h explains", append(args, c.name)...))
}

// Progress shows a line on a terminal that replaces the one before, and that
// results, notes and errors replace. Elsewhere it shows nothing.
func (c *Call) Progress(format string, args ...any) { c.progress.show(fmt.Sprintf(format, args...)) }

// Note writes a line about what the caller should know to standard error.
func (c *Call) Note(format string, args ...any) {
	c.progress.clear()
	c.program.say(c.errs, fmt.Sprintf(format, args...))
}

// Command weights inspects, converts, quantizes, shards and verifies the
// weights of UAR.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"
)

const usage = `usage: weights COMMAND [flags] [arguments]

  inspect   list the tensors of a weights file and what is known about it
  convert   rename the tensors of a PyTorch or OpenAI dVAE file
  quantize  round a weights file to int8 or 4 bits
  shard     cut a weights file into shards with a manifest
  verify    check a weights file, or a manifest and its shards

"weights COMMAND -h" explains a command. A FILE is a safetensors file or the
manifest.json of shards. Exit codes: 0 done, 2 bad input or usage, 130
interrupted, 1 anything else.
`

// call is one use of a command.
type call struct {
	flags    *flag.FlagSet
	out      io.Writer      // results
	progress func(a ...any) // a line that replaces the one before, on a terminal
}

// command reads its arguments and writes its results.
type command func(ctx context.Context, c *call, args []string) error

var commands = map[string]command{
	"inspect": inspect, "convert": convert, "quantize": quantizeFile, "shard": shard, "verify": verify,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, isTerminal(os.Stderr))
	stop()
	os.Exit(code)
}

// internalError is an error that is not the input's.
type internalError struct{ error }

// internal marks an error of writing results, unless the user named a place that
// does not exist or is not his.
func internal(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return internalError{err}
	}
	return err
}

// run executes a command line and returns the exit code. Progress is shown only
// if errs is a terminal.
func run(ctx context.Context, args []string, out, errs io.Writer, terminal bool) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return 2
	}
	if args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(out, usage)
		return 0
	}
	do, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(errs, "weights: no command %q; weights -h lists them\n", args[0])
		return 2
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c := &call{flags: flags, out: out, progress: func(...any) {}}
	if terminal {
		c.progress = func(a ...any) { fmt.Fprint(errs, "\r\x1b[K"+fmt.Sprint(a...)) }
	}
	err := do(ctx, c, args[1:])
	c.progress()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if ctx.Err() != nil {
		fmt.Fprintln(errs, "weights: interrupted")
		return 130
	}
	message := oneLine(err.Error())
	if !strings.HasPrefix(message, "weights: ") {
		message = "weights: " + message
	}
	fmt.Fprintln(errs, message)
	if errors.As(err, new(internalError)) {
		return 1
	}
	return 2
}

// parse reads flags and exactly n other arguments, in any order. synopsis is
// what follows the command's name, about what it does.
func (c *call) parse(args []string, n int, synopsis, about string) ([]string, error) {
	var rest []string
	for len(args) > 0 {
		if err := c.flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(c.out, "usage: weights %s %s\n\n%s\n", c.flags.Name(), synopsis, about)
			c.flags.SetOutput(c.out)
			c.flags.PrintDefaults()
			return nil, err
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", c.flags.Name(), err)
		}
		if args = c.flags.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	if len(rest) != n {
		return nil, fmt.Errorf("%s: usage: weights %s %s", c.flags.Name(), c.flags.Name(), synopsis)
	}
	return rest, nil
}

// patterns is a flag that may be given several times.
type patterns []string

func (p *patterns) String() string     { return strings.Join(*p, " ") }
func (p *patterns) Set(s string) error { *p = append(*p, s); return nil }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// oneLine keeps what a file says, a tensor's name for one, from moving a
// terminal's cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

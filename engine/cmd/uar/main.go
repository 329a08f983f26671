// Command uar writes reports of chest X-rays, and measures and inspects the
// model that does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"uarweb/engine/report"
)

const usage = `usage: uar COMMAND [flags] [arguments]

  report     write the report of one or two X-rays
  trace      write what the model computes on the way as tensors
  eval       score the model on a data set
  compare    measure a quantized model against its reference
  calibrate  measure the layers' inputs and sensitivity, for weights quantize
  bench      time the stages of a report
  phantom    draw a synthetic chest X-ray

"uar COMMAND -h" explains a command. Exit codes: 0 done, 2 bad input or usage,
130 interrupted, 1 anything else.

`

// command is one of uar's commands. It reads its arguments from args, writes
// results to out and progress to a terminal on errs.
type command func(ctx context.Context, args []string, out, errs io.Writer) error

var commands = map[string]command{
	"report": runReport, "trace": runTrace, "eval": runEval, "compare": runCompare,
	"calibrate": runCalibrate, "bench": runBench, "phantom": runPhantom,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return 2
	}
	if args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(out, usage+report.Disclaimer+"\n")
		return 0
	}
	c, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(errs, "uar: no command %q; uar -h lists them\n", args[0])
		return 2
	}
	err := c(ctx, args[1:], out, errs)
	var bad inputError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "uar: interrupted")
		return 130
	case errors.As(err, &bad):
		fmt.Fprintln(errs, "uar: "+oneLine(err))
		return 2
	}
	fmt.Fprintln(errs, "uar: "+oneLine(err))
	return 1
}

// inputError marks an error that the caller's arguments or files caused.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// badInput marks err as the caller's; nil stays nil.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

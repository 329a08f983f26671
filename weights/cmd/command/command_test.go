package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/version"
)

// execute runs a program.
func execute(ctx context.Context, p *Program, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = p.Execute(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

// greeter is a program with a command that shows what it was called with.
func greeter() *Program {
	return &Program{Name: "greeter", Notice: "Nobody is greeted.", Commands: []Command{
		{"greet", "greet people", func(_ context.Context, c *Call) error {
			word, times, warmth := "hello", 1, 1.5
			c.Flags.Var(OneOf(&word, "hello", "good day", "bye"), "word", "a `WORD`: hello, good day or bye")
			c.Flags.Var(Within(&times, 1, 3), "times", "how `often`")
			c.Flags.Var(UpTo(&warmth, 10), "warmth", "how `warmly`")
			to := c.Flags.String("to", "", "`FILE` to write")
			names, err := c.Parse("[flags] NAME [NAME]", "Greets people.", 1, 2)
			if err != nil {
				return err
			}
			if err := c.Require("to"); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.Out, word, times, warmth, *to, names)
			return err
		}},
		{"leave", "do nothing", func(context.Context, *Call) error { return nil }},
	}}
}

func TestFlagsAndArgumentsComeInAnyOrder(t *testing.T) {
	for _, args := range []string{
		"greet -word bye -to x -times=2 a b", "greet a --word bye b -times 2 -to x", "greet a b -to x -times 2 -word bye",
	} {
		code, out, errs := execute(t.Context(), greeter(), strings.Fields(args)...)
		assert.Equal(t, []any{0, "bye 2 1.5 x [a b]\n", ""}, []any{code, out, errs}, args)
	}
}

func TestWrongCommandLines(t *testing.T) {
	for args, want := range map[string]string{
		"":                      "greeter: a command is needed; greeter -h lists them",
		"shout":                 `greeter: no command "shout"; greeter -h lists them`,
		"greet":                 "greeter: arguments: 0 given, greeter greet takes 1 to 2; greeter greet -h explains",
		"greet a b c":           "greeter: arguments: 3 given, greeter greet takes 1 to 2; greeter greet -h explains",
		"greet -what a":         "greeter: flag provided but not defined: -what; greeter greet -h explains",
		"greet -version a":      "greeter: flag provided but not defined: -version; greeter greet -h explains",
		"greet a":               "greeter: -to FILE is missing; greeter greet -h explains",
		"greet a -word what":    `greeter: invalid value "what" for flag -word: it must be hello, good day or bye; greeter greet -h explains`,
		"greet a -times 4":      `greeter: invalid value "4" for flag -times: it must be 1 to 3; greeter greet -h explains`,
		"greet a -times 0":      `greeter: invalid value "0" for flag -times: it must be 1 to 3; greeter greet -h explains`,
		"greet a -warmth 0":     `greeter: invalid value "0" for flag -warmth: it must be over 0 and at most 10; greeter greet -h explains`,
		"greet a -warmth 10.1":  `greeter: invalid value "10.1" for flag -warmth: it must be over 0 and at most 10; greeter greet -h explains`,
		"greet a -warmth NaN":   `greeter: invalid value "NaN" for flag -warmth: it must be over 0 and at most 10; greeter greet -h explains`,
		"greet a -warmth a":     `greeter: invalid value "a" for flag -warmth: it must be over 0 and at most 10; greeter greet -h explains`,
		"greet a -times thrice": `greeter: invalid value "thrice" for flag -times: it must be 1 to 3; greeter greet -h explains`,
	} {
		code, out, errs := execute(t.Context(), greeter(), strings.Fields(args)...)
		assert.Equal(t, []any{2, "", want + "\n"}, []any{code, out, errs}, args)
	}
}

func TestHelp(t *testing.T) {
	for _, word := range []string{"-h", "-help", "--help", "help"} {
		code, out, errs := execute(t.Context(), greeter(), word)
		assert.Equal(t, 0, code)
		assert.Empty(t, errs)
		assert.Equal(t, "usage: greeter COMMAND [flags] [arguments]\n\n  greet   greet people\n  leave   do nothing\n\n"+
			"\"greeter COMMAND -h\" explains a command, \"greeter -version\" prints the version.\n"+exitCodes+"\n\nNobody is greeted.\n", out)
	}
	code, out, errs := execute(t.Context(), greeter(), "greet", "a", "-h")
	assert.Equal(t, 0, code)
	assert.Empty(t, errs)
	assert.Contains(t, out, "usage: greeter greet [flags] NAME [NAME]\n\nGreets people.\n\n")
	assert.Contains(t, out, "-word WORD")
	assert.Contains(t, out, "(default hello)")
	assert.Contains(t, out, "(default 1)")
	assert.Contains(t, out, "(default 1.5)")
}

func TestVersion(t *testing.T) {
	before := version.Commit
	defer func() { version.Commit = before }()
	version.Commit = "0123456789ab+"
	single := &Program{Name: "single", Run: func(_ context.Context, c *Call) error {
		_, err := c.Parse("", "Does nothing.", 1, 1)
		return err
	}}
	for _, p := range []*Program{greeter(), single} {
		for _, flag := range []string{"-version", "--version"} {
			code, out, errs := execute(t.Context(), p, flag)
			assert.Equal(t, 0, code)
			assert.Empty(t, errs)
			assert.Equal(t, p.Name+" "+version.Version+" (0123456789ab+)\n", out)
		}
	}
	_, out, _ := execute(t.Context(), single, "-h")
	assert.Contains(t, out, "-version")
	version.Commit = ""
	_, out, _ = execute(t.Context(), single, "-version")
	assert.Equal(t, "single "+version.Version+"\n", out)
}

// failing is a program that ends with an error.
func failing(err error) *Program {
	return &Program{Name: "failing", Run: func(context.Context, *Call) error { return err }}
}

func TestExitCodes(t *testing.T) {
	lost := errors.New("failing: a thread was lost\nin the midst")
	place := filepath.Join(t.TempDir(), "none", "x")
	_, nowhere := os.Create(place)
	for _, c := range []struct {
		err  error
		code int
		says string
	}{
		{nil, 0, ""},
		{lost, 1, "failing: a thread was lost in the midst\n"},
		{BadInput(lost), 2, "failing: a thread was lost in the midst\n"},
		{fmt.Errorf("in a.png: %w", BadInput(lost)), 2, "failing: in a.png: failing: a thread was lost in the midst\n"},
		{BadInput(nil), 0, ""},
		{BadPlace(nil), 0, ""},
		{BadPlace(syscall.ENOSPC), 1, "failing: no space left on device\n"},
		{BadPlace(nowhere), 2, "failing: open " + place + ": no such file or directory\n"},
	} {
		code, out, errs := execute(t.Context(), failing(c.err))
		assert.Equal(t, []any{c.code, "", c.says}, []any{code, out, errs}, c.says)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, errs := execute(ctx, failing(BadInput(lost)))
	assert.Equal(t, []any{130, "failing: interrupted\n"}, []any{code, errs})
}

// What comes out of a file must not move a terminal's cursor, set its title or
// make it answer, whatever it is written with.
func TestNothingOfAFileReachesTheTerminal(t *testing.T) {
	t.Attr("hostile", "words on a terminal")
	hostile := "a\x1b[2Jb\x07\u009b31mc\xffd\u202ee\U000e0001f\rg\x7fh"
	const harmless = `a\u001b[2Jb\u0007\u009b31mc\ufffdd\u202ee\udb40\udc01f`
	var terminal, out bytes.Buffer
	p := &Program{Name: hostile, Run: func(_ context.Context, c *Call) error {
		c.progress.terminal = &terminal
		c.Progress("%s", hostile)
		fmt.Fprintf(c.Out, "%s\n", hostile)
		c.Progress("again")
		c.Note("%s", hostile)
		return BadInput(errors.New(hostile))
	}}
	assert.Equal(t, 2, p.Execute(t.Context(), nil, &out, &terminal))
	assert.Equal(t, harmless+`\u000dg\u007fh`+"\n", out.String(), "results")
	line := harmless + ` g\u007fh` // an end of a line is white space
	assert.Equal(t, eraseLine+line+eraseLine+eraseLine+"again"+eraseLine+hostile+": "+line+"\n"+hostile+": "+line+"\n", terminal.String())
}

// Escapes are those of JSON, so that JSON stays what it is.
func TestJSONStaysTheSame(t *testing.T) {
	want := map[string]string{"name": "\u009b2J, \u00a0 and a\tb\u2028, \U000e0001 and é"}
	var out bytes.Buffer
	p := &Program{Name: "p", Run: func(_ context.Context, c *Call) error {
		e := json.NewEncoder(c.Out)
		e.SetEscapeHTML(false)
		return e.Encode(want)
	}}
	require.Zero(t, p.Execute(t.Context(), nil, &out, &out))
	assert.NotContains(t, out.String(), "\u009b")
	assert.Contains(t, out.String(), "é")
	var got map[string]string
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, want, got)
}

// A character may come in pieces.
func TestCharactersInPieces(t *testing.T) {
	text := "é–\U0001f642\u009b\n"
	var out bytes.Buffer
	w := &output{to: &out, progress: &progress{}}
	for i := range len(text) {
		n, err := w.Write([]byte{text[i]})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	assert.Equal(t, "é–\U0001f642\\u009b\n", out.String())
}

// Whatever a file holds, what goes out moves no cursor, is the same when it comes in
// pieces, and needs no more escapes.
func FuzzOutput(f *testing.F) {
	f.Add([]byte("plain\ttext\n"), uint8(3))
	f.Add([]byte("\x1b[2J\u009b\u202e\U000e0001\xff\xe2\x80"), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, piece uint8) {
		var out bytes.Buffer
		w := &output{to: &out, progress: &progress{}}
		for part := range slices.Chunk(text, int(piece)+1) {
			_, err := w.Write(part)
			require.NoError(t, err)
		}
		for _, r := range out.String() {
			require.True(t, r == '\n' || r == '\t' || unicode.IsGraphic(r), "%q", r)
		}
		require.True(t, utf8.Valid(out.Bytes()))
		require.Equal(t, out.String(), string(escape(nil, out.Bytes())))
		whole := escape(nil, text[:len(text)-len(w.begun)])
		require.Equal(t, string(whole), out.String())
	})
}

// On a terminal progress is one line that is gone in the end, and elsewhere none.
func TestProgress(t *testing.T) {
	var terminal bytes.Buffer
	p := &Program{Name: "p", Run: func(_ context.Context, c *Call) error {
		assert.Nil(t, c.progress.terminal, "a buffer is no terminal")
		c.Progress("unseen")
		c.progress.terminal = &terminal
		c.Progress("step %d/%d", 1, 2)
		c.Progress("step %d/%d", 2, 2)
		return nil
	}}
	require.Zero(t, p.Execute(t.Context(), nil, &terminal, &terminal))
	assert.Equal(t, "\r\x1b[Kstep 1/2\r\x1b[Kstep 2/2\r\x1b[K", terminal.String())
}

// stuck makes this test's program one that heeds no signal.
const stuck = "COMMAND_TEST_STUCK"

func TestMain(m *testing.M) {
	if os.Getenv(stuck) != "" {
		if os.Getenv(stuck) == "for a while" {
			patience = 100 * time.Millisecond
		}
		(&Program{Name: "stuck", Run: func(_ context.Context, c *Call) error {
			fmt.Fprintln(c.Out, "begun")
			select {}
		}}).Main()
	}
	os.Exit(m.Run())
}

// An interrupt ends a program that does not end by itself: a second one at once,
// one alone when its time is over.
func TestInterruptsAlwaysEnd(t *testing.T) {
	for how, signals := range map[string]int{"for ever": 2, "for a while": 1} {
		t.Run(how, func(t *testing.T) {
			program := exec.CommandContext(t.Context(), os.Args[0])
			program.Env = append(os.Environ(), stuck+"="+how)
			var errs bytes.Buffer
			program.Stderr = &errs
			out, err := program.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, program.Start())
			_, err = out.Read(make([]byte, 6))
			require.NoError(t, err)
			ended := make(chan error, 1)
			go func() { ended <- program.Wait() }()
			require.NoError(t, program.Process.Signal(os.Interrupt))
			if signals == 1 {
				<-ended
				assert.Equal(t, exitInterrupted, program.ProcessState.ExitCode())
				assert.Equal(t, "stuck: interrupted\n", errs.String())
				return
			}
			for { // the first is taken up on a goroutine of its own
				select {
				case <-ended:
					assert.Equal(t, os.Interrupt, program.ProcessState.Sys().(syscall.WaitStatus).Signal())
					return
				case <-time.After(10 * time.Millisecond):
					_ = program.Process.Signal(os.Interrupt)
				}
			}
		})
	}
}

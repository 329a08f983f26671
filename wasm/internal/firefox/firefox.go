//go:build !js

// Package firefox starts headless Firefox and speaks Marionette to it, the
// remote protocol that is built into Firefox (its geckodriver translates WebDriver
// to it):
//
//	https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
//
// On one TCP connection go messages that are a length in decimal digits, a
// colon, and so many bytes of JSON: [0, id, command, parameters], answered by
// [1, id, error, result].
package firefox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrNotFound is returned by [Path] where there is no Firefox.
var ErrNotFound = errors.New("firefox: no Firefox found: install it (apt-get install firefox-esr) or set FIREFOX to its path")

// Path is where Firefox is: the environment variable FIREFOX, or what is found
// on the PATH.
func Path() (string, error) {
	if path := os.Getenv("FIREFOX"); path != "" {
		return path, nil
	}
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// preferences of a profile: any free port, and nothing that Firefox asks the
// network for by itself.
const preferences = `user_pref("marionette.port", 0);
user_pref("app.normandy.enabled", false);
user_pref("app.update.auto", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,none");
user_pref("toolkit.telemetry.enabled", false);
`

// Browser is a Firefox with one window.
type Browser struct {
	process    *exec.Cmd
	connection net.Conn
	reader     *bufio.Reader
	last       int // id
}

// Start starts a browser with the profile in folder, which must exist and may be
// empty. It ends with Close, or with the context.
func Start(ctx context.Context, folder string) (*Browser, error) {
	b, err := start(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("firefox: %w", err)
	}
	return b, nil
}

func start(ctx context.Context, folder string) (*Browser, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder, "user.js"), []byte(preferences), 0o600); err != nil {
		return nil, err
	}
	port := filepath.Join(folder, "MarionetteActivePort")
	if err := os.Remove(port); err != nil && !errors.Is(err, fs.ErrNotExist) { // of its last start
		return nil, err
	}
	b := &Browser{process: exec.CommandContext(ctx, path, "--headless", "--marionette", "--no-remote", "--profile", folder, "about:blank")}
	// Without a session bus it starts no services of a desktop, which would outlive
	// it and use folder.
	b.process.Env = append(os.Environ(), "HOME="+folder, "DBUS_SESSION_BUS_ADDRESS=disabled:", "MOZ_CRASHREPORTER_DISABLE=1")
	if err := b.process.Start(); err != nil {
		return nil, err
	}
	if err := b.connect(ctx, port); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// connect waits for the file with the port, and begins a session.
func (b *Browser) connect(ctx context.Context, file string) error {
	for b.connection == nil {
		port, err := os.ReadFile(file)
		switch {
		case err == nil && len(port) > 0:
			var dialer net.Dialer
			if b.connection, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strings.TrimSpace(string(port)))); err != nil {
				return err
			}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	b.reader = bufio.NewReader(b.connection)
	if _, err := b.receive(); err != nil { // what the server is
		return err
	}
	return b.call("WebDriver:NewSession", map[string]any{"strictFileInteractability": false}, nil)
}

// Close ends the browser.
func (b *Browser) Close() {
	if b.connection != nil {
		_ = b.connection.Close()
	}
	_ = b.process.Process.Kill()
	_ = b.process.Wait()
}

// Navigate opens an address and waits until the page is loaded.
func (b *Browser) Navigate(url string) error {
	return b.call("WebDriver:Navigate", map[string]any{"url": url}, nil)
}

// Evaluate sets result, a pointer, to the value of a JavaScript expression.
func (b *Browser) Evaluate(expression string, result any) error {
	return b.call("WebDriver:ExecuteScript", map[string]any{"script": "return " + expression, "args": []any{}}, result)
}

// call sends a command and waits for its answer. The field value of the answer
// goes to value, unless that is nil.
func (b *Browser) call(command string, parameters map[string]any, value any) error {
	b.last++
	message, err := json.Marshal([]any{0, b.last, command, parameters})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(b.connection, "%d:%s", len(message), message); err != nil {
		return fmt.Errorf("firefox: %s: %w", command, err)
	}
	answer, err := b.receive()
	if err != nil {
		return fmt.Errorf("firefox: %s: %w", command, err)
	}
	var parts [4]json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil {
		return fmt.Errorf("firefox: %s: %w", command, err)
	}
	var failure *struct{ Error, Message string }
	if err := json.Unmarshal(parts[2], &failure); err != nil {
		return fmt.Errorf("firefox: %s: %w", command, err)
	}
	if failure != nil {
		return fmt.Errorf("firefox: %s: %s: %s", command, failure.Error, failure.Message)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(parts[3], &struct{ Value any }{value})
}

// receive reads one message.
func (b *Browser) receive() ([]byte, error) {
	digits, err := b.reader.ReadString(':')
	if err != nil {
		return nil, err
	}
	const most = 64 << 20
	n, err := strconv.Atoi(strings.TrimSuffix(digits, ":"))
	if err != nil || n < 0 || n > most {
		return nil, fmt.Errorf("a message of length %q", digits)
	}
	message := make([]byte, n)
	_, err = io.ReadFull(b.reader, message)
	return message, err
}

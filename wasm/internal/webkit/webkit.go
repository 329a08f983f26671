//go:build !js

// Package webkit starts WebKitGTK's browser, whose engine is Safari's, on a
// screen that is nowhere but in memory (Xvfb), and speaks WebDriver to it:
//
//	https://www.w3.org/TR/webdriver2/
//
// WebKitGTK shares no memory between threads: its pages can be cross-origin
// isolated, but SharedArrayBuffer is off, and a shared WebAssembly.Memory cannot
// be posted. In Safari it is on. [SharedMemory] switches it on here.
package webkit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ErrNotFound is returned by [Find] where something is missing.
var ErrNotFound = errors.New("webkit: no WebKitGTK to drive: install it (apt-get install webkit2gtk-driver xvfb)")

// SharedMemory is the environment of a browser that shares memory between
// threads, as Safari does.
const SharedMemory = "JSC_useSharedArrayBuffer=1"

const (
	driver = "WebKitWebDriver"
	server = "Xvfb"
)

// Find says whether all that Start needs is on the PATH.
func Find() error {
	for _, name := range []string{driver, server} {
		if _, err := exec.LookPath(name); err != nil {
			return ErrNotFound
		}
	}
	return nil
}

// Browser is a WebKitGTK browser with one window.
type Browser struct {
	ctx     context.Context
	screen  *exec.Cmd
	driver  *exec.Cmd
	session string // URL
}

// Start starts a browser that keeps its files in folder, which must exist, with
// these variables in its environment. It ends with Close, or with the context.
func Start(ctx context.Context, folder string, environment ...string) (*Browser, error) {
	b := &Browser{ctx: ctx}
	if err := b.start(folder, environment); err != nil {
		b.Close()
		return nil, fmt.Errorf("webkit: %w", err)
	}
	return b, nil
}

func (b *Browser) start(folder string, environment []string) error {
	display, err := b.startScreen()
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	b.driver = exec.CommandContext(b.ctx, driver, "--port="+strconv.Itoa(port))
	// Without a session bus it starts no services of a desktop: they would outlive
	// it, and the one for documents mounts a file system in folder.
	b.driver.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "DISPLAY="+display, "GDK_BACKEND=x11",
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "NO_AT_BRIDGE=1")
	if os.Geteuid() == 0 { // WebKit's sandbox refuses root
		b.driver.Env = append(b.driver.Env, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1")
	}
	b.driver.Env = append(b.driver.Env, environment...)
	if err := b.driver.Start(); err != nil {
		return err
	}
	return b.newSession("http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// startScreen starts an X server, which chooses its own display and writes its
// number to a pipe.
func (b *Browser) startScreen() (display string, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer read.Close()
	b.screen = exec.CommandContext(b.ctx, server, "-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "1280x900x24")
	b.screen.ExtraFiles = []*os.File{write}
	err = b.screen.Start()
	_ = write.Close()
	if err != nil {
		return "", err
	}
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s: no display: %w", server, err)
	}
	return ":" + strings.TrimSpace(number), nil
}

// freePort is one that nobody listened on a moment ago: the driver takes no 0.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newSession waits for the driver and has it start the browser.
func (b *Browser) newSession(driver string) error {
	for {
		err := b.call(http.MethodGet, driver+"/status", nil, nil)
		if err == nil {
			break
		}
		select {
		case <-b.ctx.Done():
			return fmt.Errorf("%w: %w", b.ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	var started struct {
		SessionID string `json:"sessionId"`
	}
	if err := b.call(http.MethodPost, driver+"/session", map[string]any{"capabilities": map[string]any{}}, &started); err != nil {
		return err
	}
	b.session = driver + "/session/" + started.SessionID
	return nil
}

// Close ends the browser.
func (b *Browser) Close() {
	if b.session != "" {
		_ = b.call(http.MethodDelete, b.session, nil, nil)
	}
	for _, process := range []*exec.Cmd{b.driver, b.screen} {
		if process != nil && process.Process != nil {
			_ = process.Process.Kill()
			_ = process.Wait()
		}
	}
}

// Navigate opens an address and waits until the page is loaded.
func (b *Browser) Navigate(url string) error {
	return b.call(http.MethodPost, b.session+"/url", map[string]any{"url": url}, nil)
}

// Evaluate sets result, a pointer, to the value of a JavaScript expression.
func (b *Browser) Evaluate(expression string, result any) error {
	return b.call(http.MethodPost, b.session+"/execute/sync", map[string]any{"script": "return " + expression, "args": []any{}}, result)
}

// call sends a command and waits for its answer. The field value of the answer
// goes to value, unless that is nil.
func (b *Browser) call(method, url string, parameters, value any) error {
	var body io.Reader
	if parameters != nil {
		message, err := json.Marshal(parameters)
		if err != nil {
			return err
		}
		body = bytes.NewReader(message)
	}
	request, err := http.NewRequestWithContext(b.ctx, method, url, body)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, url, answer.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

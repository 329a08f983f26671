// Command uarweb serves the page and its model. Both are embedded, so that the
// binary is the whole product; images never reach it.
//
//	uarweb [-addr 127.0.0.1:8080] [-weights PATH]
//
// It stops at SIGINT or SIGTERM. Bad arguments, an address that cannot be listened
// on and unreadable weights end with exit code 2 and one line on standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"uarweb/serve"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
	"uarweb/weights/model"
)

func main() { program(serve.Site()).Main() }

// program serves site until its context ends.
func program(site fs.FS) *command.Program {
	return &command.Program{Name: "uarweb", Run: func(ctx context.Context, c *command.Call) error { return run(ctx, c, site) }}
}

func run(ctx context.Context, c *command.Call, site fs.FS) error {
	addr := c.Flags.String("addr", "127.0.0.1:8080", "`address` to listen on")
	weightsPath := c.Flags.String("weights", "", "serve these weights instead of the embedded model: the `path` of a safetensors file or of a directory with a manifest")
	if _, err := c.Parse("[-addr ADDRESS] [-weights PATH]", "Serves the page and its model until it is interrupted.", 0, 0); err != nil {
		return err
	}
	if _, err := fs.Stat(site, "index.html"); err != nil {
		return errors.New("the site is not built: run ./build.sh build")
	}
	if *weightsPath == "" && !model.Included {
		return command.BadInput(errors.New("this program was built without a model: name one with -weights PATH"))
	}
	var shards fs.FS = model.FS
	if *weightsPath != "" {
		dir, err := os.MkdirTemp("", "uarweb")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := shard(ctx, dir, *weightsPath); err != nil {
			return err
		}
		shards = os.DirFS(dir)
	}
	handler, err := serve.Handler(site, shards)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return command.BadInput(fmt.Errorf("%s is in use by another program: choose another address with -addr", *addr))
	} else if err != nil {
		return command.BadInput(err)
	}
	fmt.Fprintf(c.Out, "uarweb: http://%s/ (stop with Ctrl-C)\n", reachable(listener.Addr().(*net.TCPAddr)))
	return serveUntil(ctx, listener, handler)
}

// reachable is the address as a browser on this machine can open it: one that
// stands for all of a machine's, such as [::], is no place to go to.
func reachable(addr *net.TCPAddr) string {
	if addr.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(addr.Port))
	}
	return addr.String()
}

// shard checks the weights at name, a file or a directory with a manifest, and
// writes them to dir as shards, whatever form they had: so that only what was
// found whole is served, under names that are hashes.
func shard(ctx context.Context, dir, name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, weights.ManifestName)
	}
	checkpoint, err := command.OpenWeights(ctx, name)
	if err != nil {
		return err
	}
	_, err = weights.WriteShards(dir, checkpoint)
	return err
}

// serveUntil serves until ctx ends, then lets requests under way finish.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		// Long enough for a 16 MB shard over a slow line.
		WriteTimeout:   10 * time.Minute,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// ctx is over, but the last requests still get their time.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close()
	}
	return nil
}

// Command uarweb serves the page and its model. Both are embedded, so that the
// binary is the whole product; images never reach it.
//
//	uarweb [-addr 127.0.0.1:8080] [-open] [-weights PATH] [-require-key FILE] [-embed ORIGINS]
//	uarweb -lan [-addr :8443] [-cert FILE -key FILE] [-open] [-weights PATH] [-require-key FILE] [-embed ORIGINS]
//	uarweb export DIR [-sign FILE] [-weights PATH] [-require-key FILE] [-embed ORIGINS]
//	uarweb verify DIR [-require-key FILE]
//
// It stops at SIGINT or SIGTERM. Bad arguments, an address that cannot be listened
// on, unreadable weights and what the required key has not signed end with
// exit code 2 and one line on standard error.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/netutil"

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
	addr := c.Flags.String("addr", "", "`address` to listen on; by default "+ownAddress+", or any free port if that is taken, and with -lan "+lanAddress)
	lan := c.Flags.Bool("lan", false, "serve the machine's network, with TLS")
	cert := c.Flags.String("cert", "", "with -lan, the certificate: the `file` in PEM; by default one that uarweb makes and signs itself")
	key := c.Flags.String("key", "", "the key of -cert: the `file` in PEM")
	open := c.Flags.Bool("open", false, "open the page in the browser")
	weightsPath := c.Flags.String("weights", "", "serve these weights instead of the embedded model: the `path` of a safetensors file or of a directory with a manifest")
	requiredKey := c.Flags.String("require-key", "", "serve, export or find good nothing but what this key has signed, all of it or the model: the `file` of a public key in PEM")
	signingKey := c.Flags.String("sign", "", "with export, sign all that is exported: the `file` of a private key, as weights keygen makes it")
	embed := c.Flags.String("embed", "", "let pages of these `origins` show the page in a frame: https://example.org, several with commas between them; by default none may")
	rest, err := c.Parse("[-addr ADDRESS] [-lan [-cert FILE -key FILE]] [-open] [-weights PATH] [-require-key FILE] [-embed ORIGINS]\n       uarweb export DIR [-sign FILE] [-weights PATH] [-require-key FILE] [-embed ORIGINS]\n       uarweb verify DIR [-require-key FILE]",
		"Serves the page and its model until it is interrupted, writes them into a folder for another server, or checks such a folder.", 0, 2)
	if err != nil {
		return err
	}
	if len(rest) > 0 && (len(rest) != 2 || rest[0] != "export" && rest[0] != "verify") {
		return command.BadInput(errors.New("arguments: uarweb takes none, export DIR or verify DIR; uarweb -h explains"))
	}
	if *signingKey != "" && (len(rest) == 0 || rest[0] != "export") {
		return command.BadInput(errors.New("-sign goes with export DIR; uarweb -h explains"))
	}
	if len(rest) > 0 && rest[0] == "verify" {
		return verify(ctx, c, rest[1], *requiredKey)
	}
	if (*cert == "") != (*key == "") || *cert != "" && !*lan {
		return command.BadInput(errors.New("-cert and -key go together, with -lan; uarweb -h explains"))
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
		if err := shard(ctx, c, dir, *weightsPath); err != nil {
			return err
		}
		shards = os.DirFS(dir)
	}
	var embedders []string
	if *embed != "" {
		embedders = strings.Split(*embed, ",")
	}
	if *requiredKey != "" {
		manifest, err := serve.NewManifest(site, shards, embedders...)
		if err != nil {
			return badOrigin(err)
		}
		if err := requireKey(ctx, *requiredKey, shards, manifest); err != nil {
			return err
		}
	}
	if len(rest) > 0 {
		return export(c, rest[1], *signingKey, site, shards, embedders)
	}
	handler, err := serve.Handler(site, shards, embedders...)
	if err != nil {
		return badOrigin(err)
	}
	listener, err := listen(*addr, *lan)
	if err != nil {
		return command.BadInput(err)
	}
	at := listener.Addr().(*net.TCPAddr)
	listener = netutil.LimitListener(listener, maxConnections)
	url := "http://" + reachable(at) + "/"
	if *lan {
		url = "https://" + reachable(at) + "/"
	}
	fmt.Fprintf(c.Out, "uarweb: %s (stop with Ctrl-C)\n", url)
	if *lan {
		addresses, err := lanAddresses()
		if err != nil {
			return err
		}
		certificate, err := certificate(*cert, *key, addresses)
		if err != nil {
			return command.BadInput(err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}})
		announce(c.Out, addresses, strconv.Itoa(at.Port), certificate)
	}
	if *open {
		if err := openBrowser(url); err != nil {
			c.Note("no browser could be opened: %v", err)
		}
	}
	return serveUntil(ctx, listener, newServer(handler))
}

// requireKey returns an error unless the owner of the public key in this file has
// signed a site, or its model.
func requireKey(ctx context.Context, file string, shards fs.FS, manifest *serve.Manifest) error {
	model, err := weights.OpenFS(ctx, shards, weights.ManifestName)
	if err != nil {
		return err
	}
	return command.RequireKey(file, "model", manifest.Signature, model.Signature)
}

// export writes a folder for another server, and signs it if there is a key.
func export(c *command.Call, dir, key string, site, shards fs.FS, embedders []string) error {
	if key == "" {
		return badOrigin(serve.Export(dir, site, shards, embedders...))
	}
	private, err := command.ReadPrivateKey(key)
	if err != nil {
		return err
	}
	if err := serve.Export(dir, site, shards, embedders...); err != nil {
		return badOrigin(err)
	}
	manifest, err := serve.Sign(dir, private)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Out, "%s: signed by %s\n", dir, manifest.Signature.Signer())
	return err
}

// verify checks a folder that export wrote, and says who signed it.
func verify(ctx context.Context, c *command.Call, dir, requiredKey string) error {
	folder := os.DirFS(dir)
	manifest, err := serve.Verify(folder)
	if err != nil {
		return command.BadInput(fmt.Errorf("%s: %w", dir, err))
	}
	if requiredKey != "" { // of all of it: whoever signed the model alone vouches for no program
		if err := command.RequireKey(requiredKey, "folder", manifest.Signature); err != nil {
			return err
		}
	}
	signer := "signed by nobody"
	if manifest.Signature != nil {
		signer = "signed by " + manifest.Signature.Signer()
	}
	_, err = fmt.Fprintf(c.Out, "%s: %d files, as its list says, %s\n", dir, len(manifest.Files), signer)
	return err
}

// badOrigin marks an error about an origin as bad input.
func badOrigin(err error) error {
	if errors.Is(err, serve.ErrOrigin) {
		return command.BadInput(err)
	}
	return err
}

// The addresses that are listened on by default: on this machine, and for a
// network.
const (
	ownAddress = "127.0.0.1:8080"
	lanAddress = ":8443"
)

// listen listens on an address, or on the default one. Where that is taken on this
// machine alone, any port will do.
func listen(addr string, lan bool) (net.Listener, error) {
	if addr == "" && !lan {
		listener, err := net.Listen("tcp", ownAddress)
		if err != nil { // each system says in other words that it is taken
			return net.Listen("tcp", "127.0.0.1:0")
		}
		return listener, nil
	}
	if addr == "" {
		addr = lanAddress
	}
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: choose another address with -addr", addr)
	}
	return listener, err
}

// certificate is that of the user, or one for these addresses that is kept.
func certificate(cert, key string, addresses []net.IP) (tls.Certificate, error) {
	if cert != "" {
		return tls.LoadX509KeyPair(cert, key)
	}
	file, err := certificateFile()
	if err != nil {
		return tls.Certificate{}, err
	}
	return selfSigned(file, addresses, time.Now())
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
// found whole is served, under names that are hashes. A signature of shards that
// were cut or named otherwise is lost by that.
func shard(ctx context.Context, c *command.Call, dir, name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, weights.ManifestName)
	}
	checkpoint, err := command.OpenWeights(ctx, name)
	if err != nil {
		return err
	}
	m, err := weights.WriteShards(dir, checkpoint)
	if err == nil && checkpoint.Signature != nil && m.Signature == nil {
		c.Note("%s: the signature is left out, since the shards are not as weights shard cuts them", name)
	}
	return err
}

// maxConnections bounds what visitors can make the program hold: a connection that
// has sent all the headers it may, and no request yet, takes 80 kB.
const maxConnections = 4096

// newServer returns a server that waits for no client forever.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		// Long enough for a 16 MB shard over a slow line.
		WriteTimeout:   10 * time.Minute,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
}

// serveUntil serves until ctx ends, then lets requests under way finish.
func serveUntil(ctx context.Context, listener net.Listener, server *http.Server) error {
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

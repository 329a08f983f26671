package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"uarweb/weights/proquint"
)

// certificateFile holds the certificate that this program made itself, and its
// key, in the user's configuration: it stays the same, so that the machines of a
// network can be told once to trust it.
func certificateFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "uarweb", "lan.pem"), nil
}

// selfSigned reads the certificate from a file, or makes one there if there is
// none, it ends within a month, or it is not for all of these addresses.
func selfSigned(file string, addresses []net.IP, now time.Time) (tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(file, file)
	if err == nil && c.Leaf.NotAfter.After(now.AddDate(0, 1, 0)) && !slices.ContainsFunc(addresses, func(ip net.IP) bool { return c.Leaf.VerifyHostname(ip.String()) != nil }) {
		return c, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, fmt.Errorf("%s: %w", file, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetInt64(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "uarweb"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(2, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  addresses,

		BasicConstraintsValid: true,
	}
	if name, err := os.Hostname(); err == nil {
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return tls.Certificate{}, err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(text, text)
}

// lanAddresses are those under which other machines reach this one, then its own.
func lanAddresses() ([]net.IP, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var others, own []net.IP
	for _, a := range all {
		switch n, ok := a.(*net.IPNet); {
		case !ok || n.IP.IsLinkLocalUnicast():
		case n.IP.IsLoopback():
			own = append(own, n.IP)
		default:
			others = append(others, n.IP)
		}
	}
	return append(others, own...), nil
}

// announce says where a network finds the page, and by what it knows the
// certificate.
func announce(out io.Writer, addresses []net.IP, port string, c tls.Certificate) {
	for _, ip := range addresses {
		fmt.Fprintf(out, "uarweb: https://%s/\n", net.JoinHostPort(ip.String(), port))
	}
	sum := sha256.Sum256(c.Certificate[0])
	fmt.Fprintf(out, "certificate, SHA-256: % X\nin words: %s\n", sum, proquint.Encode(sum[:16]))
}

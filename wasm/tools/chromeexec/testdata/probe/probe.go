// Package probe holds tests that chromeexec's own test runs in Chromium.
package probe

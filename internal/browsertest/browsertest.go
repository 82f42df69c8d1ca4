// Package browsertest starts the browser that tests look at pages with.
package browsertest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// Path finds a Chromium. The one without a window of its own comes first: it
// lays out, paints and runs pages as the whole browser does for about half of
// the processor time (docs/decisions/0018). With ROLLCALL_TEST_FULL the whole
// one does. Without any, the test is skipped, which with CI=true is a failure.
func Path(t testing.TB) string {
	t.Helper()
	names := []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if os.Getenv("ROLLCALL_TEST_FULL") != "" {
		names = names[2:]
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium on this machine; .ci/run installs it")
	}
	t.Skip("no Chromium on this machine: browser tests are skipped")
	return ""
}

// Options are what tests start the browser with, and more.
func Options(t testing.TB, more ...chromedp.ExecAllocatorOption) []chromedp.ExecAllocatorOption {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ExecPath(Path(t)),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	return append(options, more...)
}

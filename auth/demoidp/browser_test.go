//go:build browser

package demoidp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/browsertest"
)

// openBrowser is a tab of a headless Chromium, closed with the test, and what
// it complained about so far.
func openBrowser(t *testing.T) (context.Context, func() []string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, browsertest.Options(t)...)
	t.Cleanup(stopAllocator)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)

	var mu sync.Mutex
	var said []string
	if err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, cdplog.Enable, cdp.Empty{})
		return err
	})); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, func(event any) {
		if entry, ok := event.(*cdplog.EventEntryAdded); ok {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, entry.Entry.Text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// TestPageInABrowser looks at the page on a desk and on a phone, in both
// themes, lets axe look too, and picks somebody: the policy must let the
// redirects through that follow the form, to the client and nowhere else.
func TestPageInABrowser(t *testing.T) {
	axe, err := os.ReadFile("../../.ci/node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("npm ci --prefix .ci first:", err)
	}
	client := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<title>back</title><link rel=icon href=data:,><p>%d", len(r.URL.Query().Get("code")))
	}))
	defer client.Close()
	s := start(t, func(o *demoidp.Options) { o.RedirectURIs = []string{client.URL + "/sign-in/callback"} })
	s.client.RedirectURL = client.URL + "/sign-in/callback"
	address := s.client.AuthCodeURL("s", oauth2.S256ChallengeOption("v"))

	ctx, complaints := openBrowser(t)
	for _, look := range []struct {
		width, height int64
		theme         string
	}{{1440, 900, "light"}, {1440, 900, "dark"}, {390, 844, "light"}, {320, 640, "dark"}} {
		name := fmt.Sprintf("%dx%d-%s", look.width, look.height, look.theme)
		do(t, ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			if _, err := chromedp.EmulateViewport(look.width, look.height)(ctx, tab); err != nil {
				return err
			}
			_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.theme}},
			})
			return err
		}), chromedp.Navigate(address))

		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
		if err != nil || wide > look.width {
			t.Errorf("%s: the page is %d wide, %v", name, wide, err)
		}
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](string(axe)+";undefined")); err != nil {
			t.Fatal(err)
		}
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](
			`axe.run().then(r => r.violations.map(v => v.help + " " + v.nodes[0].html).join("\n"))`, chromedp.EvalAwaitPromise))
		if err != nil || found != "" {
			t.Errorf("%s: axe finds %s, %v", name, found, err)
		}
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// Enter on the first button, as one would without a mouse.
	do(t, ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void](`document.querySelector("button").focus()`)(ctx, tab)
		return err
	}), chromedp.KeyEvent("\r"))
	deadline := time.Now().Add(20 * time.Second)
	for title := ""; title != "back"; {
		if title, err = chromedp.Run(ctx, chromedp.Title()); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("not sent back to the client; still at %q: %q", title, complaints())
		}
	}
	if length, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("p").textContent`)); err != nil || length == "0" {
		t.Errorf("no code came back: %q, %v", length, err)
	}
	if got := complaints(); len(got) > 0 {
		t.Errorf("the browser complained: %q", got)
	}
}

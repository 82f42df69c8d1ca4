//go:build browser

package views

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/internal/browsertest"
	"github.com/rollcall-app/rollcall/static"
)

// policy is what the portal sends with every page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// galleryServer shows the gallery under /gallery/NAME, and answers what its
// pages ask for, under the portal's own policy.
func galleryServer(t testing.TB) *httptest.Server {
	pages := gallery()
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("/gallery/{name}", func(w http.ResponseWriter, r *http.Request) {
		c, ok := pages[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := c.Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// browser is a tab of a headless Chromium, closed with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(stop)
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, browsertest.Options(t)...)
	t.Cleanup(stopAllocator)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// complaints collects what the browser's console says against a page: errors,
// warnings and breaches of the policy.
func complaints(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" || e.Type == "warning" {
				for _, a := range e.Args {
					said = append(said, string(a.Value)+a.Description)
				}
			}
		case *runtime.EventExceptionThrown:
			said = append(said, e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		taken := said
		said = nil
		return taken
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// look is a window and a theme.
type look struct {
	width, height int64
	theme         string
	touch         bool
}

func (l look) String() string { return fmt.Sprintf("%dx%d-%s", l.width, l.height, l.theme) }

// looks are the windows and themes that the gallery is looked at in; the gate
// takes one of each width, `.ci/run full` all of them.
var looks = []look{
	{1440, 900, "light", false}, {960, 600, "dark", false}, {390, 844, "light", true}, {320, 640, "dark", true},
	{1440, 900, "dark", false}, {960, 600, "light", false}, {390, 844, "dark", true},
}

func theseLooks() []look {
	if os.Getenv("ROLLCALL_TEST_FULL") == "" {
		return looks[:4]
	}
	return looks
}

// wear makes the browser look so.
func wear(l look) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		options := []chromedp.EmulateViewportOption{}
		if l.touch {
			options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
		}
		if _, err := chromedp.EmulateViewport(l.width, l.height, options...)(ctx, tab); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
}

// TestGallery looks at every state of every component: the console says nothing,
// nothing sticks out, and axe finds nothing, in both themes and layouts. Where
// ROLLCALL_TEST_SHOTS names a folder, pictures of all are kept there.
func TestGallery(t *testing.T) {
	axe, err := os.ReadFile("../.ci/node_modules/axe-core/axe.min.js")
	if err != nil {
		needsNode(t, err)
	}
	only := os.Getenv("GALLERY") // names to look at, separated by commas; all if empty
	for i, l := range theseLooks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			server, ctx := galleryServer(t), browser(t)
			said := complaints(t, ctx)
			do(t, ctx, wear(l))
			for n, name := range slices.Sorted(maps.Keys(gallery())) {
				if only != "" && !slices.Contains(strings.Split(only, ","), name) {
					continue
				}
				do(t, ctx, chromedp.Navigate(server.URL+"/gallery/"+name), settled())
				if got := said(); len(got) > 0 {
					t.Errorf("%s: the console says %q", name, got)
				}
				wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
				if err != nil {
					t.Fatal(err)
				}
				if wide > l.width {
					t.Errorf("%s is %d wide: something sticks out", name, wide)
				}
				if dir := os.Getenv("ROLLCALL_TEST_SHOTS"); dir != "" {
					shoot(t, ctx, filepath.Join(dir, "gallery", name+"-"+l.String()+".png"))
				}
				if i == 0 || i == 3 { // both themes, and both layouts
					for _, f := range (tab{T: t, ctx: ctx}).axe(string(axe), n > 0) {
						t.Errorf("%s: %s", name, f)
					}
				}
			}
		})
	}
}

// shoot keeps a picture of what is on screen.
func shoot(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// settled waits until the fonts are there, so that widths and pictures agree.
func settled() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise)(ctx, tab)
		return err
	})
}

// axe is what axe-core finds wrong with the page on screen; what stands on every
// page is left out where it was seen.
func (t tab) axe(source string, seen bool) []string {
	t.Helper()
	if _, err := chromedp.Run(t.ctx, chromedp.Evaluate[chromedp.Void](source+";undefined")); err != nil {
		t.Fatal(err)
	}
	answer, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](fmt.Sprintf("%s(%t)%s", runAxe, seen, axeSays), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var found []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		t.Fatal(err)
	}
	var findings []string
	for _, f := range found {
		findings = append(findings, f.Help+" ("+f.ID+")\n\t"+strings.Join(f.Nodes[:min(3, len(f.Nodes))], "\n\t"))
	}
	return findings
}

// runAxe looks at the whole page, but for rows that are like those above them,
// which go, for axe's time is by the element, and what stands on every page
// once it was seen.
const runAxe = `(seen => {
	for (const row of document.querySelectorAll("tbody tr:nth-child(n+9)")) row.remove();
	return axe.run(seen ? {exclude: [[".topbar"], ["dialog:not([open])"]]} : document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
})`

// axeSays is what it found, short.
const axeSays = `.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 240) + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message)}))))`

// needsNode skips where the test-only packages are not installed; never in the gate.
func needsNode(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("npm ci --prefix .ci first:", err)
}

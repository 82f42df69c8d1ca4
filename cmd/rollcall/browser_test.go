package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rollcall-app/rollcall/internal/browsertest"
)

// patience is how long a browser test waits for what it expects. It is never
// waited out when things are right.
const patience = 30 * time.Second

// screen is how a page is looked at.
type screen struct {
	width, height int64
	touch         bool // a phone: coarse pointer, no hover
	dark          bool
	motion        bool              // animations and transitions play
	media         map[string]string // further media features, such as forced-colors
	scriptOff     bool              // scripting switched off in the browser
}

func (s screen) String() string {
	theme := "light"
	if s.dark {
		theme = "dark"
	}
	return fmt.Sprintf("%dx%d-%s", s.width, s.height, theme)
}

var (
	desktop = screen{width: 1440, height: 900}
	phone   = screen{width: 390, height: 844, touch: true}
)

// allScreens are those that every state is looked at on by the full run.
var allScreens = []screen{
	desktop, {width: 1440, height: 900, dark: true},
	{width: 960, height: 600}, {width: 960, height: 600, dark: true},
	phone, {width: 390, height: 844, touch: true, dark: true},
}

// screens are those that every state is looked at on: by the gate a desk by day
// and a phone by night.
var screens = theseScreens()

func theseScreens() []screen {
	if os.Getenv("ROLLCALL_TEST_FULL") != "" {
		return allScreens
	}
	return slices.DeleteFunc(slices.Clone(allScreens), func(s screen) bool {
		return s.width == 960 || s.dark != (s.width < 500)
	})
}

// tab is one tab of a real Chromium, with a cookie jar of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	said *complaints
}

// complaints are console errors, exceptions, and violations of the content
// security policy.
type complaints struct {
	mu       sync.Mutex
	messages []string
}

// take gives what was said since the last time.
func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.messages
	c.messages = nil
	return taken
}

// openTab starts a browser for the test. Without one it skips, which CI
// counts as a failure.
func openTab(t *testing.T, s screen) *tab {
	t.Helper()
	options := browsertest.Options(t, chromedp.WindowSize(int(s.width), int(s.height)))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	return newTab(t, ctx, s)
}

// another is a tab of the same browser with cookies of its own: a second person.
func (b *tab) another(s screen) *tab {
	b.t.Helper()
	return newTab(b.t, b.ctx, s, chromedp.WithNewBrowserContext())
}

// beside is a tab of the same person.
func (b *tab) beside(s screen) *tab {
	b.t.Helper()
	return newTab(b.t, b.ctx, s)
}

func newTab(t *testing.T, parent context.Context, s screen, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, said: &complaints{}}
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context of its first call
		t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdplog.Enable, cdp.Empty{})
		return err
	}), wear(s))
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.complain()
	return b
}

// in is the same tab in a subtest, which fails for what the browser complains
// of meanwhile.
func (b *tab) in(t *testing.T) *tab {
	inner := &tab{t: t, ctx: b.ctx, said: b.said}
	inner.complain()
	return inner
}

// complain fails the test at its end for what the browser found wrong.
func (b *tab) complain() {
	b.t.Cleanup(func() {
		for _, m := range b.said.take() {
			b.t.Errorf("the browser complained: %s", m)
		}
	})
}

// wear makes the browser look at the page so, without loading it again.
func wear(s screen) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		var options []chromedp.EmulateViewportOption
		if s.touch {
			options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
		}
		if _, err := chromedp.EmulateViewport(s.width, s.height, options...)(ctx, target); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.scriptOff}); err != nil {
			return err
		}
		media := map[string]string{"prefers-color-scheme": "light", "prefers-reduced-motion": "reduce"}
		if s.dark {
			media["prefers-color-scheme"] = "dark"
		}
		if s.motion {
			media["prefers-reduced-motion"] = "no-preference"
		}
		maps.Copy(media, s.media)
		params := emulation.SetEmulatedMediaParams{}
		for name, value := range media {
			params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
		}
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, params)
		return err
	})
}

// wear changes how the page is looked at.
func (b *tab) wear(s screen) { b.t.Helper(); b.do(wear(s)) }

func (b *tab) listen(event any) {
	message := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		message = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			message += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			message = "console:"
			for _, a := range e.Args {
				message += " " + string(a.Value) + a.Description
			}
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "Failed to load resource: the server responded with a status of") {
			message = "log: " + e.Entry.Text + " " + e.Entry.URL
		}
	}
	if message != "" {
		b.said.mu.Lock()
		b.said.messages = append(b.said.messages, message)
		b.said.mu.Unlock()
	}
}

// do runs steps and fails the test when one can't be done in time.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v\n%s", err, b.describe())
	}
}

// get runs one action and gives what it yields.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("%v\n%s", err, b.describe())
	}
	return v
}

// describe is where the tab is, for a failure.
func (b *tab) describe() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	picture := ""
	if shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		picture = filepath.Join(b.t.ArtifactDir(), "failure.png")
		if err := os.WriteFile(picture, shot, 0o644); err != nil {
			picture = err.Error()
		}
	}
	return fmt.Sprintf("at %s, see %s", where, picture)
}

func (b *tab) open(address string) { b.t.Helper(); b.do(chromedp.Navigate(address)) }

// click clicks, with the mouse, what the CSS selector finds, once it is there
// to be clicked.
func (b *tab) click(selector string) {
	b.t.Helper()
	at := b.where(selector)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// clickAndLoad clicks and waits for the next page to be loaded.
func (b *tab) clickAndLoad(selector string) {
	b.t.Helper()
	at := b.where(selector)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
		b.t.Fatalf("click %s: %v\n%s", selector, err, b.describe())
	}
}

// where is the middle of the first element that the selector finds and that a
// click would reach, scrolled into view.
func (b *tab) where(selector string) []float64 {
	b.t.Helper()
	script := `(() => {
		if (document.readyState !== "complete") return []; // a style sheet may still move it
		if (!performance.getEntriesByName("first-contentful-paint").length && performance.now() < 2000) return []; // until then Chromium drops clicks
		for (const e of document.querySelectorAll(` + quote(selector) + `)) {
			e.scrollIntoView({block: "nearest", inline: "nearest"});
			const r = e.getClientRects()[0];
			if (!r || !r.width) continue;
			const x = r.left + r.width / 2, y = r.top + r.height / 2;
			const hit = document.elementFromPoint(x, y);
			if (hit && (e.contains(hit) || hit.contains(e))) return [x, y];
		}
		return [];
	})()`
	deadline := time.Now().Add(patience)
	for {
		if at := get(b, chromedp.Evaluate[[]float64](script)); len(at) == 2 {
			return at
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("nothing to click: %s\n%s", selector, b.describe())
		}
		b.do(nextFrame)
	}
}

// keys presses one key after the other, as a keyboard does: a key that the
// page takes for itself writes nothing, which chromedp.KeyEvent can't do.
func (b *tab) keys(keys string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, r := range keys {
			for _, e := range kb.Encode(r) {
				if e.Type == kb.KeyChar {
					continue // comes of itself with the key
				}
				if e.Type != kb.KeyUp && (unicode.IsPrint(r) || r == '\r') {
					e.Type, e.Text = kb.KeyDown, string(r)
				}
				for _, m := range modifiers {
					e.Modifiers |= int64(m)
					e.Text = ""
				}
				_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, *e)
				if err != nil && (e.Type != kb.KeyUp || !strings.Contains(err.Error(), "navigated")) { // the page may be left while the key is down
					return err
				}
			}
		}
		return nil
	}))
}

// text is what the element reads, once it is there.
func (b *tab) text(selector string) string {
	b.t.Helper()
	element := "document.querySelector(" + quote(selector) + ")"
	b.waitFor(element)
	return strings.Join(strings.Fields(get(b, chromedp.Evaluate[string](element+".textContent"))), " ")
}

func (b *tab) location() string { b.t.Helper(); return get(b, chromedp.Location()) }

// waitFor waits until the JavaScript expression is true; it works with
// scripting switched off for the page as well. While the tab is between two
// pages, or an element is not there yet, it is not.
func (b *tab) waitFor(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		so, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if so && err == nil {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("never true: %s (%v)\n%s", expression, err, b.describe())
		}
		b.do(nextFrame)
	}
}

// nextFrame lets the page work for a moment.
var nextFrame = chromedp.Sleep(20 * time.Millisecond)

// ask evaluates a JavaScript expression and gives it as text.
func (b *tab) ask(expression string) string {
	b.t.Helper()
	return get(b, chromedp.Evaluate[string]("String("+expression+")"))
}

// want compares what an expression is with what it should be.
func (b *tab) want(what, expression, want string) {
	b.t.Helper()
	if got := b.ask(expression); got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// keepsPictures tells whether somebody is going to look at them: ROLLCALL_TEST_SHOTS
// names the folder they are put in.
func keepsPictures() bool { return os.Getenv("ROLLCALL_TEST_SHOTS") != "" }

// shoot keeps a picture of the page in a folder of the test's name, or, where
// nobody is going to look at it, as long as the test runs.
func (b *tab) shoot(name string) {
	b.t.Helper()
	shot := get(b, chromedp.CaptureScreenshot())
	dir := b.t.ArtifactDir()
	if keepsPictures() {
		dir = filepath.Join(os.Getenv("ROLLCALL_TEST_SHOTS"), filepath.FromSlash(b.t.Name()))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// back is the browser's Back button. It waits for nothing: a page may come
// back without being loaded again.
func (b *tab) back() {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void]("history.back()"))
	if err != nil && !strings.Contains(err.Error(), "navigated") { // gone before the answer was there
		b.t.Fatal(err)
	}
}

//go:build browser

package views

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is a browser's tab at the practice portal.
type tab struct {
	*testing.T
	ctx    context.Context
	portal *practice
	base   string
}

func (t tab) open(path string) { t.do(chromedp.Navigate(t.base+path), settled()) }

func (t tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 20*time.Second)
	defer stop()
	do(t.T, ctx, steps...)
}

// keys presses keys as a keyboard does: a key that a page takes for itself
// writes nothing, which chromedp.KeyEvent can't do.
func (t tab) keys(keys string, modifiers ...chromedp.Modifier) {
	t.Helper()
	t.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
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
				if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func (t tab) click(selector string) { t.Helper(); t.do(chromedp.Click(chromedp.CSS(selector))) }

// ask evaluates an expression and gives it as text.
func (t tab) ask(expression string) string {
	t.Helper()
	answer, err := chromedp.Run(t.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// until waits for an expression to be so; that it never is fails the test.
func (t tab) until(expression string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		// While the page changes there is nobody to ask.
		if so, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](expression)); err == nil && so {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never so: %s\nat %s, focus on %s", expression, t.ask("location.pathname + location.search"), t.ask(focused))
}

// rest lets the page's own timers of up to so many milliseconds go off.
func (t tab) rest(milliseconds string) {
	t.Helper()
	t.ask(`(window.rested = false, setTimeout(() => window.rested = true, ` + milliseconds + `))`)
	t.until(`window.rested`)
}

const (
	users   = string(practicePath)
	focused = `(document.activeElement === document.body ? "BODY" : document.activeElement.id || document.activeElement.textContent.trim())`
	rowText = `(document.querySelectorAll(".results tbody a.name")[%])?.textContent.trim()`
)

func row(n string) string { return strings.ReplaceAll(rowText, "%", n) }

func (t tab) want(what, expression, want string) {
	t.Helper()
	if got := t.ask(expression); got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestBehaviour(t *testing.T) {
	portal, server := newPractice(t)
	ctx := browser(t)
	said, people := complaints(t, ctx), portal.rows
	do(t, ctx, wear(looks[0]))
	for name, run := range map[string]func(tab){
		"typing searches, keeps the field and replaces the address": typing,
		"an old answer never overtakes a new one":                   overtaking,
		"Enter acts on the answer to what is typed":                 entering,
		"a composed character is searched once it is whole":         composing,
		"chips and filters stay with what is typed":                 filtering,
		"letters act only where they may":                           letters,
		"the palette opens what is chosen":                          palettes,
		"a poll changes counts, not rows":                           polling,
		"a first page takes the skeleton's place":                   loadings,
		"focus is never lost":                                       focusing,
		"Back shows what was":                                       backing,
		"a lost connection is said":                                 disconnecting,
		"the session's end is announced":                            sessions,
		"copying says so":                                           copying,
		"a theme shows at once":                                     theming,
		"nothing moves":                                             moving,
	} {
		t.Run(name, func(t *testing.T) {
			*portal = practice{t: portal.t, rows: people, delay: map[string]time.Duration{}, gone: map[string]chan struct{}{}}
			at := tab{t, ctx, portal, server.URL}
			at.open(users)
			portal.requests()
			run(at)
			for _, complaint := range said() {
				if name == "a lost connection is said" {
					continue // so does the console
				}
				t.Errorf("the console says %s", complaint)
			}
		})
	}
}

func typing(t tab) {
	t.keys("/")
	t.want("focus after /", focused, "users-query")
	t.want("rows seen whole at 1440 by 900", `[...document.querySelectorAll("tbody tr")].filter((tr) => tr.getBoundingClientRect().bottom <= document.querySelector(".table-scroll").getBoundingClientRect().bottom).length >= 12`, "true")
	t.keys("ber")
	t.until(`document.querySelector("[data-query]").dataset.query === "ber"`)
	t.want("focus", focused, "users-query")
	t.want("field", `document.activeElement.value`, "ber")
	t.want("address", `location.search`, "?q=ber")
	t.want("history", `history.length`, t.ask("history.length"))
	t.until(`document.getElementById("announcer").textContent.endsWith("users match")`)
	if asked := t.portal.requests(); len(asked) != 1 {
		t.Errorf("asked %q, want one request after the pause", asked)
	}
	// Cleared elsewhere, the field follows.
	t.click(`.chips > a:not(.chip)`)
	t.until(`document.querySelector("[data-query]").dataset.query === ""`)
	t.want("field after clearing", `document.getElementById("users-query").value`, "")
}

func overtaking(t tab) {
	t.portal.with(func() { t.portal.delay["b"] = 1500 * time.Millisecond })
	t.click("#users-query")
	t.keys("b")
	t.until(`document.querySelector("#users-query.htmx-request") !== null`)
	t.keys("er")
	t.until(`document.querySelector("[data-query]").dataset.query === "ber"`)
	t.portal.waitGone("b")
	t.rest("50")
	t.want("answer on screen", `document.querySelector("[data-query]").dataset.query`, "ber")

	// The same where the new one is asked by another control.
	t.open(users)
	t.portal.with(func() { t.portal.delay["c"] = 1500 * time.Millisecond })
	t.click("#users-query")
	t.keys("c")
	t.until(`document.querySelector("#users-query.htmx-request") !== null`)
	t.click("#users-strip .chip")
	t.until(`document.querySelector(".chip[aria-current]") !== null`)
	t.portal.waitGone("c")
	t.rest("50")
	t.want("answer on screen", `document.querySelector("[data-query]").dataset.query`, "")
}

func entering(t tab) {
	t.click("#users-query")
	t.keys("ahmed")
	t.until(`document.querySelector("[data-query]").dataset.query === "ahmed"`)
	t.keys(kb.Enter)
	t.want("focus on the first of many", focused, t.ask(row("0")))

	// Enter before the answer is there acts when it comes, and on it alone.
	t.open(users)
	t.click("#users-query")
	t.portal.with(func() { t.portal.delay["o.szabo@contoso.example"] = 700 * time.Millisecond })
	t.keys("o.szabo@contoso.example" + kb.Enter)
	t.want("still here", `location.pathname`, users)
	t.until(`location.pathname !== "` + users + `"`)
}

func composing(t tab) {
	t.click("#users-query")
	t.ask(`(() => {
		const field = document.getElementById("users-query");
		for (const text of ["k", "か", "かt", "かた"]) {
			field.value = text;
			field.dispatchEvent(new InputEvent("input", {bubbles: true, isComposing: true}));
		}
	})()`)
	t.rest("300") // longer than the pause after which a search begins
	if asked := t.portal.requests(); len(asked) != 0 {
		t.Errorf("asked %q while composing", asked)
	}
	t.ask(`document.getElementById("users-query").dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}))`)
	t.until(`document.querySelector("[data-query]").dataset.query === "かた"`)
	if asked := t.portal.requests(); len(asked) != 1 {
		t.Errorf("asked %q, want one request", asked)
	}
}

func filtering(t tab) {
	t.click("#users-strip .chip")
	t.until(`document.querySelector(".chip[aria-current]") !== null`)
	t.want("address", `location.search`, "?synced=yes")
	t.click("#users-query")
	t.keys("a")
	t.until(`document.querySelector("[data-query]").dataset.query === "a"`)
	t.want("address keeps the chip", `location.search`, "?q=a&synced=yes")

	t.click("#filter-location-button")
	t.until(`document.querySelector("#filter-location:popover-open") !== null`)
	t.click(`#filter-location [value="DE"]`)
	t.click("#filter-location button")
	t.until(`document.querySelector("#filter-location-button[data-state]") !== null`)
	t.until(`document.querySelector(":popover-open") === null`)
	t.want("address with the filter", `location.search`, "?q=a&synced=yes&location=DE")
	t.want("focus", focused, "filter-location-button")
	if asked := t.portal.requests(); slices.ContainsFunc(asked, func(a string) bool { return strings.Contains(a, "sort=") || strings.Contains(a, "size=") }) {
		t.Errorf("defaults are in what was asked: %q", asked)
	}
}

func letters(t tab) {
	t.keys("j")
	t.want("j outside the list", focused, "BODY")
	t.click("#users-query")
	t.keys("j")
	t.want("j in the field", `document.activeElement.value`, "j")

	t.open(users)
	t.ask(`document.querySelector(".table-scroll").focus()`)
	t.keys("j")
	t.want("first j", focused, t.ask(row("0")))
	t.keys("jj")
	t.want("two more", focused, t.ask(row("2")))
	t.keys("k")
	t.want("k", focused, t.ask(row("1")))
	t.keys(kb.ArrowDown)
	t.want("arrow down", focused, t.ask(row("2")))
	t.keys("j", chromedp.ModifierCtrl)
	t.want("Ctrl J", focused, t.ask(row("2")))
	t.keys("?")
	t.until(`document.getElementById("help").open`)
	t.keys("j")
	t.want("j under the help", `document.getElementById("help").open`, "true")
	t.keys(kb.Escape)
	t.until(`!document.getElementById("help").open`)
	t.want("focus returns", focused, t.ask(row("2")))
	t.keys("gc")
	t.until(`location.pathname === "/customers"`)

	t.portal.with(func() { t.portal.keys = KeysOff })
	t.open(users)
	t.ask(`document.querySelector(".table-scroll").focus()`)
	t.keys("j/")
	t.want("keys off", `document.activeElement.className`, "table-scroll")
	t.portal.with(func() { t.portal.keys = KeysEverywhere })
	t.open(users)
	t.keys("j")
	t.want("keys everywhere", focused, t.ask(row("0")))
}

func palettes(t tab) {
	t.keys("k", chromedp.ModifierCtrl)
	t.until(`document.getElementById("palette").open`)
	t.want("focus", focused, "jump-q")
	t.until(`document.querySelectorAll("#jump-results [role=option]").length === 3`)
	t.keys("mul")
	t.until(`document.querySelector("#jump-results [data-query]")?.dataset.query === "mul"`)
	t.until(`document.getElementById("jump-q").getAttribute("aria-activedescendant") === "jump-0-0"`)
	t.keys(kb.ArrowDown)
	t.want("chosen", `document.querySelector("#jump-results [aria-selected=true]").id`, "jump-1-0")
	t.keys(kb.ArrowUp + kb.ArrowUp)
	t.want("round the top", `document.querySelector("#jump-results [aria-selected=true]").id`, "jump-2-0")
	t.keys(kb.Escape)
	t.until(`!document.getElementById("palette").open`)

	// Enter waits for the answer to what is typed.
	t.portal.with(func() { t.portal.delay["slow"] = 700 * time.Millisecond })
	t.click(".jump")
	t.until(`document.getElementById("palette").open`)
	t.keys("slow" + kb.Enter)
	t.want("still here", `location.pathname`, users)
	t.until(`location.pathname === "` + users + `/slow-0"`)
}

func polling(t tab) {
	t.portal.with(func() { t.portal.read = 30 })
	t.open(users)
	t.ask(`document.querySelector("#users-status button").focus()`)
	t.ask(`document.querySelector(".results tbody tr").dataset.painted = "before"`)
	t.ask(`document.querySelector("#users-status button").painted = "before"`)
	top := t.ask(`document.querySelector("tbody").getBoundingClientRect().top`)
	t.portal.with(func() { t.portal.read = 70 })
	t.until(`document.querySelector("#users-status b").textContent.startsWith("70 users")`)
	t.want("tally", `document.querySelector(".tally").textContent`, "70+ users")
	t.want("pager", `document.querySelector(".pager span").textContent`, "1–25 of 70+")
	t.want("more", `document.querySelector("#users-status a.primary").textContent.trim()`, "40 more read: show")
	t.want("the row is the same", `document.querySelector(".results tbody tr").dataset.painted`, "before")
	t.want("the button is the same", `document.querySelector("#users-status button").painted`, "before")
	t.want("and keeps focus", `document.activeElement.textContent.trim()`, "Stop")

	// Nobody looks: nobody asks.
	t.ask(`Object.defineProperty(document, "hidden", {value: true, configurable: true})`)
	t.ask(`(window.held = 0, document.addEventListener("htmx:before:request", (event) => window.held += event.defaultPrevented))`)
	t.until(`window.held > 0`) // a poll that had begun is over
	t.portal.requests()
	t.until(`window.held > 2`)
	if asked := t.portal.requests(); len(asked) != 0 {
		t.Errorf("asked %q while hidden", asked)
	}
	t.ask(`delete document.hidden`)
	t.portal.with(func() { t.portal.read = 0 })
	t.until(`document.querySelector("#users-status[hx-get]") === null`)
	t.want("the end is told", `document.querySelector("#users-status b").textContent`, "All 120 users are read,")
	t.want("and what to do", `document.querySelector("#users-status a").textContent.trim()`, "90 more read: show")
	t.want("the rows have not moved", `document.querySelector("tbody").getBoundingClientRect().top`, top)
	t.want("the row is the same still", `document.querySelector(".results tbody tr").dataset.painted`, "before")
	t.until(`document.getElementById("announcer").textContent === "All 120 users are read"`)
	t.click("#users-status a")
	t.until(`document.querySelector(".pager span").textContent === "1–25 of 120"`)
}

// loadings waits for a first page, and has a list read anew unseen.
func loadings(t tab) {
	t.portal.with(func() { t.portal.read = -1 })
	t.open(users)
	t.want("rows while loading", `document.querySelectorAll(".skeleton").length > 0`, "true")
	t.portal.with(func() { t.portal.read = 40 })
	t.until(row("0") + ` === "Ahmed Al-Farsi"`)
	t.until(`document.getElementById("announcer").textContent.endsWith("users match")`)
	t.until(`document.querySelector("#users-status b").textContent.startsWith("40 users")`)

	t.portal.with(func() { t.portal.read, t.portal.again = 0, true })
	t.open(users)
	t.want("nothing is said of reading anew", `document.querySelector("#users-status .banner")`, "null")
	top := t.ask(`document.querySelector("tbody").getBoundingClientRect().top`)
	t.ask(`document.querySelector(".results tbody tr").dataset.painted = "before"`)
	t.portal.with(func() { t.portal.again = false; t.portal.rows = sampleRows(130) })
	t.until(`document.querySelector("#users-status[hx-get]") === null`)
	t.want("the rows have not moved", `document.querySelector("tbody").getBoundingClientRect().top`, top)
	t.want("the row is the same", `document.querySelector(".results tbody tr").dataset.painted`, "before")
	t.want("a link shows the new list", `document.querySelector(".freshness a").textContent`, "Show")
}

func focusing(t tab) {
	t.ask(`document.querySelectorAll(".results tbody a.name")[3].focus()`)
	t.do(swap(users + "?q=szab"))
	t.until(`document.querySelector("[data-query]").dataset.query === "szab"`)
	t.want("focus goes to the last row there is", `rows = document.activeElement.closest("tbody") !== null`, "true")
	t.do(swap(users + "?q=nobody"))
	t.until(`document.querySelector("[data-query]").dataset.query === "nobody"`)
	t.want("without rows, to the heading", focused, "users-heading")

	t.open(users)
	t.ask(`document.querySelector(".table-scroll").scrollTop = 400`)
	t.click(`.pager [aria-label="Page 2"]`)
	t.until(`document.querySelector(".pager [aria-current]").textContent === "2"`)
	t.want("a new page begins at its top", `document.querySelector(".table-scroll").scrollTop`, "0")
	t.want("focus stays on the pager", `document.activeElement.getAttribute("aria-label")`, "Page 2")
}

// swap asks htmx for an address, as a control would.
func swap(path string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[string](`String(htmx.ajax("GET", "`+path+`", {target: "#users-results", swap: "innerMorph"}))`)(ctx, target)
		return err
	})
}

func backing(t tab) {
	t.click("#users-strip .chip")
	t.until(`document.querySelector(".chip[aria-current]") !== null`)
	t.click(`.pager [aria-label="Page 2"]`)
	t.until(`location.search.includes("page=2")`)
	t.ask(`history.back()`)
	t.until(`location.search === "?synced=yes" && document.querySelector(".pager [aria-current]").textContent === "1"`)
	t.ask(`history.back()`)
	t.until(`location.search === "" && document.querySelector(".chip[aria-current]") === null`)
	t.want("the live region is there", `document.querySelectorAll("#announcer").length`, "1")
}

func disconnecting(t tab) {
	t.portal.with(func() { t.portal.down = true })
	t.click("#users-strip .chip")
	t.until(`!document.getElementById("offline").hidden`)
	t.until(`document.getElementById("alarm").textContent.startsWith("No connection")`)
	t.portal.with(func() { t.portal.down = false })
	t.click("#users-strip .chip")
	t.until(`document.getElementById("offline").hidden`)
}

func sessions(t tab) {
	t.portal.with(func() { t.portal.idle = 121 })
	t.open(users)
	t.until(`!document.getElementById("session").hidden`)
	t.want("said", `document.getElementById("session").textContent.includes("signed out in two minutes")`, "true")
	t.until(`document.getElementById("alarm").textContent.includes("two minutes")`)
	t.ask(`document.querySelector("[data-stay]").click()`)
	t.until(`document.getElementById("session").hidden`)

	t.portal.with(func() { t.portal.idle = 1 })
	t.open(users)
	t.until(`document.querySelector("#session [data-return]")?.checkVisibility()`)
	t.want("staying is over", `document.querySelector("[data-stay]").checkVisibility()`, "false")
}

func copying(t tab) {
	t.ask(`navigator.clipboard.writeText = async (text) => { window.copied = text }`)
	t.click(`[aria-label="Copy customer ID"]`)
	t.until(`window.copied === "` + contosoID + `"`)
	t.until(`document.querySelector("#toast:popover-open")?.textContent === "Copied"`)
	t.until(`document.getElementById("announcer").textContent === "Copied"`)
	t.ask(`document.querySelector(".table-scroll").focus()`)
	t.keys("c")
	t.until(`window.copied === location.href`)
	t.until(`document.querySelector("#toast:popover-open")?.textContent === "Link copied"`)
	t.ask(`navigator.clipboard.writeText = async () => { throw new Error("refused") }`)
	t.click(`[aria-label="Copy domain"]`)
	t.until(`document.getElementById("alarm").textContent.includes("doesn’t let Rollcall copy")`)
}

func theming(t tab) {
	t.click("[popovertarget=me]")
	t.until(`document.querySelector("#me:popover-open") !== null`)
	t.click(`#me [value="dark"]`)
	t.until(`document.documentElement.dataset.theme === "dark"`)
	t.until(`getComputedStyle(document.documentElement).colorScheme === "dark"`)
	t.until(`performance.getEntriesByType("resource").some((entry) => entry.name.endsWith("/settings"))`)
}

func moving(t tab) {
	t.do(wear(look{1440, 900, "light", false}))
	t.open(users)
	shifts := `new Promise(done => new PerformanceObserver(list => done(String(list.getEntries().filter(e => !e.hadRecentInput).reduce((sum, e) => sum + e.value, 0)))).observe({type: "layout-shift", buffered: true}) ?? setTimeout(() => done("0"), 500))`
	answer, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](shifts, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if answer != "0" && answer > "0.01" {
		t.Errorf("things moved by %s while the page was painted, budget 0.01", answer)
	}
}

func TestWithoutScriptEverythingCanBeReachedAndSearched(t *testing.T) {
	portal, server := newPractice(t)
	ctx := browser(t)
	at := tab{t, ctx, portal, server.URL}
	at.do(wear(looks[0]), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	at.open(users)
	at.do(chromedp.WaitVisible(chromedp.CSS(".filterbar > .unscripted")))
	at.do(chromedp.WaitNotVisible(chromedp.CSS("[data-copy]")))
	at.do(chromedp.SendKeys(chromedp.CSS("#users-query"), "ahmed"), chromedp.Click(chromedp.CSS(".filterbar > .unscripted")))
	at.do(chromedp.WaitVisible(chromedp.CSS(`[data-query="ahmed"]`)))
	at.do(chromedp.Click(chromedp.CSS("#filter-location-button")), chromedp.Click(chromedp.CSS(`#filter-location [value="DE"]`)), chromedp.Click(chromedp.CSS("#filter-location button")))
	at.do(chromedp.WaitVisible(chromedp.CSS("#filter-location-button[data-state]")))
	at.do(chromedp.Click(chromedp.CSS("#users-strip .chip")), chromedp.WaitVisible(chromedp.CSS(".chip[aria-current]")))
	at.do(chromedp.Click(chromedp.CSS(".jump")), chromedp.WaitVisible(chromedp.CSS("#jump-query")))
	at.do(chromedp.SendKeys(chromedp.CSS("#jump-query"), "x"), chromedp.Click(chromedp.CSS(".filterbar .button")), chromedp.WaitVisible(chromedp.CSS(`.jump-group a[href$="/x-0"]`)))
	address, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(address, "/jump?q=x") {
		t.Errorf("at %s, want /jump?q=x", address)
	}
	if asked := portal.requests(); len(asked) != 0 {
		t.Errorf("partial requests without script: %q", asked)
	}
}

// TestLayers opens what lies on top of a page, for axe and for the eye.
func TestLayers(t *testing.T) {
	axe, err := os.ReadFile("../.ci/node_modules/axe-core/axe.min.js")
	if err != nil {
		needsNode(t, err)
	}
	portal, server := newPractice(t)
	ctx, dir := browser(t), t.ArtifactDir()
	at := tab{t, ctx, portal, server.URL}
	layers := map[string]struct{ opener, open string }{
		"help":     {`document.querySelector("[data-opens=help]").click()`, `document.getElementById("help").open`},
		"palette":  {`document.querySelector("[data-opens=palette]").click()`, `document.querySelectorAll("#jump-results [aria-selected=true]").length === 1`},
		"account":  {`document.getElementById("me").showPopover({source: document.querySelector("[popovertarget=me]")})`, `document.querySelector("#me:popover-open") !== null`},
		"menu":     {`document.getElementById("main-menu").showPopover({source: document.querySelector("[popovertarget=main-menu]")})`, `document.querySelector("#main-menu:popover-open") !== null`},
		"location": {`document.getElementById("filter-location").showPopover({source: document.getElementById("filter-location-button")})`, `document.querySelector("#filter-location:popover-open") !== null`},
		"ticket":   {`document.getElementById("ticket").showPopover({source: document.querySelector("[popovertarget=ticket]")})`, `document.querySelector("#ticket:popover-open") !== null`},
	}
	for _, l := range []look{looks[0], looks[1], looks[3]} {
		at.do(wear(l))
		for name, layer := range layers {
			if name == "menu" && l.width > 768 {
				continue // only a phone has it
			}
			at.open(users)
			at.ask(layer.opener)
			at.until(layer.open)
			findings := at.axe(string(axe), false)
			for _, f := range findings {
				t.Errorf("%s at %s: %s", name, l, f)
			}
			picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "layer-"+name+"-"+l.String()+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdpfetch "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	// focused is where the focus is: an ID, else what it reads.
	focused = `(document.activeElement === document.body ? "BODY" : document.activeElement.id || document.activeElement.textContent.trim())`
	// nthRow is the name that leads to the user of a row, counted from 1.
	nthRow = `document.querySelector(".results tbody tr:nth-child(%) a.name")?.textContent.trim()`
	// searched is what the results on screen are the answer to.
	searched = `document.querySelector(".results [data-query]").dataset.query`
)

func row(n string) string { return strings.ReplaceAll(nthRow, "%", n) }

// inList puts the focus where letters act: on the table itself.
func (b *tab) inList() {
	b.t.Helper()
	b.waitFor(`document.readyState === "complete" && (document.querySelector(".table-scroll").focus(), document.activeElement.matches(".table-scroll"))`)
}

// rest waits, in the page, for longer than its own timers of so many
// milliseconds: what has not happened then does not happen.
func (b *tab) rest(milliseconds string) {
	b.t.Helper()
	b.ask(`(window.rested = false, setTimeout(() => window.rested = true, ` + milliseconds + `))`)
	b.waitFor(`window.rested`)
}

// asked has the page count what it asks of the server from now on.
const asked = `(window.asked = [], new PerformanceObserver(list => window.asked.push(...list.getEntries().map(e => e.name))).observe({type: "resource"}))`

// press is one key with modifiers, such as Ctrl and k.
func (b *tab) press(key string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	b.keys(key, modifiers...)
}

// synthetic sends the page a key that no protocol can press: one of another
// layout, one that is held, AltGr.
func (b *tab) synthetic(init string) {
	b.t.Helper()
	b.ask(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ` + init + `}))`)
}

// compose shows a character that is not whole yet, as an input method does.
func (b *tab) compose(text string) {
	b.t.Helper()
	end := int64(len([]rune(text)))
	if _, err := chromedp.Call(b.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: end, SelectionEnd: end}); err != nil {
		b.t.Fatal(err)
	}
}

// write puts text where the focus is, all at once: the end of a composition.
func (b *tab) write(text string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		b.t.Fatal(err)
	}
}

// front brings the tab to the front, where it has the keyboard.
func (b *tab) front() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, cdppage.BringToFront, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}

// keep holds the answers to addresses like this one back; each is let go by
// the function that comes with it.
func (b *tab) keep(like string) <-chan func() {
	b.t.Helper()
	kept := make(chan func(), 10)
	ctx, cancel := context.WithCancel(b.ctx)
	b.t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(event any) {
		if paused, ok := event.(*cdpfetch.EventRequestPaused); ok {
			kept <- func() { // the page may have given it up
				_, _ = chromedp.Call(ctx, cdpfetch.ContinueRequest, cdpfetch.ContinueRequestParams{RequestID: paused.RequestID})
			}
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, cdpfetch.Enable, cdpfetch.EnableParams{Patterns: []*cdpfetch.RequestPattern{{URLPattern: like, RequestStage: "Response"}}})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _, _ = chromedp.Call(b.ctx, cdpfetch.Disable, cdp.Empty{}) })
	return kept
}

// TestKeys does with the keyboard alone what a day's work is made of.
func TestKeys(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	list := d.users(users412, "")
	var second string // the name in its second row

	for _, s := range []struct {
		name string
		do   func(b *tab)
	}{
		{"a customer by search and Enter", func(b *tab) {
			b.open(d.url + "/customers")
			b.want("focus on load", focused, "customers-query")
			b.keys("northwind.example" + kb.Enter) // at once, before there is an answer
			b.waitFor(`location.pathname === "/customers/` + emulator.NorthwindID + `/users"`)
		}},
		{"g, c, Enter: the customer opened last", func(b *tab) {
			b.open(list)
			b.inList()
			b.keys("gc")
			b.waitFor(`location.pathname === "/customers" && document.readyState === "complete" && ` + focused + ` === "customers-query"`)
			b.keys(kb.Enter)
			b.waitFor(`location.href === ` + quote(list))
		}},
		{"Enter opens the only hit", func(b *tab) {
			b.open(list)
			second = b.ask(row("2"))
			name := b.ask(`document.querySelector(".results tbody tr:nth-child(2) .upn").textContent.trim()`)
			b.click("#users-query")
			b.keys(name)
			b.waitFor(searched + ` === ` + quote(name) + ` && ` + rowsShown + ` === 1`)
			b.press(kb.Enter)
			b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(second))
		}},
		{"slash goes to the search", func(b *tab) {
			b.open(list)
			b.press("/")
			b.want("focus", focused, "users-query")
			b.want("what / wrote", `document.activeElement.value`, "")
			b.keys("an/o")
			b.want("a / in the field", `document.activeElement.value`, "an/o")
		}},
		{"Enter goes to the first of many", func(b *tab) {
			b.open(list)
			b.click("#users-query")
			b.keys("an")
			b.waitFor(searched + ` === "an"`)
			b.keys(kb.Enter)
			b.want("focus", focused, b.ask(row("1")))
			b.want("address", "location.search", "?q=an")
		}},
		{"Enter waits for the answer to what is typed", func(b *tab) {
			b.open(list)
			name := b.ask(`document.querySelector(".results tbody tr:nth-child(3) .upn").textContent.trim()`)
			b.click("#users-query")
			b.keys(name + kb.Enter)
			b.waitFor(`location.pathname.match(/users\/[0-9a-f-]{36}$/)`)
			b.reads(name)
		}},
		{"j and k move the focus itself", func(b *tab) {
			b.open(list)
			b.inList()
			for _, step := range []struct{ key, row string }{{"j", "1"}, {"j", "2"}, {"j", "3"}, {"k", "2"}, {"k", "1"}, {"k", "1"}, {kb.ArrowDown, "2"}, {kb.ArrowUp, "1"}} {
				b.press(step.key)
				b.want("row after "+step.key, focused, b.ask(row(step.row)))
			}
			b.synthetic(`key: "j", repeat: true`)
			b.want("a held j goes on", focused, second)
			b.keys(strings.Repeat("j", 60))
			b.want("the last row is the last", focused, b.ask(row("50")))
			b.waitFor(`document.activeElement.getBoundingClientRect().bottom < document.querySelector(".table-foot").getBoundingClientRect().top`)
			b.press("k")
			b.press(kb.Enter)
			b.waitFor(`document.querySelector("h1").textContent.trim() !== "Northwind Electric Cars"`)
			b.back()
			b.waitFor(`location.href === ` + quote(list))
		}},
		{"Left, Right, Home and End are the browser's", func(b *tab) {
			b.open(list)
			b.inList()
			b.press("j")
			for _, key := range []string{kb.ArrowLeft, kb.ArrowRight, kb.Home, kb.End, kb.PageDown, kb.PageUp} {
				b.press(key)
				b.want("focus", focused, b.ask(row("1")))
			}
		}},
		{"c copies the link", func(b *tab) {
			b.allowClipboard(d.url)
			b.open(d.users(users412, "q=an&sort=-name"))
			b.inList()
			b.press("c")
			b.waitFor(`document.querySelector("#toast:popover-open")?.textContent === "Link copied"`)
			b.waitFor(`document.getElementById("announcer").textContent === "Link copied"`)
			if got := get(b, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise)); got != d.users(users412, "q=an&sort=-name") {
				b.t.Errorf("copied %q", got)
			}
		}},
		{"r reads again", func(b *tab) {
			b.open(list)
			d.emulator.ResetCalls()
			b.inList()
			b.ask(`window.before = true`)
			b.press("r")
			b.waitFor(`!window.before && document.activeElement.matches(".table-scroll")`)
			if calls := d.emulator.Calls(); len(calls) == 0 {
				b.t.Error("nothing was asked of Partner Center")
			}
		}},
		{"g goes", func(b *tab) {
			b.open(d.users(users412, "q=an"))
			b.inList()
			b.press("j")
			b.press(kb.Enter)
			b.waitFor(`document.querySelector("main[data-keyzone] h1")`)
			b.ask(`document.querySelector("main a").focus()`)
			b.keys("gu")
			b.waitFor(`location.href === ` + quote(d.users(users412, "q=an")))
			b.inList()
			b.keys("gc")
			b.waitFor(`location.pathname === "/customers"`)
		}},
		{"? opens help, Escape closes it", func(b *tab) {
			b.open(list)
			b.inList()
			b.press("j")
			b.press("?")
			b.waitFor(`document.querySelector("#help:modal")`)
			b.press("j")
			b.press(kb.Escape)
			b.waitFor(`!document.querySelector("#help").open`)
			b.want("focus afterwards", focused, b.ask(row("1")))
		}},
		{"Escape closes one layer", func(b *tab) {
			b.open(d.users(users412, "q=an"))
			b.click("#filter-location-button")
			b.waitFor(`document.querySelector("#filter-location:popover-open")`)
			b.press("j")
			b.press(kb.Escape)
			b.waitFor(`!document.querySelector(":popover-open")`)
			b.want("focus afterwards", focused, "filter-location-button")
			b.want("the search", `document.getElementById("users-query").value`, "an")
			b.press(kb.Escape)
			b.want("address after one more", "location.search", "?q=an")
		}},
		{"the palette", func(b *tab) {
			b.open(list)
			b.click("#users-query")
			b.press("k", chromedp.ModifierCtrl)
			b.waitFor(`document.querySelector("#palette:modal") && document.activeElement.id === "jump-q"`)
			b.want("whose users it names", `document.activeElement.placeholder`, "Users at Northwind Electric Cars, customers, pages")
			b.keys("contoso")
			b.waitFor(`document.querySelector("#jump-results [data-query]")?.dataset.query === "contoso"`)
			first := b.ask(`document.querySelector("#jump-results [aria-selected=true]").textContent`)
			b.press(kb.ArrowDown)
			if b.ask(`document.querySelector("#jump-results [aria-selected=true]").textContent`) == first {
				b.t.Error("the arrow moved nothing")
			}
			b.want("focus stays", focused, "jump-q")
			b.want("what is chosen is named", `document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).getAttribute("aria-selected")`, "true")
			b.press(kb.ArrowUp)
			b.want("back", `document.querySelector("#jump-results [aria-selected=true]").textContent`, first)
			b.press(kb.Escape)
			b.waitFor(`!document.querySelector("#palette").open`)
			b.want("focus afterwards", focused, "users-query")

			b.press("k", chromedp.ModifierCtrl)
			b.waitFor(`document.activeElement.id === "jump-q"`)
			b.keys("contoso suites" + kb.Enter) // before there is an answer
			b.waitFor(`document.querySelector("h1")?.textContent.trim() === "Contoso Suites"`)
		}},
		{"the palette finds users of the customer at hand", func(b *tab) {
			b.open(list)
			b.press("k", chromedp.ModifierCtrl)
			b.waitFor(`document.activeElement.id === "jump-q"`)
			b.keys(second)
			b.waitFor(`document.querySelector("#jump-results [data-query]")?.dataset.query === ` + quote(second))
			b.press(kb.Enter)
			b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(second))
		}},
		{"letters leave other people's keys alone", func(b *tab) {
			b.open(list)
			for _, key := range "jkrcg" {
				b.press(string(key))
			}
			b.want("outside the list", focused, "BODY")
			b.inList()
			table := b.ask(focused)
			for _, modifier := range []chromedp.Modifier{chromedp.ModifierCtrl, chromedp.ModifierAlt, chromedp.ModifierMeta, chromedp.ModifierShift} {
				b.press("j", modifier)
				b.want("with a modifier", focused, table)
			}
			for what, init := range map[string]string{
				"with AltGr": `key: "j", modifierAltGraph: true`, "while composing": `key: "j", isComposing: true`,
				"a key of another Latin layout": `key: "h", code: "KeyJ"`, "held": `key: "r", repeat: true`,
			} {
				b.synthetic(init)
				b.want(what, focused, table)
			}
			b.synthetic(`key: "о", code: "KeyJ"`)
			b.want("by its place where the layout has no Latin letters", focused, b.ask(row("1")))
			b.click(`#users-status ~ footer select, .table-foot select`)
			b.press("j")
			b.want("in a select", `document.activeElement.tagName`, "SELECT")
		}},
		{"letters everywhere, and nowhere", func(b *tab) {
			b.open(d.url + "/settings")
			b.click(`[name=keys][value=everywhere]`)
			b.clickAndLoad(`.form-actions button`)
			b.open(list)
			b.press("j")
			b.want("everywhere", focused, b.ask(row("1")))
			b.open(d.url + "/settings")
			b.click(`[name=keys][value=off]`)
			b.clickAndLoad(`.form-actions button`)
			b.open(list)
			b.inList()
			table := b.ask(focused)
			for _, key := range "jkrcg/?" {
				b.press(string(key))
			}
			b.want("nowhere", focused, table)
			b.press("k", chromedp.ModifierCtrl)
			b.waitFor(`document.querySelector("#palette:modal")`)
			b.press(kb.Escape)
			b.waitFor(`!document.querySelector("#palette").open`)
			b.open(d.url + "/settings")
			b.click(`[name=keys]`)
			b.clickAndLoad(`.form-actions button`)
		}},
		{"a composed character is searched once it is whole", func(b *tab) {
			b.open(list)
			b.click("#users-query")
			b.ask(asked)
			for _, text := range []string{"k", "か", "かt", "かた"} {
				b.compose(text)
			}
			b.rest("400") // more than twice the pause after which a search begins
			b.want("asked while composing", `window.asked.length`, "0")
			b.write("かた")
			b.waitFor(searched + ` === "かた"`)
			b.want("the field", `document.getElementById("users-query").value`, "かた")
			b.want("asked in all", `window.asked.length`, "1")
		}},
		{"an old answer never overtakes a new one", func(b *tab) {
			b.open(list)
			kept := b.keep("*q=a") // the answer to "a" is on its way for long
			b.click("#users-query")
			b.keys("a")
			release := <-kept
			b.keys("n")
			b.waitFor(searched + ` === "an"`)
			release()
			b.rest("100")
			b.want("the answer on screen", searched, "an")
			b.want("the address", "location.search", "?q=an")
		}},
		{"a late key asks nothing twice", func(b *tab) {
			b.open(list)
			b.click("#users-query")
			b.ask(asked)
			b.ask(`document.activeElement.value = "ann", document.activeElement.dispatchEvent(new InputEvent("input", {bubbles: true})), document.activeElement.form.requestSubmit()`)
			b.waitFor(searched + ` === "ann"`)
			b.rest("400") // more than twice the pause after which the field asks
			b.want("asked in all", `window.asked.length`, "1")
		}},
		{"two customers side by side", func(b *tab) {
			other := b.beside(desktop)
			b.open(d.users(users412, "q=an"))
			other.open(d.users(users118, "sort=-name"))
			for _, one := range []struct {
				tab                  *tab
				id, name, type_, url string
			}{{b, users412, "Northwind Electric Cars", "n", "q=ann"}, {other, users118, "Adatum Corporation", "ma", "q=ma&sort=-name"}} {
				one.tab.front()
				one.tab.click("#users-query")
				one.tab.press(kb.End)
				one.tab.keys(one.type_)
				one.tab.waitFor(`location.href === ` + quote(d.users(one.id, one.url)))
				one.tab.want("whose page it is", `document.querySelector("h1").textContent.trim()`, one.name)
				one.tab.want("title", "document.title", one.name+" · Users · Rollcall")
				one.tab.want("where rows lead", `[...document.querySelectorAll(".users-table tbody a.name")].every(a => a.pathname.startsWith("/customers/`+one.id+`/users/"))`, "true")
				one.tab.want("whose users the palette looks among", `document.getElementById("jump-q").placeholder`, "Users at "+one.name+", customers, pages")
			}
			b.want("the first, meanwhile", "location.search", "?q=ann")
		}},
	} {
		t.Run(s.name, func(t *testing.T) { s.do(b.in(t)) })
	}
}

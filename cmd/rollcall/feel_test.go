package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// watch has the page keep what moves, and what is said aloud. Each move has two
// scores: that of the browser, and that of what is neither a row nor below the
// rows, counted also where it answers to a hand: no answer may move the rest.
const watch = `(() => {
	if (window.moved) {
		moved.length = said.length = 0;
		return;
	}
	window.moved = []; window.said = [];
	const text = box => [box.x, box.y, box.width, box.height].map(Math.round).join(" ");
	const of = node => node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
	const score = ({previousRect: a, currentRect: b}) => (a.width * a.height + b.width * b.height) / (innerWidth * innerHeight) *
		Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) / Math.max(innerWidth, innerHeight);
	new PerformanceObserver(list => {
		for (const e of list.getEntries()) {
			const rest = e.sources.filter(s => s.node && !of(s.node).closest(".results tbody, .table-foot"));
			moved.push({
				all: e.hadRecentInput ? 0 : e.value,
				rest: rest.reduce((sum, s) => sum + score(s), 0),
				what: e.sources.map(s => (of(s.node)?.id || of(s.node)?.className || of(s.node)?.nodeName) + " from " + text(s.previousRect) + " to " + text(s.currentRect)),
			});
		}
	}).observe({type: "layout-shift", buffered: true});
	for (const id of ["announcer", "alarm"]) {
		const region = document.getElementById(id);
		new MutationObserver(() => region.textContent && said.push(region.textContent)).observe(region, {childList: true, characterData: true, subtree: true});
	}
})()`

// mostMoved is how much of the window may move, as a layout shift score.
const mostMoved = 0.01

// still fails the test when too much moved by itself since the page was watched.
func (b *tab) still(what string) {
	b.t.Helper()
	b.movedBy(what, func(m move) float64 { return m.All })
}

// framed fails the test when an answer moved anything but rows.
func (b *tab) framed(what string) {
	b.t.Helper()
	b.movedBy(what, func(m move) float64 { return m.Rest })
}

type move struct {
	All, Rest float64
	What      []string
}

func (b *tab) movedBy(what string, score func(move) float64) {
	b.t.Helper()
	var moved []move
	if err := json.Unmarshal([]byte(b.ask("JSON.stringify(moved)")), &moved); err != nil {
		b.t.Fatal(err)
	}
	sum := 0.0
	for _, m := range moved {
		sum += score(m)
	}
	if sum > mostMoved {
		b.t.Errorf("%s: moved by %.4f, at most %v: %v", what, sum, mostMoved, moved)
	}
}

// frame is where those parts of the users page stand that no swap may move.
const frame = `JSON.stringify(["#users-search", "#users-strip .tally", "#users-strip .chip", ".table-scroll", ".users-table thead", ".table-foot"].map(s => {
	const box = document.querySelector(s)?.getBoundingClientRect();
	return box && [s, Math.round(box.left), Math.round(box.top)];
}))`

// The head of the column of usage locations, and how the list is sorted by it.
const (
	byLocation       = `.users-table thead a[href*="sort=location"], .users-table thead a[href*="sort=-location"]`
	sortedByLocation = "document.querySelector(" + "`" + byLocation + "`" + ").closest(`th`).ariaSort"
)

const unlively = `document.querySelectorAll("main [aria-live], main [role=status], main [role=alert], main [role=log], dialog [aria-live]").length`

// TestSwaps looks at each swap of the users page: the focus stays where it was,
// one sentence says what came of it, and nothing moves.
func TestSwaps(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.open(d.users(users412, ""))
	b.waitFor(rowsShown + " === 50")

	for _, s := range []struct {
		name  string
		do    func(b *tab)
		done  string // true once the answer is on screen
		focus string // where it then is
		says  string
	}{
		{"search", func(b *tab) { b.click("#users-query"); b.keys("an") }, searched + ` === "an"`, "users-query", "of 412 users match"},
		{"search on", func(b *tab) { b.keys("n") }, searched + ` === "ann"`, "users-query", "of 412 users match"},
		{"search to nothing", func(b *tab) { b.keys("zzz") }, searched + ` === "annzzz"`, "users-query", "No user matches, 412 searched"},
		{"search cleared", func(b *tab) { b.keys(strings.Repeat(kb.Backspace, 6)) }, searched + ` === "" && ` + rowsShown + ` === 50`, "users-query", "412 users"},
		{"chip", func(b *tab) { b.click(`.chip[href*="synced=yes"]`) }, `document.querySelector(".chip[aria-current]")`, "Synced", "of 412 users match"},
		{"chip taken off", func(b *tab) { b.click(`.chip[aria-current]`) }, `!document.querySelector(".chip[aria-current]")`, "Synced", "412 users"},
		{"sort", func(b *tab) { b.click(byLocation) }, sortedByLocation + ` === "ascending"`, "Usage location", "412 users"},
		{"sort the other way", func(b *tab) { b.keys(kb.Enter) }, sortedByLocation + ` === "descending"`, "Usage location", "412 users"},
		{"page", func(b *tab) { b.click(`.pager a[aria-label="Page 2"]`) }, `document.querySelector(".pager [aria-current]").textContent === "2"`, "page-2", "412 users"},
		{"next page", func(b *tab) { b.click(`.pager a[rel=next]`) }, `document.querySelector(".pager [aria-current]").textContent === "3"`, "page-next", "412 users"},
		{"rows on a page", func(b *tab) {
			b.ask(`document.querySelector(".table-foot select").focus()`)
			b.keys(kb.ArrowUp)
		}, rowsShown + ` === 25`, "25 a page50 a page100 a page250 a page", "412 users"},
		{"filter", func(b *tab) {
			b.click("#filter-location-button")
			b.click(`#filter-location li:nth-child(2) input`)
			b.click(`#filter-location .primary`)
		}, `document.querySelector("#filter-location-button[data-state=on]") && !document.querySelector(":popover-open")`, "filter-location-button", "of 412 users match"},
		{"filter cleared", func(b *tab) {
			b.click("#filter-location-button")
			b.click(`#filter-location .menu-foot a`)
		}, `!document.querySelector("#filter-location-button[data-state=on]") && !document.querySelector(":popover-open")`, "filter-location-button", "412 users"},
		{"everything cleared, the link gone", func(b *tab) {
			b.click(`.chip[href*="guest=yes"]`)
			b.waitFor(`document.querySelector(".chip[aria-current]") && document.querySelector(".chips > a:not(.chip)")`)
			b.click(`.chips > a:not(.chip)`)
		}, `!document.querySelector(".chip[aria-current]")`, "users-heading", "412 users"},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			before := b.ask(frame)
			b.ask(watch)
			s.do(b)
			b.waitFor(s.done)
			b.waitFor(`said.length > 0`)
			b.rest("600") // longer than the rest after which something is said
			b.want("focus", `(document.activeElement === document.body ? "BODY" : document.activeElement.id || document.activeElement.textContent.replace(/[\d,]+\+?\s*$/, "").trim() || document.activeElement.textContent.trim())`, s.focus)
			b.want("sentences said", "said.length", "1")
			if got := b.ask("said[0]"); !strings.Contains(got, s.says) {
				t.Errorf("said %q, want %q", got, s.says)
			}
			b.want("live regions in what is swapped", unlively, "0")
			if after := b.ask(frame); !strings.Contains(s.name, "nothing") && !strings.Contains(before, "null") && after != before {
				t.Errorf("the frame moved from\n%s to\n%s", before, after)
			}
			b.framed(s.name)
		})
	}

	// Between letters that come in time nothing is said. On a busy machine one
	// may come late; then, and only then, there is a sentence more.
	t.Run("typing says one sentence", func(t *testing.T) {
		b := b.in(t)
		b.open(d.users(users412, ""))
		b.ask(watch)
		b.ask(`(window.pauses = 0, window.answer = Infinity, document.addEventListener("htmx:after:swap", () => {
			const now = performance.now();
			if (now - answer > 450) pauses++;
			answer = now;
		}))`)
		b.click("#users-query")
		for i, letter := range "ann" {
			b.keys(string(letter))
			b.waitFor(searched + ` === ` + quote("ann"[:i+1]))
		}
		b.waitFor(`said.length > 0`)
		b.rest("600")
		b.want("said only at a rest", "said.length <= 1 + pauses", "true")
		b.want("about", `said.at(-1) === document.querySelector("[data-announce]").dataset.announce`, "true")
	})

	t.Run("a focused row that goes away hands on the focus", func(t *testing.T) {
		b := b.in(t)
		b.open(d.users(users412, ""))
		b.inList()
		b.keys("jjj")
		b.ask(`document.querySelector('.chip[href*="guest=yes"]').click()`)
		b.waitFor(`document.querySelector(".chip[aria-current]")`)
		b.want("focus is on a row", `document.activeElement.matches(".results tbody a.name")`, "true")
	})
}

// TestSwapsOfCustomers looks at those of the list of customers.
func TestSwapsOfCustomers(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.open(d.users(users118, "")) // opened lately, from now on
	b.waitFor(rowsShown + " === 50")
	b.open(d.url + "/customers")
	b.click("#c-" + users412 + " .star")
	b.waitFor(`document.querySelector("#c-` + users412 + ` .star").ariaPressed === "true"`)
	for _, s := range []struct {
		name  string
		do    func(b *tab)
		done  string
		focus string
		says  string
	}{
		{"search", func(b *tab) { b.click("#customers-query"); b.keys("contoso") }, searched + ` === "contoso"`, "customers-query", "customers match"},
		{"search on", func(b *tab) { b.click("#customers-query"); b.keys(kb.End + " p") }, searched + ` === "contoso p"`, "customers-query", "match"},
		{"search cleared", func(b *tab) { b.click(`#customers-results .chips > a:not(.chip)`) }, searched + ` === ""`, "", "63 customers"},
		{"sort", func(b *tab) { b.click(`.customers-table thead th:first-child a`) }, `document.querySelector(".customers-table th:first-child[aria-sort]")`, "Customer", "63 customers"},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			b.open(b.location())
			b.waitFor(`document.readyState === "complete"`)
			b.ask(watch)
			s.do(b)
			b.waitFor(s.done)
			b.waitFor(`said.length > 0`)
			b.rest("600")
			if s.focus != "" {
				b.want("focus", focused, s.focus)
			}
			b.want("focus is nowhere", `document.activeElement === document.body`, "false")
			b.want("sentences said", "said.length", "1")
			if got := b.ask("said[0]"); !strings.Contains(got, s.says) {
				t.Errorf("said %q, want %q", got, s.says)
			}
			b.want("live regions in what is swapped", unlively, "0")
			b.framed(s.name)
		})
	}
}

// TestSwapsOnAPhone looks at those of the users page where rows are cards.
func TestSwapsOnAPhone(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, phone)
	b.signIn(d.url, priya)
	b.open(d.users(users412, ""))
	b.waitFor(rowsShown + " === 50 && !document.querySelector('[data-poll]')")
	for _, s := range []struct {
		name string
		do   func(b *tab)
		done string
	}{
		{"search", func(b *tab) { b.click("#users-query"); b.keys("an") }, searched + ` === "an"`},
		{"chip", func(b *tab) { b.click(`.chip[href*="synced=yes"]`) }, `document.querySelector(".chip[aria-current]")`},
		{"chip taken off", func(b *tab) { b.click(`.chip[aria-current]`) }, `!document.querySelector(".chip[aria-current]")`},
		{"sort", func(b *tab) {
			b.ask(`document.querySelector(".card-tools select").focus()`)
			b.keys(kb.ArrowDown)
		}, `location.search.includes("sort=")`},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			b.ask(watch)
			s.do(b)
			b.waitFor(s.done)
			b.waitFor(`said.length > 0`)
			b.want("focus is nowhere", `document.activeElement === document.body`, "false")
			b.framed(s.name)
		})
	}
}

// TestReading looks at a list while it is read.
func TestReading(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	b.signIn(d.url, priya)

	t.Run("a skeleton, then rows", func(t *testing.T) {
		b := b.in(t)
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: 4 * time.Second, Times: 1})
		b.open(d.users(users118, ""))
		b.ask(watch)
		b.waitFor(`document.querySelector(".users-table .skeleton")`)
		b.reads("Reading the first users of Adatum Corporation")
		b.waitFor(rowsShown + " === 50")
		b.want("skeletons left", `document.querySelectorAll(".skeleton").length`, "0")
		b.waitFor(`said.length > 0`)
		b.want("said", "said.at(-1)", "118 users")
		b.still("rows in place of the skeleton")
	})

	t.Run("growing", func(t *testing.T) {
		b := b.in(t)
		// The second page comes when the first is on screen, the third never.
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Latency: 2 * time.Second})
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 3, Hang: true})
		b.open(d.users(users1500, ""))
		b.waitFor(rowsShown + " === 50")
		b.ask(watch)
		first, frameBefore := b.ask(row("1")), b.ask(frame)
		b.ask(`(window.stop = document.querySelector("#users-status [value=stop]")).focus()`)
		b.reads("500 more read: show", "1,000 users read so far; Blue Yonder Airlines has more.")
		b.want("the button and its focus", `document.activeElement === window.stop && stop.isConnected`, "true")
		b.want("the first row", row("1"), first)
		b.want("the frame", frame, frameBefore)
		b.want("live regions", unlively, "0")
		b.still("a growing list")

		b.ask(polls)
		b.waitFor("window.polls >= 2")
		b.want("the button and its focus after two more polls", `document.activeElement === window.stop && stop.isConnected`, "true")
		b.click("#users-status a.primary")
		b.waitFor(`!document.querySelector("#users-status a.primary")`)
		b.waitFor(`document.activeElement.id === "users-heading"`)
		b.reads("1–50 of 1,000+")
		b.still("the rest of a growing list")
	})

	t.Run("nobody looks, nothing is asked", func(t *testing.T) {
		b := b.in(t)
		b.ask(polls)
		b.waitFor("window.polls >= 1")
		b.hide(true)
		b.rest("1200") // what was on its way has come
		b.ask("window.polls = 0")
		b.rest("2500") // two polls and more
		b.want("asked while hidden", "window.polls", "0")
		b.hide(false)
		b.waitFor("window.polls >= 1")
		b.clickAndLoad(`#users-status button[value="stop"]`)
		d.emulator.ClearFaults()
	})

	t.Run("a match that comes later", func(t *testing.T) {
		b := b.in(t)
		// The rooms of this name are on the second page; the third comes a while after, and
		// the licenses of the users never.
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Hang: true})
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Latency: time.Second})
		d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 3, Latency: 2 * time.Second})
		b.open(d.users(users1200, "q=rainier"))
		b.ask(watch)
		b.reads("No user of School of Fine Art matches “rainier”", "500 users were searched so far")
		b.waitFor(rowsShown + " > 0")
		b.waitFor(`said.at(-1)?.endsWith("of 1,000 read so far users match")`)
		end := []string{"All 1,200 users are read", "200 more read: show", "Licenses: 0 of 1,200 read"}
		b.reads(end...)
		b.ask(polls)
		b.waitFor("window.polls >= 2")
		b.reads(end...)
		b.want("how often the end was said", `said.filter(s => s === "All 1,200 users are read").length`, "1")
		b.click("#users-status a.primary")
		b.waitFor(`!document.querySelector("#users-status a.primary")`)
		d.emulator.ClearFaults()
	})
}

// polls has the page count the questions of its poll.
const polls = `(window.polls = 0, new PerformanceObserver(list => window.polls += list.getEntries().filter(e => /[?&]read=/.test(e.name)).length).observe({type: "resource"}))`

// hide has the page think that its tab is behind another.
func (b *tab) hide(hidden bool) {
	b.t.Helper()
	b.ask(fmt.Sprintf(`(Object.defineProperty(document, "hidden", {configurable: true, get: () => %t}), document.dispatchEvent(new Event("visibilitychange")))`, hidden))
}

// TestLoadsStandStill loads every page anew, fonts and all, and nothing of it
// moves.
func TestLoadsStandStill(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.open(d.users(users412, ""))
	user := b.ask(`document.querySelector(".users-table tbody a.name").pathname`)
	for _, look := range []screen{desktop, phone} {
		b.wear(look)
		for _, path := range []string{"/customers", "/customers/" + users412 + "/users", user, "/settings", "/help", "/jump?q=con", "/no/such/page"} {
			t.Run(fmt.Sprint(look.width, path), func(t *testing.T) {
				b := b.in(t)
				b.uncached()
				b.open(d.url + path)
				b.ask(watch)
				b.waitFor(`document.readyState === "complete" && document.fonts.status === "loaded"`)
				b.rest("300")
				b.still(path)
			})
		}
	}
}

// uncached empties the browser's cache.
func (b *tab) uncached() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}

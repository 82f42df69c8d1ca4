package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/web"
)

// The demo's people, by object ID.
const (
	priya   = "0a6c1e52-7f0b-4c38-9d55-1e2f3a4b5c61" // admin agent
	tomas   = "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72" // helpdesk agent
	ama     = "2c8e3a74-9b2d-4e5a-9f77-3a4b5c6d7e83" // license manager
	carsten = "3d9f4b85-ac3e-4f6b-8a88-4b5c6d7e8f94" // reader
	lena    = "4ea05c96-bd4f-4a7c-9b99-5c6d7e8f9aa5" // of a foreign tenant
)

// theDemo starts the whole product for a test, on free ports.
func theDemo(t *testing.T, change ...func(*demoOptions)) *demo {
	t.Helper()
	heard := &everything{}
	o := demoOptions{
		listen: "127.0.0.1:0",
		log:    slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), heard), &slog.HandlerOptions{Level: slog.LevelDebug})),
		limits: web.Limits{AddressPerSecond: 1e6, AddressBurst: 1e6, PersonPerSecond: 1e6, PersonBurst: 1e6},
		pace:   1e6, // nobody waits for licenses
	}
	for _, f := range change {
		f(&o)
	}
	d, err := startDemo(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		secrets.left(t, heard.String(), d.folder)
		if err := d.stop(); err != nil {
			t.Errorf("stop the demo: %v", err)
		}
	})
	return d
}

// signIn opens the address and signs in as the person on the way there.
func (b *tab) signIn(address, person string) {
	b.t.Helper()
	b.open(address)
	b.clickAndLoad("main a.button")
	b.clickAndLoad(`button[value="` + person + `"]`)
}

// users is the address of a customer's list.
func (d *demo) users(customerID, query string) string {
	address := d.url + "/customers/" + customerID + "/users"
	if query != "" {
		address += "?" + query
	}
	return address
}

// TestWalk is the main job: sign in, open a customer, find a user, look at
// them, go back, sign out; once with script and once without.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{
		"with script":    desktop,
		"without script": {width: desktop.width, height: desktop.height, scriptOff: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t)
			b := openTab(t, s)

			// Three clicks from the printed address to the list of northwind.example.
			b.signIn(d.url, priya)
			if at := b.location(); at != d.url+"/customers" {
				t.Fatalf("signed in to %s", at)
			}
			b.clickAndLoad(`#customers-results a.name[href="/customers/` + emulator.NorthwindID + `/users"]`)
			b.waitFor(`document.querySelectorAll(".users-table tbody th a").length === 50`)
			if got := get(b, chromedp.Title()); !strings.HasSuffix(got, " · Users · Rollcall") || !strings.HasPrefix(got, "Northwind") {
				t.Errorf("title %q", got)
			}

			// Search, once all are read: pages of a growing list may shift.
			b.openRead(b.location())
			search(b, s, "mull")
			b.waitFor(`[...document.querySelectorAll(".users-table tbody th a")].every(a => /mull|müll/i.test(a.closest("th").textContent))`)
			if at := b.location(); !strings.HasSuffix(at, "/users?q=mull") {
				t.Errorf("the search is at %s", at)
			}
			// Sort, then the next page.
			b.swap(s, `th[aria-sort] a, .users-table thead th a`)
			b.waitFor(`document.querySelector("thead th[aria-sort=descending]")`)
			if at := b.location(); !strings.Contains(at, "q=mull&sort=-name") {
				t.Errorf("sorted at %s", at)
			}
			first := b.text(".users-table tbody tr:first-child a.name")
			b.swap(s, `nav.pager a[rel=next], .pager a[rel=next]`)
			b.waitFor(`location.search.includes("page=2")`)
			b.waitFor(`document.querySelector(".users-table tbody tr:first-child a.name").textContent.trim() !== ` + quote(first))
			shared, rows := b.location(), b.ask(shownTable)

			// A user, and back to the same page of the same search.
			list := b.location()
			name := b.text(".users-table tbody tr:first-child a.name")
			b.clickAndLoad(".users-table tbody tr:first-child a.name")
			b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(name))
			b.back()
			b.waitFor(`location.href === ` + quote(list))
			b.waitFor(`document.querySelector(".users-table tbody tr:first-child a.name").textContent.trim() === ` + quote(name))

			// Any view's address, opened by a second person after sign-in, shows the
			// same, although they have 25 users on a page and other columns by default.
			d.prefers(t, tomas, url.Values{"page_size": {"25"}, "columns": {"phone", "location"}})
			other := b.another(s)
			other.signIn(shared, tomas)
			if at := other.location(); at != shared {
				t.Errorf("the shared address %s led to %s", shared, at)
			}
			other.waitFor(`document.querySelectorAll("mark").length > 0`)
			if got := other.ask(shownTable); got != rows {
				t.Errorf("the shared address shows\n%s\nwant\n%s", got, rows)
			}
			other.open(d.users(emulator.NorthwindID, ""))
			other.want("the second person's own list", `location.search + " " + document.querySelectorAll(".users-table tbody tr").length`, "?size=25&columns=phone,location 25")

			// Sign out; Back shows sign-in, not the list.
			b.click(`button[popovertarget="me"]`) // a popover needs no script
			b.click(`form[action="/sign-out"] button`)
			b.waitFor(`document.querySelector("h1")?.textContent.trim() === "Signed out"`)
			b.back()
			b.waitFor(`location.pathname === "/sign-in"`)
			b.open(list)
			b.waitFor(`location.pathname === "/sign-in"`)
			if u, err := url.Parse(b.location()); err != nil || d.url+u.Query().Get("return_to") != list {
				t.Errorf("sign-in remembers %s, want %s", b.location(), list)
			}
		})
	}
}

// shownTable is what a list of users shows: the columns, and who is in which row.
const shownTable = `[...document.querySelectorAll(".users-table thead th")].map(h => h.textContent.trim()).join(" ") + "\n" +
	[...document.querySelectorAll(".users-table tbody tr")].map(r => r.id + " " + r.querySelector("a.name").textContent.trim()).join("\n")`

// prefers keeps settings of a person who is in another browser.
func (d *demo) prefers(t *testing.T, person string, settings url.Values) {
	t.Helper()
	answer, err := d.signedIn(t, person).PostForm(d.url+"/settings", settings)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("settings: %v, %v", answer, err)
	}
	answer.Body.Close()
}

// openRead opens a list again and again until all of it is read.
func (b *tab) openRead(address string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for b.open(address); get(b, chromedp.Evaluate[bool](`!!document.querySelector("#users-status[data-poll]")`)); b.open(address) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never all read\n%s", b.describe())
		}
	}
}

// search types into the users' search field; without script Enter sends it.
func search(b *tab, s screen, text string) {
	b.t.Helper()
	b.click("#users-query")
	b.keys(text)
	if s.scriptOff {
		b.do(chromedp.Submit(chromedp.CSS("#users-search")))
	}
	b.waitFor(`new URLSearchParams(location.search).get("q") === ` + quote(text))
}

// swap clicks a link that htmx answers with a swap, and that without script
// loads the page.
func (b *tab) swap(s screen, selector string) {
	b.t.Helper()
	if s.scriptOff {
		b.clickAndLoad(selector)
		return
	}
	b.click(selector)
}

func quote(text string) string { return "`" + strings.ReplaceAll(text, "`", "\\`") + "`" }

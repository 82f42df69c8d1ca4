package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// hand is a person at the keyboard and the mouse, who counts.
type hand struct {
	*tab
	pressed, clicked int
}

// key presses keys, one after the other, and counts each.
func (h *hand) key(keys string) {
	h.t.Helper()
	h.pressed += len([]rune(keys))
	h.keys(keys)
}

// types writes what is searched for, which isn't counted.
func (h *hand) types(text string) { h.t.Helper(); h.keys(text) }

// points clicks, and counts it.
func (h *hand) points(selector string) {
	h.t.Helper()
	h.clicked++
	h.click(selector)
}

// took compares what the task took with what it may take, and begins anew.
func (h *hand) took(task string, keys, clicks int) {
	h.t.Helper()
	h.t.Logf("%s: %d keys, %d clicks", task, h.pressed, h.clicked)
	if h.pressed != keys || h.clicked != clicks {
		h.t.Errorf("%s took %d keys and %d clicks, want %d and %d", task, h.pressed, h.clicked, keys, clicks)
	}
	h.pressed, h.clicked = 0, 0
}

// TestTenTasks does the reading ones of the ten tasks that people have all day
// long, with real keys, and counts them.
func TestTenTasks(t *testing.T) {
	t.Parallel()
	d := theDemo(t) // 100,000 users at northwind.example
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	big, list := d.users(emulator.NorthwindID, ""), d.users(users118, "")
	b.openRead(list)
	b.openRead(big) // the customer opened last
	allRead := `document.querySelector(".tally")?.textContent === "100,000 users"`
	b.waitFor(allRead)
	const at118 = `location.pathname === "/customers/` + users118 + `/users" && document.readyState === "complete"`

	for _, s := range []struct {
		name string
		do   func(h *hand)
	}{
		{"open a customer's users", func(h *hand) {
			h.open(d.url + "/customers")
			h.want("focus on load", focused, "customers-query")
			h.key(kb.Enter)
			h.waitFor(`location.href === ` + quote(big) + ` && ` + rowsShown + ` === 50`)
			h.took("the customer opened last, from Customers", 1, 0)

			h.open(d.url + "/customers")
			h.want("focus on load", focused, "customers-query")
			h.types("adatum corp")
			h.key(kb.Enter)
			h.waitFor(at118)
			h.took("any customer, from Customers", 1, 0)
		}},
		{"open a customer's users from anywhere", func(h *hand) {
			h.open(big)
			h.inList()
			h.keys("j")
			h.keys(kb.Enter) // somewhere else: at a user
			h.waitFor(`document.querySelector("main[data-keyzone] h1")`)
			h.ask(`document.querySelector("main a").focus()`)
			h.key("gc")
			h.waitFor(`location.pathname === "/customers" && document.readyState === "complete" && ` + focused + ` === "customers-query"`)
			h.key(kb.Enter)
			h.waitFor(`location.href === ` + quote(big))
			h.took("from a user's page", 3, 0)
		}},
		{"find one user among 100,000", func(h *hand) {
			h.open(big)
			h.waitFor(allRead)
			upn := h.ask(`document.querySelector(".results tbody tr:nth-child(40) .upn").textContent.trim()`)
			name := h.ask(row("40"))
			h.key("/")
			h.want("focus", focused, "users-query")
			h.types("müll")
			h.waitFor(searched + ` === "müll"`)
			h.key(kb.Enter)
			h.want("focus on the first hit", focused, h.ask(row("1")))
			h.want("the match, marked", `!!document.querySelector(".results tbody tr mark").textContent.match(/^(müll|mull|müll)$/i)`, "true")
			h.took("to the first of many", 2, 0)

			h.key("/")
			h.types(upn)
			h.key(kb.Enter) // at once; it waits for the answer
			h.waitFor(`document.querySelector("main[data-keyzone] h1")?.textContent.trim() === ` + quote(name))
			h.took("to the very one", 2, 0)
		}},
		{"who is this, what do they have", func(h *hand) {
			h.open(list)
			h.waitFor(rowsShown + ` === 50`)
			h.inList()
			h.keys("jjj")
			name := h.ask(row("3"))
			h.key(kb.Enter)
			h.waitFor(`document.readyState === "complete" && document.querySelector("h1").textContent.trim() === ` + quote(name))
			h.reads("Licenses", "Roles", "Usage location", "at Adatum Corporation")
			h.want("a license with its plans, open", `!!document.querySelector(".license[open] .plans li")`, "true")
			h.want("what they have, without scrolling", `document.querySelector(".license[open] .plans").getBoundingClientRect().bottom < innerHeight`, "true")
			h.took("a row's user", 1, 0)
		}},
		{"send a colleague what I see", func(h *hand) {
			h.allowClipboard(d.url)
			h.open(d.users(users118, "q=an&synced=yes&sort=-name"))
			h.inList()
			h.key("c")
			h.waitFor(`document.querySelector("#toast:popover-open")?.textContent === "Link copied"`)
			h.took("copy the address", 1, 0)
			copied := get(h.tab, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
			other := h.another(desktop)
			other.signIn(copied, tomas)
			other.waitFor(`document.querySelector(".users-table tbody a.name")`)
			for _, seen := range []string{
				`location.href`, `document.querySelector("h1").textContent.trim()`, `document.getElementById("users-query").value`,
				`[...document.querySelectorAll(".users-table tbody tr")].map(r => r.id).join()`,
				`[...document.querySelectorAll(".chip[aria-current]")].map(c => c.textContent.trim()).join()`,
				`document.querySelector("th[aria-sort]").textContent.trim() + document.querySelector("th[aria-sort]").ariaSort`,
			} {
				if mine := h.ask(seen); mine == "" {
					h.t.Errorf("nothing to compare: %s", seen)
				} else {
					other.want("what the colleague sees: "+seen, seen, mine)
				}
			}
		}},
		{"no license, guest, synced, deleted", func(h *hand) {
			for _, which := range []struct{ what, chip, every string }{
				{"no license", `.chip[href*="license=none"]`, `r => r.textContent.includes("Unlicensed")`},
				{"guest", `.chip[href*="guest=yes"]`, `r => r.querySelector(".pill")?.textContent === "Guest"`},
				{"synced", `.chip[href*="synced=yes"]`, `r => r.querySelector("td:last-child time, td time")`},
			} {
				h.open(list)
				h.waitFor(`document.readyState === "complete" && document.querySelector(` + quote(which.chip) + `)`)
				count := h.ask(`document.querySelector(` + quote(which.chip+` b`) + `).textContent`)
				h.points(which.chip)
				h.waitFor(`document.querySelector(` + quote(which.chip+`[aria-current], .chip[aria-current]`) + `)`)
				h.want(which.what+": how many", `document.querySelector(".tally").textContent.split(" ")[0]`, count)
				h.want(which.what+": who", `[...document.querySelectorAll(".users-table tbody tr")].length > 0 && [...document.querySelectorAll(".users-table tbody tr")].every(`+which.every+`)`, "true")
				h.took("who is it: "+which.what, 0, 1)
			}
			h.open(list)
			h.points(`.tabs a[href$="/users/deleted"]`)
			h.waitFor(`location.pathname.endsWith("/users/deleted") && document.readyState === "complete"`)
			h.took("who is deleted", 0, 1)
		}},
		{"how many seats are free", func(h *hand) {
			h.open(list)
			h.inList()
			h.key("gl")
			h.waitFor(`location.pathname === "/customers/` + users118 + `/licenses" && document.querySelector(".metrics")`)
			h.took("seats", 2, 0)
			h.want("at a glance", `[...document.querySelectorAll(".metrics dt")].filter(e => ["Seats owned", "Assigned", "Free"].includes(e.textContent) && e.parentElement.querySelector("dd").getBoundingClientRect().bottom < innerHeight).length`, "3")
			h.want("the first products, too", `document.querySelector("#licenses-results tbody tr").getBoundingClientRect().bottom < innerHeight`, "true")
		}},
		{"the list into Excel", func(h *hand) {
			dir := h.downloads()
			h.openRead(d.users(users118, "q=an&sort=-name"))
			shown := h.ask(`[...document.querySelectorAll(".users-table tbody a.name")].map(a => a.matches(".unset") ? "" : a.textContent.trim()).join("|")`)
			h.points(`#export-place > .split > a`)
			file := h.comes(dir, `adatum\.example-users-`+aMinute+`\.xlsx`)
			h.took("a workbook", 0, 1)
			book, err := excelize.OpenReader(strings.NewReader(string(file)))
			if err != nil {
				h.t.Fatal(err)
			}
			rows, err := book.GetRows("Users")
			if err != nil || len(rows) < 2 {
				h.t.Fatalf("%d rows, %v", len(rows), err)
			}
			var names []string
			for _, r := range rows[1:] {
				names = append(names, r[0])
			}
			if got := strings.Join(names[:min(50, len(names))], "|"); got != shown {
				h.t.Errorf("the file has\n%s\nthe page shows\n%s", got, shown)
			}
			h.want("as many", `document.querySelector(".tally").textContent.split(" ")[0]`, strconv.Itoa(len(names)))
		}},
	} {
		t.Run(s.name, func(t *testing.T) { s.do(&hand{tab: b.in(t)}) })
	}
}

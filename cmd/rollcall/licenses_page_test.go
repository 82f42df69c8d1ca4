package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// page is the address of one of a customer's pages.
func (d *demo) page(customerID, page string) string {
	return d.url + "/customers/" + customerID + "/" + page
}

// looksRight holds the page as it is to axe and to narrow windows, and keeps a
// picture of it for each screen and theme.
func (b *tab) looksRight(axe *axe, name string) {
	b.t.Helper()
	for _, s := range screens {
		b.wear(s)
		if keepsPictures() {
			b.do(nextFrame)
			b.shoot(name + "-" + s.String())
		}
		if s.width != 960 {
			axe.check(b, s)
		}
	}
	b.reflows()
	b.wear(desktop)
}

// scriptOnAndOff runs the test for a browser that runs our script and for one
// that does not.
func scriptOnAndOff(t *testing.T, run func(t *testing.T, s screen)) {
	for name, s := range map[string]screen{
		"with script":    desktop,
		"without script": {width: desktop.width, height: desktop.height, scriptOff: true},
	} {
		t.Run(name, func(t *testing.T) { run(t, s) })
	}
}

// product is a row of the licenses page, by its part number.
func product(partNumber string) string {
	return `[...document.querySelectorAll(".licenses-table tbody tr")].find(r => r.querySelector("small bdi").textContent === ` + quote(partNumber) + `)`
}

// TestLicenses answers "how many seats are free, where do we pay for nothing?"
// at a glance, from the users page by two keys or a click.
func TestLicenses(t *testing.T) {
	t.Parallel()
	scriptOnAndOff(t, func(t *testing.T, s screen) {
		d := theDemo(t)
		b := openTab(t, s)
		b.signIn(d.users(emulator.ContosoID, ""), priya)
		b.waitFor(rowsShown + " > 0")
		if s.scriptOff {
			b.clickAndLoad(`.tabs [data-go="l"]`)
		} else {
			b.inList()
			b.keys("gl")
		}
		b.waitFor(`location.pathname === "/customers/` + emulator.ContosoID + `/licenses" && document.querySelectorAll(".licenses-table tbody tr").length === 13`)
		if got := get(b, chromedp.Title()); got != "Contoso Deutschland GmbH & Co. KG · Licenses · Rollcall" {
			t.Errorf("title %q", got)
		}
		b.want("this page's tab", `document.querySelector(".tabs [aria-current=page]").textContent.replace(/\s+/g, " ").trim()`, "Licenses 13")
		b.want("the users' tab", `document.querySelector(".tabs [data-go=u]").textContent.replace(/\s+/g, " ").trim()`, "Users 412")

		// Warnings first: what is over, then what is in grace.
		b.want("the first states", `[...document.querySelectorAll(".licenses-table tbody tr")].slice(0, 4).map(r => r.querySelector(".status").textContent).join(", ")`,
			"1 over, 1 over, 15 in grace, 5 in grace")
		// The totals are those of the rows, without what is for the whole tenant.
		b.want("free, over and owned", `(() => {
			let free = 0, over = 0, owned = 0;
			for (const row of document.querySelectorAll(".licenses-table tbody tr:has(a.name)")) {
				const [assigned, seats, left] = [...row.querySelectorAll("td.num")].map(c => parseInt(c.querySelector("span:not(.cell-label), b").textContent.replace(",", "")));
				owned += seats;
				seats >= assigned ? free += seats - assigned : over += assigned - seats;
			}
			return ["Free", "Over", "Seats owned"].map((name, i) => {
				const metric = [...document.querySelectorAll(".metrics dt")].find(dt => dt.textContent === name).nextElementSibling;
				return parseInt(metric.textContent) === [free, over, owned][i];
			}).join(" ");
		})()`, "true true true")
		b.want("a product without users", product("CDS_DB_CAPACITY")+`.querySelector("a")`, "null")
		b.reads("For the whole tenant, not assigned to users", "since 1 ")

		// Parts of a bar are told apart without colour.
		b.want("what is over is hatched", `getComputedStyle(`+product("EXCHANGESTANDARD")+`.querySelector(".seatbar .over")).fill.includes("#hatch") && !!document.querySelector("svg pattern#hatch path")`, "true")
		b.want("what is in grace is dotted", `getComputedStyle(`+product("DYN365_ENTERPRISE_SALES")+`.querySelector(".seatbar .grace")).fill.includes("#dots") && !!document.querySelector("svg pattern#dots circle")`, "true")

		// Where most is paid for nothing.
		if s.scriptOff {
			b.ask(`document.getElementById("licenses-sort").value = "-free"`)
			b.clickAndLoad("#licenses-search .button")
		} else {
			b.do(chromedp.SetValue(chromedp.CSS("#licenses-sort"), "-free"))
			b.ask(`(document.getElementById("licenses-sort").focus(), document.getElementById("licenses-sort").dispatchEvent(new Event("change", {bubbles: true})))`)
		}
		b.waitFor(`location.search === "?sort=-free" && document.querySelector(".licenses-table [aria-sort=descending]")?.textContent.includes("Free")`)
		free := `[...document.querySelectorAll(".licenses-table tbody tr:has(a.name)")].map(r => r.querySelector("td.num b").textContent)`
		b.want("most free first", free+`.every((n, i, all) => !i || (parseInt(all[i-1]) >= parseInt(n)) || n.includes("over"))`, "true")
		if !s.scriptOff {
			b.want("focus stays", focused, "licenses-sort")
		}
		b.swap(s, `.licenses-table thead th a`)
		b.waitFor(`location.search === "?sort=name" && document.querySelector(".licenses-table [aria-sort=ascending]")`)

		// Service plans, and who has it.
		b.click(`.licenses-table tbody tr:first-child summary`)
		b.waitFor(`document.querySelector(".licenses-table details[open] li").checkVisibility()`)
		name := b.text(`.licenses-table tbody tr:nth-child(3) a.name`)
		b.clickAndLoad(`.licenses-table tbody tr:nth-child(3) a.name`)
		b.waitFor(`/\/users\?license=[0-9a-f-]{36}$/.test(location.href)`)
		if name == "" {
			t.Error("a product without a name")
		}

		// An address that is none is put right.
		b.open(d.page(emulator.ContosoID, "licenses?sort=price&x=1"))
		if at := b.location(); at != d.page(emulator.ContosoID, "licenses") {
			t.Errorf("put right to %s", at)
		}
		b.open(d.page(emulator.ContosoDomain, "licenses?sort=-free"))
		if at := b.location(); at != d.page(emulator.ContosoID, "licenses?sort=-free") {
			t.Errorf("by the domain one gets to %s", at)
		}
	})
}

// TestLicensesStates brings about every state of the page, and looks at it.
func TestLicensesStates(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.page(emulator.ContosoID, "licenses"), priya)
	b.waitFor(`document.querySelector(".licenses-table")`)
	b.looksRight(axe, "many")

	// The first answer takes its time: a skeleton, then the products by themselves.
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Latency: 10 * time.Second})
	b.open(d.page(users118, "licenses"))
	b.reads("Being read")
	b.looksRight(axe, "loading")
	d.emulator.ClearFaults()
	b.open(d.page(users51, "licenses"))
	b.waitFor(`document.querySelector(".licenses-table tbody tr")`)

	// Read anew behind what is shown: the rows stay until they are asked for.
	b.open(d.page(emulator.ContosoID, "licenses"))
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Latency: 10 * time.Second})
	b.clickAndLoad(`[data-key="r"]`)
	b.reads("reading again")
	b.want("rows meanwhile", `document.querySelectorAll(".licenses-table tbody tr").length`, "13")
	d.emulator.ClearFaults()

	b.open(d.page(emulator.EmptyCustomerID, "licenses"))
	b.reads("Munson's Pickles and Preserves Farm has no licenses")
	b.looksRight(axe, "none")
	b.open(d.page(users1200, "licenses")) // a school
	b.want("what is of Minecraft", product("MEE_STUDENT")+`.querySelector(".pill").textContent`, "Minecraft")
	b.want("it has no service plans", product("MEE_STUDENT")+`.querySelectorAll("details").length`, "0")
	b.open(d.page(emulator.HostileCustomerID, "licenses"))
	b.waitFor(`document.querySelector(".licenses-table")`)
	b.looksRight(axe, "hostile")

	// Refused: in the words of the users page, with the way to what is not.
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Status: http.StatusForbidden, Code: 2032})
	b.open(d.page(users31, "licenses"))
	b.reads("You can't see licenses at Southridge Video.", "This needs the role Directory Readers there.", "Whoever manages admin relationships at Fabrikam Cloud Services can give it.", "Copy a request")
	b.looksRight(axe, "role missing")
	b.clickAndLoad(`.tabs [data-go="u"]`)
	b.waitFor(rowsShown + " === 31")
	d.emulator.ClearFaults()
	b.open(d.page(emulator.DepartedCustomerID, "licenses"))
	b.reads("No customer of yours has this ID.")
	b.want("a customer that is not told", `document.querySelectorAll(".tabs").length`, "0")

	// Down: what was read stays, and says so.
	b.open(d.page(users99, "licenses"))
	b.waitFor(`document.querySelector(".licenses-table tbody tr")`)
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers", Status: http.StatusServiceUnavailable})
	b.clickAndLoad(`[data-key="r"]`)
	b.reads("Reading seats anew failed", "What you see is as read at", "Try again", "Correlation ID")
	b.want("rows when it is down", `document.querySelectorAll(".licenses-table tbody tr").length > 0`, "true")
	b.looksRight(axe, "down, with rows")
	b.open(d.page(users500, "licenses"))
	b.reads("Partner Center didn't answer.", "The licenses can't be shown.", "Try again")
	d.emulator.ClearFaults()

	// Sharing mode: no way to the others' names.
	b.open(d.page(emulator.ContosoID, "licenses"))
	b.click(`button[popovertarget="me"]`)
	b.clickAndLoad(`#me form[action="/sharing"] button`)
	b.reads("Sharing mode.", "Seats owned")
	b.want("the crumb to all customers", `document.querySelectorAll(".crumbs").length`, "0")
	if strings.Contains(b.text("main"), "Adatum") {
		t.Error("another customer is named")
	}
}

// TestSeatsCompared: the page never reads licenses of users itself, but says
// what those that were read for the list of users come to.
func TestSeatsCompared(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	b.signIn(d.page(users31, "licenses"), priya)
	b.waitFor(`document.querySelector(".licenses-table")`)
	for _, call := range d.emulator.Calls() {
		if strings.HasSuffix(call.Path, "/licenses") || strings.HasSuffix(call.Path, "/users") {
			t.Errorf("the page asks for %s", call.Path)
		}
	}
	b.want("compared with nothing", `document.body.textContent.includes("Compared with")`, "false")

	b.open(d.users(users31, ""))
	b.openUntil(d.page(users31, "licenses"), `document.body.textContent.includes("Compared with the licenses of all 31 users")`)
	b.want("what differs", `[...document.querySelectorAll(".licenses-table .c-bar")].filter(c => c.textContent.includes("Found on")).length`, "0")
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// contosoUser is one of Contoso's written users, by number.
func contosoUser(n string) string {
	return "c0a70500-0000-4000-8000-" + strings.Repeat("0", 12-len(n)) + n
}

// TestCompare: "why does she have what he has not?"
func TestCompare(t *testing.T) {
	t.Parallel()
	scriptOnAndOff(t, func(t *testing.T, s screen) {
		d := theDemo(t)
		b := openTab(t, s)
		one := d.page(emulator.ContosoID, "users/"+contosoUser("1"))
		b.signIn(one, priya)
		name := b.text("h1")

		// Find a colleague.
		b.click("#compare-query")
		b.keys("mull")
		if s.scriptOff {
			b.do(chromedp.Submit(chromedp.CSS("#compare-form")))
		}
		b.waitFor(`document.querySelectorAll("#compare-results a").length > 1`)
		b.want("the hits", `[...document.querySelectorAll("#compare-results a")].every(a => /mull|müll/i.test(a.textContent))`, "true")
		colleague := b.text("#compare-results li:first-child .name")
		b.clickAndLoad("#compare-results li:first-child a")
		b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(name+" and "+colleague))
		if got := get(b, chromedp.Title()); got != "Contoso Deutschland GmbH & Co. KG · "+name+" and "+colleague+" · Rollcall" {
			t.Errorf("title %q", got)
		}
		compared := b.location()

		// What differs differs, what is the same is the same.
		cells := func(table string) string {
			return `[...document.querySelectorAll("[aria-labelledby=` + table + `-caption] tbody tr")].map(r => [...r.querySelectorAll("td")].map(c => c.lastElementChild.textContent.trim()))`
		}
		b.want("differences", cells("different")+`.every(([left, right]) => left !== right)`, "true")
		b.want("there are some", cells("different")+`.length > 0 && document.querySelector("#different-title").textContent.startsWith(`+cells("different")+`.length + " difference")`, "true")
		b.click("main details summary")
		b.want("the same", cells("same")+`.length > 0 && `+cells("same")+`.every(([left, right]) => left === right)`, "true")

		// It says what their own pages say.
		licenses := b.licensesOf(one)
		b.open(compared)
		b.want("licenses compared", `[...document.querySelectorAll("tbody tr")].filter(r => r.querySelector("small").textContent.startsWith("License")).filter(r => r.querySelectorAll("td")[0].textContent.includes("Assigned")).length`, licenses)

		// The other way round.
		b.clickAndLoad(`.page-actions a[href*="compare="]`)
		b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(colleague+" and "+name))
		b.clickAndLoad(`.compare-table thead th:nth-child(3) a`)
		b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(name) + ` && location.href === ` + quote(one))

		// Who can't be compared with.
		for _, tt := range []struct{ compare, words string }{
			{contosoUser("1"), "That is the same user. Choose somebody else."},
			{"11111111-2222-4333-8444-555555555555", "No user of Contoso Deutschland GmbH & Co. KG has this ID. They may have been deleted."},
			{"zzzzz", "No user of Contoso Deutschland GmbH & Co. KG matches “zzzzz”."},
		} {
			b.open(one + "?compare=" + tt.compare)
			b.reads(name, tt.words, "Licenses")
			b.want("what was asked is kept", `document.getElementById("compare-query").value`, tt.compare)
		}
		// One spelling of the address.
		b.open(one + "?compare=")
		b.want("nobody asked for", `location.href`, one)
		b.open(one + "?x=1&compare=" + strings.ToUpper(contosoUser("2")))
		b.want("an ID in capitals", `location.href`, one+"?compare="+contosoUser("2"))
		b.open(one + "?compare=j.mueller@contoso.example")
		b.waitFor(`/compare=[0-9a-f-]{36}$/.test(location.href)`)
	})
}

// licensesOf is how many licenses the user's page shows.
func (b *tab) licensesOf(address string) string {
	b.t.Helper()
	b.open(address)
	return b.text("#licenses-title ~ .count")
}

// TestCompareStates brings about every state of the page, and looks at it.
func TestCompareStates(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	both := d.page(emulator.ContosoID, "users/"+contosoUser("1")+"?compare="+contosoUser("2"))
	b.signIn(both, priya)
	b.waitFor(`document.querySelector(".compare-table")`)
	b.looksRight(axe, "two")
	b.open(d.page(emulator.ContosoID, "users/"+contosoUser("1")+"?compare=mu"))
	b.waitFor(`document.querySelector("#compare-results a")`)
	b.looksRight(axe, "find")
	b.open(d.page(emulator.HostileCustomerID, "users/badba5e0-0000-4000-8000-000000000001?compare=badba5e0-0000-4000-8000-000000000007"))
	b.waitFor(`document.querySelector(".compare-table")`)
	b.looksRight(axe, "hostile")

	// Licenses withheld: left out and said, never taken for none.
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusForbidden, Code: 2032})
	b.open(both)
	b.reads("Licenses aren't compared", "This needs the role Directory Readers there.")
	b.want("licenses in the table", `[...document.querySelectorAll("tbody small")].filter(s => /License|plan/.test(s.textContent)).length`, "0")
	b.looksRight(axe, "withheld")
	d.emulator.ClearFaults()

	// Down: the lists have what they have.
	b.open(d.users(emulator.ContosoID, ""))
	b.waitFor(rowsShown + " > 0")
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers", Status: http.StatusServiceUnavailable})
	b.open(both)
	b.reads("Partner Center doesn't answer", "Licenses and roles can't be compared.")
	b.looksRight(axe, "stale")
}

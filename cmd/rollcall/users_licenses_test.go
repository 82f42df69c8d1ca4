package main

import (
	"fmt"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	pendingShown = `document.querySelectorAll("#selection [data-unread]").length`
	licensesSay  = `[...document.querySelectorAll(".ages span")].map(s => s.textContent.replace(/\s+/g, " ").trim()).find(t => t.startsWith("Licenses"))`
)

// TestLicensesOfUsers: rows are there first, their licenses come into the
// cells without anything moving; a person stops that and has it go on; chips
// and filters narrow the list by them.
func TestLicensesOfUsers(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.pace = 1200 })
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, priya)
	b.open(d.users(emulator.ContosoID, ""))
	b.waitFor(rowsShown + " === 50")
	b.ask(`(window.moved = 0, new PerformanceObserver(l => { for (const e of l.getEntries()) window.moved += e.value }).observe({type: "layout-shift"}))`)
	b.ask(`document.querySelector(".users-table tbody tr:nth-child(5) a.name").focus()`)
	b.waitFor(pendingShown + " === 0")
	b.want("focus while cells were filled", `document.activeElement === document.querySelector(".users-table tbody tr:nth-child(5) a.name")`, "true")
	b.want("what moved while cells were filled", `window.moved < 0.001`, "true")
	b.waitFor(`document.querySelectorAll(".users-table .licenses .pill").length > 20`)

	// Stopped, and on again; the chip says over how many it counts.
	b.clickAndLoad("#licenses-stop")
	b.waitFor(`document.getElementById("licenses-on")`)
	b.waitFor(`/^Unlicensed \d+ of \d+ read$/.test([...document.querySelectorAll(".chip")].map(c => c.textContent.replace(/\s+/g, " ").trim()).find(t => t.startsWith("Unlicensed")))`)
	axe.check(b, desktop)
	b.picture("stopped")
	b.clickAndLoad("#licenses-on")
	b.waitFor(licensesSay + `?.startsWith("Licenses: 412 of 412 read, ")`)

	// Unlicensed: a chip. A product: a filter that is loaded when it is opened.
	b.click(`.chip[href*="license=none"]`)
	b.waitFor(`location.search === "?license=none" && [...document.querySelectorAll(".users-table tbody tr")].every(r => r.textContent.includes("Unlicensed"))`)
	b.click(`.chip[aria-current]`)
	b.waitFor(rowsShown + ` === 50 && location.search === ""`)
	b.click("#filter-license-button")
	b.waitFor(`document.querySelector("#filter-license:popover-open .menu label")`)
	axe.check(b, desktop)
	b.picture("filter")
	name := b.text("#filter-license .menu li:nth-child(2) bdi")
	b.click("#filter-license .menu li:nth-child(2) input")
	b.click("#filter-license .primary")
	b.waitFor(`/^\?license=[0-9a-f-]{36}$/.test(location.search) && document.querySelector("#filter-license-button[data-state]") && [...document.querySelectorAll(".users-table tbody tr")].every(r => r.textContent.includes(` + quote(name) + `))`)
	b.waitFor(`!document.querySelector(":popover-open")`)
	b.click("#filter-role-button")
	b.waitFor(`document.querySelector("#filter-role:popover-open .menu label")`)
	b.keys("\u001b")
	for _, look := range screens {
		b.wear(look)
		b.open(d.users(emulator.ContosoID, ""))
		b.waitFor(rowsShown + " === 50")
		b.picture(fmt.Sprintf("users-%v", look))
		axe.check(b, look)
	}
	b.reflows()
}

// TestLicensesWithoutScript: the same filter is on a page of its own.
func TestLicensesWithoutScript(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.pace = 100_000 })
	b := openTab(t, screen{width: desktop.width, height: desktop.height, scriptOff: true})
	b.signIn(d.url, priya)
	b.openRead(d.users(emulator.ContosoID, ""))
	b.clickAndLoad("#filter-license-button")
	b.waitFor(`document.querySelectorAll("fieldset#filter-license .menu label").length > 3`)
	b.click("#filter-license .menu li:nth-child(2) input")
	b.clickAndLoad("#filter-license .primary")
	b.waitFor(`/^\?license=[0-9a-f-]{36}$/.test(location.search)`)
}

// TestWithheldColumns: who may not see licenses sees the column nowhere, and why.
func TestWithheldColumns(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, carsten)
	b.open(d.users(emulator.GlobalReaderCustomerID, ""))
	b.waitFor(`document.querySelector(".withheld")?.textContent.includes("Licenses aren't shown")`)
	b.want("heads", `[...document.querySelectorAll(".users-table thead th")].some(h => h.textContent.includes("Licenses"))`, "false")
	axe.check(b, desktop)
	for _, look := range screens {
		b.wear(look)
		b.picture(fmt.Sprintf("withheld-%v", look))
	}
}

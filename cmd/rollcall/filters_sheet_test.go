package main

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestFiltersSheet filters on a phone, where filters and tools are a sheet
// behind one button, which says how many are set; with script and without.
func TestFiltersSheet(t *testing.T) {
	t.Parallel()
	const button = "#users-refine-button"
	d := theDemo(t)
	b := openTab(t, phone)
	axe := theAxe(t)
	list := d.users(emulator.ContosoID, "")
	b.signIn(list, priya)
	b.openRead(list)
	b.want("with nothing set", `document.querySelector("`+button+`").textContent.trim()`, "Filters")
	b.want("the filters, before they are asked for", `document.querySelector("#filter-domain-button").checkVisibility()`, "false")

	b.click(button)
	b.waitFor(`document.querySelector("#users-refine:popover-open #filter-license-button").checkVisibility()`)
	b.want("what a tool is called", `getComputedStyle(document.querySelector("#tool-columns"), "::after").content`, `"Columns"`)
	axe.check(b, phone)
	b.picture("sheet")
	b.keys("\u001b")
	b.waitFor(`!document.querySelector(":popover-open")`)
	b.want("focus, the sheet being closed", focused, "users-refine-button")

	// One sheet over the other; both go with Apply, and the button counts.
	b.click(button)
	b.click("#filter-domain-button")
	b.click(`#filter-domain:popover-open .menu label`)
	b.want("what is chosen from", `document.querySelector("#filter-domain h2").innerText`, "Domain")
	axe.check(b, phone)
	b.picture("domains")
	b.click("#filter-domain .primary")
	b.waitFor(`location.search.startsWith("?domain=") && !document.querySelector(":popover-open")`)
	b.waitFor(`document.querySelector("` + button + `[data-state=on] b")?.firstChild.data === "1"`)
	b.want("focus, the filter being set", focused, "users-refine-button")
	filtered := b.location()
	b.click(button)
	b.click("#tool-columns")
	b.waitFor(`document.querySelector("#users-panel:popover-open .pickrow")`)
	axe.check(b, phone)
	b.keys("\u001b")
	b.waitFor(`document.querySelector("#users-refine:popover-open") && !document.querySelector("#users-panel:popover-open")`)
	b.want("focus, the columns being closed", focused, "tool-columns")
	b.reflows()

	// A desk has room for them.
	b.wear(desktop)
	b.open(filtered)
	b.want("the button on a desk", `document.querySelector("`+button+`").checkVisibility()`, "false")
	b.want("the filters on a desk", `document.querySelector("#filter-domain-button[data-state=on]").checkVisibility()`, "true")

	b.wear(screen{width: phone.width, height: phone.height, touch: true, scriptOff: true})
	b.open(list)
	b.click(button) // a popover needs no script
	b.clickAndLoad("#filter-location-button")
	b.waitFor(`document.querySelector("#filter-location .menu label").checkVisibility() && !document.querySelector("` + button + `")`)
	b.click("#filter-location .menu label:has(input:not([value=none]))") // that one is a chip's
	b.clickAndLoad("#filter-location .primary")
	b.waitFor(`location.search.startsWith("?location=") && document.querySelector("` + button + ` b").firstChild.data === "1"`)
}

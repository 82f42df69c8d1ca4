package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const ticksShown = `document.querySelectorAll(".users-table tbody .pick :checked").length`

// selectedSays is what the bulk bar counts.
const selectedSays = `document.querySelector(".bulkbar .tally")?.textContent.trim()`

// picture keeps a picture of the page, if somebody is going to look at them.
func (b *tab) picture(name string) {
	b.t.Helper()
	if keepsPictures() {
		b.shoot(name)
	}
}

// TestSelection ticks with the mouse and with keys, turns the page, searches
// and loads again: what is ticked stays so, on the server.
func TestSelection(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.pace = 10_000 })
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, priya)
	list := d.users(emulator.ContosoID, "")
	b.openRead(list)
	b.waitFor(rowsShown + " === 50")

	// A tick, a range, and where the first row was: nothing moved.
	top := b.ask(`document.querySelector(".users-table tbody tr").getBoundingClientRect().top`)
	b.click(".users-table tbody tr:nth-child(2) .pick input")
	b.waitFor(selectedSays + ` === "1 selected"`)
	b.want("the rows' place after the first tick", `document.querySelector(".users-table tbody tr").getBoundingClientRect().top`, top)
	at := b.where(".users-table tbody tr:nth-child(6) .pick input")
	b.do(chromedp.MouseClickXY(at[0], at[1], chromedp.ButtonModifiers(chromedp.ModifierShift)))
	b.waitFor(selectedSays + ` === "5 selected"`)
	b.waitFor(`document.getElementById("announcer").textContent === "5 users selected"`)
	b.want("the page's own box", `document.querySelector("[data-tick-page]").indeterminate`, "true")
	axe.check(b, desktop)
	b.picture("selected")

	// With keys: x here, Shift and x to there, b to the bar and back, a the page, a once more all.
	b.ask(`document.querySelector(".users-table tbody tr:nth-child(10) a.name").focus()`)
	b.keys("x")
	b.waitFor(selectedSays + ` === "6 selected"`)
	b.keys("jj")
	b.keys("X", chromedp.ModifierShift)
	b.waitFor(selectedSays + ` === "8 selected"`)
	b.keys("b")
	b.waitFor(`document.querySelector(".bulkbar").contains(document.activeElement)`)
	b.keys("b")
	b.waitFor(`document.activeElement.closest("tr") === document.querySelector(".users-table tbody tr:nth-child(12)")`)
	b.keys("a")
	b.waitFor(selectedSays + ` === "50 selected"`)
	b.keys("a")
	b.waitFor(selectedSays + ` === "412 selected"`)
	b.want("focus after all were selected", `document.activeElement.matches(".results a.name, .results h2")`, "true")
	b.waitFor(`!document.getElementById("bulk-all")`)

	// Another page, a search, and the page loaded again.
	b.click(".pager a[rel=next]")
	b.waitFor(`location.search === "?page=2" && ` + ticksShown + ` === 50`)
	for _, left := range []string{"411 selected", "412 selected"} { // a box that was pressed obeys all the same
		b.click(".users-table tbody tr:nth-child(2) .pick input")
		b.waitFor(selectedSays + ` === ` + quote(left))
	}
	b.click("#bulk-none")
	b.waitFor(ticksShown + ` === 0 && !document.querySelector(".bulkbar")`)
	b.click(".users-table tbody tr:nth-child(3) .pick input")
	b.waitFor(selectedSays + ` === "1 selected"`)
	name := b.text(".users-table tbody tr:nth-child(3) a.name")
	b.click("#users-query")
	b.keys("a")
	b.waitFor(`location.search === "?q=a" && ` + selectedSays + ` === "1 selected"`)
	b.open(list)
	b.waitFor(selectedSays + ` === "1 selected" && ` + ticksShown + ` === 0`)
	b.click(`.bulkbar a[href*="only=selected"]`)
	b.waitFor(rowsShown + ` === 1 && location.search === "?only=selected"`)
	if got := b.text(".users-table tbody a.name"); got != name {
		t.Errorf("only the selected shows %q, want %q", got, name)
	}

	// Copy UPNs: a panel, and one button.
	b.click("#tool-upns")
	b.waitFor(`document.querySelector("#users-panel:popover-open #selected-names")?.value.trim() === document.querySelector(".users-table tbody .upn").textContent.trim()`)
	axe.check(b, desktop)
	b.picture("upns")
	b.keys("\u001b")
	b.waitFor(`!document.querySelector(":popover-open")`)
	b.want("the selection after Escape", selectedSays, "1 selected")
	for _, look := range screens {
		b.open(list)
		b.wear(look)
		b.waitFor(selectedSays + ` === "1 selected"`)
		b.picture(fmt.Sprintf("selected-%v", look))
		axe.check(b, look)
	}
	b.click("#bulk-none") // what stands at the bottom of a small window
	b.waitFor(`!document.querySelector(".bulkbar")`)
	b.reflows()

	// Above the cards, a box for all of the page; what can be done with them lies over their boxes.
	b.wear(phone)
	b.click(".card-tools [data-tick-page]")
	b.waitFor(selectedSays + ` === "50 selected"`)
	b.want("what of a row lies over the selected's sheet", `(box => { for (let y = box.top + 4; y < box.bottom; y += 8) if (!document.elementFromPoint(box.left + 28, y).closest(".bulkbar")) return y; return ""; })(document.querySelector(".bulkbar").getBoundingClientRect())`, "")
	b.click("#bulk-none")
	b.waitFor(`!document.querySelector(".bulkbar")`)

	// A tick made while the answer to a search is on its way outlasts it.
	b.wear(desktop)
	b.open(list)
	upn := b.text(".users-table tbody tr:nth-child(2) .upn")
	kept := b.keep("*q=*")
	b.click("#users-query")
	b.write(upn)
	letGo := <-kept
	b.click(".users-table tbody tr:nth-child(2) .pick input")
	b.waitFor(selectedSays + ` === "1 selected"`)
	letGo()
	b.waitFor(rowsShown + ` === 1 && ` + searched + ` === ` + quote(upn))
	b.waitFor(selectedSays + ` === "1 selected" && ` + ticksShown + ` === 1`)
}

// TestSelectFromAList pastes a list: found, ambiguous and not found, each of
// which can be resolved; with script and without.
func TestSelectFromAList(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{"with script": desktop, "without script": {width: desktop.width, height: desktop.height, scriptOff: true}} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t, func(o *demoOptions) { o.pace = 10_000 })
			b := openTab(t, s)
			axe := theAxe(t)
			b.signIn(d.url, priya)
			b.openRead(d.users(emulator.ContosoID, "q=a"))
			first, second := b.text(".users-table tbody tr:nth-child(1) .upn"), b.text(".users-table tbody tr:nth-child(2) .upn")
			b.swap(s, "#tool-list")
			b.click("#list-entries")
			b.keys(first + ";Nobody Here\r" + second)
			b.clickAndLoad(`button[value="list"]`)
			b.waitFor(`document.querySelector("#found-title")?.textContent.trim() === "2 users found"`)
			b.waitFor(`document.querySelector("#missing-title").textContent.trim() === "1 entry not found"`)
			b.want("what can be corrected", `document.getElementById("list-entries").value`, "Nobody Here")
			if !s.scriptOff {
				axe.check(b, s)
				b.picture("list")
			}
			b.clickAndLoad(`button[value="add"]`)
			b.waitFor(selectedSays + ` === "2 selected"`)
			if at := b.location(); at != d.users(emulator.ContosoID, "q=a") {
				t.Errorf("back at %s", at)
			}
			if s.scriptOff { // untick one and keep the ticks
				b.click(".users-table tbody tr:nth-child(1) .pick input")
				b.clickAndLoad(`button[form="selection"]`)
				b.waitFor(selectedSays + ` === "1 selected"`)
				b.clickAndLoad("#bulk-none")
				b.waitFor(`!document.querySelector(".bulkbar")`)
			}
		})
	}
}

package main

import (
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// ownCopies counts the pairs of buttons that copy what their own row says.
const ownCopies = `[...document.querySelectorAll(".row-copy")].filter(e => e.firstChild.dataset.copy === e.closest("tr").querySelector(".upn").textContent && e.lastChild.dataset.copy === e.closest("tr").id.slice(2)).length`

// TestCopyOneValue copies a user's UPN and ID from the list with one button or
// one letter, and from their page; and goes to their licenses with one letter.
func TestCopyOneValue(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	list := d.users(emulator.ContosoID, "")
	b.signIn(list, priya)
	b.openRead(list)
	b.allowClipboard(d.url)
	upn := b.ask(`document.querySelector(".users-table tbody tr:nth-child(3) .upn").textContent`)
	id := b.ask(`document.querySelector(".users-table tbody tr:nth-child(3)").id.slice(2)`)
	elements := b.ask(`document.querySelectorAll("tbody *").length`)

	// Under the mouse: one pair of buttons, in this row alone, and nothing moves.
	height := b.ask(`document.querySelector("tbody").getBoundingClientRect().height`)
	at := b.where(".users-table tbody tr:nth-child(3) a.name")
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	b.waitFor(`document.querySelectorAll(".row-copy").length === 1 && document.querySelector("tr:nth-child(3) .row-copy")`)
	b.want("the height of the rows", `document.querySelector("tbody").getBoundingClientRect().height`, height)
	b.want("what the middle of the name's cell opens", `(box => document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2).closest("a.name, button")?.className)(document.querySelector("tr:nth-child(3) th").getBoundingClientRect())`, "name")
	axe.check(b, desktop)
	b.picture("row")
	b.click(`.row-copy [aria-label="Copy UPN"]`)
	b.copied("UPN", upn)
	b.click(`.row-copy [aria-label="Copy ID"]`)
	b.copied("ID", id)
	b.want("the page after that", `location.href`, list)

	// With the focus, in the order of Tab; the answer to a search takes it away.
	b.ask(`document.querySelector(".users-table tbody tr:nth-child(5) a.name").focus()`)
	b.waitFor(`document.querySelector("tr:nth-child(5) .row-copy")`)
	b.keys("\t")
	b.want("after Tab", `document.activeElement.ariaLabel`, "Copy UPN")
	b.click("#users-query")
	b.keys(upn)
	b.waitFor(rowsShown + ` === 1 && document.querySelector(".users-table .upn").textContent === ` + quote(upn))
	b.want("buttons left of a row that went", `document.querySelectorAll(".row-copy").length`, "0")
	at = b.where(".users-table tbody tr:first-child a.name")
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	b.waitFor(ownCopies + ` === 1`)
	b.press("a", chromedp.ModifierCtrl)
	b.keys("ag") // other users in the rows, and the mouse at rest over one of them
	b.waitFor(rowsShown + ` > 5 && ` + searched + ` === "ag"`)
	b.want("buttons that copy another's values", `document.querySelectorAll(".row-copy").length - `+ownCopies, "0")
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0]+1, at[1]))
	b.waitFor(`document.querySelector("tr:first-child .row-copy") && ` + ownCopies + ` === 1`)
	b.open(list)
	b.want("what there is of them, before it is asked for", `document.querySelectorAll("tbody *").length`, elements)

	// With a letter, on the row and on the user's page.
	b.ask(`document.querySelector(".users-table tbody tr:nth-child(3) a.name").focus()`)
	b.keys("y")
	b.copied("UPN", upn)
	b.keys("i")
	b.copied("ID", id)
	b.keys("l")
	b.waitFor(`location.hash === "#licenses-title" && document.activeElement?.id === "licenses-title"`)
	b.keys("y")
	b.copied("", upn)
	b.keys("i")
	b.copied("", id)
	b.ask(`document.querySelector("h1").focus()`)
	b.keys("l")
	b.want("l on the page", focused, "licenses-title")
	b.back()
	b.waitFor(`document.activeElement.matches(".users-table tbody tr:nth-child(3) a.name")`)

	// On a row that is no user's, and on one of a deleted user's, it does nothing.
	for _, address := range []string{d.url + "/customers", d.page(emulator.ContosoID, "users/deleted")} {
		b.open(address)
		b.ask(`document.querySelector(".results tbody a.name").focus()`)
		b.ask(`window.stays = true, addEventListener("beforeunload", () => window.stays = false)`)
		b.keys("l")
		b.want("on the page still, after l in a row of "+address, `window.stays`, "true")
	}
	b.open(list)
	b.ask(`document.querySelector(".users-table tbody tr:nth-child(3) a.name").focus()`)

	// The user is read again with the letter that reads a list again.
	b.keys(kb.Enter)
	b.waitFor(`document.getElementById("licenses-title")`)
	b.ask(`window.before = document.querySelector("h1").focus() ?? true`)
	b.keys("r")
	b.waitFor(`!window.before && document.getElementById("licenses-title")`)
}

// copied waits until a text can be pasted, and where what it is is told, until
// that is said.
func (b *tab) copied(what, text string) {
	b.t.Helper()
	if what != "" {
		b.waitFor(`document.querySelector("#toast:popover-open")?.textContent === ` + quote(what+" copied"))
	}
	b.waitFor(`navigator.clipboard.readText().then(text => window.pasted = text), window.pasted === ` + quote(text))
}

// allowClipboard lets pages of the origin write to the clipboard, and the test read it.
func (b *tab) allowClipboard(origin string) {
	b.t.Helper()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		if _, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: "granted", Origin: origin}); err != nil {
			b.t.Fatal(err)
		}
	}
}

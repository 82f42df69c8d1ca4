package main

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// A view's name in each script, and one that would be markup if it were let.
const (
	hostileView = `<b>Gäste</b> & "x"`
	arabicView  = "مستخدمون بلا موقع"
)

// TestSavedViews saves what is shown under a name, opens it, lets a colleague
// open it and start with it, and takes it away again; with script and without.
func TestSavedViews(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{"with script": desktop, "without script": {width: desktop.width, height: desktop.height, scriptOff: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := theDemo(t)
			b := openTab(t, s)
			list := d.users(emulator.ContosoID, "")
			guests, unplaced := d.users(emulator.ContosoID, "guest=yes&sort=-upn"), d.users(emulator.ContosoID, "location=none")

			// Saved for everybody: it says so, and is marked as the one on screen.
			b.signIn(guests, priya)
			b.saveView(s, hostileView, "shared")
			b.waitFor(`location.href === ` + quote(guests))
			b.views(s)
			b.want("the list of views", viewNames, hostileView)
			b.want("its note", viewNotes, "Only this customer, shared with all staff")
			b.want("the one on screen", `document.querySelector(".view [aria-current] bdi").textContent`, hostileView)
			b.want("what its name made", `document.querySelectorAll(".view bdi *").length`, "0")
			if !s.scriptOff {
				theAxe(t).check(b, s)
				b.picture("views")
			}

			// Opened from elsewhere.
			b.open(list)
			b.views(s)
			b.clickAndLoad(".view a")
			b.waitFor(`location.href === ` + quote(guests) + ` && document.querySelector(".chip[aria-current]").textContent.includes("Guest")`)

			// One for this person alone, with which the customer's list opens.
			b.open(unplaced)
			b.saveView(s, arabicView, "default")
			b.open(d.url + "/customers")
			b.clickAndLoad(`#customers-results a.name[href="/customers/` + emulator.ContosoID + `/users"]`)
			b.waitFor(`location.href === ` + quote(unplaced))
			b.views(s)
			b.want("both views", viewNames, hostileView+"|"+arabicView)
			b.want("the default", `document.querySelector(".view:has(.pill) bdi").textContent`, arabicView)
			b.want("how it reads", `getComputedStyle(document.querySelector(".view:has(.pill) bdi")).unicodeBidi + document.querySelector(".view:has(.pill) bdi").matches(":dir(rtl)")`, "isolatetrue")

			// A colleague sees the shared one alone, opens it and starts with it.
			other := b.another(s)
			other.signIn(list, tomas)
			other.views(s)
			other.want("a colleague's views", viewNames, hostileView)
			other.want("whose it is", viewNotes, "Only this customer, shared by Priya Nair")
			other.clickAndLoad(".view a")
			other.waitFor(`location.href === ` + quote(guests))
			other.views(s)
			other.clickAndLoad(`.view button[value="default"]`)
			other.open(list)
			other.waitFor(`location.href === ` + quote(guests))
			other.swap(s, `.chips > a:last-child`) // Clear filters: all users, for once
			other.waitFor(`!document.querySelector(".chip[aria-current]") && location.href !== ` + quote(guests))

			// Another name, and gone: the colleague's list opens as it did.
			b.open(d.url + "/settings#views")
			b.ask(`document.querySelector('#views [name=name][value^="<"]').select()`)
			b.keys("Guests, by UPN")
			b.clickAndLoad(`#views form:has([value^="<"]) [value="rename"]`)
			b.want("renamed", `[...document.querySelectorAll("#views [name=name]")].map(e => e.value).sort().join("|")`, "Guests, by UPN|"+arabicView)
			if !s.scriptOff {
				b.picture("settings")
			}
			b.clickAndLoad(`#views form:has([value^="Guests"]) [value="delete"]`)
			b.want("what is left", `[...document.querySelectorAll("#views [name=name]")].map(e => e.value).join()`, arabicView)
			other.open(list)
			other.want("where a colleague is, the view being gone", `location.href`, list)
			other.views(s)
			other.want("views of the colleague", viewNames, "")
		})
	}
}

const (
	viewNames = `[...document.querySelectorAll(".view bdi")].filter(e => e.closest("a")).map(e => e.textContent).join("|")`
	viewNotes = `[...document.querySelectorAll(".view small")].map(e => e.textContent).join("|")`
)

// views opens the panel of saved views.
func (b *tab) views(s screen) {
	b.t.Helper()
	b.swap(s, "#tool-views")
	b.waitFor(`document.querySelector("#users-panel #view-name")?.checkVisibility()`)
}

// typeView writes a name into the form of a new view.
func (b *tab) typeView(name string) {
	b.t.Helper()
	b.click("#view-name")
	b.ask(`document.getElementById("view-name").select()`)
	b.write(name)
}

// saveView saves what is shown under a name, with a box of the form ticked.
func (b *tab) saveView(s screen, name, tick string) {
	b.t.Helper()
	b.views(s)
	b.typeView(name)
	b.click(`#view-form [name="` + tick + `"]`)
	b.clickAndLoad("#view-form .primary")
}

package main

import (
	"net/url"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestFindPage finds a user across the customers, reads the others, and stops
// that; with script and without.
func TestFindPage(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{
		"with script":    desktop,
		"without script": {width: desktop.width, height: desktop.height, scriptOff: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
			b := openTab(t, s)
			b.signIn(d.url, carsten)
			b.openRead(d.users(users118, ""))
			user := b.text(".users-table tbody tr:first-child .upn")

			b.clickAndLoad(`.topbar a[href="/find"]`)
			b.waitFor(focused + ` === "find-query"`)
			b.keys(user)
			b.clickAndLoad(`#find-search button`)
			b.reads("1 of 63 customers searched", "1 user found at 1 customer", "Exactly this", "Adatum Corporation")
			if at := b.location(); at != d.url+"/find?q="+url.QueryEscape(user) {
				t.Errorf("found at %s", at)
			}

			// The others: what comes meanwhile comes below, until it is all.
			b.open(d.url + "/find?q=an")
			b.clickAndLoad(`.sweep button[value="start"]`)
			first := b.ask(`document.querySelector("#find-painted .find").id`)
			for s.scriptOff && b.ask(`!!document.querySelector('.sweep button[value="stop"]')`) == "true" {
				b.open(b.location()) // Look again
			}
			b.waitFor(`!document.querySelector("#find-status[data-poll]") && !document.querySelector('.sweep button[value="stop"]')`)
			b.reads("All that let you see their users.")
			b.waitFor(`document.querySelectorAll(".find").length > 3`)
			if !s.scriptOff {
				b.want("what was painted first", `document.querySelector(".find").id`, first)
			}
			b.click("#coverage summary")
			b.reads("Refused you (", "Humongous Insurance")
			b.clickAndLoad(`.find .name`)
			b.waitFor(`/^.customers.[0-9a-f-]{36}.users.[0-9a-f-]{36}$/.test(location.pathname)`)
		})
	}
}

// TestFindStops: a sweep is stopped by who began it; the palette leads here.
func TestFindStops(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, priya)
	b.open(d.url + "/help")
	b.click(`.topbar .jump`)
	b.waitFor(`document.activeElement.id === "jump-q"`)
	b.keys("zzz")
	b.click(`#jump-results a[href="/find?q=zzz"]`)
	b.waitFor(`location.pathname + location.search === "/find?q=zzz"`)
	b.reads("No user matches “zzz”", "The users of no customer are held now")
	b.faults("slow")
	b.openRead(d.users(users12, ""))
	b.open(d.url + "/find?q=an")
	b.clickAndLoad(`.sweep button[value="start"]`)
	b.reads("of the other", "done")
	for _, look := range screens {
		b.wear(look)
		axe.check(b, look)
		if keepsPictures() {
			b.shoot("find-sweep-" + look.String())
		}
	}
	b.wear(desktop)
	b.clickAndLoad(`.sweep button[value="stop"]`)
	b.reads("Search the other")
	b.noFaults()
	b.openRead(d.users(emulator.ContosoID, ""))
	b.open(d.url + "/find?q=an")
	for _, look := range screens {
		b.wear(look)
		axe.check(b, look)
		if keepsPictures() {
			b.shoot("find-" + look.String())
		}
	}
	b.reflows()
}

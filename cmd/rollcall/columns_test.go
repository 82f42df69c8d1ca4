package main

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestColumns chooses and moves columns, in the address and as the person's
// default; with script and without.
func TestColumns(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{"with script": desktop, "without script": {width: desktop.width, height: desktop.height, scriptOff: true}} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t, func(o *demoOptions) { o.pace = 100_000 })
			b := openTab(t, s)
			axe := theAxe(t)
			heads := `[...document.querySelectorAll(".users-table thead th")].slice(1).map(h => h.textContent.trim()).join()`
			b.signIn(d.url, priya)
			list := d.users(emulator.ContosoID, "")
			b.openRead(list)
			b.want("the usual columns", heads, "Licenses,Usage location,Domain type,Synced,Roles")
			b.swap(s, "#tool-columns")
			b.waitFor(`document.getElementById("column-phone")`)
			if !s.scriptOff {
				axe.check(b, s)
				b.picture("chooser")
			}
			b.click("#column-licenses input")
			b.click("#column-phone input")
			b.swap(s, "#up-phone")
			b.waitFor(`document.getElementById("column-phone").nextElementSibling?.id === "column-names"`)
			b.want("ticks that were not kept yet", `document.querySelector("#column-phone input").checked && !document.querySelector("#column-licenses input").checked`, "true")
			b.clickAndLoad(`#users-panel .primary`)
			b.waitFor(heads + ` === "Usage location,Domain type,Synced,Roles,Phone"`)
			if at := b.location(); at != list+"?columns=location,domain,synced,roles,phone" {
				t.Errorf("shown at %s", at)
			}

			// As the default: another customer's list has them too, and says so in its address.
			b.swap(s, "#tool-columns")
			b.clickAndLoad(`#users-panel [name="keep"]`)
			b.open(d.users(users118, ""))
			b.waitFor(heads + ` === "Usage location,Domain type,Synced,Roles,Phone"`)
			if at := b.location(); at != d.users(users118, "columns=location,domain,synced,roles,phone") {
				t.Errorf("the default is at %s", at)
			}
		})
	}
}

package main

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// customerPage is the address of one of a customer's pages.
func (d *demo) customerPage(customerID, page string) string {
	return d.url + "/customers/" + customerID + "/" + page
}

// looksRight holds the page as it is to axe and to narrow windows, and keeps a
// picture of it for each screen and theme.
func (b *tab) looksRight(axe *axe, name string) {
	b.t.Helper()
	for _, s := range screens {
		b.wear(s)
		b.do(nextFrame)
		if keepsPictures() {
			b.shoot(name + "-" + s.String())
		}
		axe.check(b, s)
	}
	b.reflows()
	b.wear(desktop)
}

// TestLicensesPage: seats at a glance, what needs a look first, and who has it.
func TestLicensesPage(t *testing.T) {
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.customerPage(emulator.ContosoID, "licenses"), priya)
	b.waitFor(`document.querySelectorAll(".licenses-table tbody tr").length > 5`)
	b.reads("Seats owned", "Assigned", "Free", "what needs a look first", "For the whole tenant, not assigned to users")
	b.looksRight(axe, "licenses")
}

func TestRolesPage(t *testing.T) {
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.customerPage(emulator.ContosoID, "roles"), priya)
	b.waitFor(`document.querySelectorAll(".role-cards .card").length === 4`)
	b.looksRight(axe, "roles")
}

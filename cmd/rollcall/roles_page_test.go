package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const helpdeskRole = "729827e3-9c14-49f7-bb1b-9608f156bbb8"

// TestRoles: who may do what at a customer, under today's names.
func TestRoles(t *testing.T) {
	t.Parallel()
	scriptOnAndOff(t, func(t *testing.T, s screen) {
		d := theDemo(t)
		b := openTab(t, s)
		b.signIn(d.users(emulator.ContosoID, ""), priya)
		b.clickAndLoad(`.tabs a[href$="/roles"]`)
		b.waitFor(`document.querySelectorAll(".role-cards .card").length === 4`)
		b.want("the roles, mightiest first", `[...document.querySelectorAll(".role-cards h3")].map(h => h.textContent).join(", ")`,
			"Global Administrator, User Administrator, Helpdesk Administrator, Service Support Administrator")
		b.reads("“Company Administrator” in Partner Center", "“User Account Administrator” in Partner Center", "4 roles that Partner Center knows")
		b.want("who is told to be privileged, in words", `[...document.querySelectorAll(".role-cards .card")].map(c => c.querySelector("header").textContent.includes("Privileged")).join(" ")`, "true true true false")

		name := b.text(".role-cards .card:nth-child(2) a.name")
		b.clickAndLoad(".role-cards .card:nth-child(2) a.name")
		b.waitFor(`document.querySelector("h1").textContent.trim() === ` + quote(name))
		b.reads("User Administrator")
		b.back()
		b.waitFor(`document.querySelector(".role-cards")`)
		b.clickAndLoad(".role-cards .card:first-child .card-foot a")
		b.waitFor(`location.search === "?role=62e90394-69f5-4237-9190-012177145e10"`)
	})
}

// TestRolesStates brings about every state of the page, and looks at it.
func TestRolesStates(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.page(emulator.ContosoID, "roles"), priya)
	b.waitFor(`document.querySelector(".role-cards")`)
	b.looksRight(axe, "many")
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles", Latency: 10 * time.Second})
	b.open(d.page(users51, "roles"))
	b.reads("Being read")
	b.looksRight(axe, "loading")
	d.emulator.ClearFaults()

	b.open(d.page(emulator.EmptyCustomerID, "roles"))
	b.reads("held by 0 users", "Nobody has this role.")
	b.looksRight(axe, "none")
	b.open(d.page(emulator.HostileCustomerID, "roles"))
	b.waitFor(`document.querySelector(".role-cards")`)
	b.looksRight(axe, "hostile")

	// One list of members fails: that is said, the others are shown.
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles/" + helpdeskRole + "/usermembers", Status: http.StatusForbidden, Code: 2032})
	b.open(d.page(users118, "roles"))
	b.reads("Its members could not be read", "Partner Center refused them.", "Somebody may have this role all the same.", "Correlation ID")
	b.want("cards with members or none", `document.querySelectorAll(".role-cards .card .count").length`, "3")
	b.looksRight(axe, "part")
	d.emulator.ClearFaults()
	b.clickAndLoad(".role-cards .banner form button")
	b.openUntil(d.page(users118, "roles"), `!document.querySelector(".role-cards .banner")`)

	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles", Status: http.StatusForbidden, Code: 2032})
	b.open(d.page(users31, "roles"))
	b.reads("You can't see roles at Southridge Video.", "This needs the role Directory Readers there.")
	b.looksRight(axe, "role missing")
	d.emulator.ClearFaults()

	b.open(d.page(emulator.ContosoID, "roles?page=2"))
	if at := b.location(); at != d.page(emulator.ContosoID, "roles") {
		t.Errorf("put right to %s", at)
	}
	if !strings.HasPrefix(b.text("h1"), "Contoso") {
		t.Errorf("the heading reads %q", b.text("h1"))
	}
}

// openUntil opens the page again and again until the expression is true there.
func (b *tab) openUntil(address, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); b.do(nextFrame) {
		b.open(address)
		if b.ask(`!!(`+expression+`)`) == "true" {
			return
		}
	}
	b.t.Fatalf("never true at %s: %s\n%s", address, expression, b.describe())
}

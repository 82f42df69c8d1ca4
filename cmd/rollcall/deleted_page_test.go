package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestDeleted: who was deleted, how long they can be restored, and by what.
func TestDeleted(t *testing.T) {
	t.Parallel()
	scriptOnAndOff(t, func(t *testing.T, s screen) {
		d := theDemo(t)
		b := openTab(t, s)
		b.signIn(d.users(emulator.ContosoID, ""), priya)
		b.clickAndLoad(`.tabs a[href$="/users/deleted"]`)
		b.waitFor(`document.querySelectorAll(".deleted-table tbody tr").length === 6`)
		b.reads("Deleted users read", "6 deleted users", "gone for good 30 days after deletion")
		left := `[...document.querySelectorAll(".deleted-table tbody .status")].map(s => s.textContent)`
		b.want("fewest days left first", left+`.every((n, i, all) => !i || parseInt(all[i-1]) <= parseInt(n))`, "true")
		b.want("what is pressing is marked, not by colour alone", `[...document.querySelectorAll(".deleted-table tbody .status")].every(s => s.matches(".warn") === (parseInt(s.textContent) < 7) && (getComputedStyle(s, "::before").rotate !== "none") === s.matches(".warn"))`, "true")

		// Search, sort.
		b.click("#users-query")
		b.keys("vogt")
		if s.scriptOff {
			b.do(chromedp.Submit(chromedp.CSS("#users-search")))
		}
		b.waitFor(`location.search === "?q=vogt" && document.querySelectorAll(".deleted-table tbody tr").length === 1`)
		b.reads("1 of 6 deleted users")
		b.swap(s, "#tool-command")
		b.waitFor(`document.querySelector("#users-panel #command-rollcall")`)
		b.want("the line for what is shown", `document.getElementById("command-rollcall").value`, "rollcall users list "+emulator.ContosoID+" --deleted --search vogt --sort deleted")
		if !s.scriptOff {
			b.keys("\u001b")
			b.waitFor(`!document.querySelector(":popover-open")`)
		}
		b.swap(s, `.strip a[href$="/users/deleted"]`)
		b.waitFor(`location.search === "" && document.querySelectorAll(".deleted-table tbody tr").length === 6`)
		b.swap(s, `.deleted-table thead th:first-child a`)
		b.waitFor(`location.search === "?sort=name" && document.querySelector(".deleted-table th:first-child[aria-sort=ascending]")`)
		b.want("by name", `[...document.querySelectorAll(".deleted-table a.name")].map(a => a.textContent.trim()).join(", ")`,
			"Änne-Marie Vogt, Konferenzraum Alster, Piotr Zieliński, Rashid Karimov, Test Account 1, Test Account 2")

		// The link to one who was deleted says so, and how they come back.
		b.clickAndLoad(`.deleted-table tbody tr:nth-child(4) a.name`)
		b.reads("Rashid Karimov", "to restore.", "Licenses usually come back if seats are free; look afterwards.")
		command := b.text(".command code")
		if want := "rollcall users restore " + emulator.ContosoID + " "; !strings.HasPrefix(command, want) || len(command) != len(want)+36 {
			t.Errorf("the command is %q", command)
		}
		b.want("licenses and roles", `document.querySelectorAll("#licenses-title, #roles-title").length`, "0")
		b.want("where g u goes", `document.querySelector("[data-go=u]").pathname.endsWith("/users")`, "true")
		b.clickAndLoad(`.crumbs a[href*="/users/deleted"]`)
		b.waitFor(`location.pathname.endsWith("/users/deleted") && location.search === "?sort=name"`)

		b.open(d.page(emulator.ContosoID, "users/deleted?q=zzz&location=DE"))
		b.reads("No deleted user of Contoso Deutschland GmbH & Co. KG matches “zzz” with Germany", "All 6 deleted users were searched.", "Search users")
		b.clickAndLoad(".blank a:not(.primary)")
		b.waitFor(`location.pathname.endsWith("/users") && location.search === "?q=zzz"`)
	})
}

// TestDeletedStates brings about every state of the page, and looks at it.
func TestDeletedStates(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.page(emulator.ContosoID, "users/deleted"), priya)
	b.waitFor(`document.querySelector(".deleted-table tbody a.name")`)
	b.looksRight(axe, "many")
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: 10 * time.Second})
	b.open(d.page(users118, "users/deleted"))
	b.reads("Reading the first deleted users of Adatum Corporation")
	b.looksRight(axe, "loading")
	d.emulator.ClearFaults()

	// Keys are those of the users page.
	b.open(d.page(emulator.ContosoID, "users/deleted"))
	b.inList()
	b.keys("jj")
	b.want("the second row", focused, "Konferenzraum Alster")
	b.press("\r")
	b.waitFor(`document.querySelector("h1").textContent.trim() === "Konferenzraum Alster"`)
	b.looksRight(axe, "user")
	b.open(d.page(emulator.ContosoID, "users/deleted?q=zzz"))
	b.reads("No deleted user of")
	b.looksRight(axe, "no match")
	b.open(d.page(emulator.HostileCustomerID, "users/deleted"))
	b.reads("Nod Publishers has no deleted users")
	b.looksRight(axe, "none")

	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Status: http.StatusForbidden, Code: 2032})
	b.open(d.page(users31, "users/deleted"))
	b.reads("You can't see users at Southridge Video.", "This needs the role Directory Readers there.")
	d.emulator.ClearFaults()

	b.open(d.page(emulator.ContosoID, "users/deleted"))
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers", Status: http.StatusServiceUnavailable})
	b.clickAndLoad(`[data-key="r"]`)
	b.reads("Reading deleted users anew failed", "What you see is as read at", "Try again")
	b.want("rows when it is down", `document.querySelectorAll(".deleted-table tbody a.name").length`, "6")
}

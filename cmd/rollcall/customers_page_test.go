package main

import (
	"net/url"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestCustomersPage finds customers by what the person did and may see, with
// script and without.
func TestCustomersPage(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{
		"with script":    desktop,
		"without script": {width: desktop.width, height: desktop.height, scriptOff: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t)
			b := openTab(t, s)
			b.signIn(d.url, carsten)
			b.open(d.users(emulator.AdminOnlyCustomerID, "")) // refuses Carsten
			b.reads("You can't see users at Humongous Insurance.")
			b.openRead(d.users(users118, ""))
			b.open(d.url + "/customers?page=99&foo=1")
			b.waitFor(`location.search === "?page=2"`)

			b.open(d.url + "/customers")
			row := `document.getElementById("c-` + users118 + `")`
			b.want("users of who was read", row+`.children[3].innerText.trim()`, "118")
			b.want("users of who was not", `document.getElementById("c-`+emulator.AdminOnlyCustomerID+`").children[3].ariaLabel`, "Not known")
			b.reads("No access when last opened, just now")

			b.swap(s, `.chip[href="/customers?only=no-access"]`)
			b.waitFor(`location.search === "?only=no-access" && document.querySelectorAll(".customers-table tbody tr").length === 1`)
			b.reads("1 of 63 customers", "Humongous Insurance")
			b.swap(s, `.chip[aria-current]`)
			b.waitFor(`location.search === "" && document.querySelectorAll(".customers-table tbody tr").length === 50`)
			b.swap(s, `.chip[href="/customers?only=read"]`)
			b.waitFor(`location.search === "?only=read" && document.querySelectorAll(".customers-table tbody tr").length === 1`)

			// A search keeps the filter, also as a form.
			b.click("#customers-query")
			b.keys("zzz\r")
			b.waitFor(`new URLSearchParams(location.search).get("q") === "zzz" && new URLSearchParams(location.search).get("only") === "read"`)
			b.reads("No customer matches “zzz”", "Only some customers were searched: a filter is set.")
			b.swap(s, `.strip a[href="/customers"]`)
			b.waitFor(`location.search === "" && document.querySelectorAll(".customers-table tbody tr").length === 50`)

			// Cards come back above the table meanwhile, and move its head: no pointer is aimed at it.
			b.ask(`document.querySelector('thead a[href="/customers?sort=-users"]').click()`)
			b.waitFor(`location.search === "?sort=-users" && document.querySelector(".customers-table tbody tr").id === "c-` + users118 + `"`)
			b.want("how it is sorted", `document.querySelectorAll("thead th")[3].ariaSort`, "descending")
		})
	}
}

// TestCustomersLook looks at the page as people have it, on every screen.
func TestCustomersLook(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, carsten)
	b.open(d.users(emulator.AdminOnlyCustomerID, ""))
	for _, id := range []string{users118, users99, users51, users31, users12, users1} {
		b.openRead(d.users(id, ""))
	}
	b.open(d.url + "/customers")
	b.clickAndLoad(`#c-` + users118 + ` .star`)
	for name, query := range map[string]string{"customers": "", "customers-no-access": "only=no-access", "customers-none": "only=starred&q=zzz"} {
		u, err := url.Parse(d.url + "/customers?" + query)
		if err != nil {
			t.Fatal(err)
		}
		b.open(u.String())
		for _, look := range screens {
			b.wear(look)
			axe.check(b, look)
			if keepsPictures() {
				b.shoot(name + "-" + look.String())
			}
		}
		b.reflows()
		b.wear(desktop)
	}
}

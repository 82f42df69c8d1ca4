package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestStatesOfReading: lists that are read slowly, in part, anew or not at all.
func TestStatesOfReading(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.inEach(t, []state{
		// The second page never comes: the first rows are there all the same.
		{name: "growing", see: d.with(users1500, "stuck"),
			words: []string{"500 users read so far; Blue Yonder Airlines has more.", "Search and counts cover what is read.", "1–50 of 500+", "Stop"},
			then: func(b *tab) {
				b.waitFor(rowsShown + " === 50")
				b.click("#users-query")
				b.keys("an")
				b.waitFor(`location.search === "?q=an" && document.querySelector("[data-query]").dataset.query === "an"`)
				b.reads("of 500+")
			}},
		{name: "stopped", see: func(b *tab) { b.clickAndLoad(`#users-status button[value="stop"]`) },
			words: []string{"Reading was stopped after 500 users", "Someone you don't find may still exist."},
			then: func(b *tab) {
				b.noFaults()
				b.clickAndLoad(".banner .primary")
				b.waitFor(`document.querySelector(".tally").textContent.includes("of 1,500")`)
			}},
		{name: "cut midway", see: d.with(users2400, "cut"),
			words: []string{"Reading stopped after 1,000 users", "Someone you don't find may still exist.", "Correlation ID", "Go on from here", "1–50 of 1,000+"},
			then: func(b *tab) {
				b.noFaults()
				b.reads("Reading stopped after 1,000 users")
				b.clickAndLoad(".banner .primary")
				b.waitFor(`document.querySelector(".tally").textContent === "2,400 users"`)
				b.waitFor(`!document.querySelector(".banner.warn")`)
			}},
		{name: "slow", see: d.with(users800, "slow"), words: []string{"Reading the first users of Tailwind Traders"},
			then: func(b *tab) { // and the rows come by themselves
				b.waitFor(rowsShown + " === 50")
				b.noFaults()
				b.waitFor(`document.querySelector(".tally").textContent === "800 users"`)
			}},
		{name: "down", see: d.with(users900, "down"), words: []string{"Partner Center didn't answer.", "The users can't be shown.", "Try again in a minute.", "Correlation ID"},
			then: func(b *tab) {
				b.noFaults()
				b.waitFor(rowsShown + " === 50")
			}},
		{name: "down, with rows", see: func(b *tab) {
			b.open(d.users(users118, ""))
			b.faults("down")
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"Reading users anew failed", "What you see is as read at", "Try again", "118 users"}},
		{name: "read again", see: func(b *tab) { // what failed is not told meanwhile
			d.emulator.ClearFaults()
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: patience})
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"Users read", "reading again", "118 users"},
			then: func(b *tab) {
				b.want("old failures", `document.querySelectorAll(".banner.warn").length`, "0")
				d.emulator.ClearFaults()
				d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers", Status: http.StatusServiceUnavailable})
			}},
		{name: "stale user", see: func(b *tab) { b.clickAndLoad(".users-table tbody tr:nth-child(2) a.name") },
			words: []string{"Partner Center doesn't answer", "It can be read, not changed.", "Licenses aren't shown", "Roles aren't shown", "Try again"},
			then: func(b *tab) {
				b.noFaults()
				b.waitFor(`!document.querySelector(".banner.warn") && document.querySelector("#licenses-title ~ .count")`)
			}},
		{name: "stale user, throttled", see: func(b *tab) {
			b.open(d.users(users118, ""))
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})
			b.clickAndLoad(".users-table tbody tr:nth-child(3) a.name")
		},
			words: []string{"Partner Center asks us to wait", "s left.", "It can be read, not changed."},
			then:  func(b *tab) { d.emulator.ClearFaults() }},
		{name: "licenses and roles, throttled", see: func(b *tab) {
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})
			b.open(d.page(users12, "roles"))
			b.reads("Partner Center asks us to wait", "Reading goes on by itself; nothing to do.")
			b.open(d.page(users99, "licenses"))
		},
			words: []string{"Partner Center asks us to wait", "Reading goes on by itself; nothing to do."},
			then:  func(b *tab) { d.emulator.ClearFaults() }},
		// Last, for a reading that waits keeps its place among those that read.
		{name: "throttled", see: d.with(users1000, "throttled"),
			words: []string{"Reading the first users of Lamna Healthcare Company", "Partner Center asks us to wait", "Reading goes on by itself; nothing to do."},
			then:  func(b *tab) { b.noFaults() }},
		{name: "throttled midway", see: func(b *tab) {
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})
			b.open(d.users(users620, ""))
		},
			words: []string{"500 users read so far; Graphic Design Institute has more.", "Partner Center asks us to wait"},
			then:  func(b *tab) { d.emulator.ClearFaults() }},
		// Somebody else's reading, for those two keep their places.
		{name: "throttled, with rows", see: func(b *tab) {
			b.click(`button[popovertarget="me"]`)
			b.clickAndLoad(`form[action="/sign-out"] button`)
			b.signIn(d.users(users118, ""), tomas)
			b.waitFor(rowsShown + " === 50")
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second})
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"Partner Center asks us to wait", "What you see is as read at", "Reading again goes on by itself; nothing to do.", "118 users"},
			then: func(b *tab) {
				b.want("rows on screen", rowsShown, "50")
				d.emulator.ClearFaults()
			}},
	})
}

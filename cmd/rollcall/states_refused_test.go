package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestStatesOfRefusal: what Microsoft refuses, and the way on.
func TestStatesOfRefusal(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.inEach(t, []state{
		{name: "no MFA", see: d.with(users500, "no-mfa"),
			words: []string{"Microsoft refused this because your sign-in was without a second factor.", "Nothing was changed.", "Sign in with it and you return to this page.", "Sign in with MFA"},
			then: func(b *tab) { // to the provider and back to this very page
				d.emulator.ClearFaults()
				b.signsInAgain(priya, d.users(users500, ""))
				b.waitFor(rowsShown + " === 50")
				b.noFaults()
			}},
		{name: "no MFA, with rows", see: func(b *tab) {
			b.open(d.users(users99, ""))
			b.waitFor(rowsShown + " === 50")
			b.faults("no-mfa")
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"Reading users anew failed", "Microsoft refused it because your sign-in was without a second factor.", "What you see is as read at", "Correlation ID", "99 users"},
			then: func(b *tab) { // the sign-in has just been renewed for it, and would not be again at once
				b.want("the way on", `document.querySelector(".banner a.primary").textContent`, "Sign in with MFA")
				b.noFaults()
				b.clickAndLoad(`[data-key="r"]`)
				b.waitFor(rowsShown + ` === 50 && !document.querySelector(".banner.warn")`)
			}},
		{name: "expired, with rows", see: func(b *tab) {
			b.open(d.users(users99, ""))
			b.waitFor(rowsShown + " === 50")
			b.faults("expired")
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"Microsoft no longer accepts your sign-in", "Sign in to return to the customer's users."},
			then: func(b *tab) {
				d.emulator.ClearFaults()
				b.signsInAgain(priya, d.users(users99, ""))
				b.noFaults()
			}},
		{name: "no role", see: d.with(users412, "no-role"),
			words: []string{"You can't see users at Northwind Electric Cars.", "This needs the role Directory Readers there.", "Whoever manages admin relationships at Fabrikam Cloud Services can give it.", "Copy a request"},
			then: func(b *tab) {
				b.click("details.request summary")
				b.reads("Priya Nair needs the role Directory Readers at Northwind Electric Cars")
				b.open(d.url + "/customers")
				b.reads("No access when last opened")
				b.noFaults()
			}},
		{name: "no role in Partner Center", see: func(b *tab) {
			b.open(d.url + "/customers")
			b.faults("no-agent")
			b.clickAndLoad(`[data-key="r"]`)
		},
			words: []string{"You can't see the customers of Fabrikam Cloud Services.", "This needs the role Admin agent, Helpdesk agent or Sales agent in Partner Center.", "Whoever manages users in Partner Center at Fabrikam Cloud Services can give it.", "Copy a request", "Correlation ID"},
			then: func(b *tab) {
				b.noFaults()
				b.open(d.url + "/customers")
				b.reads("All customers")
			}},
		{name: "no relationship", see: d.with(users412, "no-relationship"), words: []string{"No customer of yours has this ID.", "Look for the customer by name.", "Copy text to send"},
			then: func(b *tab) {
				b.click("details.request summary")
				b.reads("Partner Center shows no relationship between Fabrikam Cloud Services and customer " + users412 + ". Has it ended? Correlation ID ")
				b.noFaults()
			}},
		{name: "licenses withheld", see: func(b *tab) {
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusForbidden, Code: 2032})
			b.open(d.users(users118, ""))
			b.clickAndLoad(".users-table tbody a.name")
		},
			words: []string{"Licenses aren't shown", "This needs the role Directory Readers there.", "Copy a request", "Correlation ID"},
			then:  func(b *tab) { d.emulator.ClearFaults() }},
		// The access token is refused for good: sign in, and be where you were.
		{name: "expired", see: func(b *tab) {
			b.open(d.url + "/customers")
			b.faults("expired")
			b.open(d.users(users31, "q=a"))
		},
			words: []string{"Microsoft no longer accepts your sign-in", "Sign in to return to"},
			then: func(b *tab) {
				d.emulator.ClearFaults()
				b.signsInAgain(priya, d.users(users31, "q=a"))
				b.noFaults()
			}},
		// It has run out: it is renewed, and nobody notices.
		{name: "token renewed", see: func(b *tab) {
			d.provider.SetFaults(demoidp.Faults{TokenLifetime: time.Second})
			b.click(`button[popovertarget="me"]`)
			b.clickAndLoad(`form[action="/sign-out"] button`)
			b.signIn(d.users(users12, ""), priya)
		}, words: []string{"12 users"}},
		// The provider refuses to renew it: sign in, and be where you were.
		{name: "refresh refused", see: func(b *tab) {
			d.provider.SetFaults(demoidp.Faults{TokenLifetime: time.Second, RefuseRefresh: true})
			b.open(d.users(users51, "q=a"))
		},
			words: []string{"Microsoft no longer accepts your sign-in", "Sign in to return to the customer's users."},
			then: func(b *tab) {
				d.provider.SetFaults(demoidp.Faults{})
				b.signsInAgain(priya, d.users(users51, "q=a"))
			}},
	})
}

// TestStatesOfSessions: no connection, sessions that end, and who is not let in.
func TestStatesOfSessions(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.inEach(t, []state{
		{name: "offline", noisy: true, see: func(b *tab) {
			b.open(d.users(users118, ""))
			b.offline(true)
			b.click("#users-query")
			b.keys("an")
		},
			words: []string{"No connection to Rollcall.", "What you see is as it was read. Nothing was changed."},
			then: func(b *tab) {
				b.waitFor(`document.getElementById("alarm").textContent.startsWith("No connection to Rollcall")`)
				b.want("rows on screen", rowsShown, "50")
				b.want("what is typed", `document.getElementById("users-query").value`, "an")
				b.offline(false)
				b.keys("n")
				b.waitFor(`document.querySelector("[data-query]").dataset.query === "ann"`)
				b.waitFor(`document.getElementById("offline").hidden`)
			}},
		// Somebody ends all their sessions at another desk, while typing here.
		{name: "ended elsewhere", see: func(b *tab) {
			b.open(d.users(users118, ""))
			there := b.another(desktop)
			there.signIn(d.url+"/settings", priya)
			there.clickAndLoad(`button[name="all"]`)
			there.reads("You signed out everywhere")
			b.click("#users-query")
			b.keys("mull")
		},
			words: []string{"This session was ended elsewhere", "Sign in to return to the customer's users."},
			then: func(b *tab) {
				b.signsInAgain(priya, d.users(users118, "q=mull"))
				b.want("what was typed", `document.getElementById("users-query").value`, "mull")
			}},
		{name: "sign out", see: d.opens("/sign-out"), words: []string{"Sign out?", "You are signed in as", "Stay signed in"}},
		{name: "signed out", see: func(b *tab) { b.clickAndLoad(`form[action="/sign-out"] button`) }, words: []string{"Signed out", "Your session in Rollcall is over on this device.", "Sign in again"}},
		{name: "sign-in", see: func(b *tab) {
			b.forget()
			b.open(d.url)
		}, words: []string{"Sign in", "Use your Fabrikam Cloud Services work account.", "Continue with the demo's sign-in"}},
		{name: "idle", see: d.opens("/sign-in?ended=idle&return_to=%2Fcustomers"), words: []string{"You were signed out after 60 minutes without activity", "Sign in to return to Customers."}},
		{name: "foreign account", see: func(b *tab) {
			b.forget()
			b.signIn(d.url, lena)
		},
			words: []string{"Your account is not of this partner.", "You are not signed in.", "Sign in as somebody else", "Correlation ID"}},
		{name: "without MFA", see: func(b *tab) {
			d.provider.SetFaults(demoidp.Faults{NoMFA: true})
			b.forget()
			b.signIn(d.url, carsten)
			b.clickAndLoad(`button[value="` + carsten + `"]`) // asked once more, for a second factor
		},
			words: []string{"Your sign-in was without a second factor.", "Sign in with MFA"},
			then:  func(b *tab) { d.provider.SetFaults(demoidp.Faults{}) }},
	})
}

// signsInAgain takes the way out of a page that asks for a sign-in, and waits
// to be at that address again.
func (b *tab) signsInAgain(person, address string) {
	b.t.Helper()
	b.clickAndLoad("main a.button.primary")
	b.clickAndLoad(`button[value="` + person + `"]`)
	b.waitFor(`location.href === ` + quote(address))
}

package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// Customers of the demo, by how many users they have. Each is used by one
// state, so that none has been read before.
const (
	users1    = "5b1bcf73-b1bb-4af2-b2b8-060f2094b1ac" // The Phone Company
	users12   = "b75dad8f-5f87-475f-bfe9-822f15dd2012" // A. Datum Corporation
	users31   = "f4cba12d-ca4a-4fcd-9d13-751d1c0733ea" // Southridge Video
	users51   = "5f7f676b-4792-4338-bd17-2d0cf70b520a" // Alpine Ski House
	users99   = "7dfb1b1d-1a2f-4766-8c6a-1067f8b8c6e8" // Fourth Coffee
	users118  = "fa2535ed-e69b-470c-bb88-9fd222b2ad16" // Adatum Corporation
	users412  = "dd713fb1-dacd-43e4-99c3-43fa86dacf50" // Northwind Electric Cars
	users500  = "b2f5f4ee-ca5f-4891-beef-878bf5cfbadf" // Contoso Pharmaceuticals
	users620  = "72375248-6cb9-4514-a066-53995d876ea6" // Graphic Design Institute
	users800  = "a3b52cc0-f185-4b79-8ab2-6d3a712baf41" // Tailwind Traders
	users900  = "058550b6-f5d2-4de3-b379-e72bef6a9dd2" // Consolidated Messenger
	users1000 = "3b923fd8-534e-4087-8e03-21e12be29816" // Lamna Healthcare Company
	users1200 = "0ef2eda1-fc0e-424f-a651-f0c727a5deeb" // School of Fine Art
	users1500 = "fddc944c-7075-4218-8ab3-e15038d51595" // Blue Yonder Airlines
	users2400 = emulator.GlobalReaderCustomerID        // Bellows College
)

// state is something that can be the matter with a page.
type state struct {
	name  string
	see   func(b *tab) // brings it about
	words []string     // what the person then reads
	then  func(b *tab) // what they can do about it
	noisy bool         // the browser itself complains, and may
}

// reads waits until the person can read these words, in upper or lower case
// as they are.
func (b *tab) reads(words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.waitFor(`document.body.innerText.replace(/\s+/g, " ").includes(` + quote(w) + `)`)
	}
}

// faults ticks these in the demo's menu, and nothing else.
func (b *tab) faults(names ...string) {
	b.t.Helper()
	b.click(`button[popovertarget="faults"]`)
	b.waitFor(`document.querySelector("#faults:popover-open")`)
	b.ask(`document.querySelectorAll("#faults [name=fault]").forEach(box => {
		if (box.checked !== ` + quote(strings.Join(names, " ")) + `.split(" ").includes(box.value)) box.click();
	})`)
	b.clickAndLoad(`#faults .primary`)
}

// noFaults takes all of them off with the menu's other button.
func (b *tab) noFaults() {
	b.t.Helper()
	b.click(`button[popovertarget="faults"]`)
	b.clickAndLoad(`#faults [name=clear]`)
}

// forget takes all cookies away.
func (b *tab) forget() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// offline cuts the browser's tab off, or lets it in again.
func (b *tab) offline(off bool) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return err
	}))
}

const rowsShown = `document.querySelectorAll(".users-table tbody a.name").length`

// TestStates brings every state about that the pages can be in, most through
// the demo's own menu, reads its words, does what it offers, and keeps a
// picture of it for each screen and theme. What is on screen is checked by axe.
func TestStates(t *testing.T) {
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, priya)

	open := func(path string) func(*tab) { return func(b *tab) { b.t.Helper(); b.open(d.url + path) } }
	// with opens a customer's users while these faults are played.
	with := func(customer string, faults ...string) func(*tab) {
		return func(b *tab) {
			b.t.Helper()
			b.open(d.url + "/customers")
			b.faults(faults...)
			b.open(d.users(customer, ""))
		}
	}
	for _, s := range []state{
		{name: "customers", see: open("/customers"), words: []string{"Customers of Fabrikam Cloud Services", "63 customers"}},
		{name: "customers, no match", see: open("/customers?q=zzz"), words: []string{"No customer matches “zzz”", "All 63 customers were searched", "Clear search"}},
		{name: "users", see: open("/customers/" + users118 + "/users"), words: []string{"Adatum Corporation", "118 users", "Users read"}},
		{name: "user", see: func(b *tab) { b.clickAndLoad(".users-table tbody tr:nth-child(2) a.name") }, words: []string{"at Adatum Corporation", "Licenses", "Roles", "Not available from Partner Center"}},
		{name: "help", see: open("/help"), words: []string{"Keys", "What each message means"}},
		{name: "settings", see: open("/settings"), words: []string{"Look and keys", "Where you are signed in"}},
		{name: "who is signed in", see: open("/settings/people"), words: []string{"Who is signed in", "1 person, 1 session", "Priya Nair", "This session", "Sign out Priya Nair"}},
		{name: "jump", see: open("/jump?q=contoso"), words: []string{"Contoso Pharmaceuticals"}},
		{name: "no such page", see: open("/customers/of/nobody"), words: []string{"There is no such page."}},
		{name: "no match", see: open("/customers/" + users118 + "/users?q=mülller&guest=yes"),
			words: []string{"No user of Adatum Corporation matches “mülller” with Guest", "All 118 users were searched: names, UPN, phone.", "Clear filters"},
			then: func(b *tab) {
				b.clickAndLoad(".blank a.primary")
				b.waitFor(rowsShown + " === 50")
			}},
		{name: "one user", see: open("/customers/" + users1 + "/users"), words: []string{"1 user", "1 of 1"}},
		{name: "empty", see: open("/customers/" + emulator.EmptyCustomerID + "/users"),
			words: []string{"Munson's Pickles and Preserves Farm has no users", "Deleted users are not in this list."}},
		{name: "hostile names", see: open("/customers/" + emulator.HostileCustomerID + "/users"),
			words: []string{`<b>Test</b> & "Quote" ; DROP TABLE`, "=cmd|'/c calc'!A1", "Wolfeschlegelsteinhausenbergerdorff"}},
		{name: "hostile user", see: open("/customers/" + emulator.HostileCustomerID + "/users/badba5e0-0000-4000-8000-000000000007"),
			words: []string{"Wolfeschlegelsteinhausenbergerdorff Sr.", "at Nod Publishers"}},
		{name: "long customer name", see: open("/customers/b1c40f74-432a-42c1-8916-a3fd34369f4a/users"),
			words: []string{"Société Générale de Menuiserie et d'Ébénisterie Traditionnelle du Haut-Languedoc et des Corbières Réunies, anciennement Établissements L'Hermitte, N'Diaye & Fils"}},
		{name: "user not found", see: open("/customers/" + users118 + "/users/11111111-2222-4333-8444-555555555555"),
			words: []string{"This user is not at Adatum Corporation.", "It may have been deleted, or belong to another customer.", "Users of Adatum Corporation"}},
		{name: "unknown customer", see: open("/customers/11111111-2222-4333-8444-555555555555/users"), words: []string{"No customer of yours has this ID."}},
		{name: "departed customer", see: open("/customers/" + emulator.DepartedCustomerID + "/users"), words: []string{"No customer of yours has this ID.", "your company has no relationship with it any more"}},

		// The second page never comes: the first rows are there all the same.
		{name: "growing", see: with(users1500, "stuck"),
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
		{name: "cut midway", see: with(users2400, "cut"),
			words: []string{"Reading stopped after 1,000 users", "Someone you don't find may still exist.", "Correlation ID", "Go on from here", "1–50 of 1,000+"},
			then: func(b *tab) {
				b.noFaults()
				b.reads("Reading stopped after 1,000 users")
				b.clickAndLoad(".banner .primary")
				b.waitFor(`document.querySelector(".tally").textContent === "2,400 users"`)
				b.waitFor(`!document.querySelector(".banner.warn")`)
			}},
		{name: "slow", see: with(users800, "slow"), words: []string{"Reading the first users of Tailwind Traders"},
			then: func(b *tab) { // and the rows come by themselves
				b.waitFor(rowsShown + " === 50")
				b.noFaults()
				b.waitFor(`document.querySelector(".tally").textContent === "800 users"`)
			}},
		{name: "down", see: with(users900, "down"), words: []string{"Partner Center didn't answer.", "The users can't be shown.", "Try again in a minute.", "Correlation ID"},
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
		{name: "no MFA", see: with(users500, "no-mfa"),
			words: []string{"Microsoft refused this because your sign-in was without a second factor.", "Nothing was changed.", "Sign in with it and you return to this page.", "Sign in with MFA"},
			then: func(b *tab) { // to the provider and back to this very page
				d.emulator.ClearFaults()
				b.clickAndLoad(`.blank a.primary`)
				b.clickAndLoad(`button[value="` + priya + `"]`)
				b.waitFor(`location.href === ` + quote(d.users(users500, "")))
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
				b.clickAndLoad("main a.button")
				b.clickAndLoad(`button[value="` + priya + `"]`)
				b.waitFor(`location.href === ` + quote(d.users(users99, "")))
				b.noFaults()
			}},
		{name: "no role", see: with(users412, "no-role"),
			words: []string{"You can't see users at Northwind Electric Cars.", "This needs the role Directory Readers there.", "Whoever manages admin relationships at Fabrikam Cloud Services can give it.", "Copy a request"},
			then: func(b *tab) {
				b.click("details.request summary")
				b.reads("Priya Nair needs the role Directory Readers at Northwind Electric Cars")
				b.open(d.url + "/customers")
				b.reads("No access when last opened")
				b.noFaults()
			}},
		{name: "no relationship", see: with(users412, "no-relationship"), words: []string{"No customer of yours has this ID.", "Look for the customer by name."},
			then: func(b *tab) { b.noFaults() }},
		{name: "licenses withheld", see: func(b *tab) {
			d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusForbidden, Code: 2032})
			b.open(d.users(users118, ""))
			b.clickAndLoad(".users-table tbody a.name")
		},
			words: []string{"Licenses aren't shown", "This needs the role Directory Readers there.", "Copy a request"},
			then:  func(b *tab) { d.emulator.ClearFaults() }},
		{name: "sharing mode", see: func(b *tab) {
			b.open(d.users(users118, ""))
			b.click(`button[popovertarget="me"]`)
			b.clickAndLoad(`#me form[action="/sharing"] button`)
		},
			words: []string{"Sharing mode.", "Other customers’ names are left out and phone numbers masked."},
			then: func(b *tab) {
				b.open(d.url + "/customers")
				b.reads("Customers are hidden while you share your screen.")
				b.clickAndLoad("#sharing button")
				b.reads("63 customers")
			}},

		// The access token is refused for good: sign in, and be where you were.
		{name: "expired", see: func(b *tab) {
			b.open(d.url + "/customers")
			b.faults("expired")
			b.open(d.users(users31, "q=a"))
		},
			words: []string{"Microsoft no longer accepts your sign-in", "Sign in to return to"},
			then: func(b *tab) {
				d.emulator.ClearFaults()
				b.clickAndLoad("main a.button")
				b.clickAndLoad(`button[value="` + priya + `"]`)
				b.waitFor(`location.href === ` + quote(d.users(users31, "q=a")))
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
				b.clickAndLoad("main a.button")
				b.clickAndLoad(`button[value="` + priya + `"]`)
				b.waitFor(`location.href === ` + quote(d.users(users51, "q=a")))
			}},
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
				b.clickAndLoad("main a.button")
				b.clickAndLoad(`button[value="` + priya + `"]`)
				b.waitFor(`location.href === ` + quote(d.users(users118, "q=mull")))
				b.want("what was typed", `document.getElementById("users-query").value`, "mull")
			}},
		// Last, for a reading that waits keeps its place among those that read.
		{name: "throttled", see: with(users1000, "throttled"),
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
		{name: "sign out", see: open("/sign-out"), words: []string{"Sign out?", "You are signed in as", "Stay signed in"}},
		{name: "signed out", see: func(b *tab) { b.clickAndLoad(`form[action="/sign-out"] button`) }, words: []string{"Signed out", "Your session in Rollcall is over on this device.", "Sign in again"}},
		{name: "sign-in", see: func(b *tab) {
			b.forget()
			b.open(d.url)
		}, words: []string{"Sign in", "Use your Fabrikam Cloud Services work account.", "Continue with the demo's sign-in"}},
		{name: "idle", see: open("/sign-in?ended=idle&return_to=%2Fcustomers"), words: []string{"You were signed out after 60 minutes without activity", "Sign in to return to Customers."}},
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
	} {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			s.see(b)
			b.reads(s.words...)
			for _, look := range screens {
				if look.width == 960 && !keepsPictures() {
					continue
				}
				b.wear(look)
				if keepsPictures() {
					b.shoot(look.String())
				}
				if look.width != 960 {
					axe.check(b, look)
				}
			}
			b.reflows()
			b.wear(desktop)
			if s.then != nil {
				s.then(b)
			}
			if s.noisy {
				b.said.take()
			}
		})
	}
}

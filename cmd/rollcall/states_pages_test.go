package main

import (
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestStatesOfPages: what pages say when nothing is the matter, when there is
// nothing to show, and when what they show is hostile.
func TestStatesOfPages(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.inEach(t, []state{
		{name: "customers", see: d.opens("/customers"), words: []string{"Customers of Fabrikam Cloud Services", "63 customers"}},
		{name: "customers, no match", see: d.opens("/customers?q=zzz"), words: []string{"No customer matches “zzz”", "All 63 customers were searched", "Clear search"}},
		{name: "users", see: d.opens("/customers/" + users118 + "/users"), words: []string{"Adatum Corporation", "118 users", "Users read"}},
		{name: "user", see: func(b *tab) { b.clickAndLoad(".users-table tbody tr:nth-child(2) a.name") }, words: []string{"at Adatum Corporation", "Licenses", "Roles", "Not available from Partner Center"}},
		{name: "help", see: d.opens("/help"), words: []string{"Keys", "What each message means"}},
		{name: "settings", see: d.opens("/settings"), words: []string{"Look and keys", "Where you are signed in"}},
		{name: "who is signed in", see: d.opens("/settings/people"), words: []string{"Who is signed in", "1 person, 1 session", "Priya Nair", "This session", "Sign out Priya Nair"}},
		{name: "jump", see: d.opens("/jump?q=contoso"), words: []string{"Contoso Pharmaceuticals"}},
		{name: "no such page", see: d.opens("/customers/of/nobody"), words: []string{"There is no such page."}},
		{name: "no match", see: d.opens("/customers/" + users118 + "/users?q=mülller&guest=yes"),
			words: []string{"No user of Adatum Corporation matches “mülller” with Guest", "All 118 users were searched: names, UPN, phone.", "Clear filters"},
			then: func(b *tab) {
				b.clickAndLoad(".blank a.primary")
				b.waitFor(rowsShown + " === 50")
			}},
		{name: "one user", see: d.opens("/customers/" + users1 + "/users"), words: []string{"1 user", "1 of 1"}},
		{name: "empty", see: d.opens("/customers/" + emulator.EmptyCustomerID + "/users"),
			words: []string{"Munson's Pickles and Preserves Farm has no users", "Deleted users are not in this list."}},
		{name: "hostile names", see: d.opens("/customers/" + emulator.HostileCustomerID + "/users"),
			words: []string{`<b>Test</b> & "Quote" ; DROP TABLE`, "=cmd|'/c calc'!A1", "Wolfeschlegelsteinhausenbergerdorff"}},
		{name: "hostile user", see: d.opens("/customers/" + emulator.HostileCustomerID + "/users/badba5e0-0000-4000-8000-000000000007"),
			words: []string{"Wolfeschlegelsteinhausenbergerdorff Sr.", "at Nod Publishers"}},
		{name: "long customer name", see: d.opens("/customers/b1c40f74-432a-42c1-8916-a3fd34369f4a/users"),
			words: []string{"Société Générale de Menuiserie et d'Ébénisterie Traditionnelle du Haut-Languedoc et des Corbières Réunies, anciennement Établissements L'Hermitte, N'Diaye & Fils"}},
		{name: "user not found", see: d.opens("/customers/" + users118 + "/users/11111111-2222-4333-8444-555555555555"),
			words: []string{"This user is not at Adatum Corporation.", "It may have been deleted, or belong to another customer.", "Users of Adatum Corporation"}},
		{name: "unknown customer", see: d.opens("/customers/11111111-2222-4333-8444-555555555555/users"), words: []string{"No customer of yours has this ID."}},
		{name: "departed customer", see: d.opens("/customers/" + emulator.DepartedCustomerID + "/users"), words: []string{"No customer of yours has this ID.", "your company has no relationship with it any more"}},
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
	})
}

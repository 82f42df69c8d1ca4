package demoidp

import "strings"

// Person is somebody who can be picked.
type Person struct {
	ObjectID    string   // oid
	TenantID    string   // tid
	Name        string   // as shown
	UPN         string   // upn and preferred_username
	Roles       []string // app roles; none: the claim is left out
	Groups      []string // groups; none: the claim is left out
	Guest       bool     // acct = 1
	Title       string   // for the page: "Helpdesk agent"
	Description string   // for the page: what this person can do
}

// initials are what the page shows beside the name.
func (p Person) initials() string {
	var b strings.Builder
	for _, word := range strings.Fields(p.Name) {
		b.WriteRune([]rune(word)[0])
	}
	return b.String()
}

// DemoPeople are the five people of the demo. Four work at Fabrikam Cloud
// Services, the partner; the last is of another company and is to be refused.
func DemoPeople() []Person {
	const partner = "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
	return []Person{
		{
			ObjectID: "0a6c1e52-7f0b-4c38-9d55-1e2f3a4b5c61", TenantID: partner,
			Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"},
			Title: "Admin agent", Description: "Sees everything, at nearly every customer.",
		},
		{
			ObjectID: "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72", TenantID: partner,
			Name: "Tomáš Dvořák", UPN: "tomas.dvorak@fabrikam-cloud.example", Roles: []string{"Rollcall.Helpdesk"},
			Title: "Helpdesk agent", Description: "Looks after people: names, passwords, accounts.",
		},
		{
			ObjectID: "2c8e3a74-9b2d-4e5a-9f77-3a4b5c6d7e83", TenantID: partner,
			Name: "Ama Mensah", UPN: "ama.mensah@fabrikam-cloud.example", Roles: []string{"Rollcall.Licensing"},
			Title: "License manager", Description: "Looks after licenses and seats.",
		},
		{
			ObjectID: "3d9f4b85-ac3e-4f6b-8a88-4b5c6d7e8f94", TenantID: partner,
			Name: "Carsten Brandt", UPN: "carsten.brandt@fabrikam-cloud.example", Roles: []string{"Rollcall.Reader"},
			Title: "Reader", Description: "Reads, and changes nothing.",
		},
		{
			ObjectID: "4ea05c96-bd4f-4a7c-9b99-5c6d7e8f9aa5", TenantID: "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b",
			Name: "Lena Vogel", UPN: "lena.vogel@wingtip.example",
			Title: "Of another company", Description: "Signs in here, and is refused by Rollcall.",
		},
	}
}

package views

import "github.com/a-h/templ"

// UserPage is one user: who they are, what they have.
type UserPage struct {
	Chrome
	Customer    CustomerHead
	List        templ.SafeURL // back to the list, as it was
	Deleted     templ.SafeURL // back to the list of the deleted; "": the user is not among them
	ID          string
	DisplayName string // "": none, the UPN stands in
	UPN         string
	Guest       bool
	Synced      Time   // zero: cloud only
	SyncedNote  string // "Managed in Contoso's own directory, last synced 14 min ago. …"; "": not synced
	Facts       []Fact
	Licenses    LicensesCard
	Roles       RolesCard
	Seats       templ.SafeURL // the customer's licenses; "" leaves it out
	Elsewhere   []Elsewhere   // what Partner Center does not tell, and where to look
	Find        CompareFind
	Restoration *Restoration // a deleted user: how they come back; licenses and roles are not told then
	Banner      *Banner      // stale, down: what is shown is the last that was read
}

// Elsewhere is something that people look for and Partner Center does not tell.
type Elsewhere struct {
	What  string
	Where string
	Href  templ.SafeURL
}

// Fact is a line of the user's details.
type Fact struct {
	Label string
	Text  string // "": Absent is shown, faint
	Time  Time   // instead of Text
	Copy  bool   // has a copy button
	Key   string // the letter that presses it: "i"
	Code  bool   // an ID: spaced and broken as one
	Warn  bool   // somebody has to look: "Not set"
}

// LicensesCard is what the user has been given.
type LicensesCard struct {
	Read     Time
	Licenses []LicenseRow
	Withheld *Withheld // no proof for licenses: not shown, why
	Trouble  *Problem  // they could not be read
}

// LicenseRow is one license with its service plans.
type LicenseRow struct {
	Name       string
	PartNumber string // "SPE_E5"; "": not told
	Seats      string // "61 of 64 seats assigned at this customer"; "": not known
	On         []string
	Off        []string
}

// RolesCard is which directory roles the user has.
type RolesCard struct {
	Read     Time
	Roles    []string
	Withheld *Withheld
	Trouble  *Problem
}

// Withheld is why a kind of data is left out: this person has not proved that
// they may see it there.
type Withheld struct {
	Title    string // "Licenses aren't shown"
	Text     string // which role is needed, and who can give it
	CopyText string // a request to send; "": no such button

	CorrelationID string // of the refusal
}

// userName is what a user's page is headed with.
func userName(p UserPage) string {
	if p.DisplayName == "" {
		return "No display name"
	}
	return p.DisplayName
}

// licenseNote is what stands under a license's name: its part number and the
// customer's seats, as far as they are known.
func licenseNote(l LicenseRow) string {
	if l.PartNumber == "" || l.Seats == "" {
		return l.PartNumber + l.Seats
	}
	return l.PartNumber + " · " + l.Seats
}

// plansOn counts a license's service plans: "46 of 48 service plans on".
func plansOn(l LicenseRow) string {
	if len(l.On)+len(l.Off) == 0 {
		return "No service plans"
	}
	return Number(len(l.On)) + " of " + plural(len(l.On)+len(l.Off), false, "service plan", "service plans") + " on"
}

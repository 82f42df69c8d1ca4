package views

import "github.com/a-h/templ"

// DeletedPage is the users of a customer that were deleted and can still be
// restored: the same list as that of the users, with other columns.
type DeletedPage struct {
	UsersPage        // its rows, columns, filters and chips are not used
	Applied   []Chip // what the list is narrowed by, each with its way off
	Heads     DeletedHeads
	Deleted   []DeletedRow
	Users     templ.SafeURL // the list of those who were not deleted
}

// DeletedHeads are the heads of the table of deleted users.
type DeletedHeads struct {
	Name, UPN, Deleted, Location, DomainType Column
}

// DeletedRow is one deleted user as the list shows them.
type DeletedRow struct {
	UserRow
	When     Time // when they were deleted; zero: not told
	Left     string
	LeftTone string // ToneWarn under seven days
	Command  string // restores them
}

// Restoration is how a deleted user comes back.
type Restoration struct {
	Text    string // "Jürgen Müller was deleted on 2 June; 16 days left to restore."
	Tone    string
	Command string // "rollcall users restore 9d3f… 3c0e…"
}

func deletedTally(p DeletedPage) string {
	if p.Clear != "" {
		return Number(p.Shown) + " of " + plural(p.Total, p.Part, "deleted user", "deleted users")
	}
	return plural(p.Total, p.Part, "deleted user", "deleted users")
}

func deletedCaption(p DeletedPage) string {
	caption := "Deleted users of " + p.Customer.Name
	if p.Status.Loading {
		return caption + ", being read"
	}
	for _, o := range p.Sorts {
		if o.On {
			caption += ", sorted by " + o.Label
		}
	}
	return caption + ", " + pagerRange(p.Pager)
}

func paintedDeleted(p DeletedPage) DeletedPage {
	p.UsersPage = painted(p.UsersPage)
	return p
}

func deletedName(r DeletedRow) string {
	if r.DisplayName == "" {
		return r.UPN
	}
	return r.DisplayName
}

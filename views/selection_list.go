package views

import "github.com/a-h/templ"

// SelectionListPage is whom a pasted list means, before any is selected. Its
// form posts to Path: id for each that is ticked, entries for what is to be
// looked for again, and do=add or do=list.
type SelectionListPage struct {
	Chrome
	Customer  CustomerHead
	Path      templ.SafeURL
	Back      templ.SafeURL // the list of users, as it was
	Found     []FoundUser
	Ambiguous []AmbiguousEntry
	NotFound  []string // as they were typed
	Part      string   // only a part of the users is read: what that means; "": all are
	Mistake   string   // why nothing was looked for
}

// FoundUser is a user that an entry of a pasted list means.
type FoundUser struct {
	ID, Name, UPN string
	Entry         string // as it was typed; "": found before
}

// AmbiguousEntry is an entry that may mean any of some users.
type AmbiguousEntry struct {
	Entry string
	Users []FoundUser
}

func foundHeading(p SelectionListPage) string {
	return plural(len(p.Found), false, "user found", "users found")
}

func selectLabel(p SelectionListPage) string {
	return "Select those ticked at " + p.Customer.Name
}

package views

import "github.com/a-h/templ"

// PeoplePage is who is signed in to Rollcall, for administrators: each person
// with their sessions. Its buttons post session=ID or person=KEY to EndPath, and
// return_to=Back.
type PeoplePage struct {
	Chrome
	Query    string
	People   []SignedInPerson
	Matching int // people, on all pages
	Sessions int // of all people
	Page     int
	Pages    int
	Previous templ.SafeURL
	Next     templ.SafeURL
	Clear    templ.SafeURL // without the search
	Back     templ.SafeURL // this page of this search
	Banner   *Banner
	EndPath  templ.SafeURL
}

// SignedInPerson is somebody with the sessions they have.
type SignedInPerson struct {
	Key      string // opaque: what the button posts
	Name     string
	UPN      string
	Level    string // "helpdesk and licensing"
	Self     bool
	Sessions []SessionRow
}

// peopleTally is "3 people, 5 sessions", or of a search "1 of 3 people".
func peopleTally(p PeoplePage) string {
	if p.Query != "" {
		return plural(p.Matching, false, "person", "people") + " found"
	}
	return plural(p.Matching, false, "person", "people") + ", " + plural(p.Sessions, false, "session", "sessions")
}

package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// FindPage looks for one user across the customers.
type FindPage struct {
	Chrome
	Path  templ.SafeURL // "/find"
	Query string        // as typed

	Groups   []FindGroup    // by customer
	Heading  string         // "3 users found at 2 customers"
	Coverage []FindCoverage // where was searched, and where not
	Status   FindStatusLine
	Sweep    templ.SafeURL // where Search the others and Stop post (do=start|stop, return_to)
	Trouble  *Problem      // shown in place of it all
	Empty    *Nothing      // nothing found, or nothing asked yet
	Tell     string        // read aloud when the page opens or the reading ends
}

// FindStatusLine is how many customers were searched. While Running the page
// asks again every second (HX-Target: div#find-status) and gets FindStatus: the
// line, and below what is painted the hits of the customers read meanwhile.
type FindStatusLine struct {
	Searched, Of int           // customers
	Others       int           // that can still be read
	Running      bool          // they are being read
	Done, DoneOf int           // of those
	Skipped      int           // that refused, or could not be read
	Now          string        // the customer at work
	Wait         int           // seconds that Partner Center wants no calls there; 0: it does not mind
	Poll         templ.SafeURL // what the poll asks: the page's address, with the groups that are painted
	Banner       *Banner       // why the reading ended early
}

// FindGroup is the hits at one customer.
type FindGroup struct {
	ID     string // the customer's
	Name   string
	Domain string
	Href   templ.SafeURL // its users, searched for the same
	Hits   []FindHit
	More   int  // hits that are not shown here
	Part   bool // only a part of its users was searched
}

// FindHit is a user found.
type FindHit struct {
	Href      templ.SafeURL
	Name      string // the UPN stands in where there is none
	NameMarks []Segment
	UPN       string
	UPNMarks  []Segment
	Guest     bool
	Exact     bool // what was typed is their ID, UPN or name
}

// FindCoverage is the customers that were searched alike.
type FindCoverage struct {
	Label     string // "Searched", "Refused you"
	Text      string // what that means
	Customers []FindCustomer
	More      int // that are not named
}

// FindCustomer is one of them.
type FindCustomer struct {
	Name string
	Href templ.SafeURL
	Note string // "118 users, read 14:02"
}

func findSearched(s FindStatusLine) string {
	return Number(s.Searched) + " of " + plural(s.Of, false, "customer", "customers") + " searched"
}

func findRunning(s FindStatusLine) string {
	text := Number(s.Done) + " of the other " + Number(s.DoneOf) + " done"
	if s.Skipped > 0 {
		text += ", " + Number(s.Skipped) + " of them skipped"
	}
	if s.Now != "" {
		text += "; now "
	}
	return text
}

func findOthers(s FindStatusLine) string {
	if s.Others == 1 {
		return "Search the other one too"
	}
	return "Search the other " + Number(s.Others) + " too"
}

func findMore(g FindGroup) string {
	if g.Part {
		return Number(g.More) + "+ more at " + g.Name
	}
	return Number(g.More) + " more at " + g.Name
}

func coverageTitle(c FindCoverage) string {
	return c.Label + " (" + strconv.Itoa(len(c.Customers)+c.More) + ")"
}

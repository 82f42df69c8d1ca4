package views

import "github.com/a-h/templ"

// CustomersPage is the list of the partner's customers.
type CustomersPage struct {
	Chrome
	Path  templ.SafeURL // "/customers"
	Query string        // as typed
	Clear templ.SafeURL // the same list without a search

	Shown int  // customers that match
	Total int  // customers read
	Part  bool // there are more than were read
	Read  Time // when they were read

	Starred []CustomerCard // above the table; none while searching
	Recent  []CustomerCard // opened lately and not starred; none while searching
	Order   string         // how the rows are sorted, for the caption: "last opened by you first"
	Columns CustomerColumns
	Rows    []CustomerRow
	Pager   Pager

	Refresh templ.SafeURL // where the button Refresh posts (do=refresh, return_to); "" leaves it out
	Banner  *Banner       // stale, cut, throttled …
	Trouble *Problem      // shown in place of the table
	Empty   *Nothing      // no match, or no customer at all
	Exact   bool          // the first row is exactly what was typed: Enter opens it, as it does the only hit
	Tell    string        // read aloud after a swap: "12 customers match"
}

// CustomerColumns are the heads of the customers table.
type CustomerColumns struct {
	Customer, Domain, Relationship, Opened Column
}

// CustomerCard is a starred or recent customer above the table.
type CustomerCard struct {
	Href   templ.SafeURL
	ID     string
	Name   string
	Domain string // shown where two customers have one name; else ""
	Opened Time
}

// CustomerRow is one customer of the table.
type CustomerRow struct {
	Href         templ.SafeURL // its users
	ID           string
	Name         string
	NameMarks    []Segment // Name with its matches; empty: nothing marked
	Domain       string
	DomainMarks  []Segment
	Relationship string // "Reseller"
	Opened       Time   // by this person; zero: never
	Starred      bool
	Star         templ.SafeURL // where the star posts (on=1|0, return_to)
	NoAccess     bool          // no access when last opened
}

func customersTally(p CustomersPage) string {
	if p.Query == "" {
		return plural(p.Total, p.Part, "customer", "customers")
	}
	return Number(p.Shown) + " of " + plural(p.Total, p.Part, "customer", "customers")
}

func customersHeading(p CustomersPage) string {
	if p.Query == "" {
		return "All customers"
	}
	return "Customers found"
}

func customersCaption(p CustomersPage) string {
	caption := "Customers"
	if p.Order != "" {
		caption += ", " + p.Order
	}
	return caption + ", " + pagerRange(p.Pager)
}

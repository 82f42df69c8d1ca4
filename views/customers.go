package views

import "github.com/a-h/templ"

// CustomersPage is the list of the partner's customers.
type CustomersPage struct {
	Chrome
	Path  templ.SafeURL // "/customers"
	Query string        // as typed
	Clear templ.SafeURL // the list without search and filter; "": nothing to clear
	Chips []Chip        // Starred, No access, Users read
	Only  string        // the chip that is on, as the form carries it; "": none
	Sorts []SortOption  // the same as the columns' heads, for the select above the cards

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

	Status  CustomersStatusLine
	Refresh templ.SafeURL // where the button Refresh posts (do=refresh, return_to); "" leaves it out
	Banner  *Banner       // stale, cut, throttled …
	Trouble *Problem      // shown in place of the table
	Empty   *Nothing      // no match, or no customer at all
	Exact   bool          // the first row is exactly what was typed: Enter opens it, as it does the only hit
	Tell    string        // read aloud after a swap: "12 customers match"
}

// CustomersStatusLine is how far the reading of the list has come. While
// Reading the page asks again every second (HX-Target: div#customers-status) and
// gets CustomersStatus, which moves no painted row.
type CustomersStatusLine struct {
	Reading bool
	Loading bool          // the first page is on its way
	Read    int           // customers read so far
	Wait    int           // seconds that Partner Center wants no calls; 0: it does not mind
	More    int           // read since the rows on screen were painted
	Show    templ.SafeURL // paints them: the list's own address
	Poll    templ.SafeURL // what the poll asks, with read=N of what is painted
	Done    bool          // was reading when the page was painted, now is not
}

// CustomerColumns are the heads of the customers table.
type CustomerColumns struct {
	Customer, Domain, Relationship, Users, Seats, Read, Opened Column
}

// CustomerCard is a starred or recent customer above the table.
type CustomerCard struct {
	Href   templ.SafeURL
	ID     string
	Name   string
	Domain string
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
	NoAccess     Time          // when access was refused; zero: was let in, or never tried
	Users        string        // "1,284", "4,500+"; "": not known
	Seats        string        // "61 of 80"; "": not known
	Read         Time          // when the users were read; zero: they are not held
}

func customersTally(p CustomersPage) string {
	if p.Clear == "" {
		return plural(p.Total, p.Part, "customer", "customers")
	}
	return Number(p.Shown) + " of " + plural(p.Total, p.Part, "customer", "customers")
}

func customersHeading(p CustomersPage) string {
	if p.Clear == "" {
		return "All customers"
	}
	return "Customers found"
}

func customersCaption(p CustomersPage) string {
	caption := "Customers"
	if p.Status.Loading {
		return caption + ", being read"
	}
	if p.Order != "" {
		caption += ", " + p.Order
	}
	return caption + ", " + pagerRange(p.Pager)
}

// customersGlyph is the picture where there is no row.
func customersGlyph(p CustomersPage) string {
	if p.Clear == "" {
		return emptyGlyph("")
	}
	return "search-x"
}

// customersReadMeans is what a reading under way means for the person.
func customersReadMeans(s CustomersStatusLine) string {
	switch {
	case s.Wait > 0:
		return goesOn(s.Wait)
	case s.Loading:
		return "They are shown as soon as they are here."
	}
	return "Search and counts cover what is read."
}

// customersStatusTell is what is read aloud when the reading ends well.
func customersStatusTell(p CustomersPage) string {
	if p.Status.Done && !p.Part && p.Banner == nil {
		return "All " + plural(p.Status.Read, false, "customer", "customers") + " are read"
	}
	return ""
}

// paintedCustomers is the page with its rows on screen from now on.
func paintedCustomers(p CustomersPage) CustomersPage {
	p.Status.More, p.Status.Done = 0, false
	return p
}

// moreCustomers says how many came since the rows were painted.
func moreCustomers(s CustomersStatusLine) string { return Number(s.More) + " more read: show" }

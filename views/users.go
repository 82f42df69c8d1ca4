package views

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// UsersPage is a customer's users; the page people spend their day on.
type UsersPage struct {
	Chrome
	Customer CustomerHead
	Path     templ.SafeURL // "/customers/{id}/users"
	Query    string        // what is searched, as typed
	Clear    templ.SafeURL // the list without search and filters; "": nothing to clear

	Chips     []Chip
	Filters   []Filter // License, Service plan, Usage location, Domain, Role
	Hidden    []Hidden // what the search form carries along beyond q and the filters: synced, guest; sort and size have fields of their own
	Name, UPN Column   // heads of the first column
	Columns   []UserColumn
	Sorts     []SortOption // the same as the columns' heads, for the select above the cards
	Rows      []UserRow
	Filled    []UserRow // whose licenses were read since the page was painted; for its poll

	Things Things // what is listed, where that is not users

	Shown int    // users that match
	Total int    // users read so far
	Of    string // what Shown is of, where that is not Total: "of 398 read"
	Part  bool   // there are more than were read: "4,500+"
	Read  Time   // when the list was read; zero while its first page is on its way

	Bulk     UsersBulk
	Tools    []Tool          // links that open a panel: Views, Columns, …
	Panel    templ.Component // the open one, where no script runs; nil: none
	Licenses LicensesLine
	Withheld *Withheld // kinds whose columns are left out, and why; nil: none

	Export  ExportMenu
	Status  UsersStatusLine
	Banner  *Banner  // stale, cut, throttled, down: above the table, which stays
	Trouble *Problem // shown in place of the table
	Empty   *Nothing // no match, or a customer without users
	Pager   Pager
	Refresh templ.SafeURL // where Refresh, Stop, Go on from here post: "/customers/{id}/reading" with do, return_to
	Tell    string        // read aloud after a swap: "58 of 412 users match"
	Exact   bool          // the first row is exactly what was typed: Enter opens it, as it does the only hit
}

// Things are what a list holds, in the words of its lines; the zero value is users.
type Things struct {
	One, Many, Title string // "deleted user", "deleted users", "Deleted users"
}

func (t Things) orUsers() Things {
	if t == (Things{}) {
		return Things{"user", "users", "Users"}
	}
	return t
}

// LicensesLine is how far the licenses of the users were read: a call a user,
// so they come after the rows.
type LicensesLine struct {
	Text    string // "398 of 412 read", "2,000 of 100,000 read"; "": they are not on this page
	Read    Time   // when the last was read; zero: none yet
	Reading bool   // more are on their way
	Asks    int    // so many more would be read when asked to go on
	Stopped bool   // somebody stopped it
	Path    templ.SafeURL
	Banner  *Banner // why it does not go on
}

// UsersStatusLine is how far the reading of the list has come. While Reading
// the page asks again every second (HX-Target: div#users-status) and gets
// UsersStatus, which changes counts and pager but never a painted row.
type UsersStatusLine struct {
	Reading bool
	Loading bool          // the first page is on its way: the table is a skeleton
	Read    int           // users read so far
	Wait    int           // seconds that Partner Center wants no calls; 0: it does not mind
	More    int           // read since the rows on screen were painted
	Show    templ.SafeURL // paints them: the list's own address
	Poll    templ.SafeURL // what the poll asks: the list's own address; read=N, of what is painted, is set here
	Done    bool          // was reading when the page was painted, now is not
	Told    bool          // that has been said before: it stays, and is not read aloud again
	Blank   bool          // no row is on screen, because none matched: the first that does is shown by itself
	Finish  Time          // when the last one was read
}

// Chip is a quick filter with its count.
type Chip struct {
	Label string // "No usage location"
	Count int
	Part  bool          // counted over a part: "71+"
	Of    string        // counted over those whose licenses were read: "of 398 read"; "": over all
	Bare  bool          // not counted
	Href  templ.SafeURL // sets it, or takes it off
	On    bool
}

// Filter is a list of choices behind a button.
type Filter struct {
	Name    string // the field: "location", "domain"
	Label   string // "Usage location"
	Options []FilterOption
	Applied int           // how many are set
	Clear   templ.SafeURL // the list without this filter

	// Load is where the choices are, when they come as the filter is opened;
	// until then Options are those that are set. Open has them on the page, as
	// it is without script.
	Load templ.SafeURL
	Open bool
	Note string // over the choices: "Licenses of 398 of 412 users are read."
}

// FilterOption is one choice of a filter.
type FilterOption struct {
	Value string // "DE", "none"
	Label string // "Germany", "Not set"
	Title string // behind it: a part number
	Count int
	Part  bool
	On    bool
}

// filtersApplied is how many of the filters are set.
func filtersApplied(p UsersPage) int {
	n := 0
	for _, f := range p.Filters {
		if f.Applied > 0 {
			n++
		}
	}
	return n
}

// filterOpen tells whether the choices of one stand on the page.
func filterOpen(p UsersPage) bool {
	return slices.ContainsFunc(p.Filters, func(f Filter) bool { return f.Open })
}

// SortOption is a choice of the select "Sort by".
type SortOption struct {
	Value string // "name", "-name"
	Label string // "Name, A to Z"
	On    bool
}

// UserRow is one user as the list shows them.
type UserRow struct {
	ID          string // the row's address is the list's path and this
	DisplayName string // "": none, the UPN stands in
	NameMarks   []Segment
	UPN         string
	UPNMarks    []Segment
	Location    string // the country's name; "": not set
	DomainType  string // "Managed", "Federated"; "": not told
	Synced      Time   // last synced from on-premises; zero: cloud only
	Guest       bool
	FirstName   string
	LastName    string
	Phone       string
	Ticked      bool // among the selected

	Licenses     []LicenseTag // none: no license; nothing is said before they were read
	LicensesRead bool
	Roles        []string // "Global Administrator"
}

// LicenseTag is a product as a row names it.
type LicenseTag struct {
	Name       string // as Partner Center has it: "Microsoft 365 E5"
	PartNumber string // "SPE_E5"
}

// Nothing says why there is no row.
type Nothing struct {
	Title   string // "No user of Contoso matches “mülller”."
	Text    string // "All 1,284 users were searched: names, UPN, phone."
	Actions []Action
}

func usersHeading(p UsersPage) string {
	if p.Query == "" && p.Clear == "" {
		return "All users"
	}
	return "Users found"
}

func usersTally(p UsersPage) string {
	switch {
	case p.Query == "" && p.Clear == "":
		return plural(p.Total, p.Part, "user", "users")
	case p.Of != "":
		return Number(p.Shown) + " " + p.Of
	default:
		return Number(p.Shown) + " of " + count(p.Total, p.Part)
	}
}

func usersCaption(p UsersPage) string {
	caption := "Users of " + p.Customer.Name
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

// usersGlyph is the picture where there is no row.
func usersGlyph(p UsersPage) string {
	if p.Clear == "" {
		return emptyGlyph(p.Query)
	}
	return "search-x"
}

func usersReadSoFar(p UsersPage) string {
	if p.Status.Loading {
		return "Reading the first " + p.Things.orUsers().Many + " of " + p.Customer.Name
	}
	return usersRead(p) + " read so far; " + p.Customer.Name + " has more."
}

// usersRead counts those that are read.
func usersRead(p UsersPage) string {
	things := p.Things.orUsers()
	return plural(p.Status.Read, false, things.One, things.Many)
}

// usersReadMeans is what that means for the person.
func usersReadMeans(s UsersStatusLine) string {
	switch {
	case s.Wait > 0:
		return goesOn(s.Wait)
	case s.Loading:
		return "They are shown as soon as they are here."
	default:
		return "Search and counts cover what is read."
	}
}

// tagNames lists products by name.
func tagNames(licenses []LicenseTag) []string {
	names := make([]string, len(licenses))
	for i, l := range licenses {
		names[i] = l.Name
	}
	return names
}

func tickAllLabel(p UsersPage) string {
	return "Select all " + plural(len(p.Rows), false, "user", "users") + " on this page"
}

// usersAllRead tells whether the reading came to a good end since the page was
// painted.
func usersAllRead(p UsersPage) bool {
	return p.Status.Done && !p.Status.Reading && !p.Part && p.Banner == nil
}

// agesOnlyTell says whether nothing among the ages can be pressed: then the
// line itself takes the focus, for on a phone it may be wider than the screen.
func agesOnlyTell(p UsersPage) bool {
	l := p.Licenses
	pressed := l.Text != "" && (l.Reading || l.Asks > 0 || l.Stopped)
	return !pressed && p.Status.Reading
}

// usersStatusTell is what is read aloud when the reading ends, well or not.
func usersStatusTell(p UsersPage) string {
	switch {
	case p.Status.Told:
		return ""
	case usersAllRead(p):
		return usersEnd(p)
	case p.Status.Done && p.Banner != nil:
		return p.Banner.Title
	default:
		return ""
	}
}

// usersEnd says that the reading came to a good end.
func usersEnd(p UsersPage) string {
	return "All " + usersRead(p) + " are read"
}

// usersPaints tells whether the poll's answer is shown whole: where no row is on
// screen yet, the first ones come by themselves, and so does the end.
func usersPaints(p UsersPage) bool {
	s := p.Status
	if p.Trouble != nil || s.Loading {
		return p.Trouble != nil
	}
	return s.More == s.Read || s.Blank && (p.Empty == nil || s.Done)
}

// pollHref asks with how many of the read users the rows on screen were painted.
func pollHref(s UsersStatusLine) templ.SafeURL {
	u, err := url.Parse(string(s.Poll))
	if err != nil {
		return s.Show
	}
	q := u.Query()
	q.Set("read", strconv.Itoa(s.Read-s.More))
	switch {
	case s.Done: // until the rows are shown
		q.Set("done", "1")
	case !s.Reading: // only licenses are: the list is not done by that
		q.Set("licenses", "1")
	}
	if s.Blank {
		q.Set("rows", "0")
	}
	u.RawQuery = q.Encode()
	return templ.SafeURL(u.String())
}

// painted is the page with its rows on screen from now on.
func painted(p UsersPage) UsersPage {
	p.Status.More, p.Status.Done, p.Status.Blank = 0, false, p.Empty != nil
	return p
}

func showMoreLabel(s UsersStatusLine) string { return Number(s.More) + " more read: show" }

func sizeValue(o SizeOption) string { return strconv.Itoa(o.Size) }

var skeletonWidths = [...]string{"w2", "w1", "w3"}

// usersRefused tells whether there is nothing to search, whatever is typed.
func usersRefused(p UsersPage) bool {
	return p.Trouble != nil && (p.Trouble.Kind == ProblemNoRelationship || p.Trouble.Kind == ProblemRoleMissing || p.Trouble.Kind == ProblemLevel)
}

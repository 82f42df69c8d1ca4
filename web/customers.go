package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

const customersPath = "/customers"

// home answers GET /.
func (s *server) home(c echo.Context) error { return goTo(c, customersPath) }

// customersStatusTarget is the element that the list's poll fills.
const customersStatusTarget = "customers-status"

// listCustomers answers GET /customers: whole, as the fragment, or as the line
// that tells how far the reading has come.
func (s *server) listCustomers(c echo.Context) error {
	poll := target(c.Request()) == customersStatusTarget
	canonical, ok := directory.CanonicalCustomers(c.QueryParams())
	if !poll && !(ok && onlyKnows(c.QueryParams(), canonical)) {
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(customersPath, canonical))
		}
		c.Response().Header().Set("HX-Replace-Url", address(customersPath, canonical))
	}
	if sharing(c) {
		page := views.CustomersPage{Chrome: s.chrome(c, views.NavCustomers, "Customers"), Path: customersPath, Trouble: hiddenCustomers()}
		return render(c, views.Customers(page), views.CustomersFragment(page))
	}
	query := s.customersQuery(c)
	found, err := s.directory.Customers(c.Request().Context(), s.viewer(c), query)
	if err != nil {
		return s.wants(c, "see customers", "The customers", agentRoles, "").trouble(err)
	}
	if !poll && found.Complete() && query.Page > found.Pages { // the last page, under its own number
		query.Sort, query.Page = query.Order(), found.Page
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(customersPath, query.Encode()))
		}
		c.Response().Header().Set("HX-Replace-Url", address(customersPath, query.Encode()))
	}
	look := s.viewed
	if poll {
		look = s.seen
	}
	if err := look(c, audit.KindCustomersList, ""); err != nil {
		return err
	}
	page := customersPage(s.chrome(c, views.NavCustomers, "Customers"), query, found, s.clock(c))
	if page.Status.Reading {
		page.Status.Wait = s.waits("")
	}
	if poll {
		painted, _ := strconv.Atoi(c.QueryParam("read"))
		page.Status.More = max(0, found.Read-painted)
		page.Status.Done = !page.Status.Reading
		page.Status.Poll = templ.SafeURL(withParameter(string(page.Status.Show), "read="+strconv.Itoa(painted)))
		return renderStatus(c, http.StatusOK, views.CustomersStatus(page))
	}
	return render(c, views.Customers(page), views.CustomersFragment(page))
}

// customersQuery is what was asked, with what the person has done and may see.
// What of that can't be read is left out: no list fails for it.
func (s *server) customersQuery(c echo.Context) directory.CustomersQuery {
	been, err := s.prefs.Customers(c.Request().Context(), principal(c).Key)
	if err != nil {
		s.logFailure(c, "starred and opened customers not read", err)
	}
	query := directory.ParseCustomersQuery(c.QueryParams())
	query.Opened, query.Refused, query.Starred = been.Opened, been.Refused, map[string]bool{}
	for id := range been.Starred {
		query.Starred[id] = true
	}
	query.Known = s.directory.Known(c.Request().Context(), s.viewer(c))
	return query
}

// onlyKnows reports whether the query has no field beyond those of an encoded one.
func onlyKnows(query url.Values, encoded string) bool {
	known, err := url.ParseQuery(encoded)
	if err != nil {
		return false
	}
	for name := range query {
		if !known.Has(name) {
			return false
		}
	}
	return true
}

// wants says what the person was after, for the words of a refusal.
func (s *server) wants(c echo.Context, verb, things, role, at string) wanted {
	return wanted{Verb: verb, Things: things, Role: role, At: at, Partner: s.cfg.Partner, Person: shown(principal(c).Name), Back: whereFrom(c.Request())}
}

// viewed puts the view of a list on the trail; without that nothing is shown.
func (s *server) viewed(c echo.Context, kind, customerID string) error {
	return trailTrouble(s.trail.Viewed(c.Request().Context(), s.entry(c, kind, customerID, "")))
}

// seen makes sure that the list which a page asks for again by itself, or shows
// once more after a change, is on the trail as viewed. Whether it is a page
// that asks is the browser's word: no header gets a list past the trail.
func (s *server) seen(c echo.Context, kind, customerID string) error {
	return trailTrouble(s.trail.Seen(c.Request().Context(), s.entry(c, kind, customerID, "")))
}

// recorded puts one thing that somebody looked at or did on the trail.
func (s *server) recorded(c echo.Context, kind, customerID, targetID string) error {
	_, err := s.trail.Append(c.Request().Context(), s.entry(c, kind, customerID, targetID))
	return trailTrouble(err)
}

func (s *server) entry(c echo.Context, kind, customerID, targetID string) audit.Entry {
	p := principal(c)
	e := audit.Entry{
		Kind: kind, Person: p.Key, PersonName: p.Name, Address: c.RealIP(),
		CustomerID: customerID, TargetID: targetID, CorrelationID: correlationID(c),
	}
	if customerID != "" {
		if ticket, err := s.prefs.Ticket(c.Request().Context(), p.Key, customerID); err == nil {
			e.Ticket = ticket
		}
	}
	return e
}

func trailTrouble(err error) error {
	if err == nil {
		return nil
	}
	return &Trouble{Status: http.StatusServiceUnavailable, err: err, Problem: views.Problem{
		Kind:  views.ProblemFault,
		What:  "Rollcall can't write its record of who looked at what.",
		Means: "Without that nothing is shown. Nothing was changed.",
		Next:  "Try again in a minute. If it stays, whoever runs Rollcall has to look at its database.",
	}}
}

// customersPage maps the directory's answer to what is shown.
func customersPage(ch views.Chrome, q directory.CustomersQuery, found directory.CustomersView, clock clock) views.CustomersPage {
	page := views.CustomersPage{
		Chrome:  ch,
		Path:    customersPath,
		Query:   q.Text,
		Only:    string(q.Only),
		Chips:   customersChips(q, found),
		Sorts:   customersSorts(q),
		Shown:   found.Matching,
		Total:   found.Read,
		Part:    !found.Complete(),
		Read:    clock.at(found.ReadAt),
		Order:   customersOrder(q.Order()),
		Columns: customerColumns(q),
		Pager:   pager(found.Page, found.Pages, found.Size, found.Matching, len(found.Rows), !found.Complete(), customersHref(q)),
		Refresh: customersPath + "/reading",
		Banner:  readingBanner(found.Reading, "customers", customersPath+"/reading", string(ch.Here), clock),
	}
	page.Status = customersStatus(q, found)
	if q.Text != "" || q.Only != directory.CustomersAll {
		page.Clear = customersPath
	} else {
		page.Starred, page.Recent = customerCards(found.Starred, clock), customerCards(found.Recent, clock)
	}
	for _, r := range found.Rows {
		page.Rows = append(page.Rows, customerRow(r, clock))
	}
	page.Exact = found.Exact != ""
	page.Tell = customersTell(q, found)
	page.Empty = noCustomers(q, found)
	return page
}

func customersStatus(q directory.CustomersQuery, found directory.CustomersView) views.CustomersStatusLine {
	line := views.CustomersStatusLine{
		Reading: found.State == directory.StateLoading || found.State == directory.StateGrowing,
		Loading: found.State == directory.StateLoading,
		Read:    found.Reading.Read,
		Show:    templ.SafeURL(address(customersPath, q.Encode())),
	}
	line.Poll = templ.SafeURL(withParameter(string(line.Show), "read="+strconv.Itoa(line.Read)))
	return line
}

func customersChips(q directory.CustomersQuery, found directory.CustomersView) []views.Chip {
	var chips []views.Chip
	for _, choice := range []struct {
		only  directory.CustomersOnly
		label string
		count int
	}{
		{directory.CustomersStarred, "Starred", found.Counts.Starred},
		{directory.CustomersNoAccess, "No access", found.Counts.NoAccess},
		{directory.CustomersRead, "Users read", found.Counts.Read},
	} {
		next, on := q, q.Only == choice.only
		next.Page, next.Only = 1, choice.only
		if on {
			next.Only = directory.CustomersAll
		}
		chips = append(chips, views.Chip{Label: choice.label, Count: choice.count, On: on, Href: templ.SafeURL(address(customersPath, next.Encode()))})
	}
	return chips
}

// noCustomers says why there is no row.
func noCustomers(q directory.CustomersQuery, found directory.CustomersView) *views.Nothing {
	switch {
	case len(found.Rows) > 0 || found.State == directory.StateLoading:
		return nil
	case q.Text == "" && q.Only == directory.CustomersAll:
		return &views.Nothing{Title: "No customers yet", Text: "Partner Center lists no customer for your company."}
	case q.Text == "":
		return noCustomerOf(q.Only)
	}
	text := "All " + plural(found.Read, "customer was searched", "customers were searched") + ": names, domains, IDs."
	if !found.Complete() {
		text = views.Number(found.Read) + " customers were searched so far; there are more."
	}
	n := &views.Nothing{Title: "No customer matches “" + shown(q.Text) + "”", Text: text,
		Actions: []views.Action{{Label: "Clear search", Href: customersPath, Primary: true}}}
	if q.Only != directory.CustomersAll {
		n.Text = "Only some customers were searched: a filter is set."
		n.Actions = []views.Action{{Label: "Search all customers for “" + shown(q.Text) + "”", Primary: true,
			Href: templ.SafeURL(address(customersPath, directory.CustomersQuery{Text: q.Text}.Encode()))}, {Label: "Clear filters", Href: customersPath}}
	}
	return n
}

// noCustomerOf says what would be in the list that a chip narrows to.
func noCustomerOf(only directory.CustomersOnly) *views.Nothing {
	n := &views.Nothing{Actions: []views.Action{{Label: "All customers", Href: customersPath, Primary: true}}}
	switch only {
	case directory.CustomersStarred:
		n.Title, n.Text = "No customer is starred", "The star at the end of a row keeps a customer at hand, above the list."
	case directory.CustomersNoAccess:
		n.Title, n.Text = "You were let in everywhere", "Customers are listed here that refused you when you last opened them."
	default:
		n.Title, n.Text = "No customer’s users are held now", "Users are read when somebody opens a customer, and shown here while your access to them was confirmed within the last minutes."
	}
	return n
}

func customerRow(r directory.CustomerRow, clock clock) views.CustomerRow {
	row := views.CustomerRow{
		Href:         usersPath(r.ID),
		ID:           r.ID,
		Name:         shown(r.Name),
		NameMarks:    segments(r.Name, r.NameMarks),
		Domain:       shown(r.Domain),
		DomainMarks:  segments(r.Domain, r.DomainMarks),
		Relationship: sentence(r.Relationship),
		Opened:       clock.ago(r.Opened),
		Starred:      r.Starred,
		Star:         templ.SafeURL(customersPath + "/" + r.ID + "/star"),
		NoAccess:     clock.ago(r.Refused),
		Read:         clock.ago(r.Known.UsersRead),
	}
	if !r.Known.UsersRead.IsZero() {
		row.Users = views.Number(r.Known.Users)
		if r.Known.UsersPart {
			row.Users += "+"
		}
	}
	if r.Known.SeatsKnown {
		row.Seats = views.Number(r.Known.Assigned) + " of " + views.Number(r.Known.Owned)
	}
	return row
}

func customerCards(rows []directory.CustomerRow, clock clock) []views.CustomerCard {
	var cards []views.CustomerCard
	for _, r := range rows {
		card := views.CustomerCard{Href: usersPath(r.ID), ID: r.ID, Name: shown(r.Name), Domain: shown(r.Domain), Opened: clock.ago(r.Opened)}
		cards = append(cards, card)
	}
	return cards
}

func customersHref(q directory.CustomersQuery) func(page int) string {
	q.Sort = q.Order() // the one on screen, on every page
	return func(page int) string {
		q.Page = page
		return address(customersPath, q.Encode())
	}
}

func customerColumns(q directory.CustomersQuery) views.CustomerColumns {
	column := func(by directory.CustomersColumn, firstDescending bool) views.Column {
		next := q
		next.Page = 1
		next.Sort = directory.CustomersSort{By: by, Descending: firstDescending}
		col := views.Column{}
		if order := q.Order(); order.By == by {
			col.Sort = direction(order.Descending)
			next.Sort.Descending = !order.Descending
		}
		col.Href = templ.SafeURL(address(customersPath, next.Encode()))
		return col
	}
	return views.CustomerColumns{
		Customer:     column(directory.CustomersByName, false),
		Domain:       column(directory.CustomersByDomain, false),
		Relationship: column(directory.CustomersByRelationship, false),
		Users:        column(directory.CustomersByUsers, true),
		Seats:        column(directory.CustomersBySeats, true),
		Read:         column(directory.CustomersByRead, true),
		Opened:       column(directory.CustomersByOpened, true),
	}
}

// customersSortWords are what customers can be sorted by, the default first.
var customersSortWords = []struct {
	by       directory.CustomersColumn
	up, down string
}{
	{directory.CustomersByOpened, "last opened by you last", "last opened by you first"},
	{directory.CustomersByName, "name, A to Z", "name, Z to A"},
	{directory.CustomersByDomain, "domain, A to Z", "domain, Z to A"},
	{directory.CustomersByRelationship, "relationship, A to Z", "relationship, Z to A"},
	{directory.CustomersByUsers, "fewest users first", "most users first"},
	{directory.CustomersBySeats, "fewest seats assigned first", "most seats assigned first"},
	{directory.CustomersByRead, "users read longest ago first", "users read latest first"},
}

func customersSorts(q directory.CustomersQuery) []views.SortOption {
	var out []views.SortOption
	for _, w := range customersSortWords {
		for _, descending := range []bool{true, false} {
			sort, label := directory.CustomersSort{By: w.by, Descending: descending}, w.up
			if descending {
				label = w.down
			}
			o := views.SortOption{Value: sort.String(), Label: sentence(label), On: sort == q.Order()}
			if o.On && q.Sort == (directory.CustomersSort{}) {
				o.Value = "" // not said, nor will it be when something else is chosen
			}
			out = append(out, o)
		}
	}
	return out
}

func customersOrder(sort directory.CustomersSort) string {
	for _, w := range customersSortWords {
		switch {
		case w.by == sort.By && sort.Descending:
			return w.down
		case w.by == sort.By:
			return w.up
		}
	}
	return ""
}

func customersTell(q directory.CustomersQuery, found directory.CustomersView) string {
	if q.Text == "" && q.Only == directory.CustomersAll {
		return plural(found.Read, "customer", "customers")
	}
	return plural(found.Matching, "customer matches", "customers match")
}

// openCustomer answers GET /customers/:customer, by ID or by domain: the
// customer's users, under its ID. What was asked of them goes along.
func (s *server) openCustomer(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		customer, err := s.directory.CustomerByDomain(c.Request().Context(), s.viewer(c), c.Param("customer"))
		if err != nil {
			return s.wants(c, "see customers", "The customer", agentRoles, "").trouble(err)
		}
		customerID = customer.ID
	}
	path := string(usersPath(customerID))
	if page, ok := strings.CutPrefix(c.Path(), customersPath+"/:customer/"); ok { // the same page, under the ID
		path = customersPath + "/" + customerID + "/" + page
	}
	if userID := c.Param("user"); isGUID(userID) {
		path = string(usersPath(customerID)) + "/" + strings.ToLower(userID)
	} else if userID != "" {
		path = string(usersPath(customerID))
	}
	return c.Redirect(http.StatusSeeOther, address(path, c.QueryParams().Encode()))
}

// customerIcon answers GET /customers/:customer/icon: the customer's tile, by
// which tabs are told apart.
func (s *server) customerIcon(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	customer, err := s.directory.Customer(c.Request().Context(), s.viewer(c), customerID)
	if err != nil {
		return s.wants(c, "see customers", "The customer", agentRoles, "").trouble(err)
	}
	return send(c, http.StatusOK, "image/svg+xml", views.TileIcon(shown(customer.Name), customer.ID))
}

// address joins a path and an encoded query.
func address(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

func iconPath(customerID string) templ.SafeURL {
	return templ.SafeURL(customersPath + "/" + url.PathEscape(customerID) + "/icon")
}

func usersPath(customerID string) templ.SafeURL {
	return templ.SafeURL(customersPath + "/" + url.PathEscape(customerID) + "/users")
}

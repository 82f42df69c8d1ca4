package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

const customersPath = "/customers"

// home answers GET /.
func (s *server) home(c echo.Context) error { return goTo(c, customersPath) }

// listCustomers answers GET /customers, whole or as the fragment.
func (s *server) listCustomers(c echo.Context) error {
	canonical, ok := directory.CanonicalCustomers(c.QueryParams())
	if !ok && !wantsFragment(c.Request()) {
		return c.Redirect(http.StatusSeeOther, address(customersPath, canonical))
	}
	c.Response().Header().Set("HX-Replace-Url", address(customersPath, canonical))
	if ok {
		c.Response().Header().Del("HX-Replace-Url")
	}
	if sharing(c) {
		page := views.CustomersPage{Chrome: s.chrome(c, views.NavCustomers, "Customers"), Path: customersPath, Trouble: hiddenCustomers()}
		return render(c, views.Customers(page), views.CustomersFragment(page))
	}
	been, err := s.prefs.Customers(c.Request().Context(), principal(c).Key)
	if err != nil {
		s.logFailure(c, "starred and opened customers not read", err)
	}
	query := directory.ParseCustomersQuery(c.QueryParams())
	query.Opened, query.Starred = been.Opened, map[string]bool{}
	for id := range been.Starred {
		query.Starred[id] = true
	}

	found, err := s.directory.Customers(c.Request().Context(), s.viewer(c), query)
	if err != nil {
		return s.wants(c, "see customers", "The customers", "Admin agent, Helpdesk agent or Sales agent", "").trouble(err)
	}
	if err := s.viewed(c, "customers.list", "", ""); err != nil {
		return err
	}
	page := customersPage(s.chrome(c, views.NavCustomers, "Customers"), query, found, been, s.clock(c))
	return render(c, views.Customers(page), views.CustomersFragment(page))
}

// wants says what the person was after, for the words of a refusal.
func (s *server) wants(c echo.Context, verb, things, role, at string) wanted {
	return wanted{Verb: verb, Things: things, Role: role, At: at, Partner: s.cfg.Partner, Person: shown(principal(c).Name), Back: whereFrom(c.Request())}
}

// viewed puts the view of a list on the trail; without that nothing is shown.
func (s *server) viewed(c echo.Context, kind, customerID, targetID string) error {
	err := s.trail.Viewed(c.Request().Context(), s.entry(c, kind, customerID, targetID))
	return trailTrouble(err)
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
func customersPage(ch views.Chrome, q directory.CustomersQuery, found directory.CustomersView, been preferences.Customers, clock clock) views.CustomersPage {
	page := views.CustomersPage{
		Chrome:  ch,
		Path:    customersPath,
		Query:   q.Text,
		Shown:   found.Matching,
		Total:   found.Read,
		Part:    !found.Complete(),
		Read:    clock.at(found.ReadAt),
		Order:   customersOrder(q.Sort),
		Columns: customerColumns(q),
		Pager:   pager(found.Page, found.Pages, found.Size, found.Matching, len(found.Rows), !found.Complete(), customersHref(q)),
		Refresh: customersPath + "/reading",
		Banner:  readingBanner(found.Reading, "customers", customersPath+"/reading", string(ch.Here), clock),
	}
	if q.Text != "" {
		page.Clear = customersPath
	} else {
		page.Starred, page.Recent = customerCards(found.Starred, clock), customerCards(found.Recent, clock)
	}
	page.Pager.Sizes = nil
	doubled := doubledNames(found.Rows)
	for _, r := range found.Rows {
		page.Rows = append(page.Rows, customerRow(r, been, clock, doubled))
	}
	page.Exact = found.Exact != ""
	page.Tell = customersTell(q, found)
	page.Empty = noCustomers(q, found)
	return page
}

// noCustomers says why there is no row.
func noCustomers(q directory.CustomersQuery, found directory.CustomersView) *views.Nothing {
	switch {
	case len(found.Rows) > 0 || found.State == directory.StateLoading:
		return nil
	case q.Text == "":
		return &views.Nothing{Title: "No customers yet", Text: "Partner Center lists no customer for your company."}
	}
	text := "All " + plural(found.Read, "customer was searched", "customers were searched") + ": names, domains, IDs."
	if !found.Complete() {
		text = views.Number(found.Read) + " customers were searched so far; there are more."
	}
	return &views.Nothing{Title: "No customer matches “" + shown(q.Text) + "”", Text: text,
		Actions: []views.Action{{Label: "Clear search", Href: customersPath, Primary: true}}}
}

func customerRow(r directory.CustomerRow, been preferences.Customers, clock clock, doubled map[string]bool) views.CustomerRow {
	_, refused := been.Refused[r.ID]
	return views.CustomerRow{
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
		NoAccess:     refused,
	}
}

func customerCards(rows []directory.CustomerRow, clock clock) []views.CustomerCard {
	doubled := doubledNames(rows)
	var cards []views.CustomerCard
	for _, r := range rows {
		card := views.CustomerCard{Href: usersPath(r.ID), ID: r.ID, Name: shown(r.Name), Opened: clock.ago(r.Opened)}
		if doubled[r.Name] {
			card.Domain = shown(r.Domain)
		}
		cards = append(cards, card)
	}
	return cards
}

// doubledNames are those that two customers bear: they show their domains too.
func doubledNames(rows []directory.CustomerRow) map[string]bool {
	seen, doubled := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		doubled[r.Name] = doubled[r.Name] || seen[r.Name]
		seen[r.Name] = true
	}
	return doubled
}

func customersHref(q directory.CustomersQuery) func(page int) string {
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
		if q.Sort.By == by {
			col.Sort = direction(q.Sort.Descending)
			next.Sort.Descending = !q.Sort.Descending
		}
		col.Href = templ.SafeURL(address(customersPath, next.Encode()))
		return col
	}
	return views.CustomerColumns{
		Customer:     column(directory.CustomersByName, false),
		Domain:       column(directory.CustomersByDomain, false),
		Relationship: column(directory.CustomersByRelationship, false),
		Opened:       column(directory.CustomersByOpened, true),
	}
}

func customersOrder(sort directory.CustomersSort) string {
	switch {
	case sort.By == directory.CustomersByOpened && sort.Descending:
		return "last opened by you first"
	case sort.By == directory.CustomersByOpened:
		return "last opened by you last"
	case sort.Descending:
		return "sorted by " + string(sort.By) + ", descending"
	}
	return "sorted by " + string(sort.By)
}

func customersTell(q directory.CustomersQuery, found directory.CustomersView) string {
	if q.Text == "" {
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
			return s.wants(c, "see customers", "The customer", "Admin agent, Helpdesk agent or Sales agent", "").trouble(err)
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
		return s.wants(c, "see customers", "The customer", "Admin agent, Helpdesk agent or Sales agent", "").trouble(err)
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

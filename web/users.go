package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// listUsers answers GET /customers/:customer/users: whole, as the fragment, or
// as the line that tells how far the reading has come.
func (s *server) listUsers(c echo.Context) error {
	customerID := c.Param("customer")
	if !isGUID(customerID) || customerID != strings.ToLower(customerID) {
		return s.openCustomer(c)
	}
	path := string(usersPath(customerID))
	poll := target(c.Request()) == statusTarget
	canonical, ok := directory.Canonical(c.QueryParams())
	if !ok && !poll && !c.QueryParams().Has("ticket") { // a ticket is taken first, below
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(path, canonical))
		}
		c.Response().Header().Set("HX-Replace-Url", address(path, canonical))
	}
	query := directory.ParseQuery(c.QueryParams())

	found, err := s.usersSoon(c, customerID, query)
	if err == nil && errors.Is(found.Err, auth.ErrNoSession) { // the reading found out first
		err = found.Err
	}
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	clean, err := s.takeTicket(c, customerID)
	switch {
	case err != nil:
		return err
	case clean != "":
		return goTo(c, clean)
	}
	if !poll && found.Complete() && query.Page > found.Pages { // the last page, under its own number
		query.Page = found.Page
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(path, query.Encode()))
		}
		c.Response().Header().Set("HX-Replace-Url", address(path, query.Encode()))
	}
	customer, err := s.customerHead(c, customerID)
	if err != nil {
		return err
	}
	if !poll {
		if err := s.opened(c, customerID); err != nil {
			return err
		}
	}
	page := usersPage(s.chrome(c, views.NavCustomers, customer.Name+" · Users"), customer, query, found, s.clock(c))
	if page.Status.Reading {
		page.Status.Wait = s.waits(customerID)
	}
	if poll {
		painted, _ := strconv.Atoi(c.QueryParam("read"))
		page.Status.More = max(0, found.Read-painted)
		page.Status.Done = !page.Status.Reading
		return renderStatus(c, http.StatusOK, views.UsersStatus(page))
	}
	return render(c, views.Users(page), views.UsersFragment(page))
}

// How long a browser that runs our script waits for the first rows: it is then
// given a skeleton, which asks again by itself and waits as long as the
// directory does, or, while Partner Center is not asked anyway, for a second.
const (
	soon     = 200 * time.Millisecond
	soonPoll = time.Second
)

var errSoon = errors.New("no rows soon")

// usersSoon asks the directory. Where no row is there in a short while, it
// answers that the list is loading.
func (s *server) usersSoon(c echo.Context, customerID string, query directory.Query) (directory.UsersView, error) {
	ctx, wait := c.Request().Context(), soon
	poll := target(c.Request()) == statusTarget
	if poll {
		wait = soonPoll
	}
	if runsScript(c) && (!poll || s.waits(customerID) > 0) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, wait, errSoon)
		defer cancel()
	}
	found, err := s.directory.Users(ctx, s.viewer(c), customerID, query)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == errSoon {
		return directory.UsersView{Reading: directory.Reading{State: directory.StateLoading}, CustomerID: customerID, Page: 1, Pages: 1, Size: query.Size}, nil
	}
	return found, err
}

// runsScript tells whether our script is at work in the browser: it asks, or
// has left its cookie.
func runsScript(c echo.Context) bool {
	if c.Request().Header.Get("Hx-Request") == "true" {
		return true
	}
	_, err := c.Cookie(zoneCookie)
	return err == nil
}

// waits is how many seconds Partner Center still wants no calls to the customer.
func (s *server) waits(customerID string) int {
	if s.cfg.Wait == nil {
		return 0
	}
	return int((s.cfg.Wait(customerID) + time.Second - 1) / time.Second)
}

// opened keeps that the person was here: for their list of customers, and on
// the trail, without which nothing is shown.
func (s *server) opened(c echo.Context, customerID string) error {
	if err := s.prefs.Opened(c.Request().Context(), principal(c).Key, customerID, false); err != nil {
		s.logFailure(c, "opened customer not kept", err)
	}
	return s.viewed(c, "users.list", customerID, "")
}

// usersRefused words why the users can't be shown. Without a relationship
// nothing about the customer is told, not even whether it exists.
func (s *server) usersRefused(c echo.Context, customerID string, err error) error {
	w := s.wants(c, "see users", "The users", "Directory Readers", "")
	if !errors.Is(err, partnercenter.ErrForbidden) || errors.Is(err, partnercenter.ErrNoRelationship) {
		return w.trouble(err)
	}
	if err := s.prefs.Opened(c.Request().Context(), principal(c).Key, customerID, true); err != nil {
		s.logFailure(c, "refused customer not kept", err)
	}
	head, headErr := s.customerHead(c, customerID)
	if headErr == nil {
		w.At = head.Name
	}
	t := w.trouble(err)
	if headErr == nil {
		head = onTab(head, tabUsers, "")
		t.Customer = &head
	}
	return t
}

// customerHead is whose page it is. A customer whose profile can't be read is
// named by its ID: the page itself has been earned.
func (s *server) customerHead(c echo.Context, customerID string) (views.CustomerHead, error) {
	ctx := c.Request().Context()
	head := views.CustomerHead{ID: customerID, Name: "Customer " + customerID, Path: usersPath(customerID)}
	customer, err := s.directory.Customer(ctx, s.viewer(c), customerID)
	switch {
	case errors.Is(err, partnercenter.ErrNoRelationship):
		return head, s.wants(c, "see users", "The users", "Directory Readers", "").trouble(err)
	case err != nil:
		s.logFailure(c, "customer not named", err)
	default:
		head.Name, head.Domain = shown(customer.Name), shown(customer.Domain)
	}
	head.Tabs = customerTabs(customerID)
	been, err := s.prefs.Customers(ctx, principal(c).Key)
	if err != nil {
		s.logFailure(c, "starred and opened customers not read", err)
		return head, nil
	}
	_, head.Starred = been.Starred[customerID]
	head.Ticket = been.Tickets[customerID]
	head.Star = templ.SafeURL(customersPath + "/" + customerID + "/star")
	head.TicketPath = templ.SafeURL(customersPath + "/" + customerID + "/ticket")
	return head, nil
}

// usersPage maps the directory's answer to what is shown.
func usersPage(ch views.Chrome, customer views.CustomerHead, q directory.Query, found directory.UsersView, clock clock) views.UsersPage {
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	list := usersList{path: string(customer.Path), query: q, found: found, part: !found.Complete()}
	reading := templ.SafeURL(customersPath + "/" + customer.ID + "/reading")
	page := views.UsersPage{
		Chrome:    ch,
		Customer:  onTab(customer, tabUsers, usersCount(found)),
		Path:      customer.Path,
		Query:     q.Text,
		Chips:     list.chips(),
		Filters:   list.filters(),
		Hidden:    list.hidden(),
		Columns:   list.columns(),
		Sorts:     list.sorts(),
		Rows:      userRows(found.Rows, clock, ch.Sharing),
		ShowPhone: hasDigits(q.Text),
		Shown:     found.Matching,
		Total:     found.Read,
		Part:      list.part,
		Read:      clock.at(found.ReadAt),
		Status:    list.status(clock),
		Banner:    readingBanner(found.Reading, "users", string(reading), string(ch.Here), clock),
		Empty:     list.nothing(customer),
		Pager:     pager(found.Page, found.Pages, found.Size, found.Matching, len(found.Rows), list.part, list.pageHref),
		Refresh:   reading,
		Tell:      list.tell(),
		Exact:     found.Exact != "" || found.Matching == 1,
	}
	for _, size := range directory.Sizes {
		page.Pager.Sizes = append(page.Pager.Sizes, views.SizeOption{Size: size, On: size == found.Size})
	}
	if q.Text != "" || list.filtered() {
		page.Clear = customer.Path
	}
	return page
}

func userRows(rows []directory.UserRow, clock clock, sharing bool) []views.UserRow {
	out := make([]views.UserRow, len(rows))
	for i, r := range rows {
		out[i] = views.UserRow{
			ID:          r.ID,
			DisplayName: shown(r.DisplayName),
			NameMarks:   segments(r.DisplayName, r.NameMarks),
			UPN:         shown(r.UPN),
			UPNMarks:    segments(r.UPN, r.UPNMarks),
			Location:    countryName(r.Location),
			DomainType:  domainType(r.DomainType),
			Synced:      clock.ago(r.Synced),
			Guest:       r.Guest,
			Phone:       r.Phone,
		}
		if sharing {
			out[i].Phone = maskPhone(r.Phone)
		}
	}
	return out
}

// hasDigits says whether the text may have matched a phone number: then the
// list shows them, so that one sees why a user is there.
func hasDigits(text string) bool {
	digits := 0
	for _, r := range text {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	return digits >= 4
}

// domainType is how the domain signs in, in a word; "none" is not told apart
// by Partner Center and says nothing.
func domainType(wire string) string {
	switch wire {
	case "", "none":
		return ""
	case "managed": // the two that nearly every row has cost nothing
		return "Managed"
	case "federated":
		return "Federated"
	}
	return sentence(wire)
}

// usersList is one answer with its query: what the parts of the page follow from.
type usersList struct {
	path  string
	query directory.Query
	found directory.UsersView
	part  bool
}

// with is the address of the list with the query changed, from its first page.
func (l usersList) with(change func(*directory.Query)) templ.SafeURL {
	q := l.query
	q.Page = 1
	change(&q)
	return templ.SafeURL(address(l.path, q.Encode()))
}

func (l usersList) pageHref(page int) string {
	q := l.query
	q.Page = page
	return address(l.path, q.Encode())
}

func (l usersList) filtered() bool {
	q := l.query
	return q.Synced != directory.Any || q.Guest != directory.Any || len(q.Locations) > 0 || len(q.Domains) > 0
}

func (l usersList) chips() []views.Chip {
	q, counts := l.query, l.found.Counts
	noLocation := len(q.Locations) == 1 && q.Locations[0] == directory.NoLocation
	toggle := func(on bool, set, unset func(*directory.Query)) templ.SafeURL {
		if on {
			return l.with(unset)
		}
		return l.with(set)
	}
	return []views.Chip{
		{Label: "No usage location", Count: counts.NoLocation.All, Part: l.part, On: noLocation, Href: toggle(noLocation,
			func(q *directory.Query) { q.Locations = []string{directory.NoLocation} }, func(q *directory.Query) { q.Locations = nil })},
		{Label: "Synced", Count: counts.Synced.All, Part: l.part, On: q.Synced == directory.Yes, Href: toggle(q.Synced == directory.Yes,
			func(q *directory.Query) { q.Synced = directory.Yes }, func(q *directory.Query) { q.Synced = directory.Any })},
		{Label: "Cloud only", Count: counts.CloudOnly.All, Part: l.part, On: q.Synced == directory.No, Href: toggle(q.Synced == directory.No,
			func(q *directory.Query) { q.Synced = directory.No }, func(q *directory.Query) { q.Synced = directory.Any })},
		{Label: "Guest", Count: counts.Guest.All, Part: l.part, On: q.Guest == directory.Yes, Href: toggle(q.Guest == directory.Yes,
			func(q *directory.Query) { q.Guest = directory.Yes }, func(q *directory.Query) { q.Guest = directory.Any })},
	}
}

func (l usersList) filters() []views.Filter {
	counts := l.found.Counts
	location := views.Filter{Name: "location", Label: "Usage location", Applied: len(l.query.Locations),
		Clear: l.with(func(q *directory.Query) { q.Locations = nil })}
	location.Options = append(location.Options, l.option(directory.NoLocation, "Not set", counts.NoLocation.All, l.query.Locations))
	for _, f := range withChosen(counts.Locations, l.query.Locations, directory.NoLocation) {
		location.Options = append(location.Options, l.option(f.Value, countryName(f.Value), f.All, l.query.Locations))
	}
	domain := views.Filter{Name: "domain", Label: "Domain", Applied: len(l.query.Domains),
		Clear: l.with(func(q *directory.Query) { q.Domains = nil })}
	for _, f := range withChosen(counts.Domains, l.query.Domains, "") {
		domain.Options = append(domain.Options, l.option(f.Value, shown(f.Value), f.All, l.query.Domains))
	}
	return []views.Filter{location, domain}
}

// withChosen is the facets, and the chosen values that no user has: they are
// shown with 0, so that they can be taken off.
func withChosen(facets []directory.Facet, chosen []string, except string) []directory.Facet {
	for _, value := range chosen {
		found := value == except
		for _, f := range facets {
			found = found || f.Value == value
		}
		if !found {
			facets = append(facets[:len(facets):len(facets)], directory.Facet{Value: value})
		}
	}
	return facets
}

func (l usersList) option(value, label string, count int, chosen []string) views.FilterOption {
	on := false
	for _, v := range chosen {
		on = on || v == value
	}
	return views.FilterOption{Value: value, Label: label, Count: count, Part: l.part, On: on}
}

// hidden are the parts of the query that the search form has no field for.
func (l usersList) hidden() []views.Hidden {
	var out []views.Hidden
	add := func(name, value string) { out = append(out, views.Hidden{Name: name, Value: value}) }
	q := l.query
	if q.Synced != directory.Any {
		add("synced", string(q.Synced))
	}
	if q.Guest != directory.Any {
		add("guest", string(q.Guest))
	}
	if q.Sort.By != directory.ByName || q.Sort.Descending {
		add("sort", q.Sort.String())
	}
	if q.Size != directory.DefaultSize {
		add("size", strconv.Itoa(q.Size))
	}
	return out
}

func (l usersList) columns() views.UserColumns {
	column := func(by directory.Column) views.Column {
		col := views.Column{}
		descending := false
		if l.query.Sort.By == by {
			col.Sort = direction(l.query.Sort.Descending)
			descending = !l.query.Sort.Descending
		}
		col.Href = l.with(func(q *directory.Query) { q.Sort = directory.Sort{By: by, Descending: descending} })
		return col
	}
	return views.UserColumns{
		Name: column(directory.ByName), UPN: column(directory.ByUPN), Location: column(directory.ByLocation),
		DomainType: column(directory.ByDomainType), Synced: column(directory.BySynced),
	}
}

func (l usersList) sorts() []views.SortOption {
	var out []views.SortOption
	for _, choice := range []struct {
		by       directory.Column
		up, down string
	}{
		{directory.ByName, "Name, A to Z", "Name, Z to A"},
		{directory.ByUPN, "User principal name, A to Z", "User principal name, Z to A"},
		{directory.ByLocation, "Usage location, A to Z", "Usage location, Z to A"},
		{directory.ByDomainType, "Domain type, A to Z", "Domain type, Z to A"},
		{directory.BySynced, "Synced, longest ago first", "Synced, latest first"},
	} {
		for _, descending := range []bool{false, true} {
			sort := directory.Sort{By: choice.by, Descending: descending}
			label := choice.up
			if descending {
				label = choice.down
			}
			out = append(out, views.SortOption{Value: sort.String(), Label: label, On: sort == l.query.Sort})
		}
	}
	return out
}

func (l usersList) status(clock clock) views.UsersStatusLine {
	r := l.found.Reading
	line := views.UsersStatusLine{
		Reading: r.State == directory.StateLoading || r.State == directory.StateGrowing || r.Refreshing,
		Loading: r.State == directory.StateLoading,
		Read:    r.Read,
		Show:    l.with(func(q *directory.Query) { q.Page = l.query.Page }),
		Finish:  clock.at(r.ReadAt),
	}
	line.Poll = templ.SafeURL(withParameter(string(line.Show), "read="+strconv.Itoa(r.Read)))
	return line
}

func withParameter(href, parameter string) string {
	if strings.Contains(href, "?") {
		return href + "&" + parameter
	}
	return href + "?" + parameter
}

// nothing says why there is no row, and what to do about it.
func (l usersList) nothing(customer views.CustomerHead) *views.Nothing {
	r := l.found.Reading
	if len(l.found.Rows) > 0 || r.State == directory.StateLoading {
		return nil
	}
	if l.query.Text == "" && !l.filtered() {
		return &views.Nothing{Title: customer.Name + " has no users", Text: "Partner Center listed none. Deleted users are not in this list."}
	}
	n := &views.Nothing{Title: "No user of " + customer.Name + l.asked(), Text: l.searched(customer)}
	n.Actions = append(n.Actions, views.Action{Label: "Clear filters", Href: customer.Path, Primary: true})
	if l.query.Text != "" && l.filtered() {
		n.Actions = append(n.Actions, views.Action{Label: "Search all users for “" + shown(l.query.Text) + "”",
			Href: templ.SafeURL(address(l.path, directory.Query{Text: l.query.Text}.Encode()))})
	}
	return n
}

// asked repeats the question: “mülller” with Synced, Guest.
func (l usersList) asked() string {
	out := ""
	if l.query.Text != "" {
		out = " matches “" + shown(l.query.Text) + "”"
	}
	var with []string
	for _, c := range l.chips() {
		if c.On {
			with = append(with, c.Label)
		}
	}
	for _, f := range l.filters() {
		for _, o := range f.Options {
			if o.On && !(o.Value == directory.NoLocation && len(l.query.Locations) == 1) { // that one is a chip
				with = append(with, o.Label)
			}
		}
	}
	if len(with) > 0 {
		out += " with " + strings.Join(with, ", ")
	}
	return out
}

func (l usersList) searched(customer views.CustomerHead) string {
	n := views.Number(l.found.Read)
	where := ": names, UPN, phone."
	if l.query.Text == "" {
		where = "."
	}
	if l.part {
		return n + " users were searched so far; " + customer.Name + " has more. Someone you don't find may still exist."
	}
	if l.found.Read == 1 {
		return "The only user was searched" + where
	}
	return "All " + n + " users were searched" + where
}

// tell is read aloud after a search, once the person rests.
func (l usersList) tell() string {
	of := views.Number(l.found.Read)
	if l.part {
		of += " read so far"
	}
	switch {
	case l.found.State == directory.StateLoading:
		return "Reading users"
	case l.query.Text == "" && !l.filtered():
		return of + " users"
	case l.found.Matching == 0:
		return "No user matches, " + of + " searched"
	}
	return views.Number(l.found.Matching) + " of " + of + " users match"
}

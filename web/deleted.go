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
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

// A deleted user can be restored for so long. Source: API facts 9.1.
const (
	restorable  = 30 * 24 * time.Hour
	restoreSoon = 7 // days left from which on it is pressing
)

func deletedPath(customerID string) string { return string(usersPath(customerID)) + "/deleted" }

// listDeleted answers GET /customers/:customer/users/deleted: whole, as the
// fragment, or as the line that tells how far the reading has come.
func (s *server) listDeleted(c echo.Context) error {
	customerID := c.Param("customer")
	if !isGUID(customerID) || customerID != strings.ToLower(customerID) {
		return s.openCustomer(c)
	}
	path, poll := deletedPath(customerID), target(c.Request()) == statusTarget
	canonical, ok := directory.CanonicalDeleted(c.QueryParams())
	if !ok && !poll && !c.QueryParams().Has("ticket") {
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(path, canonical))
		}
		c.Response().Header().Set("HX-Replace-Url", address(path, canonical))
	}
	query := directory.ParseDeletedQuery(c.QueryParams())
	found, loading, err := soonly(c, poll, func(ctx context.Context) (directory.UsersView, error) {
		return s.directory.Deleted(ctx, s.viewer(c), customerID, query)
	})
	switch {
	case loading:
		found = directory.UsersView{Reading: directory.Reading{State: directory.StateLoading}, CustomerID: customerID, Page: 1, Pages: 1, Size: query.Size}
	case err == nil && errors.Is(found.Err, auth.ErrNoSession): // the reading found out first
		err = found.Err
	}
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	if !poll && found.Complete() && query.Page > found.Pages { // the last page, under its own number
		query.Page = found.Page
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(path, query.EncodeDeleted()))
		}
		c.Response().Header().Set("HX-Replace-Url", address(path, query.EncodeDeleted()))
	}
	customer, done, err := s.lookedAt(c, customerID, audit.KindDeletedList, loading, poll)
	if done || err != nil {
		return err
	}
	list := deletedList{path: path, query: query, found: found, part: !found.Complete()}
	page := deletedPage(s.chrome(c, views.NavCustomers, customer.Name+" · Deleted users"), customer, list, s.clock(c))
	page.Export = exportMenu(path, firstPage(query).EncodeDeleted())
	if page.Status.Reading {
		page.Status.Wait = s.waits(customerID)
	}
	if poll {
		painted, _ := strconv.Atoi(c.QueryParam("read"))
		page.Status.More = max(0, found.Read-painted)
		page.Status.Done = !page.Status.Reading
		return renderStatus(c, http.StatusOK, views.DeletedStatus(page))
	}
	if panelOf(c.QueryParams()) != toolCommand {
		return render(c, views.Deleted(page), views.DeletedFragment(page))
	}
	page.Panel = views.Commands(list.commandPanel(customerID, s.cfg))
	if target(c.Request()) == panelTarget {
		return render(c, views.Deleted(page), page.Panel)
	}
	return render(c, views.Deleted(page), views.DeletedFragment(page))
}

// readDeleted answers POST /customers/:customer/users/deleted/reading: as
// readUsers does for the others.
func (s *server) readDeleted(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ctx, v := c.Request().Context(), s.viewer(c)
	var err error
	switch c.FormValue("do") {
	case "refresh":
		err = s.directory.RefreshDeleted(ctx, v, customerID)
	case "go-on":
		err = s.directory.GoOnDeleted(ctx, v, customerID)
	case "stop":
		err = s.directory.StopDeleted(ctx, v, customerID)
	case "start-again":
		err = s.directory.StartAgainDeleted(ctx, v, customerID)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	return backTo(c, deletedPath(customerID))
}

// deletedList is one answer with its query: what the parts of the page follow from.
type deletedList struct {
	path  string
	query directory.Query
	found directory.UsersView
	part  bool
}

// tools are the links that open a panel.
func (l deletedList) tools() []views.Tool {
	here := l.with(func(q *directory.Query) { q.Page = l.query.Page })
	return []views.Tool{tool(here, toolCommand, "Copy as command", "terminal")}
}

// with is the address of the list with the query changed, from its first page.
func (l deletedList) with(change func(*directory.Query)) templ.SafeURL {
	q := l.query
	q.Page = 1
	change(&q)
	return templ.SafeURL(address(l.path, q.EncodeDeleted()))
}

// deletedPage maps the directory's answer to what is shown.
func deletedPage(ch views.Chrome, customer views.CustomerHead, l deletedList, clock clock) views.DeletedPage {
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	q, found := l.query, l.found
	reading := l.path + "/reading"
	count := ""
	if !found.ReadAt.IsZero() {
		count = tabCount(found.Read, l.part)
	}
	page := views.DeletedPage{
		UsersPage: views.UsersPage{
			Chrome:   ch,
			Customer: onTab(customer, tabDeleted, count),
			Path:     templ.SafeURL(l.path),
			Query:    q.Text,
			Things:   views.Things{One: "deleted user", Many: "deleted users", Title: "Deleted users"},
			Hidden:   l.hidden(),
			Sorts:    l.sorts(),
			Tools:    l.tools(),
			Shown:    found.Matching,
			Total:    found.Read,
			Part:     l.part,
			Read:     clock.at(found.ReadAt),
			Status:   l.status(clock),
			Banner:   readingBanner(found.Reading, "deleted users", reading, string(ch.Here), clock),
			Empty:    l.nothing(customer),
			Pager: pager(found.Page, found.Pages, found.Size, found.Matching, len(found.Rows), l.part, func(page int) string {
				return string(l.with(func(q *directory.Query) { q.Page = page }))
			}),
			Refresh: templ.SafeURL(reading),
			Tell:    l.tell(),
			Exact:   found.Exact != "" || found.Matching == 1 && q.Text != "",
		},
		Applied: l.applied(),
		Heads:   l.heads(),
		Users:   customer.Path,
	}
	for _, size := range directory.Sizes {
		page.Pager.Sizes = append(page.Pager.Sizes, views.SizeOption{Size: size, On: size == found.Size})
	}
	if q.Text != "" || len(page.Applied) > 0 {
		page.Clear = templ.SafeURL(l.path)
	}
	for _, r := range found.Rows {
		page.Deleted = append(page.Deleted, deletedRow(r, customer, clock))
	}
	return page
}

func deletedRow(r directory.UserRow, customer views.CustomerHead, clock clock) views.DeletedRow {
	row := views.DeletedRow{
		UserRow: views.UserRow{
			ID: r.ID, DisplayName: shown(r.DisplayName), NameMarks: segments(r.DisplayName, r.NameMarks),
			UPN: shown(r.UPN), UPNMarks: segments(r.UPN, r.UPNMarks),
			Location: countryName(r.Location), DomainType: domainType(r.DomainType), Guest: r.Guest,
		},
		When:    clock.ago(r.Deleted),
		Command: restoreCommand(customer.ID, r.ID),
	}
	row.Left, row.LeftTone = daysLeftWords(r.Deleted, clock)
	return row
}

// daysLeft are the whole days in which a user can still be restored.
func daysLeft(deleted time.Time, clock clock) int {
	return max(0, int(deleted.Add(restorable).Sub(clock.now)/(24*time.Hour)))
}

func daysLeftWords(deleted time.Time, clock clock) (words, tone string) {
	if deleted.IsZero() {
		return "Not told", views.ToneOff
	}
	left := daysLeft(deleted, clock)
	tone = views.ToneOK
	if left < restoreSoon {
		tone = views.ToneWarn
	}
	if left == 0 {
		return "Less than a day", tone
	}
	return strconv.Itoa(left) + " of 30", tone
}

// leftWords are the days left in a sentence: "16 days left".
func leftWords(deleted time.Time, clock clock) string {
	if left := daysLeft(deleted, clock); left > 0 {
		return plural(left, "day", "days") + " left"
	}
	return "less than a day left"
}

// restoreCommand restores the user from a command line: both are named by
// their IDs, for neither has blanks nor a double.
func restoreCommand(customerID, userID string) string {
	return "rollcall users restore " + customerID + " " + userID
}

// hidden are the parts of the query that the search form has no field for.
func (l deletedList) hidden() []views.Hidden {
	var out []views.Hidden
	add := func(name, value string) { out = append(out, views.Hidden{Name: name, Value: value}) }
	if l.query.Synced != directory.Any {
		add("synced", string(l.query.Synced))
	}
	if l.query.Guest != directory.Any {
		add("guest", string(l.query.Guest))
	}
	for _, v := range l.query.Locations {
		add("location", v)
	}
	for _, v := range l.query.Domains {
		add("domain", v)
	}
	return out
}

// applied are what the list is narrowed by beside the search, with the way off.
func (l deletedList) applied() []views.Chip {
	var out []views.Chip
	add := func(label string, off func(*directory.Query)) {
		out = append(out, views.Chip{Label: label, On: true, Href: l.with(off)})
	}
	switch l.query.Synced {
	case directory.Yes:
		add("Synced", func(q *directory.Query) { q.Synced = directory.Any })
	case directory.No:
		add("Cloud only", func(q *directory.Query) { q.Synced = directory.Any })
	}
	switch l.query.Guest {
	case directory.Yes:
		add("Guest", func(q *directory.Query) { q.Guest = directory.Any })
	case directory.No:
		add("No guest", func(q *directory.Query) { q.Guest = directory.Any })
	}
	for _, v := range l.query.Locations {
		label := countryName(v)
		if v == directory.NoLocation {
			label = "No usage location"
		}
		add(label, func(q *directory.Query) { q.Locations = without(q.Locations, v) })
	}
	for _, v := range l.query.Domains {
		add(shown(v), func(q *directory.Query) { q.Domains = without(q.Domains, v) })
	}
	return out
}

func without(values []string, value string) []string {
	var out []string
	for _, v := range values {
		if v != value {
			out = append(out, v)
		}
	}
	return out
}

func (l deletedList) heads() views.DeletedHeads {
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
	return views.DeletedHeads{
		Name: column(directory.ByName), UPN: column(directory.ByUPN), Deleted: column(directory.ByDeleted),
		Location: column(directory.ByLocation), DomainType: column(directory.ByDomainType),
	}
}

func (l deletedList) sorts() []views.SortOption {
	var out []views.SortOption
	for _, choice := range []struct {
		by       directory.Column
		up, down string
	}{
		{directory.ByDeleted, "fewest days left first", "last deleted first"},
		{directory.ByName, "name, A to Z", "name, Z to A"},
		{directory.ByUPN, "user principal name, A to Z", "user principal name, Z to A"},
		{directory.ByLocation, "usage location, A to Z", "usage location, Z to A"},
		{directory.ByDomainType, "domain type, A to Z", "domain type, Z to A"},
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

func (l deletedList) status(clock clock) views.UsersStatusLine {
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

// nothing says why there is no row, and what to do about it.
func (l deletedList) nothing(customer views.CustomerHead) *views.Nothing {
	if len(l.found.Rows) > 0 || l.found.State == directory.StateLoading {
		return nil
	}
	users := views.Action{Label: "Users of " + customer.Name, Href: customer.Path}
	if l.query.Text == "" && len(l.applied()) == 0 {
		return &views.Nothing{Title: customer.Name + " has no deleted users", Text: "Partner Center lists a deleted user for 30 days. After that nobody can restore them.", Actions: []views.Action{users}}
	}
	n := &views.Nothing{Title: "No deleted user of " + customer.Name, Text: l.searched(customer)}
	if l.query.Text != "" {
		n.Title += " matches “" + shown(l.query.Text) + "”"
		users = views.Action{Label: "Search users", Href: templ.SafeURL(address(string(customer.Path), directory.Query{Text: l.query.Text}.Encode()))}
	}
	var with []string
	for _, c := range l.applied() {
		with = append(with, c.Label)
	}
	if len(with) > 0 {
		n.Title += " with " + strings.Join(with, ", ")
	}
	n.Actions = []views.Action{{Label: "Clear filters", Href: templ.SafeURL(l.path), Primary: true}, users}
	return n
}

func (l deletedList) searched(customer views.CustomerHead) string {
	n := views.Number(l.found.Read)
	if l.part {
		return n + " deleted users were searched so far; " + customer.Name + " has more. Someone you don't find may still exist."
	}
	if l.found.Read == 1 {
		return "The only deleted user was searched. After 30 days they are gone for good."
	}
	return "All " + n + " deleted users were searched. After 30 days they are gone for good."
}

// tell is read aloud after a search, once the person rests.
func (l deletedList) tell() string {
	of := views.Number(l.found.Read)
	if l.part {
		of += " read so far"
	}
	switch {
	case l.found.State == directory.StateLoading:
		return "Reading deleted users"
	case l.query.Text == "" && len(l.applied()) == 0:
		return of + " deleted users"
	case l.found.Matching == 0:
		return "No deleted user matches, " + of + " searched"
	}
	return views.Number(l.found.Matching) + " of " + of + " deleted users match"
}

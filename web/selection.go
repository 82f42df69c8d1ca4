package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// bulkTarget is the element that shows how many are selected.
const bulkTarget = "users-bulk"

// changeSelection answers POST /customers/:customer/selection: the ticks of a
// page, some users more or less, all that match, or none.
func (s *server) changeSelection(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ctx, v := c.Request().Context(), s.viewer(c)
	if _, err := s.directory.Prove(ctx, v, customerID, directory.KindUsers); err != nil {
		return s.usersRefused(c, customerID, err)
	}
	ask := s.askOf(c, customerID)
	form, err := c.FormParams()
	if err != nil {
		return badRequest("The selection could not be read.", "Go back and try again.")
	}
	var add, remove []string
	switch form.Get("do") {
	case "add":
		add = form["user"]
	case "remove":
		remove = form["user"]
	case "page": // its ticks as they are: what of it is not ticked is taken out
		add, remove = form["user"], unticked(append(form["was"], form["shown"]...), form["user"])
	case "all":
		if add, err = s.matching(c, customerID, ask); err != nil {
			return err
		}
	case "list":
		return s.selectFromList(c, customerID, form)
	case "none":
		_, err := s.prefs.SelectOnly(ctx, principal(c).Key, customerID, preferences.ListUsers, nil)
		return s.selectionChanged(c, customerID, ask, err)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	_, err = s.prefs.Select(ctx, principal(c).Key, customerID, preferences.ListUsers, add, remove)
	return s.selectionChanged(c, customerID, ask, err)
}

// selectionChanged answers a changed selection: with the number, the list, or
// by going back to it.
func (s *server) selectionChanged(c echo.Context, customerID string, ask usersAsk, err error) error {
	switch {
	case errors.Is(err, preferences.ErrTooMany):
		return &Trouble{Status: http.StatusUnprocessableEntity, err: err, Problem: views.Problem{
			Kind: views.ProblemRequest, What: "So many users can't be selected.",
			Means: "At most " + views.Number(preferences.MostSelected) + " fit in a selection. It is as it was.",
			Next:  "Narrow the list and select those that match.",
		}}
	case err != nil:
		return notKept(err, "The selection could not be kept.")
	case !wantsFragment(c.Request()):
		return backTo(c, string(usersPath(customerID)))
	}
	list, err := s.usersList(c, customerID, ask)
	if err != nil {
		return err
	}
	if err := s.seen(c, audit.KindUsersList, customerID); err != nil {
		return err
	}
	page, err := s.usersPage(c, customerID, list)
	if err != nil {
		return err
	}
	if target(c.Request()) == bulkTarget {
		return renderStatus(c, http.StatusOK, views.UsersBulkFragment(page))
	}
	page.Tell = plural(list.selected.Len(), "user", "users") + " selected"
	return renderStatus(c, http.StatusOK, views.UsersFragment(page))
}

// askOf is what the list asked for on which the form stood.
func (s *server) askOf(c echo.Context, customerID string) usersAsk {
	look := s.usersLook(c, customerID)
	from, err := url.Parse(returnTo(c))
	if err != nil || from.Path != string(usersPath(customerID)) {
		return parseUsersAsk(nil, look)
	}
	return parseUsersAsk(from.Query(), look)
}

// matching are all users that match, on whichever page. That somebody took
// hold of them all is on the trail before they have.
func (s *server) matching(c echo.Context, customerID string, ask usersAsk) ([]string, error) {
	view, rows, err := s.directory.All(c.Request().Context(), s.viewer(c), customerID, ask.Query)
	switch {
	case err != nil:
		return nil, s.usersRefused(c, customerID, err)
	case view.Stale:
		return nil, s.stale(c, customerID)
	}
	selected, err := s.prefs.Selection(c.Request().Context(), principal(c).Key, customerID, preferences.ListUsers)
	if err != nil {
		return nil, notKept(err, "The selection could not be read.")
	}
	var ids []string
	for row := range rows {
		if ask.only && !selected.Has(row.ID) {
			continue
		}
		ids = append(ids, strings.Clone(row.ID))
		if len(ids) > preferences.MostSelected {
			break // refused, when it is kept
		}
	}
	e := s.entry(c, audit.KindSelectAll, customerID, "")
	e.Detail = map[string]string{"users": strconv.Itoa(len(ids))}
	_, err = s.trail.Append(c.Request().Context(), e)
	return ids, trailTrouble(err)
}

// stale is the answer to who wants more than to look while Partner Center
// doesn't answer.
func (s *server) stale(c echo.Context, customerID string) error {
	t := s.wants(c, "see users", "The users", "Directory Readers", "").trouble(partnercenter.ErrUnavailable)
	t.Means = "What you see was read earlier; it can be looked at, not taken hold of as a whole. The selection is as it was."
	t.Actions = []views.Action{{Label: "Back to the list", Href: s.listOf(c, customerID), Primary: true}}
	return t
}

// onlySelected is the list narrowed to the selected users.
func (s *server) onlySelected(c echo.Context, customerID string, list usersList) (directory.UsersView, error) {
	found, all, err := s.directory.All(c.Request().Context(), s.viewer(c), customerID, list.ask.Query, list.ask.kinds()...)
	if err != nil {
		return found, err
	}
	var rows []directory.UserRow
	skip := (list.ask.Page - 1) * list.ask.Size
	found.Matching = 0
	for row := range all {
		if !list.selected.Has(row.ID) {
			continue
		}
		if found.Matching >= skip && len(rows) < list.ask.Size {
			rows = append(rows, row)
		}
		found.Matching++
	}
	found.Size, found.Exact, found.Rows = list.ask.Size, "", rows
	found.Pages = max(1, (found.Matching+found.Size-1)/found.Size)
	found.Page = min(list.ask.Page, found.Pages)
	return found, nil
}

// bulk is what is said of the selection, and what can be done with it.
func (l usersList) bulk(customerID string) views.UsersBulk {
	b := views.UsersBulk{Path: templ.SafeURL(customersPath + "/" + customerID + "/selection"), Selected: l.selected.Len(), AllPart: l.part}
	if b.Selected == 0 {
		return b
	}
	if !l.ask.only {
		b.Only = l.with(func(a *usersAsk) { a.only = true })
		if b.Selected < l.found.Matching || !l.allTicked() {
			b.All = l.found.Matching
		}
	} else {
		b.Everybody = l.with(func(a *usersAsk) { a.only = false })
	}
	b.Tools = []views.Tool{{Name: "upns", Label: "Copy UPNs", Icon: "copy", Href: panelHref(l.here(), "upns")}}
	all := l.ask
	all.Query, all.only = directory.Query{Sort: all.Sort}, true
	b.Export = templ.SafeURL(address(l.path+"."+string(export.XLSX), fileOf(all).encoded))
	return b
}

// allTicked reports whether every row of the page is selected.
func (l usersList) allTicked() bool {
	for _, row := range l.found.Rows {
		if !l.selected.Has(row.ID) {
			return false
		}
	}
	return true
}

// namesPanel has the user principal names of the selected: an export, and on
// the trail as one.
func (s *server) namesPanel(c echo.Context, list usersList, page views.UsersPage) (templ.Component, error) {
	rows, err := s.directory.ByID(c.Request().Context(), s.viewer(c), page.Customer.ID, list.selected.IDs())
	if err != nil {
		return nil, s.usersRefused(c, page.Customer.ID, err)
	}
	e := s.entry(c, audit.KindExport, page.Customer.ID, "")
	e.Detail = map[string]string{"users": strconv.Itoa(len(rows)), "what": "user principal names"}
	if _, err := s.trail.Append(c.Request().Context(), e); err != nil {
		return nil, trailTrouble(err)
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(shown(row.UPN))
		b.WriteByte('\n')
	}
	return views.SelectedNames(views.NamesPanel{Count: len(rows), Gone: list.selected.Len() - len(rows), Text: b.String()}), nil
}

// unticked are the IDs that are not among others.
func unticked(ids, others []string) []string {
	skip := make(map[string]bool, len(others))
	for _, id := range others {
		skip[id] = true
	}
	var out []string
	for _, id := range ids {
		if !skip[id] {
			out = append(out, id)
		}
	}
	return out
}

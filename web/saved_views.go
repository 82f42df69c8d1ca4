package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

func viewOwner(c echo.Context) preferences.Owner {
	p := principal(c)
	tenant, _, _ := strings.Cut(p.Key, "/")
	return preferences.Owner{Person: p.Key, Tenant: tenant, Name: p.Name}
}

// openView is the address of the saved view that the request leads to: the one
// it names, or for a bare address the one that the list opens with; "" is none.
// What of it the person may not see is withheld there as anywhere.
func (s *server) openView(c echo.Context, customerID string) (string, error) {
	v := c.QueryParams()
	id := v.Get("view")
	named := id != "" && id != "none"
	if !named && (len(v) > 0 || wantsFragment(c.Request())) {
		return "", nil
	}
	if !named {
		id = s.defaultView(c, customerID)
	}
	if id == "" || id == "none" {
		return "", nil
	}
	view, err := s.prefs.View(c.Request().Context(), viewOwner(c), id)
	switch {
	case errors.Is(err, preferences.ErrNoView) && !named: // deleted, or no longer shared
		return "", nil
	case errors.Is(err, preferences.ErrNoView), err == nil && !view.For(customerID):
		return "", s.noView(c, customerID)
	case err != nil:
		return "", noDatabase(err, "The view can't be opened. Nothing was changed.")
	}
	query, err := url.ParseQuery(view.Query)
	if err != nil {
		return "", s.noView(c, customerID)
	}
	query.Set("view", "none") // a view of all users is no bare address: it would lead to itself
	ask := parseUsersAsk(query, lookOf(s.settings(c)))
	return address(string(usersPath(customerID)), ask.Encode()), nil
}

// noView is the answer to a view that is not there, or not the person's to see.
func (s *server) noView(c echo.Context, customerID string) error {
	if _, err := s.directory.Prove(c.Request().Context(), s.viewer(c), customerID, directory.KindUsers); err != nil {
		return s.usersRefused(c, customerID, err)
	}
	head, err := s.customerHead(c, customerID)
	if err != nil {
		return err
	}
	head = onTab(head, tabUsers, "")
	return &Trouble{Status: http.StatusNotFound, Customer: &head, Problem: views.Problem{
		Kind: views.ProblemNotFound, What: "There is no such view.", Means: "It was deleted, is for another customer, or is not shared with you.",
		Next: "Whoever sent it can share it with all staff.", Actions: []views.Action{{Label: "All users of " + head.Name, Href: s.allUsers(c, customerID), Primary: true}},
	}}
}

// allUsers is the list with nothing asked for, whatever it opens with.
func (s *server) allUsers(c echo.Context, customerID string) templ.SafeURL {
	ask := parseUsersAsk(nil, s.usersLook(c, customerID))
	ask.plain = true
	return templ.SafeURL(address(string(usersPath(customerID)), ask.Encode()))
}

// defaultView is the view that the customer's list opens with; "" is none.
func (s *server) defaultView(c echo.Context, customerID string) string {
	defaults, err := s.prefs.Defaults(c.Request().Context(), principal(c).Key)
	if err != nil {
		s.logFailure(c, "default views not read", err)
		return ""
	}
	if id := defaults[customerID]; id != "" {
		return id
	}
	return defaults[""]
}

// opensWithView reports whether the bare address of the list leads to a view.
func (s *server) opensWithView(c echo.Context, customerID string) bool {
	id := s.defaultView(c, customerID)
	if id == "" {
		return false
	}
	view, err := s.prefs.View(c.Request().Context(), viewOwner(c), id)
	return err == nil && view.For(customerID)
}

// saveView answers POST /customers/:customer/views: what is shown, under a
// name; or which view the list opens with.
func (s *server) saveView(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ctx := c.Request().Context()
	if _, err := s.directory.Prove(ctx, s.viewer(c), customerID, directory.KindUsers); err != nil {
		return s.usersRefused(c, customerID, err)
	}
	switch c.FormValue("do") {
	case "save":
		return s.saveNewView(c, customerID)
	case "default":
		view, err := s.prefs.View(ctx, viewOwner(c), c.FormValue("view"))
		if err != nil || !view.For(customerID) {
			return s.noView(c, customerID)
		}
		return s.defaultChanged(c, customerID, view.CustomerID, view.ID)
	case "no-default":
		at := customerID
		if defaults, err := s.prefs.Defaults(ctx, principal(c).Key); err == nil && defaults[customerID] == "" {
			at = ""
		}
		return s.defaultChanged(c, customerID, at, "")
	}
	return badRequest("The form names nothing to do.", "Go back and use its buttons.")
}

func (s *server) defaultChanged(c echo.Context, customerID, at, viewID string) error {
	if err := s.prefs.SetDefault(c.Request().Context(), principal(c).Key, at, viewID); err != nil {
		return notKept(err, "The default could not be kept.")
	}
	return backTo(c, string(usersPath(customerID)))
}

func (s *server) saveNewView(c echo.Context, customerID string) error {
	name := cleanViewName(c.FormValue("name"))
	query, err := url.ParseQuery(c.FormValue("query"))
	if err != nil {
		return badRequest("What is shown could not be read.", "Go back and try again.")
	}
	ask := parseUsersAsk(query, lookOf(preferences.Settings{})) // its density is spelled out too
	ask.Page, ask.only, ask.plain = 1, false, false
	view := preferences.View{Name: name, Query: ask.Encode(), Shared: c.FormValue("shared") == "1"}
	if c.FormValue("for") != "all" {
		view.CustomerID = customerID
	}
	kept, err := s.prefs.SaveView(c.Request().Context(), viewOwner(c), view)
	if mistake := viewMistake(err); mistake != "" {
		return s.viewNotSaved(c, customerID, ask, name, mistake)
	}
	if err != nil {
		return notKept(err, "The view could not be kept.")
	}
	if c.FormValue("default") == "1" {
		return s.defaultChanged(c, customerID, kept.CustomerID, kept.ID)
	}
	return backTo(c, string(usersPath(customerID)))
}

// viewNotSaved shows the form again with what is wrong.
func (s *server) viewNotSaved(c echo.Context, customerID string, ask usersAsk, name, mistake string) error {
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
	page.Title = "Error: " + page.Title
	if page.Panel, err = s.viewsPanel(c, list, page, name, mistake); err != nil {
		return err
	}
	return renderStatus(c, http.StatusUnprocessableEntity, views.Users(page))
}

// viewMistake is what is wrong with a view, in words; "" is nothing that the
// person can mend.
func viewMistake(err error) string {
	switch {
	case errors.Is(err, preferences.ErrViewName):
		return "Name: write one of at most 80 characters."
	case errors.Is(err, preferences.ErrViewTwice):
		return "Name: you have a view of this name. Choose another."
	case errors.Is(err, preferences.ErrManyViews):
		return "You have 100 views; delete one in the settings first."
	}
	return ""
}

// cleanViewName is one line of printable text.
func cleanViewName(raw string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(raw, ""), notPrintable), " ")
}

// viewsPanel lists the views for this customer, and takes a name for a new one.
func (s *server) viewsPanel(c echo.Context, list usersList, page views.UsersPage, name, mistake string) (templ.Component, error) {
	all, err := s.prefs.Views(c.Request().Context(), viewOwner(c))
	if err != nil {
		return nil, noDatabase(err, "The views can't be shown. Nothing was changed.")
	}
	standard := list.ask
	standard.own, standard.plain = lookOf(preferences.Settings{}), false
	p := views.ViewsPanel{
		Path: templ.SafeURL(customersPath + "/" + page.Customer.ID + "/views"), Here: list.here(), Query: standard.Encode(), Customer: page.Customer.Name,
		Plain: list.everybody(), Name: name, Mistake: mistake, Settings: "/settings#views",
	}
	standard.Page, standard.only = 1, false
	opens := s.defaultView(c, page.Customer.ID)
	for _, v := range all {
		if v.For(page.Customer.ID) {
			p.Views = append(p.Views, views.ViewLink{
				ID: v.ID, Name: shown(v.Name), Href: page.Path + templ.SafeURL("?view="+v.ID), Note: viewNote(v), On: v.Query == standard.Encode(), Default: v.ID == opens,
			})
		}
	}
	return views.ViewsChooser(p), nil
}

// viewNote says for whom a view is.
func viewNote(v preferences.View) string {
	note := "Only this customer"
	if v.CustomerID == "" {
		note = "All customers"
	}
	switch {
	case !v.Own:
		note += ", shared by " + shown(v.Of)
	case v.Shared:
		note += ", shared with all staff"
	}
	return note
}

// changeView answers POST /settings/views: another name, shared or not, or gone.
func (s *server) changeView(c echo.Context) error {
	ctx, owner, id := c.Request().Context(), viewOwner(c), c.FormValue("view")
	var err error
	switch c.FormValue("do") {
	case "rename":
		err = s.prefs.ChangeView(ctx, owner, id, cleanViewName(c.FormValue("name")), c.FormValue("shared") == "1")
	case "delete":
		err = s.prefs.DeleteView(ctx, owner, id)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if mistake := viewMistake(err); mistake != "" {
		return badRequest(mistake, "Go back and correct it.")
	}
	if err != nil && !errors.Is(err, preferences.ErrNoView) { // it is gone: shown so
		return notKept(err, "The view could not be changed.")
	}
	return c.Redirect(http.StatusSeeOther, "/settings#views")
}

// viewRows are the person's own views, for the settings.
func (s *server) viewRows(c echo.Context) []views.ViewRow {
	all, err := s.prefs.Views(c.Request().Context(), viewOwner(c))
	if err != nil {
		s.logFailure(c, "views not read", err)
		return nil
	}
	all = slices.DeleteFunc(all, func(v preferences.View) bool { return !v.Own })
	rows := make([]views.ViewRow, len(all))
	for i, v := range all {
		rows[i] = views.ViewRow{ID: v.ID, Name: shown(v.Name), Shared: v.Shared, Where: "For all customers"}
		if v.CustomerID == "" {
			continue
		}
		rows[i].Where = "For one customer"
		if customer, err := s.directory.Customer(c.Request().Context(), s.viewer(c), v.CustomerID); err == nil && !sharing(c) {
			rows[i].Where = "For " + shown(customer.Name)
			rows[i].Href = usersPath(v.CustomerID) + templ.SafeURL("?view="+v.ID)
		}
	}
	return rows
}

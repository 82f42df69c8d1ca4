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
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// listUsers answers GET /customers/:customer/users: whole, as the fragment, as
// a panel over it, or as the line that tells how far the reading has come.
func (s *server) listUsers(c echo.Context) error {
	customerID := c.Param("customer")
	if !isGUID(customerID) || customerID != strings.ToLower(customerID) {
		return s.openCustomer(c)
	}
	path := string(usersPath(customerID))
	poll := target(c.Request()) == statusTarget
	if opened, err := s.openView(c, customerID); err != nil || opened != "" {
		if err == nil {
			err = goTo(c, opened)
		}
		return err
	}
	ask := s.usersAsk(c, customerID)
	canonical, ok := ask.canonical(c.QueryParams())
	if !ok && !poll && panelOf(c.QueryParams()) == "" && !c.QueryParams().Has("ticket") { // a ticket is taken first, below
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, address(path, canonical))
		}
		c.Response().Header().Set("HX-Replace-Url", address(path, canonical))
	}
	list, err := s.usersList(c, customerID, ask)
	if err != nil {
		return err
	}
	clean, err := s.takeTicket(c, customerID)
	switch {
	case err != nil:
		return err
	case clean != "":
		return goTo(c, clean)
	}
	if !poll && list.found.Complete() && ask.Page > list.found.Pages { // the last page, under its own number
		list.ask.Page = list.found.Page
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, string(list.here()))
		}
		c.Response().Header().Set("HX-Replace-Url", string(list.here()))
	}
	page, err := s.usersPage(c, customerID, list)
	if err != nil {
		return err
	}
	if poll {
		if err := s.seen(c, audit.KindUsersList, customerID); err != nil {
			return err
		}
		painted, _ := strconv.Atoi(c.QueryParam("read"))
		page.Status.More = max(0, list.found.Read-painted)
		page.Status.Done = !page.Status.Reading && c.QueryParam("licenses") == ""
		page.Status.Told = c.QueryParam("done") != ""
		page.Status.Blank = c.QueryParam("rows") == "0"
		page.Filled = filled(page.Rows, c.QueryParams()["pending"])
		return renderStatus(c, http.StatusOK, views.UsersStatus(page))
	}
	if err := s.opened(c, customerID); err != nil {
		return err
	}
	if panel := panelOf(c.QueryParams()); panel != "" {
		return s.showPanel(c, list, page, panel)
	}
	return render(c, views.Users(page), views.UsersFragment(page))
}

// usersList is the directory's answer to what is asked, with what of it is
// selected; its errors are worded.
func (s *server) usersList(c echo.Context, customerID string, ask usersAsk) (usersList, error) {
	list := usersList{path: string(usersPath(customerID)), ask: ask}
	found, err := s.usersSoon(c, customerID, ask)
	if err == nil && errors.Is(found.Err, auth.ErrNoSession) { // the reading found out first
		err = found.Err
	}
	if err != nil {
		return list, s.usersRefused(c, customerID, err)
	}
	list.found = found
	list.selected, err = s.prefs.Selection(c.Request().Context(), principal(c).Key, customerID, preferences.ListUsers)
	if err != nil {
		s.logFailure(c, "selection not read", err)
	}
	if ask.only && found.State != directory.StateLoading {
		if list.found, err = s.onlySelected(c, customerID, list); err != nil {
			return list, s.usersRefused(c, customerID, err)
		}
	}
	return list, nil
}

// usersPage is the page that shows the list.
func (s *server) usersPage(c echo.Context, customerID string, list usersList) (views.UsersPage, error) {
	customer, err := s.customerHead(c, customerID)
	if err != nil {
		return views.UsersPage{}, err
	}
	page := usersPage(s.chrome(c, views.NavCustomers, customer.Name+" · Users"), customer, list, s.clock(c))
	page.Withheld = list.withheld(s.wants(c, "see licenses", "The licenses", "Directory Readers", customer.Name))
	page.Export = exportMenu(list.path, fileOf(list.ask).encoded)
	if page.Status.Reading {
		page.Status.Wait = s.waits(customerID)
	}
	return page, nil
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
func (s *server) usersSoon(c echo.Context, customerID string, ask usersAsk) (directory.UsersView, error) {
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
	found, err := s.directory.Users(ctx, s.viewer(c), customerID, ask.Query, ask.kinds()...)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == errSoon {
		return directory.UsersView{Reading: directory.Reading{State: directory.StateLoading}, CustomerID: customerID, Page: 1, Pages: 1, Size: ask.Size}, nil
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
	return seconds(s.cfg.Wait(customerID))
}

// seconds is a time to wait, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// opened keeps that the person was here: for their list of customers, and on
// the trail, without which nothing is shown.
func (s *server) opened(c echo.Context, customerID string) error {
	if err := s.prefs.Opened(c.Request().Context(), principal(c).Key, customerID, false); err != nil {
		s.logFailure(c, "opened customer not kept", err)
	}
	return s.viewed(c, audit.KindUsersList, customerID)
}

// usersRefused words why the users can't be shown. Without a relationship
// nothing about the customer is told, not even whether it exists.
func (s *server) usersRefused(c echo.Context, customerID string, err error) error {
	if refused, ok := errors.AsType[*directory.KindError](err); ok {
		return s.kindRefused(c, customerID, refused.Kind, err)
	}
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

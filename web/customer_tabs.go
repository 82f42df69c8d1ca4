package web

import (
	"context"
	"errors"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// The tabs of a customer, by their labels.
const (
	tabUsers    = "Users"
	tabLicenses = "Licenses"
	tabDeleted  = "Deleted"
	tabRoles    = "Roles"
)

func licensesPath(customerID string) string { return customersPath + "/" + customerID + "/licenses" }
func rolesPath(customerID string) string    { return customersPath + "/" + customerID + "/roles" }

// customerTabs are a customer's pages.
func customerTabs(customerID string) []views.Tab {
	return []views.Tab{
		{Label: tabUsers, Href: usersPath(customerID), Go: "u"},
		{Label: tabLicenses, Href: templ.SafeURL(licensesPath(customerID)), Go: "l"},
		{Label: tabDeleted, Href: templ.SafeURL(deletedPath(customerID))},
		{Label: tabRoles, Href: templ.SafeURL(rolesPath(customerID))},
	}
}

// tabCount is how many things are on a page, as its tab says it.
func tabCount(n int, part bool) string {
	if part {
		return views.Number(n) + "+"
	}
	return views.Number(n)
}

// usersCount is how many users were read, as the tab says it.
func usersCount(found directory.UsersView) string {
	if found.State == directory.StateLoading {
		return ""
	}
	return tabCount(found.Read, !found.Complete())
}

// onTab marks the page at hand, with how many things are on it; "" where that
// is not known.
func onTab(head views.CustomerHead, label, count string) views.CustomerHead {
	head = withCount(head, label, count)
	for i := range head.Tabs {
		head.Tabs[i].Current = head.Tabs[i].Label == label
	}
	return head
}

// withCount says on a tab how many things are there.
func withCount(head views.CustomerHead, label, count string) views.CustomerHead {
	head.Tabs = slices.Clone(head.Tabs)
	for i := range head.Tabs {
		if head.Tabs[i].Label == label {
			head.Tabs[i].Count = count
		}
	}
	return head
}

// customerRefused words why a page of a customer can't be shown, under the
// customer's name and with its other pages. Without a relationship nothing
// about the customer is told, not even whether it exists.
func (s *server) customerRefused(c echo.Context, customerID, tab string, w wanted, err error) error {
	if !errors.Is(err, partnercenter.ErrForbidden) || errors.Is(err, partnercenter.ErrNoRelationship) {
		return w.trouble(err)
	}
	head, headErr := s.customerHead(c, customerID)
	if headErr != nil {
		return headErr
	}
	w.At = head.Name
	t := w.trouble(err)
	head = onTab(head, tab, "")
	t.Customer = &head
	return t
}

// soonly asks with little patience when a script in the browser can wait
// instead; loading tells that there was no answer yet. The poll waits longer.
func soonly[T any](c echo.Context, poll bool, ask func(context.Context) (T, error)) (answer T, loading bool, err error) {
	ctx := c.Request().Context()
	if runsScript(c) {
		wait := soon
		if poll {
			wait = soonPoll
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, wait, errSoon)
		defer cancel()
	}
	answer, err = ask(ctx)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == errSoon {
		return answer, true, nil
	}
	return answer, false, err
}

// listAge is how old a short list is; wait is how many seconds Partner Center
// wants no calls for it. The poll's answer to a page that has it
// painted says when a newer one is there.
func listAge(what string, r directory.Reading, loading, painted bool, path, refresh string, wait int, clock clock) views.ListAge {
	age := views.ListAge{
		What: what, Read: clock.at(r.ReadAt), Show: templ.SafeURL(path), Refresh: templ.SafeURL(refresh),
		Loading: loading || r.State == directory.StateLoading,
	}
	age.Reading = age.Loading || r.Refreshing
	age.Painted = painted
	if age.Reading {
		age.Wait = wait
	}
	age.Done = painted && !age.Reading && r.Err == nil && !r.Stale
	return age
}

// unpainted tells that the page which polls shows nothing of the list yet.
func unpainted(c echo.Context) bool { return c.QueryParam("read") == "0" }

// lookedAt takes the ticket that a link brought along, puts the view on the
// trail, and gives whose page it is. done tells that the answer is given: the
// address without the ticket.
func (s *server) lookedAt(c echo.Context, customerID, kind string, loading, poll bool) (customer views.CustomerHead, done bool, err error) {
	clean, err := s.takeTicket(c, customerID)
	switch {
	case err != nil:
		return customer, false, err
	case clean != "":
		return customer, true, goTo(c, clean)
	}
	customer, err = s.customerHead(c, customerID)
	if err != nil {
		return customer, false, err
	}
	if known := s.directory.Known(c.Request().Context(), s.viewer(c))[customerID]; !known.UsersRead.IsZero() {
		customer = withCount(customer, tabUsers, tabCount(known.Users, known.UsersPart))
	}
	switch {
	case loading: // nothing is shown
	case poll && !unpainted(c):
		err = s.seen(c, kind, customerID)
	default:
		err = s.viewed(c, kind, customerID)
	}
	return customer, false, err
}

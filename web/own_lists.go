package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// starCustomer answers POST /customers/:customer/star.
func (s *server) starCustomer(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	on := c.FormValue("on") == "1"
	if on { // a star shows a name later
		if err := s.mayKnow(c, customerID); err != nil {
			return err
		}
	}
	if err := s.prefs.Star(c.Request().Context(), principal(c).Key, customerID, on); err != nil {
		return notKept(err, "The star could not be kept.")
	}
	if c.Request().Header.Get("Hx-Request") == "true" {
		return c.NoContent(http.StatusNoContent) // the page shows it already
	}
	return backTo(c, customersPath)
}

// mayKnow lets nothing be kept about a customer that the person may not know of.
func (s *server) mayKnow(c echo.Context, customerID string) error {
	if _, err := s.directory.Customer(c.Request().Context(), s.viewer(c), customerID); err != nil {
		return s.wants(c, "see customers", "The customer", agentRoles, "").trouble(err)
	}
	return nil
}

// setTicket answers POST /customers/:customer/ticket: the ticket that goes on
// the trail with whatever the person does at this customer.
func (s *server) setTicket(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ticket := cleanTicket(c.FormValue("ticket"))
	if c.FormValue("off") == "1" {
		ticket = ""
	}
	if len(ticket) > preferences.MostTicketBytes {
		return longTicket()
	}
	if ticket != "" {
		if err := s.mayKnow(c, customerID); err != nil {
			return err
		}
	}
	if err := s.prefs.SetTicket(c.Request().Context(), principal(c).Key, customerID, ticket); err != nil {
		return notKept(err, "The ticket could not be kept.")
	}
	return backTo(c, string(usersPath(customerID)))
}

// takeTicket keeps the ticket that a link brought along (?ticket=), as a link
// from a ticket system does, and gives the address without it; "" where the
// link brought none. Only for a customer that the person was let in to.
func (s *server) takeTicket(c echo.Context, customerID string) (string, error) {
	query := c.Request().URL.Query()
	if !query.Has("ticket") {
		return "", nil
	}
	ticket := cleanTicket(query.Get("ticket"))
	query.Del("ticket")
	clean := address(c.Request().URL.Path, query.Encode())
	if len(ticket) > preferences.MostTicketBytes {
		t := longTicket()
		t.Means = "The ticket in this link was not kept; the customer has the one it had."
		t.Actions = []views.Action{{Label: "Open the page without it", Href: templ.SafeURL(clean), Primary: true}}
		return "", t
	}
	if err := s.prefs.SetTicket(c.Request().Context(), principal(c).Key, customerID, ticket); err != nil {
		return "", notKept(err, "The ticket could not be kept.")
	}
	return clean, nil
}

func longTicket() *Trouble {
	return badRequest("The ticket's name is too long.", "Use at most "+strconv.Itoa(preferences.MostTicketBytes)+" characters; one with an accent, or of another script, counts as two or more.")
}

// cleanTicket is one line of printable text.
func cleanTicket(raw string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(raw, ""), notPrintable), " ")
}

func notKept(err error, what string) *Trouble {
	return &Trouble{Status: http.StatusServiceUnavailable, err: err, Problem: views.Problem{
		Kind: views.ProblemFault, What: what, Means: "It is as it was.", Next: "Try again in a minute.",
	}}
}

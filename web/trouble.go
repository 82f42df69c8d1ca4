package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// Trouble is a failure worded for the person; handleError shows it and logs
// the rest.
type Trouble struct {
	Status int
	views.Problem
	Customer *views.CustomerHead // whose page it would have been; nil: none, or not to be told
	err      error               // for the log only
}

func (t *Trouble) Error() string {
	if t.err != nil {
		return t.What + ": " + t.err.Error()
	}
	return t.What
}

func (t *Trouble) Unwrap() error { return t.err }

// notFound is the answer to an address that leads nowhere.
func notFound() *Trouble {
	return &Trouble{Status: http.StatusNotFound, Problem: views.Problem{
		Kind:    views.ProblemNotFound,
		What:    "There is no such page.",
		Means:   "The address may be mistyped, or the page may have moved.",
		Next:    "Go to your customers and look from there.",
		Actions: []views.Action{{Label: "Customers", Href: "/customers", Primary: true}},
	}}
}

// badRequest is the answer to a form or address that can't be used.
func badRequest(what, next string) *Trouble {
	return &Trouble{Status: http.StatusBadRequest, Problem: views.Problem{
		Kind: views.ProblemRequest, What: what, Means: "Nothing was changed.", Next: next,
	}}
}

// noDatabase is the answer when Rollcall's own rows can't be had.
func noDatabase(err error, means string) *Trouble {
	return &Trouble{Status: http.StatusServiceUnavailable, err: err, Problem: views.Problem{
		Kind: views.ProblemFault, What: "Rollcall can't reach its database.", Means: means, Next: "Try again in a minute.",
	}}
}

// handleError answers every failure, in the one place where failures are
// worded for people and written to the log.
func (s *server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return // the client has half an answer already; the access log says so
	}
	t := asTrouble(err)
	if principal(c) == nil { // it ended before anybody knew who asks
		if slow := s.limitAddress(c); slow != nil {
			t = asTrouble(slow)
		}
	}
	// The request's time is over, but not its answer's: the page reads settings.
	c.SetRequest(c.Request().WithContext(context.WithoutCancel(c.Request().Context())))
	if t.Status != http.StatusTooManyRequests { // who asks too often has nothing looked up
		s.recognize(c)
	}
	level := slog.LevelInfo
	if t.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("correlation_id", correlationID(c)),
		slog.String("route", routeTemplate(c)),
		slog.Int("status", t.Status),
		slog.String("kind", t.Kind), // its words may name a customer
	}
	attrs = append(attrs, upstreamAttrs(t.err)...)
	s.log.LogAttrs(c.Request().Context(), level, "trouble", attrs...)

	if err := s.showTrouble(c, t); err != nil {
		s.log.LogAttrs(c.Request().Context(), slog.LevelError, "the error page failed",
			slog.String("correlation_id", correlationID(c)), slog.Any("error", err))
		if !c.Response().Committed {
			_ = c.String(t.Status, t.What+"\n"+t.Means+"\n"+t.Next+"\nCorrelation ID "+correlationID(c)+"\n")
		}
	}
}

// recognize finds out who is asking where no route has: an address that leads
// nowhere keeps its page's bar and menus.
func (s *server) recognize(c echo.Context) {
	if principal(c) != nil {
		return
	}
	if p, err := s.auth.Principal(c.Request(), auth.Polling); err == nil {
		c.Set(principalKey, p)
	}
}

func asTrouble(err error) *Trouble {
	if t, ok := errors.AsType[*Trouble](err); ok {
		return t
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return httpTrouble(he)
	}
	return &Trouble{Status: http.StatusInternalServerError, err: err, Problem: views.Problem{
		Kind:  views.ProblemFault,
		What:  "Rollcall made a mistake.",
		Means: "The page could not be made. Nothing was changed.",
		Next:  "Try again. If it happens again, send the correlation ID to whoever runs Rollcall.",
	}}
}

// httpTrouble words what the router and the standard middleware refuse.
func httpTrouble(he *echo.HTTPError) *Trouble {
	switch he.Code {
	case http.StatusNotFound:
		return notFound()
	case http.StatusMethodNotAllowed:
		t := notFound()
		t.Status, t.What = http.StatusMethodNotAllowed, "This page can't be used like that."
		return t
	case http.StatusRequestEntityTooLarge:
		t := badRequest("That was too much text.", "Send less than 1 MB.")
		t.Status, t.err = he.Code, he
		return t
	}
	t := badRequest("The request could not be used.", "Go back and try again.")
	t.Status, t.err = he.Code, he
	return t
}

// showTrouble renders the failure: as a page, or where htmx asked for a part,
// as the part that stands in the results' place.
func (s *server) showTrouble(c echo.Context, t *Trouble) error {
	page := views.TroublePage{Chrome: s.chrome(c, "", t.What), Problem: t.Problem, Customer: t.Customer}
	if page.CorrelationID == "" {
		page.CorrelationID = correlationID(c)
	}
	switch {
	case wantsFragment(c.Request()) && target(c.Request()) == statusTarget:
		return renderStatus(c, t.Status, views.UsersStatus(views.UsersPage{Chrome: page.Chrome, Trouble: &page.Problem, Tell: t.What}))
	case wantsFragment(c.Request()) && (target(c.Request()) == licensesTarget || target(c.Request()) == rolesTarget):
		return renderStatus(c, t.Status, views.ListTrouble(page, strings.TrimSuffix(target(c.Request()), polled)))
	case wantsFragment(c.Request()):
		return renderStatus(c, t.Status, views.TroubleFragment(page))
	}
	return renderStatus(c, t.Status, views.Trouble(page))
}

// upstreamAttrs are what the log keeps of an upstream failure: codes and IDs.
func upstreamAttrs(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	if pe, ok := errors.AsType[*partnercenter.Error](err); ok {
		return []slog.Attr{
			slog.String("operation", pe.Op),
			slog.Int("upstream_status", pe.Status),
			slog.String("upstream_code", pe.Code),
			slog.String("upstream_request_id", pe.RequestID),
			slog.String("error", pe.Description),
		}
	}
	return []slog.Attr{slog.String("error", err.Error())}
}

// logFailure records a failure that the person is not stopped by, or is told
// of in words elsewhere.
func (s *server) logFailure(c echo.Context, what string, err error) {
	attrs := []slog.Attr{slog.String("correlation_id", correlationID(c)), slog.String("route", routeTemplate(c))}
	s.log.LogAttrs(c.Request().Context(), slog.LevelWarn, what, append(attrs, upstreamAttrs(err)...)...)
}

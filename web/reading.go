package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// readUsers answers POST /customers/:customer/reading: read anew, go on where
// it was cut, stop, or start again.
func (s *server) readUsers(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ctx, v := c.Request().Context(), s.viewer(c)
	var err error
	switch c.FormValue("do") {
	case "refresh":
		err = s.directory.Refresh(ctx, v, customerID)
	case "go-on":
		err = s.directory.GoOn(ctx, v, customerID)
	case "stop":
		err = s.directory.Stop(ctx, v, customerID)
	case "start-again":
		err = s.directory.StartAgain(ctx, v, customerID)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	return backTo(c, string(usersPath(customerID)))
}

// readCustomers answers POST /customers/reading: the list of customers anew.
func (s *server) readCustomers(c echo.Context) error {
	if err := s.directory.RefreshCustomers(c.Request().Context(), s.viewer(c)); err != nil {
		return s.wants(c, "see customers", "The customers", agentRoles, "").trouble(err)
	}
	return backTo(c, customersPath)
}

// backTo goes to where the form stood, if that is at or below the page it
// belongs to, else to that page.
func backTo(c echo.Context, page string) error {
	back := returnTo(c)
	if back != page && !strings.HasPrefix(back, page+"?") && !strings.HasPrefix(back, page+"/") && !strings.HasPrefix(back, page+".") {
		back = page
	}
	return c.Redirect(http.StatusSeeOther, back)
}

// returnTo is where the form stood, if that is a path of our own.
func returnTo(c echo.Context) string { return auth.ReturnTo(c.FormValue("return_to")) }

// readingBanner tells what is wrong with a list that is shown all the same.
func readingBanner(r directory.Reading, things, post, here string, clock clock) *views.Banner {
	do := func(label, what string, primary bool) views.Action {
		return views.Action{Label: label, Href: templ.SafeURL(post), Primary: primary,
			Post: []views.Hidden{{Name: "do", Value: what}, {Name: "return_to", Value: here}}}
	}
	read, at := views.Number(r.Read), clock.at(r.ReadAt).Text
	b := &views.Banner{Kind: views.BannerWarn, CorrelationID: r.CorrelationID, RetrySeconds: retrySeconds(r.Err)}
	signIn := signInAnew(r.Err, here)
	b.Actions = append(b.Actions, signIn...)
	switch {
	case r.State == directory.StateCut, r.State == directory.StatePart && r.Err != nil:
		b.Title = "Reading stopped after " + read + " " + things
		b.Text = cutReason(r.Err) + " Someone you don't find may still exist. Search and counts cover what is read."
		if r.CanGoOn {
			b.Actions = append(b.Actions, do("Go on from here", "go-on", len(signIn) == 0))
		}
		b.Actions = append(b.Actions, do("Start again", "start-again", !r.CanGoOn && len(signIn) == 0))
	case r.State == directory.StatePart && r.Reason == directory.ReasonMemory:
		b.Title = read + " " + things + " are held, there are more"
		b.Text = "Rollcall has no room for all of them. Search and counts cover what is read. Whoever runs Rollcall can raise the memory limit."
	case r.State == directory.StatePart:
		b.Kind, b.Title = views.BannerInfo, "Reading was stopped after "+read+" "+things
		b.Text = "Someone you don't find may still exist. Search and counts cover what is read."
		b.Actions = append(b.Actions, do("Go on from here", "go-on", true))
	case r.Stale, r.State == directory.StateStale:
		b.Title = "Partner Center doesn't answer"
		b.Text = "What you see is as read at " + at + " and may have changed since. It can be read, not changed."
		b.RetrySeconds = 0
		b.Actions = append(b.Actions, do("Try again", "refresh", true))
	case r.Err != nil:
		b.Title = "Reading " + things + " anew failed"
		b.Text = cutReason(r.Err) + " What you see is as read at " + at + "."
		b.Actions = append(b.Actions, do("Try again", "refresh", len(signIn) == 0))
	default:
		return nil
	}
	return b
}

// signInAnew is the way on for somebody whose own sign-in was refused, back to
// the page they are on; none where another reading may help.
func signInAnew(err error, here string) []views.Action {
	start := startPath(here)
	switch {
	case errors.Is(err, partnercenter.ErrMFARequired), errors.Is(err, auth.ErrMFA):
		return []views.Action{{Label: "Sign in with MFA", Href: templ.SafeURL(withParameter(start, "mfa=1")), Primary: true}}
	case errors.Is(err, partnercenter.ErrUnauthorized):
		return []views.Action{{Label: "Sign in again", Href: templ.SafeURL(start), Primary: true}}
	}
	return nil
}

// cutReason is the failure in a sentence.
func cutReason(err error) string {
	switch {
	case errors.Is(err, partnercenter.ErrThrottled):
		return "Partner Center asks us to wait" + waitWords(err) + "."
	case errors.Is(err, partnercenter.ErrMFARequired), errors.Is(err, auth.ErrMFA):
		return "Microsoft refused it because your sign-in was without a second factor."
	case errors.Is(err, auth.ErrProvider):
		return "The sign-in provider didn't answer, so your access to Partner Center could not be renewed."
	case errors.Is(err, partnercenter.ErrUnauthorized):
		return "Microsoft no longer accepts your sign-in."
	case errors.Is(err, partnercenter.ErrForbidden):
		return "Partner Center refused the next page."
	case errors.Is(err, partnercenter.ErrBadResponse):
		return "Partner Center's answer could not be used."
	}
	return "Partner Center stopped answering."
}

func retrySeconds(err error) int {
	if pe, ok := errors.AsType[*partnercenter.Error](err); ok {
		return int((pe.RetryAfter + time.Second - 1) / time.Second)
	}
	return 0
}

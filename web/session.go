package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

const principalKey = "principal"

// principal is who is signed in, or nil on a public route.
func principal(c echo.Context) *auth.Principal {
	p, _ := c.Get(principalKey).(*auth.Principal)
	return p
}

// viewer is the signed-in person as the directory knows them: each needs a
// proof of their own, earned by calls on their own grant.
func (s *server) viewer(c echo.Context) directory.Viewer {
	p := principal(c)
	return directory.Viewer{Key: p.Key, PartnerTenantID: p.TenantID, Client: s.client(c)}
}

func (s *server) client(c echo.Context) *partnercenter.Client {
	return s.auth.Client(principal(c))
}

// guard lets a request through to its handler when the route's access allows it.
func (s *server) guard(r route) echo.HandlerFunc {
	if r.access.owner == 0 {
		panic("route without declared access: " + r.method + " " + r.path)
	}
	handler := readForm(r.handler) // which reads nothing before the limits and the session allow it
	if r.access.level == public {
		return func(c echo.Context) error {
			if !isFileOrProbe(c.Request().URL.Path) {
				if err := s.limitAddress(c); err != nil {
					return err
				}
			}
			return handler(c)
		}
	}
	return func(c echo.Context) error {
		p, err := s.auth.Principal(c.Request(), asks(r.access, c.Request())...)
		switch {
		case errors.Is(err, auth.ErrNoSession):
			if err := s.limitAddress(c); err != nil {
				return err
			}
			return askToSignIn(c, err)
		case err != nil:
			return noDatabase(err, "It can't tell who you are. Nothing was changed.")
		}
		c.Set(principalKey, p)
		if err := s.limitPerson(c, p.Key); err != nil {
			return err
		}
		if !p.Level.Allows(r.access.level) {
			s.refused(c, strings.ToLower(c.Param("customer")), "access level")
			return levelTrouble(r.access.level, p.Level)
		}
		err = s.withFreshToken(c, p, handler)
		if why := refusal(err); why != "" {
			s.refused(c, strings.ToLower(c.Param("customer")), why)
		}
		return err
	}
}

// refusal is why Partner Center, or the provider that renews its tokens, lets
// somebody not do what they asked, from a closed set; "" where it does, or does
// not answer.
func refusal(err error) string {
	switch {
	case errors.Is(err, partnercenter.ErrNoRelationship):
		return "no relationship"
	case errors.Is(err, partnercenter.ErrMFARequired), errors.Is(err, auth.ErrMFA):
		return "no second factor"
	case errors.Is(err, partnercenter.ErrForbidden):
		return "role missing"
	}
	return ""
}

// refused puts on the trail what somebody was refused. They get nothing either
// way, so a trail that can't be written stops nobody here; repeats within ten
// minutes are counted.
func (s *server) refused(c echo.Context, customerID, why string) {
	if !isGUID(customerID) {
		customerID = ""
	}
	e := s.entry(c, audit.KindRefused, customerID, c.Request().Method+" "+c.Path())
	e.Detail = map[string]string{"reason": why}
	if err := s.trail.Viewed(c.Request().Context(), e); err != nil {
		s.logFailure(c, "refusal not put on the trail", err)
	}
}

// withFreshToken runs the handler, and once more with a renewed token when
// Partner Center refused the first. A token refused twice, or a sign-in that
// is over at the provider, ends the session. Handlers that ask Partner Center
// for anything only read, so the second run repeats nothing.
func (s *server) withFreshToken(c echo.Context, p *auth.Principal, handler echo.HandlerFunc) error {
	err := handler(c)
	if tokenRefused(err) && !c.Response().Committed {
		ctx := c.Request().Context()
		renewed := s.auth.Refresh(ctx, p)
		switch {
		case errors.Is(renewed, auth.ErrProvider):
			return err // nobody can tell now whether the sign-in is over
		case errors.Is(renewed, auth.ErrMFA):
			return wanted{Back: whereFrom(c.Request())}.trouble(renewed) // the session knows what to ask for
		}
		if renewed != nil {
			s.logFailure(c, "token not renewed", renewed)
		} else if err = handler(c); !tokenRefused(err) {
			return err
		}
		ended := s.auth.EndRefused(context.WithoutCancel(ctx), p)
		if !errors.Is(ended, auth.ErrNoSession) {
			s.logFailure(c, "session not ended", ended)
			ended = auth.ErrTokenRefused
		}
		return askToSignIn(c, ended)
	}
	if errors.Is(err, auth.ErrNoSession) && !c.Response().Committed {
		return askToSignIn(c, err)
	}
	return err
}

// tokenRefused says whether another token may help; for want of a second
// factor none does but that of a new sign-in.
func tokenRefused(err error) bool {
	pe, ok := errors.AsType[*partnercenter.Error](err)
	return ok && pe.Status == http.StatusUnauthorized && !errors.Is(err, partnercenter.ErrMFARequired)
}

// statusTarget is the element that the users' page fills by its own poll.
const statusTarget = "users-status"

// polled ends the IDs of the elements that pages fill by polls of their own.
const polled = "-status"

// asks says how the session is to be looked up: a poll keeps nobody signed in,
// and some routes take no copy of the row.
func asks(a access, r *http.Request) []auth.Ask {
	var asks []auth.Ask
	if isSafe(r.Method) && strings.HasSuffix(target(r), polled) {
		asks = append(asks, auth.Polling)
	}
	if a.fresh {
		asks = append(asks, auth.Fresh)
	}
	return asks
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// askToSignIn sends the person to the sign-in page, which brings them back.
func askToSignIn(c echo.Context, why error) error {
	query := url.Values{}
	if back := whereFrom(c.Request()); back != "/" {
		query.Set("return_to", back)
	}
	switch {
	case errors.Is(why, auth.ErrSessionIdle):
		query.Set("ended", "idle")
	case errors.Is(why, auth.ErrSessionExpired):
		query.Set("ended", "expired")
	case errors.Is(why, auth.ErrTokenRefused):
		query.Set("ended", "refused")
	case errors.Is(why, auth.ErrProviderEnded):
		query.Set("ended", "provider")
	case errors.Is(why, auth.ErrAccessEnded):
		query.Set("ended", "access")
	case errors.Is(why, auth.ErrSessionEnded):
		query.Set("ended", "elsewhere")
	}
	address := "/sign-in"
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return goTo(c, address)
}

// whereFrom is the page to come back to: the one asked for, or, for a form,
// the one it stood on.
func whereFrom(r *http.Request) string {
	if isSafe(r.Method) {
		return auth.ReturnTo(r.URL.RequestURI())
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/"
	}
	return auth.ReturnTo(from.RequestURI())
}

// levelTrouble tells somebody that Rollcall itself does not let them.
func levelTrouble(need, have auth.Level) *Trouble {
	return &Trouble{Status: http.StatusForbidden, Problem: views.Problem{
		Kind:  views.ProblemLevel,
		What:  "Your access level in Rollcall does not cover this.",
		Means: "It needs " + need.String() + "; you have " + have.String() + ". Nothing was changed.",
		Next:  "Whoever manages Rollcall's roles at your company can change that.",
	}}
}

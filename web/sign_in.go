package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/views"
)

// signInPage answers GET /sign-in. Who is signed in already goes on at once.
func (s *server) signInPage(c echo.Context) error {
	back := auth.ReturnTo(c.QueryParam("return_to"))
	page := s.signIn(c, back)
	if why := refusalNamed(c.QueryParam("refused")); why != nil {
		return s.showRefusal(c, page, why)
	}
	// Not from a copy: who was sent here because the session is over would be sent back.
	if _, err := s.auth.Principal(c.Request(), auth.Polling, auth.Fresh); err == nil {
		return goTo(c, back)
	}
	page.Notice = s.endedNotice(c.QueryParam("ended"), page.ReturnTo)
	return renderStatus(c, http.StatusOK, views.SignIn(page))
}

// refusals are the reasons why nobody was signed in, as the address of the
// sign-in page names them: the words are ours, the address only picks. An
// error that is several of them is told as the first.
var refusals = []struct {
	name string
	why  error
}{
	{"role", auth.ErrNoRole}, {"tenant", auth.ErrForeignTenant}, {"account", auth.ErrGuestUnknown}, {"guest", auth.ErrGuest}, {"groups", auth.ErrGroupOverage}, {"mfa", auth.ErrMFA},
	{"attempt", auth.ErrAttemptUnknown}, {"denied", auth.ErrDenied}, {"check", auth.ErrToken}, {"provider", auth.ErrProvider}, {"record", audit.ErrUnavailable}, {"space", auth.ErrNoSpace},
}

func refusalNamed(name string) error {
	for _, r := range refusals {
		if r.name == name {
			return r.why
		}
	}
	return nil
}

// showRefusal is the sign-in page with the reason, and the correlation ID of
// the sign-in that was refused.
func (s *server) showRefusal(c echo.Context, page views.SignInPage, why error) error {
	status, problem := s.signInProblem(why)
	problem.CorrelationID = correlationID(c)
	if id := c.QueryParam("id"); isGUID(id) {
		problem.CorrelationID = id
	}
	page.Title = "Can't sign in"
	page.Start = "/sign-in/start?choose=1" // the same account would be refused again
	page.Others = s.otherTenants(string(page.Start))
	page.Refused = problem
	return renderStatus(c, status, views.SignIn(page))
}

// signIn is the page with its one link, or one a tenant.
func (s *server) signIn(c echo.Context, back string) views.SignInPage {
	page := views.SignInPage{
		Chrome:    s.chrome(c, "", "Sign in"),
		Start:     templ.SafeURL(startPath(back)),
		Provider:  s.cfg.Provider,
		Host:      s.cfg.ProviderHost,
		Microsoft: s.cfg.Provider == "Microsoft",
		ReturnTo:  pageName(back),
	}
	page.Others = s.otherTenants(startPath(back))
	page.Here = templ.SafeURL(back)
	return page
}

// otherTenants are those whose people may sign in, too, beside the one that is
// asked unless another is named.
func (s *server) otherTenants(start string) []views.SignInTenant {
	var others []views.SignInTenant
	for _, t := range s.auth.Tenants()[1:] {
		others = append(others, views.SignInTenant{
			Name:  cmp.Or(t.Name, t.ID, t.Issuer),
			Start: templ.SafeURL(withParameter(start, "tenant="+url.QueryEscape(cmp.Or(t.ID, t.Issuer)))),
		})
	}
	return others
}

func startPath(back string) string {
	if back == "/" {
		return "/sign-in/start"
	}
	return "/sign-in/start?return_to=" + url.QueryEscape(back)
}

// pageName says in words where a path leads, without telling whose page it
// is: somebody not signed in may only know what kind of page it was.
func pageName(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) >= 4 && parts[0] == "customers" && parts[2] == "users" && strings.HasPrefix(parts[3], "deleted"):
		return "the customer's deleted users"
	case len(parts) >= 4 && parts[0] == "customers" && parts[2] == "users":
		return "the user that you were looking at"
	case len(parts) >= 3 && parts[0] == "customers" && strings.HasPrefix(parts[2], "licenses"):
		return "the customer's licenses"
	case len(parts) >= 3 && parts[0] == "customers" && parts[2] == "roles":
		return "the customer's roles"
	case len(parts) >= 3 && parts[0] == "customers":
		return "the customer's users"
	case parts[0] == "customers":
		return "Customers"
	case parts[0] == "find":
		return "Find a user"
	case parts[0] == "settings":
		return "Settings"
	case parts[0] == "help":
		return "Help"
	}
	return ""
}

// endedNotice tells why a session is over. The words are ours; the address
// only picks among them.
func (s *server) endedNotice(why, where string) *views.Banner {
	idle, absolute := s.auth.Lifetimes()
	provider := s.cfg.Provider
	text := "Sign in to go on."
	if where != "" {
		text = "Sign in to return to " + where + "."
	}
	switch why {
	case "idle":
		return &views.Banner{Kind: views.BannerInfo, Title: "You were signed out after " + inWords(idle) + " without activity", Text: text}
	case "expired":
		return &views.Banner{Kind: views.BannerInfo, Title: "Your session has reached its " + inWords(absolute), Text: text}
	case "everywhere":
		return &views.Banner{Kind: views.BannerInfo, Title: "You signed out everywhere", Text: "All your sessions in Rollcall are over, this one too. " + text}
	case "elsewhere":
		return &views.Banner{Kind: views.BannerInfo, Title: "This session was ended elsewhere", Text: "By you on another device, by an administrator, or by the sign-in provider. " + text}
	case "refused":
		return &views.Banner{Kind: views.BannerInfo, Title: "Microsoft no longer accepts your sign-in", Text: "Partner Center refused it. Nobody ended your session here. " + text}
	case "provider":
		return &views.Banner{Kind: views.BannerInfo, Title: "Your sign-in is no longer accepted by " + provider, Text: "It would not renew it. Nobody ended your session here. " + text}
	case "access":
		return &views.Banner{Kind: views.BannerInfo, Title: "Your account's access to Rollcall has changed", Text: "The sign-in provider said so when it renewed your sign-in. " + text}
	}
	return nil
}

// startSignIn answers GET /sign-in/start: off to the provider.
func (s *server) startSignIn(c echo.Context) error {
	back := auth.ReturnTo(c.QueryParam("return_to"))
	var options []auth.BeginOption
	if c.QueryParam("mfa") == "1" {
		options = append(options, auth.RenewForMFA())
	}
	if tenant := c.QueryParam("tenant"); tenant != "" {
		options = append(options, auth.WithTenant(tenant))
	}
	if c.QueryParam("choose") == "1" {
		options = append(options, auth.ChooseAccount())
	}
	err := s.auth.Begin(c.Response(), c.Request(), back, options...)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, auth.ErrMFA):
		return renewedJustNow(back)
	}
	return s.refuseSignIn(c, err)
}

// renewedJustNow tells somebody signed in that asking for the second factor
// again, minutes after the last time, would lead in a circle.
func renewedJustNow(back string) *Trouble {
	return &Trouble{Status: http.StatusForbidden, err: auth.ErrMFA, Problem: views.Problem{
		Kind:  views.ProblemMFA,
		What:  "You signed in with MFA a moment ago.",
		Means: "Microsoft refused all the same, and asking again at once would lead in a circle. You are still signed in; nothing was changed.",
		Next:  "Wait five minutes, or sign in with another account. If it stays, whoever manages sign-in at your company can look which second factor yours has.",
		Actions: []views.Action{
			{Label: "Try the page again", Href: templ.SafeURL(back), Primary: true},
			{Label: "Use another account", Href: templ.SafeURL(withParameter(startPath(back), "choose=1"))},
		},
	}}
}

// finishSignIn answers GET /sign-in/callback and leaves its query behind.
func (s *server) finishSignIn(c echo.Context) error {
	back, err := s.auth.Callback(c.Response(), c.Request())
	if err != nil {
		return s.refuseSignIn(c, err)
	}
	return c.Redirect(http.StatusSeeOther, back)
}

// refuseSignIn shows the sign-in page with the reason. After the callback it
// goes there, to leave the provider's code behind.
func (s *server) refuseSignIn(c echo.Context, err error) error {
	for _, r := range refusals {
		if errors.Is(err, r.why) {
			s.logFailure(c, "sign-in not completed", err)
			if c.Path() != "/sign-in/callback" {
				return s.showRefusal(c, s.signIn(c, "/"), r.why)
			}
			return c.Redirect(http.StatusSeeOther, "/sign-in?refused="+r.name+"&id="+correlationID(c))
		}
	}
	return noDatabase(err, "You are not signed in.") // nothing of the sign-in itself: what it is kept in
}

// signInProblem words why somebody is not let in; nil for what is no matter
// of signing in.
func (s *server) signInProblem(err error) (int, *views.Problem) {
	switch {
	case errors.Is(err, auth.ErrNoRole):
		return http.StatusForbidden, noRoleProblem(s.cfg.Roles)
	case errors.Is(err, auth.ErrForeignTenant):
		return http.StatusForbidden, &views.Problem{
			Kind:  views.ProblemLevel,
			What:  "Your account is not of this partner.",
			Means: "Rollcall is open to the partner's own staff only. You are not signed in.",
			Next:  "Sign in with your work account at the partner.",
		}
	case errors.Is(err, auth.ErrGuestUnknown):
		return http.StatusForbidden, &views.Problem{
			Kind:  views.ProblemLevel,
			What:  "Rollcall can't tell whether your account is a guest.",
			Means: "Guests can't sign in here, and Microsoft's answer doesn't say. You are not signed in.",
			Next:  "Whoever runs Rollcall can add the optional claim “acct” to the ID tokens of its app registration.",
		}
	case errors.Is(err, auth.ErrGuest):
		return http.StatusForbidden, &views.Problem{
			Kind:  views.ProblemLevel,
			What:  "Guest accounts can't sign in here.",
			Means: "You are a guest in the partner's directory. You are not signed in.",
			Next:  "Sign in with an account of the partner itself.",
		}
	case errors.Is(err, auth.ErrGroupOverage):
		return http.StatusForbidden, &views.Problem{
			Kind:  views.ProblemLevel,
			What:  "You are in too many groups for your access level to be told.",
			Means: "The provider leaves the groups out of the sign-in then. You are not signed in.",
			Next:  "Whoever runs Rollcall can use app roles, or send only the groups assigned to the application.",
		}
	case errors.Is(err, auth.ErrMFA):
		return http.StatusForbidden, &views.Problem{
			Kind:    views.ProblemMFA,
			What:    "Your sign-in was without a second factor.",
			Means:   "Partner Center refuses such sign-ins, so Rollcall does too. You are not signed in.",
			Next:    "Set up multi-factor authentication for your account, then sign in again.",
			Actions: []views.Action{{Label: "Sign in with MFA", Href: "/sign-in/start?mfa=1", Primary: true}},
		}
	case errors.Is(err, auth.ErrAttemptUnknown):
		return http.StatusBadRequest, &views.Problem{
			Kind:    views.ProblemRequest,
			What:    "This sign-in can't be completed.",
			Means:   "It took longer than ten minutes, was completed already, or was begun in another browser.",
			Next:    "Begin anew.",
			Actions: []views.Action{{Label: "Sign in", Href: "/sign-in/start", Primary: true}},
		}
	case errors.Is(err, auth.ErrDenied):
		return http.StatusForbidden, &views.Problem{
			Kind:    views.ProblemLevel,
			What:    "The sign-in was declined.",
			Means:   "You, or your company's rules, said no. You are not signed in.",
			Next:    "Try again, or ask whoever manages sign-in at your company.",
			Actions: []views.Action{{Label: "Try again", Href: "/sign-in/start", Primary: true}},
		}
	case errors.Is(err, auth.ErrToken):
		return http.StatusForbidden, &views.Problem{
			Kind:    views.ProblemLevel,
			What:    "The sign-in provider's answer failed a check.",
			Means:   "Rollcall can't be sure who you are. You are not signed in.",
			Next:    "Begin anew. If it happens again, send the correlation ID to whoever runs Rollcall.",
			Actions: []views.Action{{Label: "Sign in", Href: "/sign-in/start", Primary: true}},
		}
	case errors.Is(err, auth.ErrProvider):
		return http.StatusBadGateway, &views.Problem{
			Kind:    views.ProblemDown,
			What:    "The sign-in provider did not answer.",
			Means:   "You are not signed in.",
			Next:    "Try again in a minute.",
			Actions: []views.Action{{Label: "Try again", Href: "/sign-in/start", Primary: true}},
		}
	case errors.Is(err, auth.ErrNoSpace):
		return http.StatusServiceUnavailable, &views.Problem{
			Kind:  views.ProblemFault,
			What:  "The disk under Rollcall's database is nearly full.",
			Means: "What is left is kept for its record, so nobody can sign in. Who is signed in can go on.",
			Next:  "Whoever runs Rollcall has to free some space; try again then.",
		}
	case errors.Is(err, audit.ErrUnavailable):
		return http.StatusServiceUnavailable, &views.Problem{
			Kind:  views.ProblemFault,
			What:  "Rollcall can't write its record.",
			Means: "Nobody is signed in without a record of it.",
			Next:  "Try again in a minute. If it stays, whoever runs Rollcall has to look at its database.",
		}
	}
	return 0, nil
}

func noRoleProblem(roles []string) *views.Problem {
	wanted := strings.Join(roles, ", ")
	return &views.Problem{
		Kind:      views.ProblemLevel,
		What:      "Your account has no role in Rollcall.",
		Means:     "One of these is needed: " + wanted + ". You are not signed in.",
		Next:      "Whoever manages applications in your company's directory can give you one.",
		CopyLabel: "Copy a request",
		CopyText:  "My account needs a role in Rollcall. Please assign one of these to it: " + wanted + ".",
	}
}

// signOut answers POST /sign-out: the session is over. The page that says so
// has an address of its own, so that a reload repeats nothing.
func (s *server) signOut(c echo.Context) error {
	issuer, err := s.auth.SignOut(c.Response(), c.Request())
	if err != nil {
		return noDatabase(err, "This browser has forgotten your session, but it could not be ended: it ends by itself, at the latest when its time is over.")
	}
	query := ""
	if at := slices.IndexFunc(s.auth.Tenants(), func(t auth.Tenant) bool { return t.Issuer == issuer }); at > 0 {
		query = "provider=" + strconv.Itoa(at)
	}
	return c.Redirect(http.StatusSeeOther, address("/sign-out", query))
}

// signOutPage answers GET /sign-out: the button for who is signed in; for
// others that they are signed out, with a link to the provider's own sign-out.
func (s *server) signOutPage(c echo.Context) error {
	p, err := s.auth.Principal(c.Request(), auth.Polling)
	switch {
	case err == nil:
		return renderStatus(c, http.StatusOK, views.SignOut(views.SignOutPage{
			Chrome: s.chrome(c, "", "Sign out"), Person: views.Person{Name: shown(p.Name), UPN: shown(p.UPN)},
		}))
	case !errors.Is(err, auth.ErrNoSession):
		return noDatabase(err, "It can't tell whether you are signed in.")
	}
	issuer := ""
	if at, err := strconv.Atoi(c.QueryParam("provider")); err == nil && at > 0 && at < len(s.auth.Tenants()) {
		issuer = s.auth.Tenants()[at].Issuer
	}
	return renderStatus(c, http.StatusOK, views.SignedOut(views.SignedOutPage{
		Chrome:     s.chrome(c, "", "Signed out"),
		Provider:   s.cfg.Provider,
		EndSession: templ.SafeURL(s.auth.EndSessionURL(c.Request().Context(), issuer)),
		SignIn:     "/sign-in",
	}))
}

// backchannelLogout answers the provider's word that somebody signed out there.
func (s *server) backchannelLogout(c echo.Context) error {
	s.auth.BackChannelLogout(c.Response(), c.Request())
	return nil
}

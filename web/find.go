package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

const (
	findPath    = "/find"
	sweepTarget = "find-status" // the element that fills itself while customers are read
	mostNamed   = 100           // customers named of each sort
)

// findUser answers GET /find: one user across the customers whose users are held
// and the person's to see; or the line that tells how far reading the others
// has come.
func (s *server) findUser(c echo.Context) error {
	poll := target(c.Request()) == sweepTarget
	text := directory.ParseQuery(url.Values{"q": {c.QueryParam("q")}}).Text
	here := findHref(text)
	if !poll && c.Request().URL.RequestURI() != string(here) {
		return c.Redirect(http.StatusSeeOther, string(here))
	}
	page := views.FindPage{Chrome: s.chrome(c, views.NavFind, "Find a user"), Path: findPath, Query: text, Sweep: findPath + "/sweep"}
	page.Here = here
	if sharing(c) {
		page.Trouble = &views.Problem{
			Kind: views.ProblemLevel, What: "Finding across customers is off while you share your screen.",
			Means: "Its answers name other customers, which sharing mode never shows.",
			Next:  "Stop sharing mode in the bar above, or search within one customer.",
		}
		return s.renderFind(c, page, poll)
	}
	found, err := s.directory.Find(c.Request().Context(), s.viewer(c), text)
	if err != nil {
		return s.wants(c, "see customers", "The customers", agentRoles, "").trouble(err)
	}
	if err := s.foundOnTrail(c, text, found, poll); err != nil {
		return err
	}
	s.fillFind(c, &page, found)
	painted := c.QueryParams()["shown"]
	if poll {
		page.Groups = notPainted(page.Groups, found, painted)
	} else {
		painted = nil
		for _, g := range page.Groups {
			painted = append(painted, g.ID)
		}
	}
	page.Status.Poll = templ.SafeURL(address(findPath, url.Values{"q": {text}, "shown": painted}.Encode()))
	return s.renderFind(c, page, poll)
}

// foundOnTrail puts on the trail who was looked for, each time but for a page's
// own polls, and that customers are named.
func (s *server) foundOnTrail(c echo.Context, text string, found directory.FindView, poll bool) error {
	if err := s.seen(c, audit.KindCustomersList, ""); err != nil || text == "" {
		return err
	}
	e := s.entry(c, audit.KindFind, "", "")
	e.Detail = map[string]string{"text": text, "found": strconv.Itoa(found.Matching), "searched": strconv.Itoa(found.Searched), "of": strconv.Itoa(found.Of)}
	if poll {
		return trailTrouble(s.trail.Seen(c.Request().Context(), e))
	}
	return trailTrouble(s.trail.AppendSeen(c.Request().Context(), e))
}

func (s *server) renderFind(c echo.Context, page views.FindPage, poll bool) error {
	if poll {
		return renderStatus(c, http.StatusOK, views.FindStatus(page))
	}
	return renderStatus(c, http.StatusOK, views.Find(page))
}

// sweep answers POST /find/sweep: reads the users of the other customers one
// after the other, on the person's own grant, or stops that.
func (s *server) sweep(c echo.Context) error {
	ctx, v := c.Request().Context(), s.viewer(c)
	var err error
	switch c.FormValue("do") {
	case "start":
		if err := s.recorded(c, audit.KindSweep, "", ""); err != nil {
			return err
		}
		err = s.directory.StartSweep(ctx, v)
	case "stop":
		err = s.directory.StopSweep(ctx, v)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err != nil {
		return s.wants(c, "see customers", "The customers", agentRoles, "").trouble(err)
	}
	return backTo(c, findPath)
}

func findHref(text string) templ.SafeURL {
	return templ.SafeURL(address(findPath, directory.Query{Text: text}.Encode()))
}

// fillFind maps the directory's answer to what is shown.
func (s *server) fillFind(c echo.Context, page *views.FindPage, found directory.FindView) {
	clock := s.clock(c)
	page.Groups = findGroups(found)
	page.Coverage = findCoverage(found, clock)
	sweep := found.Sweep
	page.Status = views.FindStatusLine{
		Searched: found.Searched, Of: found.Of, Running: sweep.Running, Done: sweep.Done, DoneOf: sweep.Of, Skipped: sweep.Skipped,
		Now: shown(sweep.Now.Name),
	}
	if sweep.Running {
		page.Status.Wait = s.waits(sweep.Now.ID)
	}
	for _, of := range found.Customers {
		if of.State == directory.FindUnread || of.State == directory.FindFailed {
			page.Status.Others++
		}
	}
	if sweep.Err != nil && !sweep.Running {
		page.Status.Banner = &views.Banner{Kind: views.BannerWarn, Title: "Reading the other customers stopped", Text: cutReason(sweep.Err),
			CorrelationID: correlationOf(sweep.Err), RetrySeconds: retrySeconds(sweep.Err), Actions: signInAnew(sweep.Err, string(page.Here))}
	}
	at := 0
	for _, of := range found.Customers {
		if of.Matching > 0 {
			at++
		}
	}
	page.Heading = "No user found"
	if found.Matching > 0 {
		page.Heading = plural(found.Matching, "user", "users") + " found at " + plural(at, "customer", "customers")
	}
	switch {
	case found.List.State == directory.StateLoading:
		page.Empty = &views.Nothing{Title: "Your customers are being read", Text: waitsOr(s.waits(""), "They are searched as soon as they are here."), Actions: []views.Action{{Label: "Look again", Href: page.Here, Primary: true}}}
	case page.Query == "":
		page.Heading = "Nothing asked yet"
		page.Empty = &views.Nothing{Title: "Whom do you look for?", Text: "Type a name, a user principal name, an ID or a phone number. Every customer is searched whose users are held and yours to see."}
	case found.Matching == 0:
		page.Empty = &views.Nothing{Title: "No user matches “" + shown(page.Query) + "”", Text: findNothing(found, page.Status)}
	}
	if page.Query != "" && !sweep.Running {
		page.Tell = page.Heading + ". " + views.Number(found.Searched) + " of " + plural(found.Of, "customer", "customers") + " searched"
	}
}

// waitsOr is why reading takes so long, if Partner Center wants no calls for a
// while; else otherwise.
func waitsOr(seconds int, otherwise string) string {
	if seconds == 0 {
		return otherwise
	}
	return "Partner Center asks us to wait " + strconv.Itoa(seconds) + " s. Reading goes on by itself; nothing to do."
}

// findNothing says where somebody might be all the same.
func findNothing(found directory.FindView, status views.FindStatusLine) string {
	text := "The users of " + plural(found.Searched, "customer were", "customers were") + " searched: names, UPN, phone."
	switch {
	case status.Running:
		return text + " Others are being read."
	case found.Searched == 0:
		return "The users of no customer are held now, so nobody was searched."
	case status.Others > 0:
		return text + " The other " + views.Number(status.Others) + " were not, and may have them."
	}
	return text
}

// findGroups are the hits by customer, in the order of the hits.
func findGroups(found directory.FindView) []views.FindGroup {
	var groups []views.FindGroup
	at := map[string]int{}
	of := map[string]directory.FindCustomer{}
	for _, c := range found.Customers {
		of[c.Customer.ID] = c
	}
	for _, h := range found.Hits {
		id := h.Customer.ID
		i, ok := at[id]
		if !ok {
			i = len(groups)
			at[id] = i
			groups = append(groups, views.FindGroup{
				ID: id, Name: shown(h.Customer.Name), Domain: shown(h.Customer.Domain), More: of[id].Matching, Part: of[id].State == directory.FindPart,
				Href: templ.SafeURL(address(string(usersPath(id)), directory.Query{Text: found.Text}.Encode())),
			})
		}
		hit := views.FindHit{
			Href: usersPath(id) + templ.SafeURL("/"+h.Row.ID), Name: shown(h.Row.DisplayName), NameMarks: segments(h.Row.DisplayName, h.Row.NameMarks),
			UPN: shown(h.Row.UPN), UPNMarks: segments(h.Row.UPN, h.Row.UPNMarks), Guest: h.Row.Guest, Exact: h.Exact,
		}
		if hit.Name == "" {
			hit.Name, hit.NameMarks = hit.UPN, hit.UPNMarks
		}
		groups[i].Hits = append(groups[i].Hits, hit)
		groups[i].More--
	}
	return groups
}

// notPainted are the groups that the page does not show yet, in the order in
// which their customers were read: what comes later comes below.
func notPainted(groups []views.FindGroup, found directory.FindView, painted []string) []views.FindGroup {
	readAt := map[string]int64{}
	for _, c := range found.Customers {
		readAt[c.Customer.ID] = c.ReadAt.UnixNano()
	}
	groups = slices.DeleteFunc(groups, func(g views.FindGroup) bool { return slices.Contains(painted, g.ID) })
	slices.SortStableFunc(groups, func(a, b views.FindGroup) int { return cmp.Compare(readAt[a.ID], readAt[b.ID]) })
	return groups
}

// findCoverage names the customers by what came of them. Those that were not
// searched are only counted.
func findCoverage(found directory.FindView, clock clock) []views.FindCoverage {
	var out []views.FindCoverage
	for _, sort := range []struct {
		state       directory.FindState
		label, text string
	}{
		{directory.FindSearched, "Searched", "All their users."},
		{directory.FindPart, "Searched in part", "The users that are read so far; somebody you don't find may still be there."},
		{directory.FindRefused, "Refused you", "Partner Center doesn't let you see users there."},
		{directory.FindFailed, "Could not be read", "Partner Center didn't answer for them."},
		{directory.FindUnread, "Not searched", "Their users are not held now, or your access to them was not confirmed in the last minutes."},
	} {
		c := views.FindCoverage{Label: sort.label, Text: sort.text}
		for _, of := range found.Customers {
			if of.State != sort.state {
				continue
			}
			if len(c.Customers) == mostNamed {
				c.More++
				continue
			}
			where := views.FindCustomer{Name: shown(of.Customer.Name), Href: usersPath(of.Customer.ID)}
			if !of.ReadAt.IsZero() {
				where.Note = plural(of.Users, "user", "users") + ", read " + clock.at(of.ReadAt).Text
			}
			c.Customers = append(c.Customers, where)
		}
		if len(c.Customers) > 0 {
			out = append(out, c)
		}
	}
	return out
}

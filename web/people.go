package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/views"
)

const (
	peoplePath    = "/settings/people"
	peopleOnAPage = 25
	longestName   = 100 // characters of a search
)

// peopleQuery is what of the people is shown.
type peopleQuery struct {
	text string
	page int
}

// parsePeople reads a query; what can't be used is left out.
func parsePeople(v url.Values) peopleQuery {
	q := peopleQuery{text: strings.Join(strings.FieldsFunc(v.Get("q"), notPrintable), " "), page: 1}
	if utf8.RuneCountInString(q.text) > longestName {
		q.text = string([]rune(q.text)[:longestName])
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil {
		q.page = max(1, n)
	}
	return q
}

func (q peopleQuery) href(page int) string {
	v := url.Values{}
	if q.text != "" {
		v.Set("q", q.text)
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return address(peoplePath, v.Encode())
}

// fits reports whether the person is looked for.
func (q peopleQuery) fits(one auth.SessionInfo) bool {
	text := strings.ToLower(q.text)
	return strings.Contains(strings.ToLower(one.Name), text) || strings.Contains(strings.ToLower(one.UPN), text)
}

// listPeople answers GET /settings/people: everybody's sessions, for
// administrators.
func (s *server) listPeople(c echo.Context) error {
	sessions, err := s.auth.AllSessions(c.Request().Context(), principal(c))
	if err != nil {
		return noDatabase(err, "It can't tell who is signed in. Nothing was changed.")
	}
	page := peoplePage(s.chrome(c, views.NavSettings, "Who is signed in"), parsePeople(c.QueryParams()), sessions, principal(c).Key, s.clock(c))
	switch c.QueryParam("ended") {
	case "session":
		page.Banner = &views.Banner{Kind: views.BannerInfo, Title: "The session has ended", Text: "Whoever had it is asked to sign in."}
	case "person":
		page.Banner = &views.Banner{Kind: views.BannerInfo, Title: "All sessions of that person have ended", Text: "They can sign in again as long as their account has a role: to keep them out, take that away first."}
	}
	return render(c, views.People(page), nil)
}

// peoplePage maps the live sessions to people, by name, a page of them.
func peoplePage(ch views.Chrome, q peopleQuery, sessions []auth.SessionInfo, self string, clock clock) views.PeoplePage {
	page := views.PeoplePage{Chrome: ch, Query: q.text, EndPath: peoplePath, Clear: peoplePath}
	at := map[string]int{}
	var people []views.SignedInPerson
	for _, one := range sessions {
		if !q.fits(one) {
			continue
		}
		i, known := at[one.Person]
		if !known {
			i = len(people)
			at[one.Person] = i
			people = append(people, views.SignedInPerson{Key: one.Person, Name: shown(one.Name), UPN: shown(one.UPN), Level: one.Level.String(), Self: one.Person == self})
		}
		people[i].Sessions = append(people[i].Sessions, sessionRow(one, clock))
		page.Sessions++
	}
	slices.SortFunc(people, func(a, b views.SignedInPerson) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Key, b.Key))
	})
	page.Matching = len(people)
	page.Pages = max(1, (len(people)+peopleOnAPage-1)/peopleOnAPage)
	page.Page = min(q.page, page.Pages)
	first := (page.Page - 1) * peopleOnAPage
	page.People = people[first:min(first+peopleOnAPage, len(people))]
	page.Back = templ.SafeURL(q.href(page.Page))
	if page.Page > 1 {
		page.Previous = templ.SafeURL(q.href(page.Page - 1))
	}
	if page.Page < page.Pages {
		page.Next = templ.SafeURL(q.href(page.Page + 1))
	}
	return page
}

// endPeople answers POST /settings/people: it ends one session, or all of a
// person with the sign-ins that their jobs use.
func (s *server) endPeople(c echo.Context) error {
	p, ended := principal(c), "session"
	var err error
	switch person, session := c.FormValue("person"), c.FormValue("session"); {
	case person != "":
		ended, err = "person", s.auth.EndPerson(c.Request(), p, person)
	case session != "":
		err = s.auth.EndSession(c.Request(), p, session)
	default:
		return badRequest("The form does not say whose session is to end.", "Go back and try again.")
	}
	if err != nil && !errors.Is(err, auth.ErrNotFound) { // it is over: what was wanted
		return noDatabase(err, "The sessions go on.")
	}
	back, err := url.Parse(returnTo(c))
	if err != nil || back.Path != peoplePath {
		back = &url.URL{Path: peoplePath}
	}
	q := back.Query()
	q.Set("ended", ended)
	back.RawQuery = q.Encode()
	return c.Redirect(http.StatusSeeOther, back.String())
}

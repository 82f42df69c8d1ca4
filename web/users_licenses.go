package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// readLicenses answers POST /customers/:customer/licenses/reading: go on
// reading the users' licenses, stop, or read them anew with the seats.
func (s *server) readLicenses(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	ctx, v := c.Request().Context(), s.viewer(c)
	var err error
	switch c.FormValue("do") {
	case "go-on":
		err = s.directory.ReadLicenses(ctx, v, customerID)
	case "stop":
		err = s.directory.StopLicenses(ctx, v, customerID)
	case "refresh":
		err = s.directory.RefreshLicenses(ctx, v, customerID)
	default:
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err != nil {
		return s.kindRefused(c, customerID, directory.KindLicenses, err)
	}
	return backTo(c, string(usersPath(customerID)))
}

// kinds is what the list shows besides users.
func (a usersAsk) kinds() []directory.Kind {
	var kinds []directory.Kind
	if slices.Contains(a.columns, views.ColumnLicenses) {
		kinds = append(kinds, directory.KindLicenses)
	}
	if slices.Contains(a.columns, views.ColumnRoles) {
		kinds = append(kinds, directory.KindRoles)
	}
	return kinds
}

// ofLicenses reports whether users are left out by their licenses.
func (a usersAsk) ofLicenses() bool { return len(a.Licenses) > 0 || len(a.Plans) > 0 }

// kindWords are what a kind of data is called where it is refused.
var kindWords = map[directory.Kind]struct{ verb, things, title string }{
	directory.KindLicenses: {"see licenses", "The licenses", "Licenses"},
	directory.KindRoles:    {"see roles", "The roles", "Roles"},
}

// kindRefused words why a list can't be narrowed or sorted by a kind of data
// that the person may not see, and leads to the list without that.
func (s *server) kindRefused(c echo.Context, customerID string, kind directory.Kind, err error) error {
	head, headErr := s.customerHead(c, customerID)
	if headErr != nil {
		return headErr
	}
	words := kindWords[kind]
	t := s.wants(c, words.verb, words.things, "Directory Readers", head.Name).trouble(err)
	if errors.Is(err, partnercenter.ErrNoRelationship) {
		return t
	}
	head = onTab(head, tabUsers, "")
	t.Customer = &head
	t.Actions = append([]views.Action{{Label: "All users of " + head.Name, Href: head.Path, Primary: true}}, t.Actions...)
	return t
}

// withheld are the kinds of data whose columns are left out.
func (l usersList) withheld(w wanted) *views.Withheld {
	var titles []string
	var why error
	for _, one := range []struct {
		kind  directory.Kind
		asked bool
		err   error
	}{
		{directory.KindLicenses, l.found.Licenses.Asked, l.found.Licenses.Withheld},
		{directory.KindRoles, l.found.Roles.Asked, l.found.Roles.Withheld},
	} {
		if one.asked && one.err != nil {
			titles, why = append(titles, kindWords[one.kind].title), one.err
		}
	}
	if len(titles) == 0 {
		return nil
	}
	things := strings.ToLower(strings.Join(titles, " and "))
	w.Verb, w.Things, w.Role = "see "+things, "The "+things, "Directory Readers"
	_, p := w.problem(why)
	out := &views.Withheld{Title: strings.ToUpper(things[:1]) + things[1:] + " aren't shown", Text: p.What + " " + p.Next, CopyText: p.CopyText, CorrelationID: p.CorrelationID}
	if errors.Is(why, partnercenter.ErrForbidden) {
		out.Text = p.Means + " " + p.Next
	}
	return out
}

// shows reports whether a column has something to show to this person.
func (l usersList) shows(kind views.UserColumnKind) bool {
	switch kind {
	case views.ColumnLicenses:
		return l.found.Licenses.Withheld == nil
	case views.ColumnRoles:
		return l.found.Roles.Withheld == nil
	}
	return true
}

// counted reports whether licenses are counted in this answer.
func (l usersList) counted() bool {
	r := l.found.Licenses
	return r.Asked && r.Withheld == nil && r.Read > 0
}

// licensesPart reports whether licenses of some users are not read yet.
func (l usersList) licensesPart() bool { return l.found.Licenses.Read < l.found.Licenses.Of }

// ofRead is what a count of licenses is a part of: "of 398 read".
func (l usersList) ofRead() string {
	if !l.licensesPart() {
		return ""
	}
	return "of " + views.Number(l.found.Licenses.Read) + " read"
}

// partNote says over how many users a filter of licenses goes.
func (l usersList) partNote() string {
	if !l.licensesPart() {
		return ""
	}
	r := l.found.Licenses
	return "Licenses of " + views.Number(r.Read) + " of " + views.Number(r.Of) + " users are read; counts and this filter cover those."
}

// licenses is how far the licenses were read.
func (l usersList) licenses(customerID string, clock clock, here string) views.LicensesLine {
	r := l.found.Licenses
	if !r.Asked || r.Withheld != nil || r.Of == 0 {
		return views.LicensesLine{}
	}
	line := views.LicensesLine{
		Text: views.Number(r.Read) + " of " + views.Number(r.Of) + " read", Read: clock.at(r.ReadAt), Reading: r.Reading,
		Asks: r.Asks, Stopped: r.Stopped, Path: templ.SafeURL(customersPath + "/" + customerID + "/licenses/reading"),
	}
	if seconds := seconds(r.Wait); r.Reading && seconds > 0 {
		line.Text += ", Partner Center asks us to wait " + strconv.Itoa(seconds) + " s"
	}
	if r.Err != nil && !r.Reading {
		signIn := signInAnew(r.Err, here)
		line.Banner = &views.Banner{
			Kind: views.BannerWarn, Title: "Reading licenses stopped after " + views.Number(r.Read) + " of " + views.Number(r.Of) + " users",
			Text: cutReason(r.Err) + " Counts and filters of licenses cover those read.", CorrelationID: r.CorrelationID, RetrySeconds: retrySeconds(r.Err),
			Actions: append(signIn, views.Action{Label: "Go on from here", Href: line.Path, Primary: len(signIn) == 0,
				Post: []views.Hidden{{Name: "do", Value: "go-on"}, {Name: "return_to", Value: here}}}),
		}
		if errors.Is(r.Err, directory.ErrNoRoom) {
			line.Banner.Text = "Rollcall has no room for more of them. Counts and filters of licenses cover those read. Whoever runs Rollcall can raise the memory limit."
			line.Banner.Actions = nil
		}
	}
	return line
}

// tags are products by their ID, as rows name them.
type tags map[string]views.LicenseTag

func tagsOf(names map[string]directory.Name) tags {
	out := make(tags, len(names))
	for id, n := range names {
		out[id] = views.LicenseTag{Name: shown(productName(n.Name, n.PartNumber)), PartNumber: shown(n.PartNumber)}
	}
	return out
}

// of are the products of those IDs; all rows share one piece of memory.
func (t tags) of(ids []string, memory *[]views.LicenseTag) []views.LicenseTag {
	from := len(*memory)
	for _, id := range ids {
		tag, ok := t[id]
		if !ok {
			tag.Name = productName("", "")
		}
		*memory = append(*memory, tag)
	}
	return (*memory)[from:len(*memory):len(*memory)]
}

// roleNames are the roles of a user in words.
func roleNames(ids []string, names map[string]directory.Name) []string {
	if len(ids) == 0 {
		return nil
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = shown(roleName(names[id].Name))
	}
	return words
}

// filled are the rows whose licenses were read since they were painted.
func filled(rows []views.UserRow, pending []string) []views.UserRow {
	waits := make(map[string]bool, len(pending))
	for _, id := range pending {
		waits[id] = true
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r views.UserRow) bool { return !r.LicensesRead || !waits[r.ID] })
}

package web

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// exportUsers answers GET /customers/:customer/users.csv, .xlsx and .json: what
// the list at the same query shows, on all its pages.
func (s *server) exportUsers(format export.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		customerID, path, err := s.exportPath(c, "users", format)
		if customerID == "" || err != nil {
			return err
		}
		e := usersExport{server: s, list: s.usersShown(c, customerID), ask: parseExportAsk(c.QueryParams()), format: format, customerID: customerID, path: path}
		if canonical := e.address(e.ask); canonical != c.Request().URL.RequestURI() && target(c.Request()) != exportTarget {
			return c.Redirect(http.StatusSeeOther, canonical)
		}
		return e.answer(c)
	}
}

// exportPath is whose file is asked for, and under which path. One by domain is
// sent to the customer's ID; then there is no customerID.
func (s *server) exportPath(c echo.Context, list string, format export.Format) (customerID, path string, err error) {
	customerID = c.Param("customer")
	if isGUID(customerID) && customerID == strings.ToLower(customerID) {
		return customerID, customersPath + "/" + customerID + "/" + list + "." + string(format), nil
	}
	return "", "", s.openCustomer(c)
}

// usersExport is one file of users.
type usersExport struct {
	*server
	list       usersShown
	ask        exportAsk
	format     export.Format
	customerID string
	path       string
}

// address is the file's, with what is asked of it changed.
func (e *usersExport) address(ask exportAsk) string {
	return address(e.path, ask.encode(e.list.encoded))
}

// usersShown is what an address of the users list asks for, as far as a file
// goes by it: which users, in which order, with which columns.
type usersShown struct {
	directory.Query
	columns []string // as the address names them, besides the user
	only    bool     // the selected users alone
	encoded string   // all of it, as the address has it
}

// ofLicenses reports whether who is in the list, or where, hangs on licenses.
func (l usersShown) ofLicenses() bool {
	return len(l.Licenses) > 0 || len(l.Plans) > 0 || l.Sort.By == directory.ByLicenses
}

// kinds is what the file has besides users.
func (e *usersExport) kinds() []directory.Kind {
	var kinds []directory.Kind
	if slices.Contains(e.list.columns, "licenses") && e.ask.licenses != licensesNone {
		kinds = append(kinds, directory.KindLicenses)
	}
	if slices.Contains(e.list.columns, "roles") {
		kinds = append(kinds, directory.KindRoles)
	}
	return kinds
}

func (e *usersExport) answer(c echo.Context) error {
	ctx, cancel := prepares(c)
	defer cancel()
	view, rows, err := e.directory.All(ctx, e.viewer(c), e.customerID, e.list.Query, e.kinds()...)
	if err != nil {
		return e.refused(c, err)
	}
	customer, err := e.customerHead(c, e.customerID)
	if err != nil {
		return err
	}
	clock := e.clock(c)
	if tooOld(view.Reading) {
		return noExport(customer, templ.SafeURL(address(string(customer.Path), e.list.encoded)), view.Reading, clock)
	}
	matching := view.Matching
	if e.list.only {
		selected, err := e.prefs.Selection(ctx, principal(c).Key, e.customerID, preferences.ListUsers)
		if err != nil {
			return noDatabase(err, "Which users you selected can't be told.")
		}
		rows = only(rows, selected.Has)
		matching = length(rows)
	}
	read, of := e.licensesOf(view, rows)
	f := &file{
		customer: customer, what: "users", format: e.format, count: matching, ask: e.ask, clock: clock,
		part:  !view.Complete() || e.ask.licenses == licensesRead && read < of,
		query: e.words(view.Names),
	}
	poll := target(c.Request()) == exportTarget
	if status, waits := e.waits(view, read, of, customer); waits || poll {
		return e.askFirst(c, f, "Export users", templ.SafeURL(address(string(customer.Path), e.list.encoded)), status)
	}
	columns := e.columns(view)
	f.sheet = export.Sheet{Name: "Users", Zone: clock.zone, Columns: heads(columns)}
	f.sheet.Facts = e.server.facts(c, f, f.query, readWords(view.Reading, customer, "users", clock))
	f.sheet.Facts = append(f.sheet.Facts, e.licenseFacts(view, read, of, clock)...)
	f.rows = valuesOf(rows, columns)
	return e.sendFile(c, f)
}

// only is the rows of those who are selected.
func only(rows iter.Seq[directory.UserRow], has func(id string) bool) iter.Seq[directory.UserRow] {
	return func(yield func(directory.UserRow) bool) {
		for row := range rows {
			if has(row.ID) && !yield(row) {
				return
			}
		}
	}
}

func length[V any](seq iter.Seq[V]) (n int) {
	for range seq {
		n++
	}
	return n
}

// licensesOf tells of how many users in the file the licenses are read. Where
// the list is narrowed or sorted by licenses it is of all users: somebody whose
// licenses are not read might belong in it.
func (e *usersExport) licensesOf(view directory.UsersView, rows iter.Seq[directory.UserRow]) (read, of int) {
	r := view.Licenses
	switch {
	case !r.Asked || r.Withheld != nil:
		return 0, 0
	case r.Complete() || e.list.ofLicenses():
		return r.Read, r.Of
	}
	for row := range rows {
		of++
		if row.LicensesRead {
			read++
		}
	}
	return read, of
}

// waits tells whether something is still to be read or to be asked before the
// file, and what there is to say and to choose then. A poll that finds nothing
// of the kind is told where the file is.
func (e *usersExport) waits(view directory.UsersView, read, of int, customer views.CustomerHead) (views.ExportStatusLine, bool) {
	with := func(change func(*exportAsk)) templ.SafeURL {
		ask := e.ask
		change(&ask)
		return templ.SafeURL(e.address(ask))
	}
	here := e.address(e.ask)
	do := func(label, path, what string) views.Action {
		return views.Action{Label: label, Href: templ.SafeURL(customersPath + "/" + e.customerID + path),
			Post: []views.Hidden{{Name: "do", Value: what}, {Name: "return_to", Value: here}}}
	}
	line := views.ExportStatusLine{Poll: templ.SafeURL(here)}
	switch {
	case !view.Complete() && !e.ask.part:
		line = unread(view.Reading, customer, do("Read the rest first", "/reading", "go-on"), with(func(a *exportAsk) { a.part = true }), here)
		return line, true
	case e.ask.licenses == licensesAll && read < of:
		r := view.Licenses
		line.Reading, line.Read, line.Of = r.Reading, read, of
		line.Title = "Licenses of " + views.Number(read) + " of " + views.Number(of) + " users are read"
		line.Text = "They take one call to Partner Center for each user."
		switch {
		case r.Reading && wholeSeconds(r.Wait) > 0:
			line.Text = "Partner Center asks us to wait " + views.Number(wholeSeconds(r.Wait)) + " s. Reading goes on by itself, and then the whole file comes."
		case r.Reading:
			line.Text += " When all are read, the whole file comes by itself."
			line.Choices = append(line.Choices, do("Stop", "/licenses/reading", "stop"))
		default:
			line.Choices = append(line.Choices, do("Read the other "+views.Number(of-read)+" first", "/licenses/reading", "go-on"))
			line.Choices[0].Primary = true
		}
		if r.Err != nil && !r.Reading {
			line.Banner = &views.Banner{Kind: views.BannerWarn, Title: "Reading licenses stopped", Text: cutReason(r.Err), CorrelationID: r.CorrelationID, RetrySeconds: retrySeconds(r.Err)}
		}
		line.Choices = append(line.Choices,
			views.Action{Label: "Export with what is read", Href: with(func(a *exportAsk) { a.licenses = licensesRead })})
		if !e.list.ofLicenses() {
			line.Choices = append(line.Choices, views.Action{Label: "Export without licenses", Href: with(func(a *exportAsk) { a.licenses = licensesNone })})
		}
		return line, true
	}
	return ready(here), false
}

// unread says that there are more users than were read, and what one can
// choose then.
func unread(r directory.Reading, customer views.CustomerHead, goOn views.Action, part templ.SafeURL, here string) views.ExportStatusLine {
	line := views.ExportStatusLine{
		Title:   plural(r.Read, "user is", "users are") + " read so far",
		Text:    customer.Name + " has more. A file made now lacks them, and says so: its name ends in -part.",
		Reading: r.State == directory.StateLoading || r.State == directory.StateGrowing,
		Poll:    templ.SafeURL(here),
	}
	switch {
	case line.Reading:
		line.Text += " When all are read, the whole file comes by itself."
	case r.Reason != directory.ReasonMemory:
		goOn.Primary = true
		line.Choices = append(line.Choices, goOn)
	}
	if r.Read > 0 {
		line.Choices = append(line.Choices, views.Action{Label: "Export what is read", Href: part})
	}
	if r.Err != nil {
		line.Banner = &views.Banner{Kind: views.BannerWarn, Title: "Reading stopped", Text: cutReason(r.Err), CorrelationID: r.CorrelationID, RetrySeconds: retrySeconds(r.Err)}
	}
	return line
}

// ready says that nothing is missing any more, and where the file is.
func ready(file string) views.ExportStatusLine {
	return views.ExportStatusLine{Title: "The file is ready", Text: "Your browser fetches it now. If it doesn't, download it here.", File: templ.SafeURL(file)}
}

// wholeSeconds is how many seconds one has to wait, rounded up.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// refused words why there is no file; a kind that the list is narrowed or
// sorted by is named.
func (e *usersExport) refused(c echo.Context, err error) error {
	if k, ok := errors.AsType[*directory.KindError](err); ok {
		w := e.wants(c, "export by "+string(k.Kind), "The users", "Directory Readers", "")
		return e.customerRefused(c, e.customerID, tabUsers, w, k.Err)
	}
	return e.usersRefused(c, e.customerID, err)
}

// usersShown is what the address of a file asks for, and what the person has by default.
func (s *server) usersShown(c echo.Context, customerID string) usersShown {
	return fileOf(s.usersAsk(c, customerID))
}

// fileOf is what a file of the list at an address has: all its pages, and the
// columns it shows.
func fileOf(ask usersAsk) usersShown {
	ask.Query, ask.density = firstPage(ask.Query), ask.own.density
	shown := usersShown{Query: ask.Query, only: ask.only, encoded: ask.Encode()}
	for _, kind := range ask.kindsShown() {
		shown.columns = append(shown.columns, columnKeys[kind])
	}
	return shown
}

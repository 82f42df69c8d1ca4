package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// settingsPage answers GET /settings.
func (s *server) settingsPage(c echo.Context) error {
	page, err := s.settingsView(c, s.settings(c))
	if err != nil {
		return err
	}
	page.Saved = c.QueryParam("saved") == "1"
	return render(c, views.Settings(page), nil)
}

// saveSettings answers POST /settings. A form holds all settings or some of
// them, as the account menu does; what it leaves out stays.
func (s *server) saveSettings(c echo.Context) error {
	set := s.settings(c)
	form, err := c.FormParams()
	if err != nil {
		return badRequest("The settings could not be read.", "Go back and try again.")
	}
	for field, into := range map[string]*string{"theme": &set.Theme, "density": &set.Density, "keys": &set.Keys, "time_zone": &set.TimeZone} {
		if form.Has(field) {
			*into = form.Get(field)
		}
	}
	if form.Has("columns") {
		set.Columns = ""
		if form.Get("columns") != "usual" {
			set.Columns = defaultColumns(form["columns"])
		}
	}
	if form.Has("page_size") {
		size, err := strconv.Atoi(form.Get("page_size"))
		if err != nil {
			size = -1 // not among the choices
		}
		set.PageSize = size
		if size == directory.DefaultSize {
			set.PageSize = 0
		}
	}
	if set.Theme == "auto" {
		set.Theme = ""
	}
	if problems := set.Check(); len(problems) > 0 {
		return s.settingsMistake(c, set, problems)
	}
	if err := s.prefs.SetSettings(c.Request().Context(), principal(c).Key, set); err != nil {
		return &Trouble{Status: http.StatusServiceUnavailable, err: err, Problem: views.Problem{
			Kind: views.ProblemFault, What: "The settings could not be kept.", Means: "They are as they were.", Next: "Try again in a minute.",
		}}
	}
	if c.Request().Header.Get("Hx-Request") == "true" {
		return c.NoContent(http.StatusNoContent) // the page shows it already
	}
	if back := returnTo(c); back != "/" {
		if form.Get("keep") == "columns" { // the list shows those that were chosen
			back = withColumns(back, form["columns"])
		}
		return c.Redirect(http.StatusSeeOther, back)
	}
	return c.Redirect(http.StatusSeeOther, "/settings?saved=1")
}

func (s *server) settingsMistake(c echo.Context, set preferences.Settings, problems []preferences.Problem) error {
	page, err := s.settingsView(c, set)
	if err != nil {
		return err
	}
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.Text)
	}
	page.Mistake = strings.Join(texts, " ")
	return renderStatus(c, http.StatusUnprocessableEntity, views.Settings(page))
}

func (s *server) settingsView(c echo.Context, set preferences.Settings) (views.SettingsPage, error) {
	sessions, err := s.auth.Sessions(c.Request().Context(), principal(c))
	if err != nil {
		return views.SettingsPage{}, noDatabase(err, "It can't tell where you are signed in. Nothing was changed.")
	}
	clock := s.clock(c)
	page := views.SettingsPage{
		Chrome:  s.chrome(c, views.NavSettings, "Settings"),
		Zones:   zoneOptions(set.TimeZone, clock),
		EndPath: "/settings/sessions",
		Views:   s.viewRows(c),
		Columns: columnWords(set.Columns),
	}
	for _, size := range directory.Sizes {
		page.Sizes = append(page.Sizes, views.SizeOption{Size: size, On: size == cmp.Or(set.PageSize, directory.DefaultSize)})
	}
	for _, one := range sessions {
		page.Sessions = append(page.Sessions, sessionRow(one, clock))
	}
	if principal(c).Level.Allows(auth.LevelAdmin) {
		page.People = peoplePath
	}
	return page, nil
}

func sessionRow(one auth.SessionInfo, clock clock) views.SessionRow {
	return views.SessionRow{
		ID: one.Ref, Browser: one.Agent, Address: one.Address, Current: one.Current,
		SignedIn: clock.ago(one.SignedIn), LastSeen: clock.ago(one.LastSeen),
	}
}

// endSessions answers POST /settings/sessions: one session, or all of them.
func (s *server) endSessions(c echo.Context) error {
	p := principal(c)
	if c.FormValue("all") == "1" {
		if err := s.auth.EndAllSessions(c.Request(), p); err != nil {
			return noDatabase(err, "The sessions go on.")
		}
		return c.Redirect(http.StatusSeeOther, "/sign-in?ended=everywhere")
	}
	err := s.auth.EndSession(c.Request(), p, c.FormValue("session"))
	if err != nil && !errors.Is(err, auth.ErrNotFound) { // it is over: what was wanted
		return noDatabase(err, "The session goes on.")
	}
	return c.Redirect(http.StatusSeeOther, "/settings#sessions")
}

// zoneNames are the zones offered: one or more for each offset that people
// live in. A zone the browser told of is offered as well.
var zoneNames = []string{
	"UTC", "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Phoenix", "America/Chicago",
	"America/Mexico_City", "America/New_York", "America/Bogota", "America/Halifax", "America/Santiago", "America/St_Johns",
	"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "Europe/London", "Europe/Dublin", "Europe/Lisbon",
	"Europe/Amsterdam", "Europe/Berlin", "Europe/Brussels", "Europe/Copenhagen", "Europe/Madrid", "Europe/Oslo", "Europe/Paris",
	"Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Africa/Lagos",
	"Europe/Athens", "Europe/Bucharest", "Europe/Helsinki", "Europe/Kyiv", "Africa/Cairo", "Africa/Johannesburg", "Asia/Jerusalem",
	"Europe/Istanbul", "Asia/Riyadh", "Africa/Nairobi", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata",
	"Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Shanghai",
	"Asia/Hong_Kong", "Asia/Singapore", "Asia/Taipei", "Asia/Manila", "Australia/Perth", "Asia/Tokyo", "Asia/Seoul",
	"Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Tongatapu",
}

func zoneOptions(chosen string, c clock) []views.ZoneOption {
	options := []views.ZoneOption{{Name: "", Label: "The browser's (now " + c.zone.String() + ")", On: chosen == ""}}
	found := chosen == ""
	for _, name := range zoneNames {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		options = append(options, views.ZoneOption{Name: name, Label: zoneLabel(name, c.now.In(zone)), On: name == chosen})
		found = found || name == chosen
	}
	if !found {
		if zone, err := time.LoadLocation(chosen); err == nil {
			options = append(options, views.ZoneOption{Name: chosen, Label: zoneLabel(chosen, c.now.In(zone)), On: true})
		}
	}
	return options
}

// zoneLabel is a zone's place and offset: "Berlin, UTC+1".
func zoneLabel(name string, there time.Time) string {
	if name == "UTC" {
		return name
	}
	_, seconds := there.Zone()
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	offset := fmt.Sprintf("UTC%s%d", sign, minutes/60)
	if minutes%60 != 0 {
		offset += fmt.Sprintf(":%02d", minutes%60)
	}
	place := strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
	return place + ", " + offset
}

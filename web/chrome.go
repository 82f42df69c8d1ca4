package web

import (
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// chrome is what stands around the page. A person's settings that can't be
// read are the defaults: no page fails for its theme.
func (s *server) chrome(c echo.Context, nav, title string) views.Chrome {
	ch := views.Chrome{
		Title:    title,
		Here:     templ.SafeURL(whereFrom(c.Request())),
		Nav:      nav,
		Partner:  s.cfg.Partner,
		Version:  s.cfg.Version,
		TimeZone: "UTC",
		Sharing:  sharing(c),
		Demo:     s.demoMenu(),
	}
	p := principal(c)
	if p == nil {
		return ch
	}
	ch.Person = views.Person{Name: shown(p.Name), UPN: shown(p.UPN)}
	set := s.settings(c)
	ch.Theme, ch.Density, ch.Keys = set.Theme, set.Density, set.Keys
	ch.TimeZone = zoneOf(c, set).String()
	now := s.auth.Now() // this machine's clock may differ
	ch.IdleSeconds = max(0, int(p.IdleUntil.Sub(now)/time.Second))
	ch.AbsoluteSeconds = max(0, int(p.AbsoluteUntil.Sub(now)/time.Second))
	idle, absolute := s.auth.Lifetimes()
	ch.IdleAfter, ch.AbsoluteAfter = inWords(idle), inWords(absolute)
	return ch
}

// settings are the person's own, or the defaults where they can't be read.
func (s *server) settings(c echo.Context) preferences.Settings {
	set, err := s.prefs.Settings(c.Request().Context(), principal(c).Key)
	if err != nil {
		s.logFailure(c, "settings not read", err)
	}
	return set
}

// clock writes times in the person's zone.
func (s *server) clock(c echo.Context) clock {
	return clock{now: time.Now(), zone: zoneOf(c, s.settings(c))}
}

// zoneCookie holds the zone that the browser told of; settings overrule it.
const zoneCookie = "rollcall-zone"

func zoneOf(c echo.Context, set preferences.Settings) *time.Location {
	name := set.TimeZone
	if name == "" {
		if cookie, err := c.Cookie(zoneCookie); err == nil {
			name = cookie.Value
		}
	}
	if name == "" || name == "Local" || len(name) > 64 {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

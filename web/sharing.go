package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// sharingCookie is there while the person shares their screen. It holds for
// the browser, not for a tab: whoever looks over the shoulder sees every tab.
const sharingCookie = "rollcall-sharing"

// setSharing answers POST /sharing: from now on no other customer's name is
// shown and phone numbers are masked, or again as usual.
func (s *server) setSharing(c echo.Context) error {
	cookie := &http.Cookie{Name: sharingCookie, Value: "1", Path: "/", HttpOnly: true, Secure: s.baseURL.Scheme == "https", SameSite: http.SameSiteLaxMode}
	if c.FormValue("on") != "1" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	c.SetCookie(cookie)
	return c.Redirect(http.StatusSeeOther, returnTo(c))
}

func sharing(c echo.Context) bool {
	cookie, err := c.Cookie(sharingCookie)
	return err == nil && cookie.Value == "1"
}

// hiddenCustomers stands in the place of the list while sharing.
func hiddenCustomers() *views.Problem {
	return &views.Problem{
		Kind:  views.ProblemLevel,
		What:  "Customers are hidden while you share your screen.",
		Means: "Sharing mode shows no other customer's name.",
		Next:  "Stop sharing mode in the bar above to see the list, or open a customer by its address.",
	}
}

// maskPhone keeps the last two digits, enough to compare with the person on
// the line.
func maskPhone(phone string) string {
	digits := 0
	for _, r := range phone {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return r
		}
		digits--
		if digits >= 2 {
			return '•'
		}
		return r
	}, phone)
}

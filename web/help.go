package web

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// helpPage answers GET /help.
func (s *server) helpPage(c echo.Context) error {
	return render(c, views.Help(views.HelpPage{Chrome: s.chrome(c, views.NavHelp, "Help"), AdminCenter: templ.SafeURL(s.centers().entra)}), views.HelpKeys())
}

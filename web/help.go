package web

import (
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// adminCenter is where people look for what Partner Center does not tell.
const adminCenter = "https://entra.microsoft.com/"

// helpPage answers GET /help.
func (s *server) helpPage(c echo.Context) error {
	return render(c, views.Help(views.HelpPage{Chrome: s.chrome(c, views.NavHelp, "Help"), AdminCenter: adminCenter}), nil)
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/static"
)

// staticFile serves the hashed, immutable files that pages refer to.
func (s *server) staticFile(c echo.Context) error {
	s.files.ServeHTTP(c.Response(), c.Request())
	return nil
}

// favicon answers the address that browsers ask without being told.
func (s *server) favicon(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, static.Path("favicon.svg"))
}

// robots keeps every crawler out.
func (s *server) robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}

package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/static"
)

// live answers as long as the process can answer anything.
func (s *server) live(c echo.Context) error { return c.String(http.StatusOK, "alive\n") }

// ready answers 503 while the database does not answer or the program is
// stopping. Whatever else somebody should look at stands in lines below.
func (s *server) ready(c echo.Context) error {
	if s.stopping.Load() {
		return c.String(http.StatusServiceUnavailable, "stopping\n")
	}
	if err := s.healthy(c.Request().Context()); err != nil {
		return c.String(http.StatusServiceUnavailable, "database not reachable\n")
	}
	text := "ready\n"
	for _, warning := range s.warnings() {
		text += "warning: " + warning + "\n"
	}
	return c.String(http.StatusOK, text)
}

// isFileOrProbe is what is asked for so often, and costs so little, that no
// limit counts it.
func isFileOrProbe(path string) bool {
	return isProbe(path) || strings.HasPrefix(path, static.Prefix)
}

package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// withoutSlash leads from an address with slashes at its end to the page
// without them, where there is one. The form stays as it is: GET and HEAD only.
func withoutSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		asked := r.URL.EscapedPath()
		path := strings.TrimRight(asked, "/")
		if path == asked || path == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
			return next(c)
		}
		found := c.Echo().NewContext(r, nil)
		c.Echo().Router().Find(http.MethodGet, path, found)
		if found.Path() == "" || strings.HasSuffix(found.Path(), "*") { // no page, or a folder of files
			return next(c)
		}
		return c.Redirect(http.StatusPermanentRedirect, address(path, r.URL.RawQuery))
	}
}

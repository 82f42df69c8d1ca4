package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// checkOrigin refuses a POST that another site made the browser send. Fetch
// metadata and Origin decide, so forms need no token.
func checkOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return &Trouble{Status: http.StatusForbidden, err: err, Problem: views.Problem{
					Kind:  views.ProblemRequest,
					What:  "Another site sent this request.",
					Means: "It did not come from a page of Rollcall, so nothing was changed.",
					Next:  "Open the page in Rollcall and do it there.",
				}}
			}
			return next(c)
		}
	}
}

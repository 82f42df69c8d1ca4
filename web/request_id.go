package web

import (
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// correlationHeader names one action of a person, from the click to each
// upstream call and back into the message shown when it fails.
const correlationHeader = "X-Correlation-Id"

// identify gives the request its correlation ID. One sent by the caller is
// kept only if it is a GUID, since it goes into logs and upstream headers.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		id := r.Header.Get(correlationHeader)
		if !isGUID(id) {
			id = partnercenter.NewID()
		}
		c.Response().Header().Set(correlationHeader, id)
		c.SetRequest(r.WithContext(partnercenter.WithCorrelationID(r.Context(), id)))
		return next(c)
	}
}

// correlationID is what a person quotes to support.
func correlationID(c echo.Context) string {
	return partnercenter.CorrelationID(c.Request().Context())
}

// isGUID says whether s is 36 characters of hexadecimal in five groups.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			d := s[i]
			if (d < '0' || d > '9') && (d < 'a' || d > 'f') && (d < 'A' || d > 'F') {
				return false
			}
		}
	}
	return true
}

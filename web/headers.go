package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// contentSecurityPolicy allows our own files and nothing else: no inline
// script or style, no frame, no other origin.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// safetyHeaders puts the headers of every answer, error or not.
func (s *server) safetyHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		setSafetyHeaders(c.Response().Header(), s.baseURL.Scheme == "https")
		return next(c)
	}
}

func setSafetyHeaders(h http.Header, overTLS bool) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", permissionsPolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // static.go alone says otherwise
	if overTLS {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

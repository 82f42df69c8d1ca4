package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// checkHost answers only the base URL's own name: every link, cookie and
// redirect is made for it. On loopback the other spelling of the same machine
// is sent there; anything else is refused. Probes come by address and pass.
func (s *server) checkHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if strings.EqualFold(r.Host, s.baseURL.Host) || isProbe(r.URL.Path) {
			return next(c)
		}
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		if safe && isLoopback(s.baseURL.Hostname()) && isLoopback(hostname(r.Host)) {
			return c.Redirect(http.StatusTemporaryRedirect, s.baseURL.Scheme+"://"+s.baseURL.Host+r.URL.RequestURI())
		}
		return &Trouble{Status: http.StatusMisdirectedRequest, Problem: views.Problem{
			Kind:  views.ProblemRequest,
			What:  "This address is not Rollcall's.",
			Means: "The request was made for another host name, so nothing was read or changed.",
			Next:  "Open " + s.baseURL.String() + " instead.",
		}}
	}
}

// hostname is host without its port, however it is written.
func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

package web

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
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
		switch {
		case isProbe(r.URL.Path):
			return next(c)
		case strings.EqualFold(r.Host, s.baseURL.Host):
			if !s.private(r) {
				return s.notOverTLS()
			}
			return next(c)
		}
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		if safe && isLoopback(s.baseURL.Hostname()) && isLoopback(hostname(r.Host)) {
			// Of the request's first line only path and query: the rest may be anything.
			to := url.URL{Scheme: s.baseURL.Scheme, Host: s.baseURL.Host, Path: cmp.Or(r.URL.Path, "/"), RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
			return c.Redirect(http.StatusTemporaryRedirect, to.String())
		}
		return &Trouble{Status: http.StatusMisdirectedRequest, Problem: views.Problem{
			Kind:  views.ProblemRequest,
			What:  "This address is not Rollcall's.",
			Means: "The request was made for another host name, so nothing was read or changed.",
			Next:  "Open " + s.baseURL.String() + " instead.",
		}}
	}
}

// private reports whether nobody on the way could read the request or the
// answer: it came over TLS, by way of a trusted proxy that says so, or never
// left this machine.
func (s *server) private(r *http.Request) bool {
	if s.baseURL.Scheme != "https" || r.TLS != nil {
		return true // plain HTTP is on loopback only; auth refuses any other address
	}
	told := r.Header.Get("X-Forwarded-Proto")
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	address := peer.Addr().Unmap()
	if address.IsLoopback() && told == "" {
		return true
	}
	trusted := address.IsLoopback() || slices.ContainsFunc(s.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
	return trusted && strings.EqualFold(told, "https")
}

func (s *server) notOverTLS() *Trouble {
	return &Trouble{Status: http.StatusMisdirectedRequest, Problem: views.Problem{
		Kind:  views.ProblemRequest,
		What:  "Rollcall is reached over TLS only.",
		Means: "This request came over plain HTTP, so nothing was read or changed.",
		Next:  "Open " + s.baseURL.String() + ". If that is where you are: whoever runs Rollcall has to name the proxy in --trusted-proxies, and have it send X-Forwarded-Proto: https.",
	}}
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

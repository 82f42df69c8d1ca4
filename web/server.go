package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/static"
)

// Config is what the portal needs to know.
type Config struct {
	BaseURL        *url.URL       // where browsers reach it, without a path
	Partner        string         // the partner's name; "" leaves it out
	Roles          []string       // the app roles or groups that give an access level
	Provider       string         // who signs people in, by name: "Microsoft"
	ProviderHost   string         // where the sign-in link leads
	Version        string         // of the program
	API            string         // where Partner Center answers, for lines people copy; "": the global cloud
	Cloud          string         // whose admin centers are linked to: "global" (also ""), "us-government", "china"
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; none by default
	Limits         Limits         // zero: DefaultLimits
	Logger         *slog.Logger
	Demo           Demo   // nil outside the demo
	DemoShell      string // what makes a terminal talk to the demo; "" outside it

	// Wait is how long Partner Center wants no calls to a customer; nil: nobody knows.
	Wait func(customerID string) time.Duration
}

// Rooms are the parts that the portal stands on.
type Rooms struct {
	Auth        *auth.Service
	Directory   *directory.Directory
	Preferences *preferences.Book
	Seats       *seats.Book
	Trail       *audit.Trail
	Healthy     func(context.Context) error // nil error: the database answers
	Warnings    func() []string             // what /readyz warns of while all is served; nil: nothing ever
}

// requestTimeout ends what a page waits for; longer work goes on behind it.
const requestTimeout = 30 * time.Second

type server struct {
	baseURL   *url.URL
	cfg       Config
	auth      *auth.Service
	directory *directory.Directory
	prefs     *preferences.Book
	seats     *seats.Book // nil: none are counted
	trail     *audit.Trail
	healthy   func(context.Context) error
	warnings  func() []string
	demo      Demo
	log       *slog.Logger
	files     http.Handler
	addresses *limiters
	people    *limiters
	stopping  atomic.Bool
}

// Portal is the HTTP side of Rollcall.
type Portal struct {
	http.Handler
	server *server
}

// Stopping makes /readyz say no, so that a balancer sends nobody here any more.
func (p *Portal) Stopping() { p.server.stopping.Store(true) }

// New makes the portal. It panics when a route declares no access, which is a
// mistake of ours that no request must meet.
func New(cfg Config, rooms Rooms) *Portal {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits
	}
	if rooms.Warnings == nil {
		rooms.Warnings = func() []string { return nil }
	}
	s := &server{
		baseURL:   cfg.BaseURL,
		cfg:       cfg,
		auth:      rooms.Auth,
		directory: rooms.Directory,
		prefs:     rooms.Preferences,
		seats:     rooms.Seats,
		trail:     rooms.Trail,
		healthy:   rooms.Healthy,
		warnings:  rooms.Warnings,
		demo:      cfg.Demo,
		log:       cfg.Logger,
		files:     static.Handler(),
		addresses: newLimiters(cfg.Limits.AddressPerSecond, cfg.Limits.AddressBurst),
		people:    newLimiters(cfg.Limits.PersonPerSecond, cfg.Limits.PersonBurst),
	}
	return &Portal{Handler: s.install(), server: s}
}

// install hangs the routes behind the middleware, outermost first.
func (s *server) install() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = addressOf(s.cfg.TrustedProxies)
	e.HTTPErrorHandler = s.handleError
	e.Logger.SetOutput(discard{})

	// Pre runs before routing, so that unknown addresses pass here as well.
	e.Pre(identify)
	e.Use(
		s.accessLog,
		middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, LogErrorFunc: s.logPanic}),
		s.safetyHeaders,
		s.limitStrangers,
		s.checkHost,
		checkOrigin(),
		withoutSlash,
		middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{Timeout: requestTimeout, ErrorHandler: asIs, Skipper: isExport}),
	)
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.guard(r))
	}
	return e
}

// asIs leaves a failure as it was worded, also one for want of time.
func asIs(err error, _ echo.Context) error { return err }

// Address tells a person's address: the connection's, or what a trusted proxy
// in front says. The trail of sign-ins takes the same.
func Address(proxies []netip.Prefix) func(*http.Request) string { return addressOf(proxies) }

// addressOf finds the person's address: the connection's, or what a trusted
// proxy in front says.
func addressOf(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(ipNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// logPanic keeps the stack of a panic in the log; the person gets the words
// for a mistake of ours.
func (s *server) logPanic(c echo.Context, err error, stack []byte) error {
	s.log.LogAttrs(c.Request().Context(), slog.LevelError, "panic",
		slog.String("correlation_id", correlationID(c)),
		slog.String("route", routeTemplate(c)),
		slog.String("error", err.Error()),
		slog.String("stack", string(stack)))
	return err
}

// discard swallows Echo's own log; ours is s.log.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

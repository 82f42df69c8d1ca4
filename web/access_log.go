package web

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// accessLog writes one line a request: the route's template and the query's
// keys. Values, referrers and addresses of users stay out of it. An answer that
// broke off midway has its line, too.
func (s *server) accessLog(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start, whole := time.Now(), false
		defer func() { s.logRequest(c, start, whole) }()
		if err := next(c); err != nil {
			c.Error(err) // decides the status, so that the line can tell it
		}
		whole = true
		return nil
	}
}

func (s *server) logRequest(c echo.Context, start time.Time, whole bool) {
	status := c.Response().Status
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case isProbe(c.Request().URL.Path):
		level = slog.LevelDebug
	}
	ctx := c.Request().Context()
	if !s.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("correlation_id", correlationID(c)),
		slog.String("method", c.Request().Method),
		slog.String("route", routeTemplate(c)),
		slog.Int("status", status),
		slog.Int64("bytes", c.Response().Size),
		slog.Duration("took", time.Since(start)),
	}
	if !whole {
		attrs = append(attrs, slog.Bool("broke_off", true))
	}
	if keys := queryKeys(c); keys != "" {
		attrs = append(attrs, slog.String("query_keys", keys))
	}
	if p := principal(c); p != nil {
		attrs = append(attrs, slog.String("person", p.Key))
	}
	s.log.LogAttrs(ctx, level, "request", attrs...)
}

// routeTemplate is the pattern of the route that answered, or "unmatched".
func routeTemplate(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return "unmatched"
}

// queryKeys lists the known keys of the query; unknown ones are data and are
// only counted as "other".
func queryKeys(c echo.Context) string {
	if c.Request().URL.RawQuery == "" {
		return ""
	}
	var keys []string
	for key := range c.QueryParams() {
		if !slices.Contains(knownQueryKeys, key) {
			key = "other"
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, ",")
}

var knownQueryKeys = []string{"code", "columns", "domain", "ended", "for", "guest", "id", "iss", "licenses", "location", "only", "page", "part", "q", "refused", "return_to", "session_state", "shown", "size", "sort", "state", "synced", "ticket"}

func isProbe(path string) bool { return path == "/livez" || path == "/readyz" }

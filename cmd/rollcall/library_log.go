package main

import (
	"context"
	"log/slog"
	"slices"
)

// takeLibraryLog has what other people's code says on the standard logger go
// into our log, without the secrets that it knows nothing of: the provider of
// the demo logs the state of a sign-in that it refuses. Give back what was
// there before.
func takeLibraryLog(log *slog.Logger) (giveBack func()) {
	before := slog.Default()
	slog.SetDefault(slog.New(libraryHandler{log.Handler()}).With(slog.String("by", "library")))
	return func() { slog.SetDefault(before) }
}

// libraryHandler lets through what is known to hold no secret.
type libraryHandler struct{ slog.Handler }

// openKeys are the facts whose values may be read; of all others only that
// they were there.
var openKeys = []string{"by", "type", "status", "method", "response_type", "client_id", "scopes", "duration", "redirect_disabled"}

func (h libraryHandler) Handle(ctx context.Context, r slog.Record) error {
	open := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		open.AddAttrs(opened(a))
		return true
	})
	return h.Handler.Handle(ctx, open)
}

func (h libraryHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	left := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		left[i] = opened(a)
	}
	return libraryHandler{h.Handler.WithAttrs(left)}
}

func (h libraryHandler) WithGroup(name string) slog.Handler {
	return libraryHandler{h.Handler.WithGroup(name)}
}

// opened is the fact as it may be read.
func opened(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch {
	case value.Kind() == slog.KindGroup:
		group := make([]slog.Attr, 0, len(value.Group()))
		for _, member := range value.Group() {
			group = append(group, opened(member))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(group...)}
	case slices.Contains(openKeys, a.Key):
		return slog.Attr{Key: a.Key, Value: value}
	}
	return slog.String(a.Key, "[redacted]")
}

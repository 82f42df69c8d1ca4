package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

// Office is what a server's administrator does with its sign-ins, beside the
// program that serves: without a session, and without asking the provider.
// Programs that serve notice within five seconds.
type Office struct{ service *Service }

// OfficeOptions are the settings of an office.
type OfficeOptions struct {
	Idle   time.Duration // as the server has it; 0 means 60 minutes
	Logger *slog.Logger
}

// OpenOffice opens the office of a database. There is nothing to close.
func OpenOffice(st *store.Store, trail *audit.Trail, keys *KeyRing, opts OfficeOptions) *Office {
	logger := cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	return &Office{service: &Service{
		cfg: Config{Keys: keys, Idle: cmp.Or(opts.Idle, time.Hour), Logger: logger},
		st:  st, trail: trail, logger: logger, instance: rand.Text(),
		cache: sessionCache{entries: map[string]*cached{}}, grants: grantCache{entries: map[string]*grantEntry{}},
	}}
}

// Sessions lists everybody's live sessions, newest first.
func (o *Office) Sessions(ctx context.Context) ([]SessionInfo, error) {
	return o.service.listSessions(ctx, "", nil)
}

// EndSession ends one session and its tokens. by is who does it, for the trail.
// [ErrNotFound] when there is no such session.
func (o *Office) EndSession(ctx context.Context, by audit.Entry, ref string) error {
	row, err := o.service.st.Session(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("auth: end session: %w", err)
	}
	by.TargetID = row.ID
	return o.end(ctx, by, map[string]string{"of": row.Person}, row.GrantID)
}

// EndPerson ends all sessions and tokens of somebody, by their key.
// [ErrNotFound] when they have none.
func (o *Office) EndPerson(ctx context.Context, by audit.Entry, key string) error {
	grants, err := o.service.st.GrantsOfPerson(ctx, key)
	if err != nil {
		return fmt.Errorf("auth: end sessions: %w", err)
	}
	if len(grants) == 0 {
		return ErrNotFound
	}
	ids := make([]string, len(grants))
	for i, grant := range grants {
		ids[i] = grant.ID
	}
	return o.end(ctx, by, map[string]string{"of": key, "sessions": "all"}, ids...)
}

func (o *Office) end(ctx context.Context, by audit.Entry, detail map[string]string, grants ...string) error {
	by.Kind, by.Detail = audit.KindSessionEnded, detail
	by.Detail["reason"] = "ended on the server"
	if _, err := o.service.endGrantsWith(ctx, by, nil, grants...); err != nil {
		return fmt.Errorf("auth: end sessions: %w", err)
	}
	return nil
}

// Reseal is [Service.Reseal].
func (o *Office) Reseal(ctx context.Context) (int, error) { return o.service.Reseal(ctx) }

// KeyUse is what one key is still needed for.
type KeyUse struct {
	ID     string // of the key; of a key that is not in the ring, of its rows
	Place  int    // in the ring, from 1; 0: it is not there
	Sealed int64  // rows of sign-ins that it opens
	Signed int64  // rows of the trail that it checks
}

// KeysInUse tells of each key of the ring, and then of each that is missing
// from it, which rows need it.
func (o *Office) KeysInUse(ctx context.Context) ([]KeyUse, error) {
	sealed, err := o.service.st.KeysInUse(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: keys in use: %w", err)
	}
	signed, err := o.service.st.TrailKeysInUse(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: keys in use: %w", err)
	}
	var all []KeyUse
	for i, k := range o.service.cfg.Keys.keys {
		id := audit.KeyID(k.trail)
		all = append(all, KeyUse{ID: k.id, Place: i + 1, Sealed: sealed[k.id], Signed: signed[id]})
		delete(sealed, k.id)
		delete(signed, id)
	}
	for _, id := range slices.Sorted(maps.Keys(sealed)) {
		all = append(all, KeyUse{ID: id, Sealed: sealed[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(signed)) {
		all = append(all, KeyUse{ID: id, Signed: signed[id]})
	}
	return all, nil
}

// Health is what can be told of sign-ins only where they happen.
type Health struct {
	Grants    int // live sign-ins
	Refreshed int // of them with tokens that were renewed at least once
	Endless   int // without a refresh token: they end with their first token
	Refused   int // whose provider wants the person to sign in anew
}

// Health looks at all live sign-ins.
func (o *Office) Health(ctx context.Context) (Health, error) {
	var h Health
	now := o.service.st.Now()
	for after := ""; ; {
		grants, err := o.service.st.GrantsNotUnder(ctx, "", after, resealAtOnce)
		if err != nil {
			return h, fmt.Errorf("auth: health: %w", err)
		}
		for _, g := range grants {
			after = g.ID
			var t tokens
			if !now.Before(g.Expires) || !g.HasTokens() || o.service.unseal(PurposeTokens, tokensPlace(g.ID), g.Tokens, &t) != nil {
				continue
			}
			h.Grants++
			switch {
			case t.Refresh.Empty():
				h.Endless++
			case t.Refused:
				h.Refused++
			case g.Version > 1:
				h.Refreshed++
			}
		}
		if len(grants) < resealAtOnce {
			return h, nil
		}
	}
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/web"
)

// plan is what a portal is wired from: serve takes it from settings, demo from
// thin air.
type plan struct {
	database  string // as store.Options.DSN
	keys      *auth.KeyRing
	retention time.Duration // how long rows of the trail are kept at least; 0: for good
	auth      auth.Config
	directory directory.Options
	web       web.Config
	log       *slog.Logger

	seatsBefore func(*seats.Book) seatsBefore // the demo's past; nil: there is none
}

// seatsBefore is called with a customer's seats each time before they are kept.
type seatsBefore = func(ctx context.Context, tenant, customerID string, counts []seats.Count) error

// portal is the wired program: what answers, and what has to be closed.
type portal struct {
	*web.Portal
	directory *directory.Directory
	closers   []func(context.Context) error // in the order they were opened
}

// openPortal wires the rooms. What was opened before a failure is closed again.
func openPortal(ctx context.Context, p plan) (_ *portal, err error) {
	out := &portal{}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.close(context.WithoutCancel(ctx)))
		}
	}()

	st, err := store.Open(ctx, store.Options{DSN: p.database, Logger: p.log})
	if err != nil {
		return nil, err
	}
	out.onClose(func(context.Context) error { return st.Close() })

	key, earlier := p.keys.TrailKeys()
	trail, err := audit.New(st, key, audit.Options{Logger: p.log, Earlier: earlier})
	if err != nil {
		return nil, err
	}
	out.onClose(trail.Close)
	if err := retain(ctx, st, trail, p.retention); err != nil {
		return nil, err
	}
	tellMissingKeys(ctx, st, p.keys, p.log)

	p.auth.Keys = p.keys
	signIn, err := auth.New(ctx, p.auth, st, trail)
	if err != nil {
		return nil, err
	}
	out.onClose(func(context.Context) error { return signIn.Close() })

	p.web.API = p.auth.PartnerCenter.BaseURL
	if shared := p.auth.PartnerCenter.Shared; shared != nil {
		p.web.Wait = shared.Wait
	}
	keeper := &seatKeeper{book: seats.New(st), log: p.log}
	if p.seatsBefore != nil {
		keeper.before = p.seatsBefore(keeper.book)
	}
	out.onClose(keeper.close)
	p.directory.OnSKUs = keeper.keep
	out.directory = directory.New(p.directory)
	out.onClose(func(context.Context) error { out.directory.Close(); return nil })
	st.OnJump(out.directory.DropProofs)

	out.Portal = web.New(p.web, web.Rooms{
		Auth:        signIn,
		Directory:   out.directory,
		Preferences: preferences.New(st),
		Seats:       keeper.book,
		Trail:       trail,
		Healthy:     st.Ping,
		Warnings:    func() []string { return warnings(st) },
	})
	return out, nil
}

// jumpTold is how long /readyz tells of a jump of the clock.
const jumpTold = time.Hour

// warnings are what somebody should look at though everything is served.
func warnings(st *store.Store) []string {
	var found []string
	if at := st.Jumped(); !at.IsZero() && st.Now().Sub(at) < jumpTold {
		found = append(found, "the clock jumped at "+at.Format(time.RFC3339)+"; what was allowed for a while under the old time was taken back")
	}
	if st.Space() != nil {
		found = append(found, "little free space; only the trail is written, and nobody can sign in")
	}
	return found
}

// retain has the trail take away what is old, if a setting says so.
func retain(ctx context.Context, st *store.Store, trail *audit.Trail, age time.Duration) error {
	if age == 0 {
		return nil
	}
	may, err := st.MayCut(ctx)
	if err != nil {
		return err
	}
	if !may {
		return &problem{code: exitMisuse, text: "--trail-retention: this role of PostgreSQL may not take rows of the trail away, which is as it should be.",
			next: "Leave the setting out, and have the owner's role run, say monthly: rollcall activity cut --older-than DAYS"}
	}
	trail.Retain(age)
	return nil
}

// tellMissingKeys logs that sign-ins are sealed with keys which the ring
// lacks: those people sign in again.
func tellMissingKeys(ctx context.Context, st *store.Store, keys *auth.KeyRing, log *slog.Logger) {
	used, err := st.KeysInUse(ctx)
	if err != nil {
		log.Warn("keys in use not known", slog.Any("error", err))
	}
	for id, rows := range used {
		if !slices.Contains(keys.IDs(), id) {
			log.Error("sign-ins are sealed with a key that is not in the key file", slog.String("key", id), slog.Int64("rows", rows))
		}
	}
}

func (p *portal) onClose(f func(context.Context) error) { p.closers = append(p.closers, f) }

// close ends what runs behind the portal, the last opened first.
func (p *portal) close(ctx context.Context) error {
	var failed []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		failed = append(failed, p.closers[i](ctx))
	}
	return errors.Join(failed...)
}

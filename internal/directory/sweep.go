package directory

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// SweepState is how far a sweep has come: the reading of customers' users, one
// customer after the other, so that they can be searched.
type SweepState struct {
	Running bool
	Done    int      // customers it is through with
	Of      int      // customers that had to be read
	Skipped int      // of those done: refused, now or lately
	Now     Customer // being read; zero when none is
	Started time.Time
	Err     error // why it ended early, unless a person stopped it or nobody looked; then Running is false and Done below Of
}

const (
	// refusalLife is how long a sweep takes a refusal as said.
	refusalLife = 15 * time.Minute

	// silences is after how many customers in a row without an answer a sweep
	// believes that there will be none.
	silences = 3

	// sweepTick is how often what a sweep waits for is told that it is watched.
	sweepTick = 30 * time.Second
)

// A sweep leaves a part of the memory to people: that of most, in shares.
const sweepShare = 3.0 / 4

// personKey is a person, and the partner they work for.
type personKey struct{ tenant, person string }

// sweep is one person's.
type sweep struct {
	d      *Directory
	viewer Viewer
	ctx    context.Context
	end    context.CancelCauseFunc
	done   chan struct{}
	idle   *time.Timer

	mu     sync.Mutex
	state  SweepState
	failed map[string]error // by customer
	looked time.Time
}

// StartSweep reads the users of all customers that the viewer can't search
// yet, on their own grant, one after the other and behind all that people wait
// for: whom nobody has read are read, and for the others the viewer earns a
// proof. Customers that refuse are skipped. It goes on when the request is
// over and ends when nobody looked at it, by [Directory.Find], for two minutes.
// A person has one sweep; while it runs, this changes nothing.
//
// The viewer needs a proof for the list of customers, as for
// [Directory.Customers].
func (d *Directory) StartSweep(ctx context.Context, v Viewer) error {
	if _, _, err := d.customersOf(v).look(ctx, v); err != nil {
		return findError(err)
	}
	if !partnercenter.ValidID(partnercenter.CorrelationID(ctx)) {
		ctx = partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := personKey{v.PartnerTenantID, v.Key}
	if s := d.sweeps[key]; s != nil && s.watch() {
		return nil
	}
	s := &sweep{d: d, viewer: v, done: make(chan struct{}), failed: map[string]error{}, looked: time.Now()}
	s.state = SweepState{Running: true, Started: s.looked}
	s.ctx, s.end = d.background.detach(ctx)
	s.idle = time.AfterFunc(unwatched, func() { s.end(errUnwatched) })
	d.sweeps[key] = s
	if !d.background.run(s.run) {
		s.leave(errClosed)
	}
	return nil
}

// StopSweep ends the viewer's sweep, if one runs, and waits until it has. What
// it read stays.
func (d *Directory) StopSweep(ctx context.Context, v Viewer) error {
	s := d.sweepOf(v)
	if s == nil {
		return nil
	}
	s.end(errStopped)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return findError(ctx.Err())
	}
}

func (d *Directory) sweepOf(v Viewer) *sweep {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sweeps[personKey{v.PartnerTenantID, v.Key}]
}

// sweepSweeps forgets those that ended and that nobody looked at for an hour.
// It needs the lock.
func (d *Directory) sweepSweeps() {
	for key, s := range d.sweeps {
		s.mu.Lock()
		if !s.state.Running && time.Since(s.looked) >= forGood {
			delete(d.sweeps, key)
		}
		s.mu.Unlock()
	}
}

// watch takes note of a look, and tells whether the sweep runs.
func (s *sweep) watch() (running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = time.Now()
	if s.state.Running {
		s.idle.Reset(unwatched)
	}
	return s.state.Running && s.ctx.Err() == nil
}

// told tells how far the sweep has come.
func (s *sweep) told() (SweepState, map[string]error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, maps.Clone(s.failed)
}

func (s *sweep) change(f func(*SweepState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
}

func (s *sweep) run() {
	err := s.readAll()
	if cause := context.Cause(s.ctx); cause != nil {
		err = cause
	}
	s.leave(err)
}

func (s *sweep) leave(err error) {
	s.end(nil)
	s.mu.Lock()
	s.idle.Stop()
	s.state.Running, s.state.Now = false, Customer{}
	if !errors.Is(err, errStopped) && !errors.Is(err, errUnwatched) {
		s.state.Err = err
	}
	state := s.state
	s.mu.Unlock()
	close(s.done)
	s.d.opts.Logger.LogAttrs(s.ctx, slog.LevelInfo, "sweep ended",
		slog.Int("done", state.Done), slog.Int("of", state.Of), slog.Int("skipped", state.Skipped),
		slog.Duration("took", time.Since(state.Started)),
		slog.String("correlation_id", partnercenter.CorrelationID(s.ctx)), slog.Any("error", err))
}

// readAll reads one customer after the other, until all that are listed by
// then were read.
func (s *sweep) readAll() error {
	tried := map[string]bool{}
	silent := 0
	for {
		due, err := s.due(tried)
		if err != nil || len(due) == 0 {
			return err
		}
		s.change(func(state *SweepState) { state.Of += len(due) })
		for _, c := range due {
			tried[c.ID] = true
			s.change(func(state *SweepState) { state.Now = c })
			err := s.read(c)
			if noAnswer(err) {
				silent++
			} else {
				silent = 0
			}
			switch {
			case s.ctx.Err() != nil:
				return context.Cause(s.ctx)
			case errors.Is(err, partnercenter.ErrUnauthorized), errors.Is(err, ErrNoRoom), errors.Is(err, errClosed), silent == silences:
				return err
			}
			s.change(func(state *SweepState) {
				state.Done++
				switch {
				case err == nil:
					delete(s.failed, c.ID)
				case refuses(err):
					state.Skipped++
				default:
					s.failed[c.ID] = err
				}
			})
		}
	}
}

// due are the customers that the viewer can't search all of, as far as the
// list of customers is here, but for those that were tried.
func (s *sweep) due(tried map[string]bool) (due []Customer, err error) {
	l := s.d.customersOf(s.viewer)
	var ed *edition[*roster]
	for ed == nil { // look waits
		if ed, _, err = l.look(s.ctx, s.viewer); err != nil {
			return nil, err
		}
	}
	for _, c := range ed.rows.customers {
		var of FindCustomer
		if s.d.findable(s.viewer, c.ID, &of); !tried[c.ID] && of.State != FindSearched {
			due = append(due, c)
		}
	}
	return due, nil
}

// read reads one customer's users, or earns the viewer a proof for them.
func (s *sweep) read(c Customer) error {
	l, err := s.d.usersOf(s.viewer, c.ID)
	if err != nil {
		return err
	}
	if err := s.d.proofs.refusedWithin(l.proofKey(s.viewer.Key), refusalLife); err != nil {
		return err
	}
	if !s.d.memory.free(sweepShare) {
		return ErrNoRoom
	}
	return l.readBehind(s.ctx, s.viewer)
}

// readBehind reads the list as far as it goes, in a background place, and
// earns the viewer a proof. A list that is here is not read anew.
func (l *list[R]) readBehind(ctx context.Context, v Viewer) error {
	if ld := l.arrangeBehind(ctx, v); ld != nil {
		if err := l.await(ctx, v, ld); err != nil {
			return err
		}
	}
	stale, err := l.d.proofs.need(ctx, l.proofKey(v.Key), func(ctx context.Context) error { return l.probe(ctx, v.Client) })
	return first(err, stale)
}

// arrangeBehind begins a load in a background place where nothing whole is
// here, and gives the one at work, if it brings the first rows.
func (l *list[R]) arrangeBehind(ctx context.Context, v Viewer) *load[R] {
	l.mu.Lock()
	defer l.mu.Unlock()
	ed := l.shown.Load()
	wanting := ed == nil || ed.tooOld()
	if l.load == nil && (wanting || ed.goesOn() || !ed.complete && ed.reason == "") {
		if len(l.viewers) == 0 { // whoever needs the room may have it: nobody looked at this
			l.looked = time.Now().Add(-inUse - time.Second)
		}
		l.start(ctx, v, true, l.rest)
		return l.load
	}
	if wanting {
		return l.load
	}
	return nil
}

// await waits until a load has ended, or the viewer's grant was refused. The
// error is the viewer's. A load that the viewer begun and nobody else watches
// ends with ctx.
func (l *list[R]) await(ctx context.Context, v Viewer, ld *load[R]) error {
	tick := time.NewTicker(sweepTick)
	defer tick.Stop()
	for {
		st := ld.standing(v.Key)
		switch {
		case st.refused != nil:
			return st.refused
		case st.ended && errors.Is(ld.err, errNoRoom):
			return ErrNoRoom
		case st.ended && reasonOf(ld.err) != "":
			return nil // what was read is here
		case st.ended:
			return ld.err
		}
		select {
		case <-st.changed:
		case <-tick.C:
			l.mu.Lock()
			if l.load == ld {
				ld.idle.Reset(unwatched)
			}
			l.mu.Unlock()
		case <-ctx.Done():
			l.mu.Lock()
			alone := ld.begunBy == v.Key && len(l.viewers) == 0
			l.mu.Unlock()
			if alone {
				ld.end(errUnwatched)
				<-ld.done
			}
			return context.Cause(ctx)
		}
	}
}

package directory

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// How old a copy may be.
const (
	softAge   = 2 * time.Minute  // or ten times what reading it took: from then on it is read anew behind the viewer
	hardAge   = 30 * time.Minute // from then on it is read anew before it is shown
	retryWait = time.Minute      // after a failure nobody waited for, until it is tried again unasked
	forGood   = time.Hour        // a list nobody looked at for so long is forgotten
)

// list is one copy of a list of Partner Center, for all who may see it.
type list[R rows] struct {
	d         *Directory
	tenant    string // the partner's
	customer  string // "" for the list of customers
	kind      Kind
	newReader func() reader[R]
	probe     probe
	short     bool                             // read by a call or a handful: no turn among the long ones is needed
	whenNew   func(ctx context.Context, all R) // called each time all was read, before it is shown; may be nil
	whenRead  func(ctx context.Context, all R) // and after
	whenGone  func()                           // called when the rows are thrown out, with the mutex; may be nil

	shown atomic.Pointer[edition[R]]

	mu      sync.Mutex
	load    *load[R]           // at work; nil if none is
	rest    *rest[R]           // what a load that ended early can go on from; nil if nothing
	viewers map[string]seen    // who looked, and had a proof
	looked  time.Time          // when the last of them did
	refused map[string]refusal // by person: what the last reading on their grant was refused with
	owed    bool               // a reading anew ended for want of a grant: the next who may begins it again
	retry   time.Time          // not read anew unasked before
	changed chan struct{}      // closed when the load got on
}

func newList[R rows](d *Directory, kind Kind, tenant, customer string, probe probe, newReader func() reader[R]) *list[R] {
	return &list[R]{
		d: d, kind: kind, tenant: tenant, customer: customer, probe: probe, newReader: newReader,
		viewers: map[string]seen{}, looked: time.Now(), refused: map[string]refusal{}, changed: make(chan struct{}),
	}
}

// seen is a viewer and when they last looked.
type seen struct {
	Viewer
	at time.Time
}

// refusal is what a reading on a person's grant was refused with: the person's
// own failure, that nobody else is told.
type refusal struct {
	failure
	at       time.Time
	pardoned bool // a call on that grant succeeded since: another reading may be begun on it
	again    bool // it was pardoned before: only the person themself begins another
}

// edition is what a list shows, and how that was read. It never changes.
type edition[R rows] struct {
	rows     R
	version  uint64
	load     uint64 // the number of the load that made it
	readAt   time.Time
	took     time.Duration
	complete bool
	reason   Reason // why it is not
	failure  failure
}

// failure is why something could not be read.
type failure struct {
	err           error
	correlationID string
}

// tooOld reports whether an edition must be read anew before it is shown.
func (e *edition[R]) tooOld() bool { return time.Since(e.readAt) >= hardAge }

// aged reports whether an edition is to be read anew behind the viewer.
func (e *edition[R]) aged() bool {
	return e.complete && time.Since(e.readAt) >= max(softAge, 10*e.took)
}

// goesOn reports whether a look is enough to read on.
func (e *edition[R]) goesOn() bool { return !e.complete && e.reason == ReasonUnwatched }

func (l *list[R]) proofKey(person string) proofKey {
	return proofKey{person: person, tenant: l.tenant, customer: l.customer, kind: l.kind}
}

// look gives what the list shows to a viewer who has, or now earns, a proof
// that they may see it. The edition is nil while the first page is on its way.
func (l *list[R]) look(ctx context.Context, v Viewer) (*edition[R], Reading, error) {
	proven := l.d.proofs.live(l.proofKey(v.Key))
	ed, ld := l.arrange(ctx, v, proven)
	if proven && ed != nil && !ed.tooOld() {
		ed, reading := l.reading(ed, nil, v.Key)
		return ed, reading, nil
	}
	patient, cancel := context.WithTimeout(ctx, l.d.opts.Patience)
	defer cancel()
	ed, stale, err := l.wait(patient, v, proven, ed, ld)
	switch {
	case err == nil:
	case err != context.DeadlineExceeded || ctx.Err() != nil: // the call's failure, or the caller's end
		return nil, Reading{}, err
	case ed == nil:
		return nil, Reading{State: StateLoading}, nil
	default:
		stale = errSlow
	}
	ed, reading := l.reading(ed, stale, v.Key)
	return ed, reading, nil
}

// wait waits until there is something to show. With an error the edition is
// what the viewer may see nevertheless, if they stopped waiting.
func (l *list[R]) wait(ctx context.Context, v Viewer, proven bool, ed *edition[R], ld *load[R]) (_ *edition[R], stale, err error) {
	if !proven {
		if stale, err = l.prove(ctx, v, ld); err != nil {
			return nil, nil, err
		}
		if stale != nil && ed != nil {
			return ed, stale, nil // Partner Center does not answer: no load is going to help
		}
		l.pardon(v.Key)
		ed, ld = l.arrange(ctx, v, true)
	}
	for ed == nil || ed.tooOld() {
		if ld == nil {
			return nil, nil, errClosed
		}
		st := ld.standing(v.Key) // before the look at what is shown, so that no change is missed
		if st.refused != nil {
			return nil, nil, st.refused
		}
		switch ed = l.shown.Load(); {
		case ed != nil && !ed.tooOld():
		case !st.ended:
			select {
			case <-st.changed:
			case <-ctx.Done():
				return ed, nil, ctx.Err()
			}
		case isOwn(ld.err):
			ed, ld = l.arrange(ctx, v, true)
		case ed != nil && noAnswer(ld.err):
			return ed, ld.err, nil
		default:
			return nil, nil, ld.err
		}
	}
	return ed, stale, nil
}

// arrange begins a load if one is due, and takes note of a look by somebody
// with a proof. Without one the viewer's own load, of what they would have to
// wait for anyway, will be the proof.
func (l *list[R]) arrange(ctx context.Context, v Viewer, proven bool) (*edition[R], *load[R]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ed := l.shown.Load()
	wanting := ed == nil || ed.tooOld()
	if proven {
		l.note(v)
		if l.load != nil {
			l.load.idle.Reset(unwatched)
			delete(l.load.refused, v.Key)
		}
	}
	switch {
	case l.load != nil:
		if wanting {
			l.load.turn.hurry()
		}
	case wanting:
		l.start(ctx, v, false, nil)
	case !proven:
	case !l.mayBegin(v.Key):
	case ed.goesOn():
		l.start(ctx, v, false, l.rest)
	case l.owed, ed.aged() && time.Now().After(l.retry):
		l.start(ctx, v, true, nil)
	}
	return ed, l.load
}

// prove sees to it that the viewer has a proof. Their own load's first page is
// one; otherwise they make the smallest call of its kind.
func (l *list[R]) prove(ctx context.Context, v Viewer, ld *load[R]) (stale, err error) {
	key := l.proofKey(v.Key)
	impatient, stop := l.d.proofs.impatient(key)
	defer stop()
	for waited := false; ld != nil; waited = true {
		st := ld.standing(v.Key)
		switch {
		case waited && st.refused != nil:
			return nil, st.refused
		case st.first && st.ended && noAnswer(ld.err):
			return l.d.proofs.older(key, ld.err)
		}
		if !st.first || st.ended {
			break
		}
		select {
		case <-st.changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-impatient:
			return errSlow, nil
		}
	}
	return l.d.proofs.need(ctx, key, func(ctx context.Context) error { return l.probe(ctx, v.Client) })
}

// mayBegin reports whether a look by this person is enough to begin a reading
// on their grant: not while the last one on it was refused. It needs the mutex.
func (l *list[R]) mayBegin(person string) bool {
	r, ok := l.refused[person]
	return !ok || r.pardoned
}

// pardon takes note that a call on a person's grant succeeded. One that the
// list itself refuses time and again is pardoned once.
func (l *list[R]) pardon(person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, ok := l.refused[person]; ok && !r.again {
		r.pardoned = true
		l.refused[person] = r
	}
}

// refuse takes note that a reading on a person's grant was refused. It needs
// the mutex.
func (l *list[R]) refuse(person string, f failure) {
	l.refused[person] = refusal{failure: f, at: time.Now(), again: l.refused[person].pardoned}
}

// reading tells how an edition was read and what goes on behind it, to a
// person who may see it. In place of one that was growing it gives what has
// become of that meanwhile, so that the two agree.
func (l *list[R]) reading(ed *edition[R], stale error, person string) (*edition[R], Reading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.shown.Load(); now != nil && !ed.complete {
		ed = now
	}
	r := Reading{
		Read:    ed.rows.count(),
		ReadAt:  ed.readAt,
		Age:     time.Since(ed.readAt),
		Version: ed.version,
		Stale:   stale != nil,
	}
	growing := l.load != nil && l.load.number == ed.load
	if l.load == nil { // one at work may be what mends it
		r.Err, r.CorrelationID = ed.failure.err, ed.failure.correlationID
		if own, ok := l.refused[person]; ok && !own.pardoned && own.at.After(ed.readAt) {
			r.Err, r.CorrelationID = own.err, own.correlationID
		}
	}
	if stale != nil {
		r.Err, r.CorrelationID = stale, correlationOf(stale)
	}
	switch {
	case ed.complete && (stale != nil || ed.tooOld()):
		r.State = StateStale
	case ed.complete:
		r.State = StateComplete
	case growing:
		r.State = StateGrowing
	case ed.reason != "":
		r.State, r.Reason = StatePart, ed.reason
	default:
		r.State = StateCut
	}
	if l.load != nil && !growing {
		r.Refreshing = true
		r.Reread = l.load.read
	}
	r.CanGoOn = !ed.complete && l.load == nil
	return ed, r
}

// correlationOf is the ID to quote to support for a failure.
func correlationOf(err error) string {
	if e, ok := errors.AsType[*partnercenter.Error](err); ok {
		return e.CorrelationID
	}
	return ""
}

// The four things a person can ask of the reading of a list. Each needs a proof.

func (l *list[R]) refresh(ctx context.Context, v Viewer) error {
	return l.command(ctx, v, func() { l.start(ctx, v, false, nil) })
}

func (l *list[R]) goOn(ctx context.Context, v Viewer) error {
	return l.command(ctx, v, func() {
		if ed := l.shown.Load(); ed == nil || !ed.complete {
			l.start(ctx, v, false, l.rest)
		}
	})
}

func (l *list[R]) startAgain(ctx context.Context, v Viewer) error {
	if err := l.stop(ctx, v); err != nil {
		return err
	}
	return l.refresh(ctx, v)
}

// command does what a viewer with a proof asked for, unless a load is at work.
func (l *list[R]) command(ctx context.Context, v Viewer, do func()) error {
	if err := l.known(ctx, v); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.refused, v.Key)
	if l.load == nil {
		do()
	}
	return nil
}

// known earns the viewer a proof and takes note of them.
func (l *list[R]) known(ctx context.Context, v Viewer) error {
	stale, err := l.d.proofs.need(ctx, l.proofKey(v.Key), func(ctx context.Context) error { return l.probe(ctx, v.Client) })
	if err := first(err, stale); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(v)
	return nil
}

// note remembers a viewer with a proof, whose grant a load may go on with,
// and forgets those who were not seen for too long. It needs the mutex.
func (l *list[R]) note(v Viewer) {
	l.looked = time.Now()
	for key, s := range l.viewers {
		if time.Since(s.at) >= grantLife {
			delete(l.viewers, key)
		}
	}
	for key, r := range l.refused {
		if time.Since(r.at) >= grantLife {
			delete(l.refused, key)
		}
	}
	l.viewers[v.Key] = seen{v, l.looked}
}

// stop ends the load and waits until it has.
func (l *list[R]) stop(ctx context.Context, v Viewer) error {
	if err := l.known(ctx, v); err != nil {
		return err
	}
	l.mu.Lock()
	ld := l.load
	l.mu.Unlock()
	if ld == nil {
		return nil
	}
	ld.end(errStopped)
	select {
	case <-ld.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// first is the first error there is.
func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// lookedAt is when somebody last looked at the list.
func (l *list[R]) lookedAt() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looked
}

// throwOut empties a list that nobody has looked at lately.
func (l *list[R]) throwOut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.load != nil || time.Since(l.looked) <= inUse {
		return false
	}
	l.shown.Store(nil)
	l.rest = nil
	clear(l.viewers)
	if l.whenGone != nil {
		l.whenGone()
	}
	return true
}

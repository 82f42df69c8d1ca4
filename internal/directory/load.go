package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// What a load may take.
const (
	unwatched    = 2 * time.Minute  // without a look, then it stops
	loadDeadline = 45 * time.Minute // in all
	tokenLife    = 10 * time.Minute // of a continuation; nobody says how long they live, this is for how long one is tried
	grantLife    = 5 * time.Minute  // since a viewer's last look, to read on with their grant
)

// Why a load ended without having read all.
var (
	errStopped   = errors.New("stopped")
	errUnwatched = errors.New("nobody looked for two minutes")
	errNobody    = errors.New("nobody is there whose grant could go on")
	errNoRoom    = errors.New("there is no room for more")
	errNothing   = fmt.Errorf("a page brought nobody new: %w", partnercenter.ErrBadResponse)
	errTooLong   = fmt.Errorf("not done after %v: %w", loadDeadline, partnercenter.ErrUnavailable)
)

// load is one reading of a list. Fields that are not said to be otherwise are
// the list's mutex's.
type load[R rows] struct {
	list    *list[R]
	number  uint64
	behind  bool   // nobody waits for it
	begunBy string // a person's key
	started time.Time
	ctx     context.Context
	end     context.CancelCauseFunc
	done    chan struct{}
	err     error // why it ended early; to be read once done is closed

	turn    *turn
	idle    *time.Timer
	grant   Viewer           // whose grant it runs on
	refused map[string]error // by person: grants that are not good for it
	pages   int              // that came
	read    int              // rows that came
	visible bool             // what it read is what is shown

	// The loading goroutine's own.
	reader    reader[R]
	after     partnercenter.Continuation // the page to read next
	restarted bool
	alone     bool // came without room, for one page
}

// rest is what is left of a load that ended early: enough to go on.
type rest[R rows] struct {
	number uint64
	reader reader[R]
	after  partnercenter.Continuation
	at     time.Time
}

// start begins a load, from the start or from where another ended. It needs
// the list's mutex.
func (l *list[R]) start(ctx context.Context, v Viewer, behind bool, from *rest[R]) {
	if !partnercenter.ValidID(partnercenter.CorrelationID(ctx)) {
		ctx = partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
	}
	ld := &load[R]{
		list: l, number: l.d.numbers.Add(1), behind: behind, begunBy: v.Key, grant: v,
		started: time.Now(), done: make(chan struct{}), refused: map[string]error{},
	}
	if from != nil && time.Since(from.at) < tokenLife {
		ld.reader, ld.after = from.reader, from.after
		ld.read, ld.visible, ld.number = ld.reader.count(), true, from.number
		l.rest = nil
	} else {
		ld.reader = l.newReader()
	}
	l.owed = false
	ld.ctx, ld.end = l.d.background.detach(ctx)
	ld.idle = time.AfterFunc(unwatched, func() { ld.end(errUnwatched) })
	ld.turn = l.lobby().enter(v.Key, behind)
	if l.load = ld; !l.d.background.run(ld.run) {
		l.leave(ld, errClosed)
	}
}

// lobby is where the list's loads wait for their turn.
func (l *list[R]) lobby() *lobby {
	if l.short {
		return &l.d.errands
	}
	return &l.d.lobby
}

// leave ends the load for all who wait. It needs the list's mutex.
func (l *list[R]) leave(ld *load[R], err error) {
	ld.end(err)
	ld.idle.Stop()
	ld.turn.leave()
	l.load = nil
	ld.err = err
	close(ld.done)
	l.tell()
}

// standing is where a load is, to somebody who waits for it.
type standing struct {
	ended   bool            // then the load's err may be read
	first   bool            // the first page is on its way, on this person's grant
	refused error           // what that grant was refused with, if it was
	changed <-chan struct{} // closed when any of this may have changed
}

func (ld *load[R]) standing(person string) standing {
	l := ld.list
	l.mu.Lock()
	defer l.mu.Unlock()
	refused := ld.refused[person]
	return standing{
		ended:   l.load != ld,
		first:   ld.pages == 0 && ld.grant.Key == person && refused == nil && ld.turn.has(),
		refused: refused,
		changed: l.changed,
	}
}

// tell wakes all who wait. It needs the list's mutex.
func (l *list[R]) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// run reads the list to its end, or as far as it comes.
func (ld *load[R]) run() {
	deadline := time.AfterFunc(loadDeadline, func() { ld.end(errTooLong) })
	defer deadline.Stop()
	err := ld.turn.wait(ld.ctx)
	if err == nil {
		err = ld.readAll()
	}
	ld.finish(err)
}

// fetched is what came of asking for a page.
type fetched struct {
	page page
	err  error
}

// ask asks for a page. It never blocks; the answer is in the channel.
func (ld *load[R]) ask(after partnercenter.Continuation) <-chan fetched {
	ld.list.mu.Lock()
	client := ld.grant.Client
	ld.list.mu.Unlock()
	ld.list.d.pace(ld.list.tenant).spend(1)
	from := ld.reader
	answer := make(chan fetched, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ld.ctx, ld.list.d.opts.PageTimeout)
		defer cancel()
		p, err := from.fetch(ctx, client, after)
		answer <- fetched{p, err}
	}()
	return answer
}

// readAll reads page after page. The next one is asked for before this one is
// decoded, so that the service's time and ours run side by side.
func (ld *load[R]) readAll() error {
	ld.alone = !ld.reserve(pageRoom)
	coming := ld.ask(ld.after)
	defer func() {
		if coming != nil {
			ld.end(nil)
			if f := <-coming; f.page != nil {
				f.page.release()
			}
		}
	}()
	for {
		f := <-coming
		coming = nil
		if f.err != nil {
			if err := ld.recover(f.err); err != nil {
				return err
			}
			coming = ld.ask(ld.after)
			continue
		}
		ld.list.d.proofs.settle(ld.list.proofKey(ld.grant.Key), nil)
		next := f.page.next()
		full := ld.came(next)
		if next != "" && !full {
			coming = ld.ask(next)
		}
		added, err := f.page.add()
		f.page.release()
		if err != nil {
			return err
		}
		if next == "" {
			return nil // what is shown next is all of it, in its order
		}
		ld.after = next
		ld.show()
		switch {
		case added == 0: // the SDK sees to it that pages don't go round in a circle
			return errNothing
		case full:
			return errNoRoom
		}
	}
}

// came takes note of a page that came, and makes room for the next; full
// tells that there is none.
func (ld *load[R]) came(next partnercenter.Continuation) (full bool) {
	ld.list.mu.Lock()
	ld.pages++
	ld.list.mu.Unlock()
	if next == "" {
		return false
	}
	// Room for the page that is here and for the one to come.
	return ld.alone || !ld.reserve(2*pageRoom)
}

// reserve takes memory for what was read, more to come, and what is shown.
func (ld *load[R]) reserve(more int64) bool {
	bytes := ld.reader.need() + more
	if !ld.visible {
		bytes += ld.list.shownBytes()
	}
	return ld.list.d.memory.hold(ld.list, bytes)
}

// shownBytes is what is held for what is shown, and for going on from there.
func (l *list[R]) shownBytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest != nil {
		return l.rest.reader.need()
	}
	if ed := l.shown.Load(); ed != nil {
		return ed.rows.size()
	}
	return 0
}

// show makes what was read so far what the list shows. While that would be
// less than what is there already, it stays behind.
func (ld *load[R]) show() {
	l := ld.list
	l.mu.Lock()
	defer l.mu.Unlock()
	ld.read = ld.reader.count()
	if ed := l.shown.Load(); !ld.visible {
		ld.visible = ed == nil || ed.tooOld() || !ed.complete && ld.read >= ed.rows.count()
	}
	if ld.visible {
		l.rest = nil
		l.shown.Store(&edition[R]{
			rows: ld.reader.soFar(), version: l.d.numbers.Add(1), load: ld.number,
			readAt: time.Now(), took: time.Since(ld.started),
		})
	}
	l.tell()
}

// recover finds a way on after a page could not be had: with another person's
// grant, or from the start when the continuation is not known any more. If
// there is none, it returns why.
func (ld *load[R]) recover(err error) error {
	if cause := context.Cause(ld.ctx); cause != nil {
		return cause
	}
	switch {
	case errors.Is(err, partnercenter.ErrBadRequest) && ld.after != "" && !ld.restarted:
		ld.restarted = true
		ld.after = ""
		ld.reader = ld.list.newReader()
		ld.list.mu.Lock()
		ld.visible = false
		ld.number = ld.list.d.numbers.Add(1) // what is shown is another reading's now
		ld.list.mu.Unlock()
		return nil
	case isPersonal(err):
		return ld.passOn(err)
	}
	return err
}

// passOn gives the load to the next person who may see the list and looked at
// it lately. The failure is the last one's alone.
func (ld *load[R]) passOn(err error) error {
	l := ld.list
	l.d.proofs.settle(l.proofKey(ld.grant.Key), err)
	l.mu.Lock()
	ld.refused[ld.grant.Key] = err
	l.refuse(ld.grant.Key, ld.failure(err))
	delete(l.viewers, ld.grant.Key)
	next, ok := l.nextGrant(ld.refused)
	if !ok {
		l.mu.Unlock()
		return errNobody
	}
	ld.grant = next
	ld.turn.leave()
	ld.turn = l.lobby().enter(next.Key, ld.behind)
	turn := ld.turn
	l.tell()
	l.mu.Unlock()
	l.log(ld, slog.LevelInfo, "load passed on", slog.Any("error", err))
	return turn.wait(ld.ctx)
}

// nextGrant is who looked last, of those who may go on. It needs the mutex.
func (l *list[R]) nextGrant(refused map[string]error) (next Viewer, ok bool) {
	var latest time.Time
	for key, s := range l.viewers {
		if refused[key] == nil && time.Since(s.at) < grantLife && s.at.After(latest) && l.d.proofs.live(l.proofKey(key)) {
			next, latest, ok = s.Viewer, s.at, true
		}
	}
	return next, ok
}

// finish ends the load: with all that there is or, with an error, with what
// it has.
func (ld *load[R]) finish(err error) {
	l := ld.list
	var all R
	if err == nil {
		all = ld.reader.done()
		if l.whenNew != nil {
			l.whenNew(ld.ctx, all)
		}
	}
	l.conclude(ld, all, err)
	l.d.memory.force(l, l.shownBytes())
	if err == nil && l.whenRead != nil {
		l.whenRead(ld.ctx, all)
	}
	level := slog.LevelInfo
	if err != nil && !isOwn(err) {
		level = slog.LevelWarn
	}
	l.log(ld, level, "load ended", slog.Any("error", err))
}

// conclude makes the edition that the load leaves.
func (l *list[R]) conclude(ld *load[R], all R, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	ed := l.shown.Load()
	switch {
	case err == nil:
		ed = &edition[R]{rows: all, version: l.d.numbers.Add(1), load: ld.number, readAt: now, took: now.Sub(ld.started), complete: true}
		l.shown.Store(ed)
		l.retry = time.Time{}
		l.rest = nil
		ld.read = all.count()
	case ld.visible:
		left := *ed
		left.version = l.d.numbers.Add(1)
		left.reason, left.failure = reasonOf(err), ld.failure(err)
		l.shown.Store(&left)
		l.rest = &rest[R]{number: ld.number, reader: ld.reader, after: ld.after, at: now}
	case ed != nil:
		if !isOwn(err) {
			left := *ed
			left.version = l.d.numbers.Add(1)
			left.failure = ld.failure(err)
			l.shown.Store(&left)
		}
		l.retry = now.Add(retryWait)
		l.owed = errors.Is(err, errNobody)
	}
	l.leave(ld, err)
}

// isOwn reports whether a load was ended for a reason of ours, not by a
// failure.
func isOwn(err error) bool { return reasonOf(err) != "" || errors.Is(err, errClosed) }

// reasonOf is why a list is held in part when that was no failure.
func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, errStopped):
		return ReasonStopped
	case errors.Is(err, errUnwatched), errors.Is(err, errNobody):
		return ReasonUnwatched
	case errors.Is(err, errNoRoom):
		return ReasonMemory
	}
	return ""
}

func (ld *load[R]) failure(err error) failure {
	if isOwn(err) {
		return failure{}
	}
	f := failure{err, correlationOf(err)}
	if f.correlationID == "" {
		f.correlationID = partnercenter.CorrelationID(ld.ctx)
	}
	return f
}

// log writes what became of a load: IDs and counts, nobody's name.
func (l *list[R]) log(ld *load[R], level slog.Level, message string, more slog.Attr) {
	l.d.opts.Logger.LogAttrs(ld.ctx, level, message,
		slog.String("kind", string(l.kind)),
		slog.String("customer", l.customer),
		slog.Int("pages", ld.pages),
		slog.Int("rows", ld.read),
		slog.Duration("took", time.Since(ld.started)),
		slog.String("correlation_id", partnercenter.CorrelationID(ld.ctx)),
		more)
}

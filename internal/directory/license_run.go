package directory

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// What a run takes.
const (
	licenseCallsAtOnce = 4 // in the background, by all runs together
	licenseTries       = 3 // of one user, when Partner Center does not answer
	licenseTimeout     = 30 * time.Second
	mostFailures       = 3               // users one after the other, then it ends
	manyReads          = 1000            // by which is known what one takes
	leastPause         = 5 * time.Second // when Partner Center doesn't say how long to wait
)

// licenseRun reads the licenses of one user after the other, a few at once:
// first of the rows on screen, then of the rest in the list's order, then anew
// of those read too long ago. Fields that are not said to be otherwise are the
// licenses' mutex's.
type licenseRun struct {
	ctx     context.Context
	end     context.CancelCauseFunc
	done    chan struct{}
	started time.Time
	workers int

	flying  map[guid]bool
	tries   map[guid]int
	skipped map[guid]bool // could not be read
	back    []reads       // to be read again, because a call said nothing of the user

	rest, again place     // up to where users were looked through
	aged        time.Time // those read before are to be read anew
	anew        int       // how many of them more

	read, failures int
	resumes        time.Time // after a call that was not answered
}

// place is a row in a snapshot.
type place struct{ chunk, row int }

// reads is a user whose licenses are to be read.
type reads struct {
	id     guid
	row    uint32
	line   *line
	viewer Viewer // whose grant is used
	from   *int   // the budget that it is taken from, if from any
}

// arrange begins or supports a run, if there is anything to read. It needs the
// mutex.
func (h *licenses) arrange(ctx context.Context) {
	if h.noRoom || h.held.of == nil || !h.due() {
		return
	}
	if h.run == nil {
		if !partnercenter.ValidID(partnercenter.CorrelationID(ctx)) {
			ctx = partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
		}
		run := &licenseRun{
			started: time.Now(), done: make(chan struct{}),
			flying: map[guid]bool{}, tries: map[guid]int{}, skipped: map[guid]bool{},
			aged: h.aged(), anew: h.budget(),
		}
		run.ctx, run.end = h.d.background.detach(ctx)
		h.run = run
		h.changed()
	}
	run := h.run
	for run.workers < licenseCallsAtOnce && run.ctx.Err() == nil {
		run.workers++
		if !h.d.background.run(func() { h.work(run) }) {
			h.leave(run, errClosed)
			return
		}
	}
}

// due reports whether there is something to read. It needs the mutex.
func (h *licenses) due() bool {
	if h.stopped() || time.Now().Before(h.retry) {
		return false
	}
	if _, ok := h.grant(); !ok {
		return false
	}
	cut := h.cut()
	unread := cut.of.rows - cut.gone - cut.read
	if unread > 0 && cut.read < h.limit || cut.outdated > 0 && h.anew > 0 {
		return true
	}
	if cut.oldest != 0 && cut.oldest.time().Before(h.aged()) {
		return true
	}
	return unread > 0 && h.onScreen(func(set uint32, _ instant) bool { return set == setUnread })
}

// onScreen reports whether a row on screen is so.
func (h *licenses) onScreen(is func(set uint32, at instant) bool) bool {
	for _, s := range h.screens {
		for _, row := range s.rows {
			if set, at := h.held.at(row); is(set, at) {
				return true
			}
		}
	}
	return false
}

// aged is when what is to be read anew by its age was read, or earlier: the
// soft age, as a list has it.
func (h *licenses) aged() time.Time { return time.Now().Add(-max(softAge, 10*h.took())) }

// took is how long it takes to read all that is held, as it went lately.
func (h *licenses) took() time.Duration {
	spent, reads := h.spent, h.reads
	if h.run != nil {
		spent, reads = spent+time.Since(h.run.started), reads+h.run.read
	}
	if reads == 0 {
		return 0
	}
	return time.Duration(float64(spent) / float64(reads) * float64(h.held.read))
}

// budgetFor is the budget from which a user is read anew, nil for one who is
// fresh enough, or for whom none is left.
func (h *licenses) budgetFor(run *licenseRun, read instant) *int {
	switch at := read.time(); {
	case at.Before(run.aged) && run.anew > 0:
		return &run.anew
	case int64(read) < h.asked.Unix() && h.anew > 0:
		return &h.anew
	}
	return nil
}

// work reads users until there is none left.
func (h *licenses) work(run *licenseRun) {
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.leave(run, nil)
	}()
	for h.seat(run) {
		next, wait, ok := h.next(run)
		if ok {
			ctx, cancel := context.WithTimeout(run.ctx, licenseTimeout)
			at := time.Now()
			read, err := readLicenses(ctx, once(next.viewer.Client).Customer(h.users.customer), next.id)
			cancel()
			<-h.d.behind
			h.came(run, next, read, err, at)
			continue
		}
		<-h.d.behind
		if wait == 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-run.ctx.Done():
			timer.Stop()
		}
	}
}

// once is a client that makes each call once, and none while Partner Center
// wants none: what to do then is decided here.
func once(client *partnercenter.Client) *partnercenter.Client {
	return client.WithRetry(partnercenter.RetryOptions{Tries: 1, MaxRetryAfter: time.Nanosecond})
}

// seat waits for one of the places for calls in the background.
func (h *licenses) seat(run *licenseRun) bool {
	select {
	case h.d.behind <- struct{}{}:
		return true
	case <-run.ctx.Done():
		return false
	}
}

// next is whose licenses are to be read now; or how long to wait before
// asking again; or neither, when there is nobody.
func (h *licenses) next(run *licenseRun) (next reads, wait time.Duration, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case run.ctx.Err() != nil, h.held.of == nil:
		return reads{}, 0, false
	case time.Since(h.looked) >= unwatched:
		run.end(errUnwatched)
		return reads{}, 0, false
	}
	if wait := max(time.Until(h.pause), time.Until(run.resumes)); wait > 0 {
		return reads{}, min(wait, unwatched), false
	}
	viewer, ok := h.grant()
	if !ok {
		run.end(errNobody)
		return reads{}, 0, false
	}
	next, canWait, ok := h.wanted(run)
	if !ok {
		return reads{}, 0, false
	}
	if wait := h.d.pace(h.users.tenant).take(canWait); wait > 0 {
		return reads{}, min(wait, time.Second), false
	}
	h.begin(run, next)
	next.viewer = viewer
	run.flying[next.id] = true
	return next, 0, true
}

// grant is who looked last, of those whose grant is good. It needs the mutex.
func (h *licenses) grant() (who Viewer, ok bool) {
	var latest time.Time
	for key, s := range h.viewers {
		if time.Now().After(h.denied[key]) && time.Since(s.at) < grantLife && s.at.After(latest) && h.d.proofs.live(h.proofKey(key)) {
			who, latest, ok = s.Viewer, s.at, true
		}
	}
	return who, ok
}

// wanted is who comes next, and whether they can wait: nobody looks at them.
// It needs the mutex.
func (h *licenses) wanted(run *licenseRun) (next reads, canWait, ok bool) {
	for _, s := range h.screens {
		for _, row := range s.rows {
			set, at := h.held.at(row)
			if set == setUnread || set != setGone && h.budgetFor(run, at) != nil {
				if next = h.user(row); !run.has(next.id) {
					return next, false, true
				}
			}
		}
	}
	if n := len(run.back); n > 0 {
		return run.back[n-1], true, true
	}
	if len(run.flying)+h.held.read < h.limit {
		row, ok := h.walk(&run.rest, func(set uint32, _ instant, id guid) bool { return set == setUnread && !run.has(id) })
		if ok {
			return h.user(row), true, true
		}
	}
	row, ok := h.walk(&run.again, func(set uint32, at instant, id guid) bool {
		return set >= setFirst && h.budgetFor(run, at) != nil && !run.has(id)
	})
	if ok {
		_, at := h.held.at(row)
		next = h.user(row)
		next.from = h.budgetFor(run, at)
		return next, true, true
	}
	return reads{}, false, false
}

// has reports whether a user is being read, or can't be.
func (run *licenseRun) has(id guid) bool { return run.flying[id] || run.skipped[id] }

func (h *licenses) user(row uint32) reads {
	c, i := h.held.of.cell(row)
	return reads{id: c.ids[i], row: row, line: h.held.of.line}
}

// walk goes on from a place to the next row that is so, and stays there.
func (h *licenses) walk(from *place, is func(set uint32, at instant, id guid) bool) (row uint32, ok bool) {
	for ; from.chunk < len(h.held.chunks); from.chunk, from.row = from.chunk+1, 0 {
		c, ids := h.held.chunks[from.chunk], h.held.of.chunks[from.chunk].ids
		for ; from.row < len(ids); from.row++ {
			if is(c.sets[from.row], c.at[from.row], ids[from.row]) {
				return uint32(from.chunk<<chunkBits + from.row), true
			}
		}
	}
	return 0, false
}

// begin takes a user from where they waited. It needs the mutex.
func (h *licenses) begin(run *licenseRun, next reads) {
	for i := range run.back {
		if run.back[i].id == next.id {
			run.back = append(run.back[:i], run.back[i+1:]...)
			break
		}
	}
	if next.from != nil {
		*next.from--
	}
}

// came takes what a call came back with.
func (h *licenses) came(run *licenseRun, next reads, read []partnercenter.License, err error, at time.Time) {
	key := h.proofKey(next.viewer.Key)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(run.flying, next.id)
	again := func() {
		if next.from != nil {
			*next.from++
		}
		run.back = append(run.back, next)
	}
	switch {
	case err == nil, isGone(err):
		if refused := h.denied[next.viewer.Key].Add(-proofPause); err == nil && at.After(refused) { // not sent before their last refusal
			h.d.proofs.settle(key, nil)
		}
		run.read++
		run.failures, h.refusals = 0, 0
		if len(run.skipped) == 0 {
			h.failure = failure{}
		}
		if h.held.put(next.id, next.row, next.line, read, err != nil, at) {
			h.shown = nil
		}
	case run.ctx.Err() != nil:
	case errors.Is(err, partnercenter.ErrThrottled):
		again()
		h.throttled(err)
	case isPersonal(err):
		h.d.proofs.settle(key, err)
		h.denied[next.viewer.Key] = time.Now().Add(proofPause)
		again()
		h.log(run, slog.LevelInfo, "license reading passed on", err)
	default:
		h.failed(run, next, err, again)
	}
}

// throttled keeps calls back for as long as Partner Center wants, and a little
// longer, so that people come first; and slows down. It needs the mutex.
func (h *licenses) throttled(err error) {
	wait := leastPause
	e, ok := errors.AsType[*partnercenter.Error](err)
	if ok && e.RetryAfter > 0 {
		wait = e.RetryAfter
	}
	if !ok || e.Status != 0 { // else nothing was sent: somebody else was refused
		if time.Now().After(h.pause) { // those sent side by side count as one
			h.refusals++
			h.d.pace(h.users.tenant).refused()
		}
		wait += time.Second << min(h.refusals, 5)
	} else {
		wait += time.Second
	}
	if until := time.Now().Add(wait); until.After(h.pause) {
		h.pause = until
		h.changed()
	}
}

// failed takes note of a user who could not be read. It needs the mutex.
func (h *licenses) failed(run *licenseRun, next reads, err error, again func()) {
	h.failure = failure{err, correlationOf(err)}
	h.changed()
	if run.tries[next.id]++; noAnswer(err) && run.tries[next.id] < licenseTries {
		again()
		run.resumes = time.Now().Add(time.Second << run.tries[next.id])
		return
	}
	run.skipped[next.id] = true
	if run.failures++; run.failures >= mostFailures {
		run.end(err)
	}
}

// leave ends a worker's part in a run, and with the last one's the run. It
// needs the mutex.
func (h *licenses) leave(run *licenseRun, err error) {
	run.workers--
	if err != nil {
		run.end(err)
	}
	if run.workers > 0 {
		return
	}
	err = context.Cause(run.ctx)
	run.end(nil)
	h.run = nil
	if run.read > 0 {
		h.spent, h.reads = h.spent+time.Since(run.started), h.reads+run.read
		if h.reads > manyReads {
			h.spent, h.reads = h.spent/2, h.reads/2
		}
	}
	if err != nil && !isOwn(err) || len(run.skipped) > 0 {
		h.retry = time.Now().Add(retryWait)
	}
	h.changed()
	close(run.done)
	level := slog.LevelInfo
	if err != nil && !isOwn(err) {
		level = slog.LevelWarn
	}
	h.log(run, level, "license reading ended", err)
}

// log writes what became of a run: IDs and counts, nobody's name.
func (h *licenses) log(run *licenseRun, level slog.Level, message string, err error) {
	h.d.opts.Logger.LogAttrs(run.ctx, level, message,
		slog.String("customer", h.users.customer),
		slog.Int("read", run.read),
		slog.Int("skipped", len(run.skipped)),
		slog.Duration("took", time.Since(run.started)),
		slog.String("correlation_id", partnercenter.CorrelationID(run.ctx)),
		slog.Any("error", err))
}

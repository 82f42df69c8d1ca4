package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// LicensesReading is how far the licenses of a customer's users were read.
// They are not in the list: it takes a call for each user.
type LicensesReading struct {
	Asked    bool          // the view asks for them
	Withheld error         // why this viewer may not see them; nil when they may
	Reading  bool          // read in the background now
	Read, Of int           // users whose licenses are held; of the users read so far
	Asks     int           // above 0, no more are read unasked: so many would be by [Directory.ReadLicenses]
	Stopped  bool          // a person stopped it
	Wait     time.Duration // Partner Center wants no calls for so long
	Oldest   time.Time     // when the oldest of them were read; zero while there are none
	ReadAt   time.Time     // and the newest

	Err           error // the last failure that matters; nil when there is none
	CorrelationID string
}

// Complete reports whether the licenses of all users read so far are held.
func (r LicensesReading) Complete() bool { return r.Asked && r.Withheld == nil && r.Read >= r.Of }

// ErrNoRoom is why something is not held: the memory for lists is used up.
var ErrNoRoom = errors.New("the memory for lists is used up")

const (
	licenseBudget = 2000            // users whose licenses are read unasked, if nothing else is set
	kindPatience  = 2 * time.Second // longest wait for what a view only shows besides the list
	mostScreens   = 16              // pages lately shown whose users are read first
)

// licenses are those of a customer's users, as far as they were read, for all
// who may see them.
type licenses struct {
	d     *Directory
	users *list[*snapshot]

	mu      sync.Mutex
	held    licenseRows
	version uint64 // of the edition whose rows they are
	shown   *licenseCut
	told    uint64 // the number of the last change in what is told of the reading
	noRoom  bool   // they can't be held

	viewers   map[string]seen      // who asked for them, and had a proof
	looked    time.Time            // when the last of them did
	denied    map[string]time.Time // by person: until when their grant is not used
	screens   []screen             // the latest first
	run       *licenseRun          // at work; nil if none is
	limit     int                  // how many users' licenses may be held unasked
	stoppedAt time.Time            // when a person stopped the reading; zero if none did
	asked     time.Time            // those read before are to be read anew: a person wants it
	anew      int                  // how many of them more, until it asks
	retry     time.Time            // not read unasked before
	pause     time.Time            // Partner Center wants no calls before
	refusals  int                  // of calls in the background by a 429, one after the other
	failure   failure
	spent     time.Duration // on reading lately
	reads     int           // that this was for
	bytes     int64         // that memory was told of
}

// screen is the rows that a person was shown last.
type screen struct {
	person string
	line   *line
	rows   []uint32
}

func newLicenses(d *Directory, l *list[*snapshot]) *licenses {
	return &licenses{
		d: d, users: l, looked: time.Now(), limit: max(0, d.opts.LicenseBudget),
		viewers: map[string]seen{}, denied: map[string]time.Time{},
	}
}

func (h *licenses) proofKey(person string) proofKey {
	key := h.users.proofKey(person)
	key.kind = KindLicenses
	return key
}

// ReadLicenses goes on reading the licenses of a customer's users where the
// budget was used up or a person stopped it, by another budget. The viewer
// needs a proof, as for a query that filters by licenses; so do the next two.
func (d *Directory) ReadLicenses(ctx context.Context, v Viewer, customerID string) error {
	return d.licensesCommand(ctx, v, customerID, func(h *licenses) {
		h.goOn()
		h.limit = max(h.limit, h.held.read) + h.budget()
		h.anew = h.budget()
	})
}

// RefreshLicenses reads anew what is held, and what is missing, within a
// budget; what is held is shown until the new is here.
func (d *Directory) RefreshLicenses(ctx context.Context, v Viewer, customerID string) error {
	return d.licensesCommand(ctx, v, customerID, func(h *licenses) {
		h.goOn()
		h.asked, h.anew = time.Now(), h.budget()
		h.shown = nil // it counts what is older
	})
}

// StopLicenses ends the reading, and keeps what was read.
func (d *Directory) StopLicenses(ctx context.Context, v Viewer, customerID string) error {
	var run *licenseRun
	err := d.licensesCommand(ctx, v, customerID, func(h *licenses) {
		h.stoppedAt = time.Now()
		h.changed()
		if run = h.run; run != nil {
			run.end(errStopped)
		}
	})
	if err != nil || run == nil {
		return err
	}
	select {
	case <-run.done:
		return nil
	case <-ctx.Done():
		return licensesError(ctx.Err())
	}
}

// licensesCommand does what a viewer with a proof asked for.
func (d *Directory) licensesCommand(ctx context.Context, v Viewer, customerID string, do func(*licenses)) error {
	l, err := d.usersOf(v, customerID)
	if err != nil {
		return licensesError(err)
	}
	ed, _, err := l.look(ctx, v)
	if err != nil {
		return licensesError(err)
	}
	h := d.annex(l).licenses
	if err := first(h.prove(ctx, v, ed)); err != nil {
		return licensesError(err)
	}
	h.align()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(v)
	do(h)
	h.arrange(ctx)
	return nil
}

// LicensesFound is how many users have which SKU among those whose licenses
// are held, most first. It makes no call and is no look: ok tells that the
// viewer has proofs for users and licenses, and that something is held.
func (d *Directory) LicensesFound(v Viewer, customerID string) (found []Facet, r LicensesReading, ok bool) {
	id, valid := parseGUID(customerID)
	if !valid {
		return nil, r, false
	}
	d.mu.Lock()
	l := d.users[usersKey{v.PartnerTenantID, id.String()}]
	a := d.annexes[l]
	d.mu.Unlock()
	if a == nil || !d.proofs.live(l.proofKey(v.Key)) || !d.proofs.live(a.licenses.proofKey(v.Key)) {
		return nil, r, false
	}
	h := a.licenses
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held.of == nil || h.held.read == 0 {
		return nil, r, false
	}
	cut := h.cut()
	all := cut.whole()
	return facets(cut.skus, all.skuOrder, all.skus, all.skus), h.reading(cut), true
}

func licensesError(err error) error {
	return fmt.Errorf("read the licenses of a customer's users: %w", err)
}

// prove sees to it that the viewer has a proof that they may read licenses.
// Their call for it reads a user of the list, who is held then.
func (h *licenses) prove(ctx context.Context, v Viewer, ed *edition[*snapshot]) (stale, err error) {
	return h.d.proofs.need(ctx, h.proofKey(v.Key), func(ctx context.Context) error {
		customer := v.Client.Customer(h.users.customer)
		for k := 0; ed != nil && k < min(3, ed.rows.rows); k++ {
			row := ed.rows.nth(k)
			c, i := ed.rows.cell(row)
			h.d.pace(v.PartnerTenantID).spend(1)
			at := time.Now()
			read, err := readLicenses(ctx, customer, c.ids[i])
			if isGone(err) {
				continue
			}
			if err == nil {
				h.align()
				h.take(c.ids[i], read, at)
			}
			return err
		}
		return probeOf(ctx, customer, KindLicenses)
	})
}

// readLicenses asks for a user's licenses of both groups, in one call.
func readLicenses(ctx context.Context, customer *partnercenter.CustomerRef, id guid) ([]partnercenter.License, error) {
	return customer.User(id.String()).Licenses(ctx, partnercenter.Group1, partnercenter.Group2)
}

// isGone reports whether a failure says that there is no such user, and
// nothing of all others.
//
// Source: API facts 11.4, 404 with code 60002.
func isGone(err error) bool {
	e, ok := errors.AsType[*partnercenter.Error](err)
	return ok && e.Code == "60002" && errors.Is(err, partnercenter.ErrNotFound)
}

// take keeps what was read of a user elsewhere, if licenses are held.
func (h *licenses) take(id guid, read []partnercenter.License, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held.put(id, 0, nil, read, false, at) {
		h.shown = nil
	}
}

// align brings what is held to the rows that the list shows.
func (h *licenses) align() {
	ed := h.users.shown.Load()
	if ed == nil {
		return
	}
	h.mu.Lock()
	behind, bytes := ed.version > h.version, h.held.size()
	h.mu.Unlock()
	if !behind {
		return
	}
	bytes = max(bytes, int64(ed.rows.rows)*licenseRowBytes)
	room := h.d.memory.hold(h, bytes)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes = bytes
	if ed.version <= h.version {
		return
	}
	h.version = ed.version
	if h.noRoom = !room; h.noRoom {
		h.held, h.shown = licenseRows{}, nil
		return
	}
	if h.held.of == ed.rows {
		return
	}
	if moved := h.held.of == nil || h.held.of.line != ed.rows.line; moved {
		h.screens = nil
		if h.run != nil {
			h.run.rest, h.run.again = place{}, place{}
		}
	}
	h.held.align(ed.rows)
	h.shown = nil
}

// moveOn does the same after the list was read anew, if anything is held: the
// rows before can go then.
func (h *licenses) moveOn() {
	h.mu.Lock()
	held := h.held.of != nil
	h.mu.Unlock()
	if held {
		h.align()
	}
}

// cut is what is held now. It needs the mutex, and something held.
func (h *licenses) cut() *licenseCut {
	if h.shown == nil {
		h.shown = h.held.cut(h.d.numbers.Add(1), h.asked)
	}
	return h.shown
}

// changed takes note that another thing is to be told of the reading. It needs
// the mutex.
func (h *licenses) changed() { h.told = h.d.numbers.Add(1) }

// expire forgets what is too old to be shown: as with a list, unless Partner
// Center does not answer. What takes long to read is shown for longer. It needs
// the mutex, and something held.
func (h *licenses) expire() {
	if h.failure.err != nil && noAnswer(h.failure.err) {
		return
	}
	before := time.Now().Add(-max(hardAge, 20*h.took()))
	if h.cut().oldest != 0 && h.cut().oldest.time().Before(before) {
		h.held.expire(before)
		h.shown = nil
		if h.run != nil {
			h.run.rest = place{}
		}
	}
}

// look gives what is held to a viewer who has a proof, aligned to the list's
// rows: those of the edition returned, which may be a newer one.
func (h *licenses) look(v Viewer, stale bool) (*licenseCut, *edition[*snapshot]) {
	for {
		h.align()
		h.mu.Lock()
		ed := h.users.shown.Load()
		if ed == nil || ed.version <= h.version {
			var cut *licenseCut
			if ed != nil && !h.noRoom {
				if !stale {
					h.expire()
				}
				cut = h.cut()
			}
			h.note(v)
			grown := h.held.size()
			if grown == h.bytes {
				grown = 0
			} else {
				h.bytes = grown
			}
			h.mu.Unlock()
			if grown > 0 { // by sets that were not there before
				h.d.memory.force(h, grown)
			}
			return cut, ed
		}
		h.mu.Unlock()
	}
}

// note remembers a viewer with a proof, whose grant may be used, and forgets
// those who were not seen for too long. It needs the mutex.
func (h *licenses) note(v Viewer) {
	h.looked = time.Now()
	for key, s := range h.viewers {
		if time.Since(s.at) >= grantLife {
			delete(h.viewers, key)
		}
	}
	h.viewers[v.Key] = seen{v, h.looked}
}

// show takes note of the rows that a viewer is shown, so that they are read
// first, and begins to read what is due.
func (h *licenses) show(ctx context.Context, v Viewer, s *snapshot, rows []uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held.of == nil {
		return
	}
	kept := make([]screen, 0, mostScreens)
	if h.held.of.line == s.line {
		kept = append(kept, screen{v.Key, s.line, rows})
	}
	for _, other := range h.screens {
		if other.person != v.Key && len(kept) < mostScreens {
			kept = append(kept, other)
		}
	}
	h.screens = kept
	h.arrange(ctx)
}

// reading tells how far they were read. It needs the mutex.
func (h *licenses) reading(cut *licenseCut) LicensesReading {
	r := LicensesReading{
		Asked: true, Reading: h.run != nil, Stopped: h.stopped(), Wait: max(0, time.Until(h.pause)),
		Err: h.failure.err, CorrelationID: h.failure.correlationID,
	}
	if h.noRoom {
		r.Err = ErrNoRoom
	}
	if cut == nil {
		return r
	}
	r.Read, r.Of = cut.read, cut.of.rows-cut.gone
	r.Oldest, r.ReadAt = cut.oldest.time(), cut.newest.time()
	switch unread := r.Of - r.Read; {
	case unread > 0 && cut.read >= h.limit:
		r.Asks = min(unread, h.budget())
	case unread == 0 && cut.outdated > 0 && h.anew <= 0:
		r.Asks = min(cut.outdated, h.budget())
	}
	return r
}

// stopped reports whether a person stopped the reading: that holds as long as
// a list would. It needs the mutex.
func (h *licenses) stopped() bool { return !h.stoppedAt.IsZero() && time.Since(h.stoppedAt) < hardAge }

// goOn forgets what kept the reading. It needs the mutex.
func (h *licenses) goOn() {
	h.stoppedAt, h.retry, h.failure = time.Time{}, time.Time{}, failure{}
	if h.run != nil {
		h.run.again = place{} // there may be more to be read anew now
	}
	h.changed()
}

// lookedAt is when somebody last asked for them.
func (h *licenses) lookedAt() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.looked
}

// throwOut forgets them, unless somebody asked for them lately.
func (h *licenses) throwOut() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run != nil || time.Since(h.looked) <= inUse {
		return false
	}
	h.forget()
	return true
}

// forget needs the mutex.
func (h *licenses) forget() {
	h.held, h.shown, h.version, h.screens, h.bytes = licenseRows{}, nil, 0, nil, 0
	h.limit = max(0, h.d.opts.LicenseBudget)
	clear(h.viewers)
	clear(h.denied)
}

// gone forgets them when the list of users was thrown out.
func (h *licenses) gone() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run != nil {
		h.run.end(errUnwatched)
	}
	h.forget()
}

// budget is how many users are read when a person asks for it.
func (h *licenses) budget() int {
	if b := h.d.opts.LicenseBudget; b > 0 {
		return b
	}
	return licenseBudget
}

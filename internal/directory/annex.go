package directory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// annex is what is held of a customer's users beside their list.
type annex struct {
	licenses *licenses
	roles    atomic.Pointer[rolesJoined]
}

// rolesJoined is a cut of roles, and of which edition of them it is.
type rolesJoined struct {
	*roleCut
	version uint64
}

// newAnnex is made with the list.
func newAnnex(d *Directory, l *list[*snapshot]) *annex {
	a := &annex{licenses: newLicenses(d, l)}
	l.whenRead = func(context.Context, *snapshot) { // so that the rows before can go
		a.roles.Store(nil)
		a.licenses.moveOn()
	}
	l.whenGone = func() {
		a.roles.Store(nil)
		a.licenses.gone()
	}
	return a
}

func (d *Directory) annex(l *list[*snapshot]) *annex {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.annexes[l]
}

// sweepAnnexes forgets those whose list is gone, and licenses that nobody
// asked for for an hour. It needs the lock.
func (d *Directory) sweepAnnexes() {
	for l, a := range d.annexes {
		gone := d.users[usersKey{l.tenant, l.customer}] != l
		if gone || time.Since(a.licenses.lookedAt()) >= forGood && a.licenses.throwOut() {
			d.memory.release(a.licenses)
		}
		if gone {
			delete(d.annexes, l)
		}
	}
}

// pace is that of a partner's calls in the background.
func (d *Directory) pace(tenant string) *pace { return d.paces.of(tenant, d.opts.LicensesPerMinute) }

// asked is a list of users as it is shown to a viewer, with what is shown
// besides.
type asked struct {
	d       *Directory
	list    *list[*snapshot]
	edition *edition[*snapshot] // nil while the first page is on its way
	reading Reading
	besides

	ofLicenses LicensesReading
	ofRoles    RolesReading
	stale      error // why licenses are shown on the strength of an older proof
}

// ask looks at a customer's users, and at what the query and the view need
// besides. What is only shown and withheld is not an error.
func (d *Directory) ask(ctx context.Context, v Viewer, customerID string, q *Query, kinds []Kind) (asked, error) {
	l, err := d.usersOf(v, customerID)
	if err != nil {
		return asked{}, err
	}
	a := asked{d: d, list: l}
	if a.edition, a.reading, err = l.look(ctx, v); err != nil {
		return asked{}, err
	}
	if a.edition == nil {
		return a, nil
	}
	for _, of := range []struct {
		kind Kind
		ask  func(*asked, context.Context, Viewer, bool) error
	}{
		{KindLicenses, (*asked).askLicenses}, // the first, for it may bring a newer edition
		{KindRoles, (*asked).askRoles},
	} {
		needed := q.needs(of.kind)
		if !needed && !slices.Contains(kinds, of.kind) {
			continue
		}
		if err := of.ask(&a, ctx, v, needed); err != nil && needed {
			if ctx.Err() != nil {
				return asked{}, ctx.Err()
			}
			return asked{}, &KindError{of.kind, err}
		}
	}
	return a, nil
}

// askLicenses adds what is held of licenses. The error is why the viewer may
// not see them; nil also when that is not known yet, and they are only shown.
func (a *asked) askLicenses(ctx context.Context, v Viewer, needed bool) error {
	h := a.d.annex(a.list).licenses
	stale, pending, err := a.d.kindProof(ctx, needed, h.proofKey(v.Key), func(ctx context.Context) (stale, err error) {
		return h.prove(ctx, v, a.edition)
	})
	r := &a.ofLicenses
	r.Asked = true
	switch {
	case pending: // no answer: not yet, or not now
		r.Of, r.Reading, r.Err = a.edition.rows.rows, err == nil, err
		if failed, ok := errors.AsType[*partnercenter.Error](err); ok {
			r.CorrelationID, r.Wait = failed.CorrelationID, failed.RetryAfter
		}
		return err
	case err != nil:
		r.Withheld = err
		return err
	}
	var older error
	if a.reading.Stale {
		older = a.reading.Err
	}
	for {
		cut, ed := h.look(v, stale != nil)
		if ed != nil && ed != a.edition { // the list got on meanwhile
			a.edition, a.reading = a.list.reading(ed, older, v.Key)
		}
		if a.licenses = cut; cut == nil || cut.of == a.edition.rows {
			break
		}
	}
	a.stale = stale
	a.reading.Stale = a.reading.Stale || stale != nil
	a.tellLicenses(h)
	if a.licenses == nil && needed {
		return ErrNoRoom
	}
	return nil
}

// tellLicenses tells how far licenses were read.
func (a *asked) tellLicenses(h *licenses) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.ofLicenses = h.reading(a.licenses)
	if a.stale != nil {
		a.ofLicenses.Err, a.ofLicenses.CorrelationID = a.stale, correlationOf(a.stale)
	}
	a.reading.Version = max(a.reading.Version, h.told)
	if a.licenses != nil {
		a.reading.Version = max(a.reading.Version, a.licenses.number)
	}
}

// showed takes note of the rows of the page that was answered: their licenses
// are read first.
func (a *asked) showed(ctx context.Context, v Viewer, rows []uint32) {
	if a.licenses == nil {
		return
	}
	h := a.d.annex(a.list).licenses
	h.show(ctx, v, a.edition.rows, rows)
	a.tellLicenses(h)
}

// tell writes into a view how all that it shows was read.
func (a *asked) tell(view *UsersView) {
	view.CustomerID = a.list.customer
	view.Reading, view.Licenses, view.Roles = a.reading, a.ofLicenses, a.ofRoles
	view.Names = a.names()
}

// nameAsked adds the names of what the query filters by and no user has, as
// far as the viewer may see them and they are in memory.
func (a *asked) nameAsked(v Viewer, q *Query, view *UsersView) {
	var missing []string
	for _, ids := range [][]string{q.Licenses, q.Plans} {
		for _, id := range ids {
			if _, ok := view.Names[id]; !ok && id != NoLicense {
				missing = append(missing, id)
			}
		}
	}
	if len(missing) == 0 || a.licenses == nil {
		return
	}
	l, err := a.d.skusOf(v, a.list.customer)
	if err != nil {
		return
	}
	ed := l.shown.Load()
	if ed == nil || !a.d.proofs.live(l.proofKey(v.Key)) {
		return
	}
	view.Names = maps.Clone(view.Names)
	for i := range ed.rows.products {
		p := &ed.rows.products[i]
		if slices.Contains(missing, p.SKUID) {
			view.Names[p.SKUID] = Name{p.Name, p.PartNumber}
		}
		for k := range p.ServicePlans {
			if s := &p.ServicePlans[k]; slices.Contains(missing, strings.ToLower(s.ID)) {
				view.Names[strings.ToLower(s.ID)] = Name{s.DisplayName, s.ServiceName}
			}
		}
	}
}

// askRoles adds who holds which roles, as askLicenses does.
func (a *asked) askRoles(ctx context.Context, v Viewer, needed bool) error {
	l, err := a.d.rolesOf(v, a.list.customer)
	if err != nil {
		return err
	}
	var ed *edition[*roleList]
	var reading Reading
	_, pending, err := a.d.kindProof(ctx, needed, l.proofKey(v.Key), func(ctx context.Context) (stale, err error) {
		ed, reading, err = l.look(ctx, v)
		return nil, err
	})
	r := &a.ofRoles
	r.Asked = true
	switch {
	case pending && err != nil:
		r.Err, r.CorrelationID = err, correlationOf(err)
		return err
	case err != nil:
		r.Withheld = err
		return err
	case pending, ed == nil:
		r.Reading = true
		if needed {
			return errSlow
		}
		return nil
	}
	r.Reading, r.ReadAt = reading.Refreshing, reading.ReadAt
	r.Err, r.CorrelationID = reading.Err, reading.CorrelationID
	if err := ed.rows.missing(); r.Err == nil && err != nil {
		r.Err, r.CorrelationID = err, correlationOf(err)
	}
	a.reading.Stale = a.reading.Stale || reading.Stale
	a.reading.Version = max(a.reading.Version, reading.Version)

	annex := a.d.annex(a.list)
	joined := annex.roles.Load()
	if joined == nil || joined.version != ed.version || joined.users != a.edition.rows {
		joined = &rolesJoined{newRoleCut(a.edition.rows, ed.rows.table(), ed.rows.byUser), ed.version}
		annex.roles.Store(joined)
	}
	a.roles = joined.roleCut
	return nil
}

// kindProof waits for a proof of a kind as long as it takes if it is needed.
// If it is only for something shown besides, it waits a moment in all, and not
// at all after a failure just now: pending tells that it is not known yet.
func (d *Directory) kindProof(ctx context.Context, needed bool, key proofKey, prove func(context.Context) (stale, err error)) (stale error, pending bool, err error) {
	if needed {
		stale, err = prove(ctx)
		return stale, false, err
	}
	since, err := d.proofs.prospect(key)
	if err != nil {
		return nil, noAnswer(err), err
	}
	short, cancel := context.WithTimeout(ctx, kindPatience-time.Since(since))
	defer cancel()
	stale, err = prove(short)
	if err != nil && short.Err() != nil && errors.Is(err, short.Err()) {
		return nil, true, nil
	}
	return stale, err != nil && noAnswer(err), err
}

package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Kind is a kind of data that Partner Center gives, or doesn't, by itself.
type Kind string

// The kinds of data. All but KindCustomers are a customer's.
const (
	KindCustomers Kind = "customers"
	KindUsers     Kind = "users"
	KindLicenses  Kind = "licenses"
	KindSKUs      Kind = "skus"
	KindRoles     Kind = "roles"

	kindCustomer Kind = "customer" // who one customer is; asked for by itself
)

// How long a proof holds.
const (
	proofLife  = 5 * time.Minute
	proofStale = 30 * time.Minute // for reading, while Partner Center does not answer
)

// How long is waited for the answer to a call that earns a proof: by someone
// who has an older one, after it just failed not at all, and by anybody.
const (
	proofPatience = 3 * time.Second
	proofPause    = 15 * time.Second
	proofTimeout  = 45 * time.Second
)

// proofKey is whose proof, and for what.
type proofKey struct {
	person   string
	tenant   string // the partner's
	customer string
	kind     Kind
}

// proofs are what people may see, each shown by a call of that very kind that
// Partner Center answered with success on their own grant.
type proofs struct {
	background *background

	mu     sync.Mutex
	earned map[proofKey]time.Time
	failed map[proofKey]time.Time // when Partner Center last did not answer
	asking map[proofKey]*asking
	denied map[proofKey]denial // what was refused lately
	silent map[proofKey]denial // what was not answered
	swept  time.Time
}

// asking is a call on its way, for all of a person's requests that need it.
type asking struct {
	done  chan struct{}
	err   error
	began time.Time
}

// live reports whether there is a proof that holds whatever happens.
func (p *proofs) live(key proofKey) bool { return p.younger(key, proofLife) }

func (p *proofs) younger(key proofKey, life time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.holds(key, life)
}

func (p *proofs) holds(key proofKey, life time.Duration) bool {
	at, ok := p.earned[key]
	return ok && time.Since(at) < life
}

// DropProofs takes back every proof, as after the clock has jumped: nobody
// knows how old they are. The next look earns a new one.
func (d *Directory) DropProofs() { d.proofs.drop() }

func (p *proofs) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.earned)
}

// settle takes what a call of the kind came back with: a success is a proof,
// and a refusal takes it away. A token that is not taken leaves it, as one that
// has to be earned anew. Any other failure says nothing.
func (p *proofs) settle(key proofKey, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep()
	switch {
	case err == nil:
		p.earned[key] = time.Now()
		delete(p.failed, key)
		delete(p.denied, key)
		delete(p.silent, key)
	case refuses(err):
		delete(p.earned, key)
		delete(p.failed, key)
		if p.denied == nil {
			p.denied = map[proofKey]denial{}
		}
		p.denied[key] = denial{err, time.Now()}
	case noAnswer(err):
		p.failed[key] = time.Now()
		if p.silent == nil {
			p.silent = map[proofKey]denial{}
		}
		p.silent[key] = denial{err, time.Now()}
	case tokenRefused(err):
		if p.holds(key, proofLife) {
			p.earned[key] = time.Now().Add(-proofLife)
		}
	}
}

// sweep forgets, once a minute, what holds for nothing any more.
func (p *proofs) sweep() {
	if time.Since(p.swept) < time.Minute {
		return
	}
	p.swept = time.Now()
	for key := range p.earned {
		if !p.holds(key, proofStale) {
			delete(p.earned, key)
		}
	}
	for key, at := range p.failed {
		if time.Since(at) > proofPause {
			delete(p.failed, key)
		}
	}
	for key, d := range p.silent {
		if time.Since(d.at) >= proofPause {
			delete(p.silent, key)
		}
	}
	for key, d := range p.denied {
		if time.Since(d.at) > refusalShown {
			delete(p.denied, key)
		}
	}
}

// denial is a failure, and when that was.
type denial struct {
	err error
	at  time.Time
}

// denialLife is how long what a view only shows is not asked for again after
// it was refused.
const denialLife = time.Minute

// prospect is what is known beforehand of asking for a proof: what it was
// refused with lately, or that there was no answer just now; and else since
// when an answer is waited for.
func (p *proofs) prospect(key proofKey) (since time.Time, err error) {
	if err := p.refusedWithin(key, denialLife); err != nil {
		return time.Time{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if d, ok := p.silent[key]; ok && time.Since(d.at) < proofPause && !p.holds(key, proofStale) {
		return time.Time{}, d.err
	}
	if a := p.asking[key]; a != nil {
		return a.began, nil
	}
	return time.Now(), nil
}

// refusedWithin is what a call of the kind was refused with, if that was not
// longer ago and none succeeded since.
func (p *proofs) refusedWithin(key proofKey, age time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d, ok := p.denied[key]; ok && time.Since(d.at) < age {
		return d.err
	}
	return nil
}

// need makes sure that there is a proof, by the call if there is none. stale
// is why it could not be renewed when an older one has to do. A person's
// requests share one call, which goes on when they are gone.
func (p *proofs) need(ctx context.Context, key proofKey, call func(context.Context) error) (stale, err error) {
	p.mu.Lock()
	if p.holds(key, proofLife) {
		p.mu.Unlock()
		return nil, nil
	}
	a, ok := p.asking[key]
	if !ok {
		a = &asking{done: make(chan struct{}), began: time.Now()}
		p.asking[key] = a
	}
	impatient, stop := p.impatience(key)
	defer stop()
	p.mu.Unlock()

	if !ok && !p.background.run(func() { p.ask(ctx, key, a, call) }) {
		p.answered(key, a, errClosed)
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-impatient:
		return errSlow, nil
	}
	if noAnswer(a.err) {
		return p.older(key, a.err)
	}
	return nil, a.err
}

// older is what is left when a call brought no answer: an older proof that
// will do, or the error.
func (p *proofs) older(key proofKey, noAnswer error) (stale, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holds(key, proofStale) {
		return noAnswer, nil
	}
	return nil, noAnswer
}

func (p *proofs) impatient(key proofKey) (comes <-chan time.Time, stop func() bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.impatience(key)
}

// impatience comes when someone who has an older proof has waited long enough
// for an answer; who has none waits on. It needs the lock.
func (p *proofs) impatience(key proofKey) (comes <-chan time.Time, stop func() bool) {
	if !p.holds(key, proofStale) {
		return nil, func() bool { return true }
	}
	patience := proofPatience
	if failed, ok := p.failed[key]; ok && time.Since(failed) < proofPause {
		patience = 0
	}
	timer := time.NewTimer(patience)
	return timer.C, timer.Stop
}

// errSlow is why a proof is stale when Partner Center takes its time.
var errSlow = fmt.Errorf("no answer within %v: %w", proofPatience, partnercenter.ErrUnavailable)

// ask makes the call, with a deadline of its own.
func (p *proofs) ask(ctx context.Context, key proofKey, a *asking, call func(context.Context) error) {
	ctx, end := p.background.detach(ctx)
	defer end(nil)
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	err := call(ctx)
	p.settle(key, err)
	p.answered(key, a, err)
}

// answered tells all who wait.
func (p *proofs) answered(key proofKey, a *asking, err error) {
	p.mu.Lock()
	delete(p.asking, key)
	p.mu.Unlock()
	a.err = err
	close(a.done)
}

// refuses reports whether a failure says that the person may not see this kind
// of data, or that there is none: 403, or 404 on the collection.
func refuses(err error) bool {
	return errors.Is(err, partnercenter.ErrForbidden) || errors.Is(err, partnercenter.ErrNotFound)
}

// tokenRefused reports whether Partner Center did not take the token, so that
// another one may help. For want of a second factor none does but that of a new
// sign-in.
func tokenRefused(err error) bool {
	return errors.Is(err, partnercenter.ErrUnauthorized) && !errors.Is(err, partnercenter.ErrMFARequired)
}

// isPersonal reports whether a failure is that of the person who called, or of
// their token, so that another may well succeed.
func isPersonal(err error) bool {
	return !noAnswer(err) && !errors.Is(err, partnercenter.ErrBadRequest)
}

// noAnswer reports whether Partner Center did not answer, or not sensibly.
func noAnswer(err error) bool {
	return errors.Is(err, partnercenter.ErrUnavailable) || errors.Is(err, partnercenter.ErrThrottled) || errors.Is(err, partnercenter.ErrBadResponse)
}

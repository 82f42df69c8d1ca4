package partnercenter

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// RefreshTokens is a [TokenSource] that renews its access token with a refresh
// token: when three quarters of its life are over (900 seconds before the end
// of the usual hour), once for all who ask at the same time, and with the new
// refresh token kept by the store before the new access token is used. While
// the old access token lives, an authority that does not answer holds nobody
// up.
//
// Its errors are a [*SignInError]. Only one that is [ErrSignInRequired] ends
// it: the store then needs the tokens of a new sign-in, which are taken up
// without further ado.
type RefreshTokens struct {
	authority *authority
	store     TokenStore
	flight    singleflight.Group
	one       sync.Mutex // held while tokens are renewed

	mu      sync.Mutex
	tokens  Tokens
	unsaved bool         // the store has not kept them yet, so they are not used
	later   time.Time    // no new try before: the last one failed for a while
	refused *SignInError // what the authority said to the refresh token in wrong
	wrong   Secret
}

const (
	patience   = time.Second      // how long a call waits for new tokens while the old one lives
	retryLater = 10 * time.Second // after a renewal that failed while the old one lives
	renewFor   = time.Minute      // longest a renewal takes, the store included
	opRefresh  = "tokens.Refresh"
)

// NewRefreshTokens makes the token source. It asks for nothing yet. The error
// names every option that can't be used.
func NewRefreshTokens(store TokenStore, opts TokenOptions) (*RefreshTokens, error) {
	a, err := newAuthority(opts)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, errors.New("partnercenter: store: tokens have to be kept somewhere; for a try use NewMemoryTokens")
	}
	return &RefreshTokens{authority: a, store: store}, nil
}

// Token implements [TokenSource].
func (r *RefreshTokens) Token(ctx context.Context) (Secret, error) {
	tokens, usable := r.usable()
	if usable && !r.isDue() {
		return tokens.Access, nil
	}

	var enough <-chan time.Time
	if usable {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case got := <-r.renew(ctx, Secret{}):
		if got.Err == nil {
			return got.Val.(Tokens).Access, nil
		}
		if tokens, usable = r.usable(); usable { // perhaps the store's
			return tokens.Access, nil
		}
		return Secret{}, got.Err
	case <-enough:
		return tokens.Access, nil
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
}

// usable gives the tokens in use, if there are some that live.
func (r *RefreshTokens) usable() (Tokens, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tokens, !r.unsaved && r.tokens.alive(time.Now())
}

// isDue reports whether it is time for new tokens, and for a try to get them.
func (r *RefreshTokens) isDue() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	return r.tokens.due(now) && !now.Before(r.later)
}

// Renew gets new tokens whatever life the old ones have, for a token that
// Partner Center refused ([ErrUnauthorized]) before its time. It does nothing
// where refused is not the token that is given out by now.
func (r *RefreshTokens) Renew(ctx context.Context, refused Secret) error {
	select {
	case got := <-r.renew(ctx, refused):
		return got.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renew gets new tokens, once for all who ask. It outlives those who ask, since
// a refresh token that was changed and not kept is lost.
func (r *RefreshTokens) renew(ctx context.Context, not Secret) <-chan singleflight.Result {
	key := "due"
	if !not.Empty() {
		key = "refused"
	}
	return r.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewFor)
		defer cancel()
		tokens, err := r.renewNow(ctx, not)
		if err != nil {
			r.mu.Lock()
			r.later = time.Now().Add(retryLater)
			r.mu.Unlock()
			return nil, err
		}
		return tokens, nil
	})
}

// renewNow takes up tokens that the store has by now, or gets new ones. not is
// an access token that won't do.
func (r *RefreshTokens) renewNow(ctx context.Context, not Secret) (Tokens, error) {
	r.one.Lock()
	defer r.one.Unlock()
	if locker, ok := r.store.(TokenLocker); ok {
		unlock, err := locker.Lock(ctx)
		if err != nil {
			return Tokens{}, failSignIn(opRefresh, nil, "locking the token store: %w", err)
		}
		defer unlock()
	}
	r.mu.Lock()
	tokens, unsaved := r.tokens, r.unsaved
	r.mu.Unlock()
	if unsaved {
		if err := r.keep(ctx, tokens); err != nil {
			return Tokens{}, err
		}
	}

	good := func(t Tokens) bool {
		now := time.Now()
		return t.alive(now) && !t.due(now) && t.Access.Reveal() != not.Reveal()
	}
	if good(tokens) {
		return tokens, nil
	}
	stored, err := r.load(ctx)
	if err != nil {
		return Tokens{}, err
	}
	if good(stored) { // of another process, or of a new sign-in
		r.take(stored)
		return stored, nil
	}
	if _, usable := r.usable(); !usable && stored.alive(time.Now()) {
		r.take(stored) // for the while that is left to it
	}
	tokens, failed := r.exchange(ctx, stored.Refresh)
	if failed != nil && errors.Is(failed, ErrSignInRequired) {
		// Another process may have used it first and kept its successor.
		again, err := r.load(ctx)
		switch {
		case err != nil:
			return Tokens{}, err
		case good(again):
			r.take(again)
			return again, nil
		case again.Refresh.Reveal() != stored.Refresh.Reveal():
			tokens, failed = r.exchange(ctx, again.Refresh)
		}
	}
	if failed != nil {
		return Tokens{}, failed
	}
	return tokens, r.keep(ctx, tokens)
}

func (r *RefreshTokens) load(ctx context.Context) (Tokens, error) {
	tokens, err := r.store.Load(ctx)
	if err != nil {
		return Tokens{}, failSignIn(opRefresh, nil, "reading the token store: %w", err)
	}
	return tokens, nil
}

// exchange asks the authority. What it refused once it is not asked again.
func (r *RefreshTokens) exchange(ctx context.Context, refresh Secret) (Tokens, *SignInError) {
	if refresh.Empty() {
		return Tokens{}, failSignIn(opRefresh, ErrSignInRequired, "there is no refresh token")
	}
	r.mu.Lock()
	refused, wrong := r.refused, r.wrong
	r.mu.Unlock()
	if refused != nil && wrong.Reveal() == refresh.Reveal() {
		return Tokens{}, refused
	}
	tokens, failed := r.authority.tokens(ctx, opRefresh, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()},
	}, refresh)
	if failed != nil && errors.Is(failed, ErrSignInRequired) {
		r.mu.Lock()
		r.refused, r.wrong = failed, refresh
		r.mu.Unlock()
	}
	return tokens, failed
}

// keep has the store keep the tokens, and uses them only then. Until it
// succeeds they are held here.
func (r *RefreshTokens) keep(ctx context.Context, tokens Tokens) error {
	r.mu.Lock()
	r.tokens, r.unsaved = tokens, true
	r.mu.Unlock()
	if err := r.store.Save(ctx, tokens); err != nil {
		return failSignIn(opRefresh, nil, "writing the token store: %w", err)
	}
	r.take(tokens)
	return nil
}

// adopt keeps and uses the tokens of a new sign-in.
func (r *RefreshTokens) adopt(ctx context.Context, tokens Tokens) error {
	r.one.Lock()
	defer r.one.Unlock()
	if locker, ok := r.store.(TokenLocker); ok {
		unlock, err := locker.Lock(ctx)
		if err != nil {
			return failSignIn(opRefresh, nil, "locking the token store: %w", err)
		}
		defer unlock()
	}
	return r.keep(ctx, tokens)
}

// take uses tokens that the store has.
func (r *RefreshTokens) take(tokens Tokens) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tokens, r.unsaved, r.later, r.refused, r.wrong = tokens, false, time.Time{}, nil, Secret{}
}

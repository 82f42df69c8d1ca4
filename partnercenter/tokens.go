package partnercenter

import (
	"context"
	"sync"
	"time"
)

// Tokens are what an authority gave: a token for calls, and one to get the next.
type Tokens struct {
	Access  Secret
	Issued  time.Time
	Expires time.Time // of Access
	Refresh Secret    // empty where the authority gave none
}

const (
	refreshEarly = 900 * time.Second // before its end a token of unknown age is renewed: a quarter of the usual hour
	spareLife    = 30 * time.Second  // a token this close to its end is not given out
)

// due reports whether it is time for new tokens: three quarters of the life are
// over, which are 900 seconds before the end of the usual hour.
func (t Tokens) due(now time.Time) bool {
	if t.Issued.IsZero() {
		return !now.Before(t.Expires.Add(-refreshEarly))
	}
	return !now.Before(t.Issued.Add(t.Expires.Sub(t.Issued) * 3 / 4))
}

// alive reports whether the access token can be given out.
func (t Tokens) alive(now time.Time) bool {
	return !t.Access.Empty() && now.Before(t.Expires.Add(-spareLife))
}

// TokenStore keeps tokens from one run of a program to the next: a keyring, a
// file that others can't read, a row in a database. It keeps the texts that
// [Secret.Reveal] gives; a Secret written as it is says [redacted].
//
// Authorities change the refresh token with each use, and some take the old
// one no more. So Save has kept the new one for good when it returns, and no
// access token is used before.
type TokenStore interface {
	Load(ctx context.Context) (Tokens, error) // the zero Tokens where there are none
	Save(ctx context.Context, tokens Tokens) error
}

// TokenLocker is a [TokenStore] that several processes use at once. The lock is
// held from Load to Save, so that no two of them use the same refresh token.
type TokenLocker interface {
	TokenStore
	Lock(ctx context.Context) (unlock func(), err error)
}

// MemoryTokens is a TokenStore that forgets with the program. The zero value
// is empty; it is safe for concurrent use.
type MemoryTokens struct {
	mu     sync.Mutex
	tokens Tokens
}

// NewMemoryTokens makes a store that holds a refresh token.
func NewMemoryTokens(refresh Secret) *MemoryTokens {
	return &MemoryTokens{tokens: Tokens{Refresh: refresh}}
}

// Load implements [TokenStore].
func (m *MemoryTokens) Load(context.Context) (Tokens, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tokens, nil
}

// Save implements [TokenStore].
func (m *MemoryTokens) Save(_ context.Context, tokens Tokens) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens = tokens
	return nil
}

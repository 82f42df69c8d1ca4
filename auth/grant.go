package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
)

const (
	retryAfter = 10 * time.Second // after a refresh that failed for a while
	spare      = 30 * time.Second // a token this close to its end is not given out
	justIssued = 30 * time.Second // a token this young is not cured by another
)

// tokens are what the provider gave.
type tokens struct {
	Access    partnercenter.Secret
	Refresh   partnercenter.Secret // empty: it gave none
	Issued    time.Time
	Expires   time.Time // of the access token
	Refused   bool      // the provider refreshes no more until the person signs in anew
	Challenge string    // claims that it wants at that sign-in, verbatim; may be empty
}

// tokensSealed is how tokens are written, sealed: a Secret itself never
// writes what it holds.
type tokensSealed struct {
	Access    string `json:"access"`
	Refresh   string `json:"refresh,omitempty"`
	Issued    int64  `json:"issued"`
	Expires   int64  `json:"expires"`
	Refused   bool   `json:"refused,omitempty"`
	Challenge string `json:"challenge,omitempty"`
}

func (t tokens) MarshalJSON() ([]byte, error) {
	return json.Marshal(tokensSealed{t.Access.Reveal(), t.Refresh.Reveal(), t.Issued.UnixMicro(), t.Expires.UnixMicro(), t.Refused, t.Challenge})
}

func (t *tokens) UnmarshalJSON(b []byte) error {
	var w tokensSealed
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*t = tokens{
		Access: partnercenter.NewSecret(w.Access), Refresh: partnercenter.NewSecret(w.Refresh),
		Issued: time.UnixMicro(w.Issued).UTC(), Expires: time.UnixMicro(w.Expires).UTC(),
		Refused: w.Refused, Challenge: w.Challenge,
	}
	return nil
}

// refreshAt is when three quarters of the access token's life are over.
func (t tokens) refreshAt() time.Time { return t.Issued.Add(t.Expires.Sub(t.Issued) * 3 / 4) }

// alive reports whether the access token can be given out.
func (t tokens) alive(now time.Time) bool { return now.Before(t.Expires.Add(-spare)) }

// grantEntry is a grant as it was read.
type grantEntry struct {
	identity identity
	tokens   tokens
	version  int64
	expires  time.Time
	read     time.Time
	retry    time.Time // before it no refresh is tried
}

// grantCache saves reading the row at every call. Its epoch works as that of
// the sessions' cache.
type grantCache struct {
	mu      sync.RWMutex
	entries map[string]*grantEntry
	epoch   uint64
}

func (c *grantCache) get(id string) (*grantEntry, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.entries[id], c.epoch
}

func (c *grantCache) put(id string, entry *grantEntry, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == epoch {
		c.entries[id] = entry
	}
}

func (c *grantCache) drop(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, id := range ids {
		delete(c.entries, id)
	}
}

func (c *grantCache) sweep(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, entry := range c.entries {
		if now.Sub(entry.read) >= time.Minute {
			delete(c.entries, id)
		}
	}
}

// Client calls Partner Center as that person, with tokens kept fresh. It is
// cheap: make one a request.
func (s *Service) Client(p *Principal) *partnercenter.Client { return s.GrantClient(p.GrantID) }

// GrantClient calls Partner Center with a grant's tokens, for what goes on
// after the request. Whether it still may is asked at every call.
func (s *Service) GrantClient(grantID string) *partnercenter.Client {
	client, err := partnercenter.New(s.Tokens(grantID), s.cfg.PartnerCenter)
	if err != nil {
		panic("auth: options that New has checked are refused: " + err.Error())
	}
	return client
}

// Tokens gives the bearer tokens of a grant. Their errors are an
// [ErrNoSession] when the sign-in is over, an [ErrMFA] when the provider wants
// a second factor first, an [ErrProvider] when it does not answer.
func (s *Service) Tokens(grantID string) partnercenter.TokenSource { return grantTokens{s, grantID} }

type grantTokens struct {
	service *Service
	grant   string
}

func (g grantTokens) Token(ctx context.Context) (partnercenter.Secret, error) {
	s := g.service
	entry, _ := s.grants.get(g.grant)
	if entry != nil {
		now := s.st.Now()
		if age := now.Sub(entry.read); 0 <= age && age < cachedFor && now.Before(entry.expires) && entry.usable(now) {
			return entry.tokens.Access, nil
		}
	}
	entry, err := s.renew(ctx, g.grant, 0)
	if err != nil {
		return partnercenter.Secret{}, err
	}
	return entry.tokens.Access, nil
}

// usable reports whether nothing has to be done before the token is given out.
func (e *grantEntry) usable(now time.Time) bool {
	if now.Before(e.tokens.refreshAt()) {
		return true
	}
	return e.tokens.alive(now) && (now.Before(e.retry) || e.tokens.Refused || e.tokens.Refresh.Empty())
}

// Refresh renews the person's tokens now, after Partner Center answered 401.
// It does nothing where another request has just done so.
func (s *Service) Refresh(ctx context.Context, p *Principal) error {
	entry, err := s.readGrant(ctx, p.GrantID)
	if err != nil {
		return err
	}
	if s.st.Now().Sub(entry.tokens.Issued) < justIssued {
		return nil
	}
	_, err = s.renew(ctx, p.GrantID, entry.version)
	return err
}

// readGrant reads a grant that is still alive.
func (s *Service) readGrant(ctx context.Context, id string) (*grantEntry, error) {
	cachedBefore, epoch := s.grants.get(id)
	row, err := s.st.Grant(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		s.forget(id) // its sessions, too: a copy of theirs may be younger
		return nil, s.ended.of(id, ErrGrantEnded)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read grant: %w", err)
	}
	now := s.st.Now()
	if !now.Before(row.Expires) || !row.HasTokens() {
		return nil, ErrSessionExpired
	}
	entry := &grantEntry{version: row.Version, expires: row.Expires, read: now}
	err = errors.Join(
		s.unseal(PurposeSessions, identityPlace(id), row.Identity, &entry.identity),
		s.unseal(PurposeTokens, tokensPlace(id), row.Tokens, &entry.tokens),
	)
	if err == nil {
		_, err = s.provider(entry.identity.Issuer) // it may have been taken off the list since
	}
	if err != nil {
		s.logger.Error("grant can't be opened and is deleted", slog.String("grant", id), slog.Any("error", err))
		if err := s.st.DeleteGrant(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("auth: delete grant: %w", err)
		}
		s.forget(id)
		return nil, ErrGrantEnded
	}
	if cachedBefore != nil && cachedBefore.version == entry.version {
		entry.retry = cachedBefore.retry
	}
	s.grants.put(id, entry, epoch)
	return entry, nil
}

// forget drops a grant that has ended, and its sessions, from memory.
func (s *Service) forget(grantID string) {
	s.grants.drop(grantID)
	s.cache.dropGrant(grantID)
}

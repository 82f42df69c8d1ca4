package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/sessions"

	"github.com/rollcall-app/rollcall/internal/store"
)

const (
	tokenSize     = 32
	steppedUpFor  = 30 * time.Minute
	cachedFor     = 5 * time.Second
	writeSeenFrom = time.Minute
)

// cookieName is the session's. On loopback without TLS a browser would refuse
// both the prefix and Secure, so there they are left out, and nothing else is.
func (c Config) cookieName() string {
	if c.secure() {
		return "__Host-rollcall"
	}
	return "rollcall"
}

// newToken makes a cookie's value and the name under which its row lies: only
// the browser knows the value.
func newToken() (value, id string) {
	var token [tokenSize]byte
	_, _ = rand.Read(token[:]) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(token[:]), tokenID(token[:])
}

func tokenID(token []byte) string {
	sum := sha256.Sum256(token)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// sessionID names the row of the request's cookie; false when it has none, or
// one that we never made.
func (s *Service) sessionID(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(s.cfg.cookieName())
	if err != nil {
		return "", false
	}
	token, err := base64.RawURLEncoding.Strict().DecodeString(cookie.Value)
	if err != nil || len(token) != tokenSize {
		return "", false
	}
	return tokenID(token), true
}

// BringsSession reports whether the request has a cookie that could be a
// session's; whether there is such a session, [Service.Principal] knows.
func (s *Service) BringsSession(r *http.Request) bool {
	_, ok := s.sessionID(r)
	return ok
}

// sessionData is what a session keeps, sealed. It repeats what the row says in
// the clear, so that no row can be made to be another's.
type sessionData struct {
	Person    string            `json:"person"`
	Grant     string            `json:"grant"`
	SignedIn  int64             `json:"signed_in"` // microseconds, as all times here
	Expires   int64             `json:"expires"`
	SteppedUp int64             `json:"stepped_up,omitempty"`
	Renewed   bool              `json:"renewed,omitempty"` // the provider was asked for MFA especially
	Values    map[string]string `json:"values,omitempty"`
}

func sessionPlace(id string) Place  { return Place{"sessions", "payload", id} }
func identityPlace(id string) Place { return Place{"grants", "identity", id} }
func tokensPlace(id string) Place   { return Place{"grants", "tokens", id} }

// openSession reads what a row keeps sealed.
func (s *Service) openSession(row store.SessionWithGrant) (sessionData, identity, error) {
	var data sessionData
	var who identity
	if err := errors.Join(
		s.unseal(PurposeSessions, sessionPlace(row.ID), row.Payload, &data),
		s.unseal(PurposeSessions, identityPlace(row.GrantID), row.Identity, &who),
	); err != nil {
		return sessionData{}, identity{}, err
	}
	if data.Person != row.Person || data.Grant != row.GrantID || who.key() != row.Person ||
		data.SignedIn != row.Created.UnixMicro() || data.Expires != row.Expires.UnixMicro() {
		return sessionData{}, identity{}, fmt.Errorf("%w: the row is not the one that was written", ErrSealed)
	}
	if len(s.providers) > 0 { // not in an office
		if _, err := s.provider(who.Issuer); err != nil { // taken off the list since
			return sessionData{}, identity{}, err
		}
	}
	return data, who, nil
}

func (s *Service) seal(p Purpose, at Place, v any) (sealed []byte, keyID string, err error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, "", err
	}
	sealed, keyID = s.cfg.Keys.Seal(p, at, plain)
	return sealed, keyID, nil
}

func (s *Service) unseal(p Purpose, at Place, sealed []byte, into any) error {
	plain, err := s.cfg.Keys.Open(p, at, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// readSession reads a session's row. One that no key opens is deleted and
// logged: its person signs in again.
func (s *Service) readSession(ctx context.Context, id string) (*cached, error) {
	row, err := s.st.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, s.ended.of(id, ErrSessionEnded)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read session: %w", err)
	}
	data, who, err := s.openSession(row)
	if err != nil {
		s.logger.Error("session can't be opened and is deleted", slog.String("session", row.ID), slog.Any("error", err))
		if err := s.st.DeleteGrant(ctx, row.GrantID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("auth: delete session: %w", err)
		}
		s.grants.drop(row.GrantID)
		return nil, ErrSessionEnded
	}
	p := &Principal{
		Key: row.Person, TenantID: who.TenantID, ObjectID: who.ObjectID, Name: who.Name, UPN: who.UPN, Level: who.Level,
		SessionRef: row.ID, GrantID: row.GrantID, SignedIn: row.Created, IdleUntil: row.LastSeen.Add(s.cfg.Idle),
		AbsoluteUntil: row.Expires, RenewedForMFA: data.Renewed, MFA: who.MFA, ProviderSession: who.ProviderSession,
	}
	if data.SteppedUp != 0 && row.SteppedUp.UnixMicro() == data.SteppedUp {
		p.SteppedUpUntil = row.SteppedUp.Add(steppedUpFor)
	}
	return &cached{principal: p, data: data, read: s.st.Now(), seen: row.LastSeen, written: row.LastSeen}, nil
}

// Principal says who makes the request. Its errors are an [ErrNoSession], or
// tell that the database does not answer.
func (s *Service) Principal(r *http.Request, ask ...Ask) (*Principal, error) {
	id, ok := s.sessionID(r)
	if !ok {
		return nil, ErrNoSession
	}
	polling, fresh := false, !isSafe(r.Method)
	for _, a := range ask {
		polling, fresh = polling || a == Polling, fresh || a == Fresh
	}
	entry, err := s.findSession(r.Context(), id, fresh)
	if err != nil {
		return nil, err
	}
	return s.visit(id, entry, !polling)
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func (s *Service) findSession(ctx context.Context, id string, fresh bool) (*cached, error) {
	old, epoch := s.cache.get(id)
	if old != nil && !fresh {
		if age := s.st.Now().Sub(old.read); 0 <= age && age < cachedFor {
			return old, nil
		}
	}
	entry, err := s.readSession(ctx, id)
	if err != nil {
		if errors.Is(err, ErrNoSession) {
			s.cache.drop(id)
		}
		return nil, err
	}
	s.cache.put(id, entry, old, epoch)
	return entry, nil
}

// visit checks that the session is still alive and notes that it is used.
func (s *Service) visit(id string, entry *cached, counts bool) (*Principal, error) {
	now := s.st.Now()
	entry.mu.Lock()
	defer entry.mu.Unlock()
	p := entry.principal
	if !now.Before(p.AbsoluteUntil) {
		return nil, ErrSessionExpired
	}
	if !now.Before(entry.seen.Add(s.cfg.Idle)) {
		return nil, ErrSessionIdle
	}
	if counts && now.After(entry.seen) {
		entry.seen = now
		if now.Sub(entry.written) >= writeSeenFrom {
			entry.written = now
			s.seen.add(id, now)
		}
	}
	if idle := entry.seen.Add(s.cfg.Idle); idle.Sub(p.IdleUntil) >= time.Second {
		moved := *p
		moved.IdleUntil = idle
		entry.principal = &moved
	}
	return entry.principal, nil
}

// cached is a session as it was read, and what happened since.
type cached struct {
	data sessionData
	read time.Time

	mu        sync.Mutex
	principal *Principal
	seen      time.Time // when the person last did something, as far as is known here
	written   time.Time // what of it is in the database, or on its way there
}

// sessionCache saves reading the row at every request. The epoch keeps a row
// that was read before a session ended from being put back after it.
type sessionCache struct {
	mu      sync.RWMutex
	entries map[string]*cached
	epoch   uint64
}

func (c *sessionCache) get(id string) (*cached, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.entries[id], c.epoch
}

func (c *sessionCache) put(id string, entry, old *cached, epoch uint64) {
	if old != nil {
		old.mu.Lock()
		entry.seen, entry.written = later(entry.seen, old.seen), later(entry.written, old.written)
		old.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == epoch {
		c.entries[id] = entry
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (c *sessionCache) drop(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, id := range ids {
		delete(c.entries, id)
	}
}

// dropGrant forgets the sessions of a grant.
func (c *sessionCache) dropGrant(grantID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for id, entry := range c.entries {
		if entry.data.Grant == grantID {
			delete(c.entries, id)
		}
	}
}

func (c *sessionCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	clear(c.entries)
}

// sweep forgets entries that would be read again anyway.
func (c *sessionCache) sweep(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, entry := range c.entries {
		if now.Sub(entry.read) >= writeSeenFrom {
			delete(c.entries, id)
		}
	}
}

// seenWriter writes when people were last seen, a batch a transaction, without
// a request having to wait for it.
type seenWriter struct {
	writing sync.Mutex // one batch at a time
	mu      sync.Mutex
	pending map[string]time.Time
	wake    chan struct{}
}

func newSeenWriter() *seenWriter {
	return &seenWriter{pending: map[string]time.Time{}, wake: make(chan struct{}, 1)}
}

func (w *seenWriter) add(id string, at time.Time) {
	w.mu.Lock()
	w.pending[id] = at
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *seenWriter) run(ctx context.Context, write func(context.Context, map[string]time.Time) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
			_ = w.flush(context.WithoutCancel(ctx), write) // logged there; the next visit tries again
		}
	}
}

func (w *seenWriter) flush(ctx context.Context, write func(context.Context, map[string]time.Time) error) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.mu.Lock()
	batch := w.pending
	w.pending = map[string]time.Time{}
	w.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := write(ctx, batch)
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		for id, at := range batch {
			w.pending[id] = later(at, w.pending[id])
		}
	}
	return err
}

func (s *Service) writeSeen(ctx context.Context, batch map[string]time.Time) error {
	err := s.st.InTx(ctx, func(tx *store.Tx) error {
		for id, at := range batch {
			if err := tx.SeenSession(ctx, id, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.logger.Warn("last activity not written", slog.Int("sessions", len(batch)), slog.Any("error", err))
	}
	return err
}

// setCookie gives the browser its session's secret.
func (s *Service) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, sessions.NewCookie(name, value, &sessions.Options{
		Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.cfg.secure(), SameSite: http.SameSiteLaxMode,
	}))
}

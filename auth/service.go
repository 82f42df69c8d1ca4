package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// Service signs people in, keeps their sessions, and keeps their tokens fresh.
// Safe for concurrent use; replicas share nothing but the database.
type Service struct {
	cfg       Config
	st        *store.Store
	trail     *audit.Trail
	logger    *slog.Logger
	providers []*provider // as cfg.Tenants
	instance  string      // names this process in leases

	cache  sessionCache
	seen   *seenWriter
	grants grantCache
	ended  endings
	flight singleflight.Group // refreshes, by grant

	background context.Context // ends with Close
	stop       context.CancelFunc
	spawning   sync.Mutex
	stopped    sync.WaitGroup
	closing    sync.Once
	closed     error
}

// New checks the configuration and starts the service; it does not call the
// provider. Close it when the server stops, before the trail.
func New(ctx context.Context, cfg Config, st *store.Store, trail *audit.Trail) (*Service, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, st: st, trail: trail, logger: cfg.Logger, instance: rand.Text(),
		cache: sessionCache{entries: map[string]*cached{}}, grants: grantCache{entries: map[string]*grantEntry{}},
		seen: newSeenWriter(), ended: endings{why: map[string]ending{}},
	}
	for _, tenant := range cfg.Tenants {
		s.providers = append(s.providers, newProvider(tenant, cfg, st.Now))
	}
	s.background, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	st.OnJump(func() { s.spawn(s.dropStepUps) })
	s.spawn(func() { s.seen.run(s.background, s.writeSeen) })
	s.spawn(s.sweepByTheClock)
	return s, nil
}

// Lifetimes are how long a session lives without activity, and at most.
func (s *Service) Lifetimes() (idle, absolute time.Duration) { return s.cfg.Idle, s.cfg.Absolute }

// Close writes what is outstanding and stops what runs behind. For a refresh
// that is under way it waits as long as its answer may take to be kept.
func (s *Service) Close() error {
	s.closing.Do(func() {
		s.spawning.Lock()
		s.stop()
		s.spawning.Unlock()
		s.waitForStopped()
		for _, p := range s.providers {
			p.client.CloseIdleConnections()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.closed = s.seen.flush(ctx, s.writeSeen)
	})
	return s.closed
}

func (s *Service) waitForStopped() {
	stopped := make(chan struct{})
	go func() { s.stopped.Wait(); close(stopped) }()
	patience := time.NewTimer(providerTimeout + commitFor)
	defer patience.Stop()
	select {
	case <-stopped:
	case <-patience.C:
		s.logger.Error("tokens being refreshed are given up; their person may have to sign in again")
	}
}

// spawn runs f behind, unless the service is closing; Close waits for it.
func (s *Service) spawn(f func()) {
	if s.enter() {
		go func() { defer s.stopped.Done(); f() }()
	}
}

// enter has Close wait for s.stopped.Done; false when the service is closing.
func (s *Service) enter() bool {
	s.spawning.Lock()
	defer s.spawning.Unlock()
	if s.background.Err() != nil {
		return false
	}
	s.stopped.Add(1)
	return true
}

// Now is the time by which sessions end: the database's.
func (s *Service) Now() time.Time { return s.st.Now() }

// Ready reports whether a sign-in could begin: the provider has said where.
func (s *Service) Ready(ctx context.Context) error {
	var errs []error
	for _, p := range s.providers {
		_, err := p.get(ctx)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Tenants are the authorities that people may sign in with, the first being
// the one that is asked unless another is named.
func (s *Service) Tenants() []Tenant { return append([]Tenant(nil), s.cfg.Tenants...) }

// provider finds a tenant's by ID or issuer; the first where none is named.
func (s *Service) provider(idOrIssuer string) (*provider, error) {
	for _, p := range s.providers {
		if idOrIssuer == "" || idOrIssuer == p.tenant.Issuer || p.tenant.ID != "" && idOrIssuer == p.tenant.ID {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: %q is not among the tenants", ErrForeignTenant, idOrIssuer)
}

const (
	sweepEvery = time.Minute
	// remembered is how long an ended session can still say why it ended.
	remembered = 7 * 24 * time.Hour
)

func (s *Service) sweepByTheClock() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.background.Done():
			return
		case <-tick.C:
			if err := s.sweep(s.background); err != nil && s.background.Err() == nil {
				s.logger.Error("expired sign-ins not removed", slog.Any("error", err))
			}
		}
	}
}

// sweep forgets what has expired: attempts and tokens at once, the rest of a
// session when nobody can wonder any more why it ended.
func (s *Service) sweep(ctx context.Context) error {
	now := s.st.Now()
	_, attempts := s.st.DeleteExpiredAttempts(ctx, now)
	_, tokens := s.st.ForgetExpiredTokens(ctx, now)
	_, sessions := s.st.DeleteExpiredSessions(ctx, now.Add(-remembered))
	_, grants := s.st.DeleteExpiredGrants(ctx, now.Add(-remembered))
	s.cache.sweep(now)
	s.grants.sweep(now)
	s.ended.sweep(now)
	return errors.Join(attempts, tokens, sessions, grants)
}

// dropStepUps takes back every step-up after the clock has jumped: nobody
// knows how long ago they were.
func (s *Service) dropStepUps() {
	ctx, cancel := context.WithTimeout(s.background, 10*time.Second)
	defer cancel()
	n, err := s.st.DropStepUps(ctx)
	s.cache.clear()
	s.logger.Warn("step-ups dropped after the clock jumped", slog.Int64("sessions", n), slog.Any("error", err))
}

// entry begins an entry of the trail for a request.
func (s *Service) entry(r *http.Request, kind string) audit.Entry {
	return audit.Entry{Kind: kind, Address: s.cfg.Address(r), CorrelationID: partnercenter.CorrelationID(r.Context())}
}

func (s *Service) entryOf(r *http.Request, kind string, who identity) audit.Entry {
	e := s.entry(r, kind)
	e.Person, e.PersonName = who.key(), who.Name
	return e
}

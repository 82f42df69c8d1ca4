package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

// SessionInfo is one session as its owner, or an administrator, sees it.
type SessionInfo struct {
	Ref           string
	Person        string // key
	Name, UPN     string
	Level         Level
	Agent         string // "Firefox on Windows"
	Address       string
	Current       bool
	SignedIn      time.Time
	LastSeen      time.Time
	IdleUntil     time.Time
	AbsoluteUntil time.Time
}

// Sessions lists the person's own live sessions, newest first.
func (s *Service) Sessions(ctx context.Context, p *Principal) ([]SessionInfo, error) {
	return s.listSessions(ctx, p.Key, p)
}

// AllSessions lists everybody's live sessions, newest first; for administrators.
func (s *Service) AllSessions(ctx context.Context, p *Principal) ([]SessionInfo, error) {
	if !p.Level.Allows(LevelAdmin) {
		return nil, ErrForbidden
	}
	return s.listSessions(ctx, "", p)
}

// listSessions lists those of a person, or everybody's; asked is who asks, nil
// for somebody without a session.
func (s *Service) listSessions(ctx context.Context, person string, asked *Principal) ([]SessionInfo, error) {
	rows, err := s.st.Sessions(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("auth: list sessions: %w", err)
	}
	now := s.st.Now()
	var live []SessionInfo
	for _, row := range rows {
		_, who, err := s.openSession(row)
		if err != nil { // it is deleted when it is used, or when it expires
			continue
		}
		info := SessionInfo{
			Ref: row.ID, Person: row.Person, Name: who.Name, UPN: who.UPN, Level: who.Level, Agent: row.Agent, Address: row.Address,
			Current: asked != nil && row.ID == asked.SessionRef, SignedIn: row.Created, LastSeen: row.LastSeen, IdleUntil: row.LastSeen.Add(s.cfg.Idle),
			AbsoluteUntil: row.Expires,
		}
		if info.Current {
			info.IdleUntil = later(info.IdleUntil, asked.IdleUntil) // the row lags by up to a minute
		}
		if now.Before(info.IdleUntil) && now.Before(info.AbsoluteUntil) {
			live = append(live, info)
		}
	}
	return live, nil
}

// EndSession ends one session and its tokens: the person's own or, for
// administrators, anybody's. [ErrNotFound] is the answer also to who may not.
func (s *Service) EndSession(r *http.Request, p *Principal, ref string) error {
	ctx := context.WithoutCancel(r.Context())
	row, err := s.st.Session(ctx, ref)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Person != p.Key && !p.Level.Allows(LevelAdmin) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("auth: end session: %w", err)
	}
	e := s.endedBy(r, p)
	e.TargetID = row.ID
	if row.Person != p.Key {
		e.Detail["of"] = row.Person
	}
	if err := s.endGrants(ctx, e, row.GrantID); err != nil {
		return fmt.Errorf("auth: end session: %w", err)
	}
	return nil
}

// EndAllSessions ends all sessions of the person, this one too, and all their
// tokens, also those that only a job still uses.
func (s *Service) EndAllSessions(r *http.Request, p *Principal) error {
	return s.endPerson(r, p, p.Key)
}

// EndPerson ends all sessions and tokens of somebody; for administrators.
func (s *Service) EndPerson(r *http.Request, p *Principal, key string) error {
	if !p.Level.Allows(LevelAdmin) {
		return ErrForbidden
	}
	return s.endPerson(r, p, key)
}

func (s *Service) endPerson(r *http.Request, p *Principal, key string) error {
	ctx := context.WithoutCancel(r.Context())
	grants, err := s.st.GrantsOfPerson(ctx, key)
	if err != nil {
		return fmt.Errorf("auth: end sessions: %w", err)
	}
	ids := make([]string, len(grants))
	for i, grant := range grants {
		ids[i] = grant.ID
	}
	e := s.endedBy(r, p)
	e.Detail["sessions"] = "all"
	if key != p.Key {
		e.Detail["of"] = key
	}
	if err := s.endGrants(ctx, e, ids...); err != nil {
		return fmt.Errorf("auth: end sessions: %w", err)
	}
	return nil
}

func (s *Service) endedBy(r *http.Request, p *Principal) audit.Entry {
	e := s.entry(r, audit.KindSessionEnded)
	e.Person, e.PersonName = p.Key, p.Name
	e.Detail = map[string]string{"reason": "ended by a person"}
	return e
}

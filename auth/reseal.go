package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/rollcall-app/rollcall/internal/store"
)

// KeysInUse counts the sealed rows by the ID of the key that sealed them. A
// key that is counted may not leave the ring.
func (s *Service) KeysInUse(ctx context.Context) (map[string]int64, error) {
	return s.st.KeysInUse(ctx)
}

const resealAtOnce = 100

// Reseal seals with the first key what another one has sealed, and returns how
// many rows that were. Left as they are: attempts, which live ten minutes, and
// grants that are being refreshed; so look at KeysInUse and repeat. A row that
// no key opens is deleted.
func (s *Service) Reseal(ctx context.Context) (int, error) {
	keyID := s.cfg.Keys.IDs()[0]
	total := 0
	for after := ""; ; {
		grants, err := s.st.GrantsNotUnder(ctx, keyID, after, resealAtOnce)
		if err != nil {
			return total, fmt.Errorf("auth: reseal: %w", err)
		}
		for _, grant := range grants {
			done, err := s.resealGrant(ctx, grant)
			if err != nil {
				return total, fmt.Errorf("auth: reseal grant: %w", err)
			}
			if done {
				total++
			}
			after = grant.ID
		}
		if len(grants) < resealAtOnce {
			break
		}
	}
	for after := ""; ; {
		sessions, err := s.st.SessionsNotUnder(ctx, keyID, after, resealAtOnce)
		if err != nil {
			return total, fmt.Errorf("auth: reseal: %w", err)
		}
		for _, session := range sessions {
			if err := s.resealSession(ctx, session); err != nil {
				return total, fmt.Errorf("auth: reseal session: %w", err)
			}
			total++
			after = session.ID
		}
		if len(sessions) < resealAtOnce {
			return total, nil
		}
	}
}

// resealGrant works under the lease of a refresh: a refresh that is under way
// has spent the refresh token, and must be able to write its answer.
func (s *Service) resealGrant(ctx context.Context, g store.Grant) (done bool, err error) {
	now := s.st.Now()
	if leased, err := s.st.LeaseGrant(ctx, g.ID, g.Version, s.instance+"/reseal", now.Add(leaseFor), now); err != nil || !leased {
		return false, err
	}
	change := store.GrantChange{ID: g.ID, Version: g.Version, ProviderSession: g.ProviderSession, Tokens: g.Tokens, Expires: g.Expires}
	who, err := s.cfg.Keys.Open(PurposeSessions, identityPlace(g.ID), g.Identity)
	if err == nil && g.HasTokens() {
		var plain []byte
		if plain, err = s.cfg.Keys.Open(PurposeTokens, tokensPlace(g.ID), g.Tokens); err == nil {
			change.Tokens, _ = s.cfg.Keys.Seal(PurposeTokens, tokensPlace(g.ID), plain)
		}
	}
	if err != nil {
		s.logger.Error("grant can't be opened and is deleted", slog.String("grant", g.ID), slog.Any("error", err))
		s.forget(g.ID)
		return true, ignore(store.ErrNotFound, s.st.DeleteGrant(ctx, g.ID))
	}
	change.Identity, change.KeyID = s.cfg.Keys.Seal(PurposeSessions, identityPlace(g.ID), who)
	return true, ignore(store.ErrConflict, s.st.ReplaceGrant(ctx, change)) // who changed it has sealed it, too
}

func (s *Service) resealSession(ctx context.Context, row store.Session) error {
	plain, err := s.cfg.Keys.Open(PurposeSessions, sessionPlace(row.ID), row.Payload)
	if err != nil {
		s.logger.Error("session can't be opened and is deleted", slog.String("session", row.ID), slog.Any("error", err))
		s.cache.drop(row.ID)
		return ignore(store.ErrNotFound, s.st.DeleteSession(ctx, row.ID))
	}
	sealed, keyID := s.cfg.Keys.Seal(PurposeSessions, sessionPlace(row.ID), plain)
	return ignore(store.ErrNotFound, s.st.ReplaceSessionPayload(ctx, row.ID, sealed, keyID))
}

func ignore(harmless, err error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

// establish makes a session of a completed sign-in. Row, tokens and the entry
// on the trail are committed together, and then the browser gets its cookie.
//
// The session that the browser had ends: its identifier is never used again.
// The same person's tokens take the place of the old ones, so that what points
// to the grant goes on with them; another person's grant ends.
func (s *Service) establish(w http.ResponseWriter, r *http.Request, a attempt, in signedIn) (returnTo string, err error) {
	ctx := context.WithoutCancel(r.Context())
	secret, id := newToken()
	old, _ := s.sessionID(r)
	in.stepUp = in.stepUp && a.StepUp.Session == old // else that session is over, and this is a sign-in like any other
	var made sessionMade
	for range 3 { // the old grant may be refreshed in between
		_, err = s.trail.AppendWith(ctx, s.signInEntry(r, in, id), func(tx *store.Tx) (failed error) {
			made, failed = s.writeSession(ctx, tx, r, a, in, id, old)
			return failed
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	if err != nil {
		return "", fmt.Errorf("auth: sign in: %w", noSpace(err))
	}
	s.cache.drop(old, id)
	s.grants.drop(made.grants...)
	s.setCookie(w, s.cfg.cookieName(), secret, 0)
	s.logger.Info("signed in", slog.String("person", in.who.key()), slog.String("level", in.who.Level.String()),
		slog.Bool("step_up", made.stepUp))
	if a.StepUp != nil && !made.stepUp {
		return "/", nil // another person came back: what was asked for is not theirs
	}
	return a.ReturnTo, nil
}

func (s *Service) signInEntry(r *http.Request, in signedIn, sessionID string) audit.Entry {
	kind := audit.KindSignIn
	if in.stepUp {
		kind = audit.KindStepUp
	}
	e := s.entryOf(r, kind, in.who)
	e.TargetID = sessionID
	e.Detail = map[string]string{"level": in.who.Level.String(), "agent": agentLabel(r.UserAgent())}
	if in.who.MFA != "" {
		e.Detail["mfa"] = in.who.MFA
	}
	return e
}

// sessionMade is what writing a session has touched.
type sessionMade struct {
	grants []string
	stepUp bool
}

func (s *Service) writeSession(ctx context.Context, tx *store.Tx, r *http.Request, a attempt, in signedIn, id, old string) (sessionMade, error) {
	now := s.st.Now()
	row := store.Session{
		ID: id, Person: in.who.key(), GrantID: rand.Text(), Created: now, LastSeen: now, Expires: s.ends(now, in.tokens),
		Agent: agentLabel(r.UserAgent()), Address: s.cfg.Address(r),
	}
	data := sessionData{Person: row.Person, Renewed: a.Renewed}
	var made sessionMade

	before, taken, err := s.endBefore(ctx, tx, r, old, in.who)
	if err != nil {
		return made, err
	}
	if before.GrantID != "" {
		made.grants = append(made.grants, before.GrantID)
	}
	if taken != nil {
		row.GrantID = before.GrantID
		if in.stepUp { // it rises; its time goes on
			made.stepUp = true
			row.Created, row.Expires = before.Created, before.Expires
			row.SteppedUp, data.SteppedUp = now, now.UnixMicro()
		}
	}
	data.Grant, data.SignedIn, data.Expires = row.GrantID, row.Created.UnixMicro(), row.Expires.UnixMicro()
	if err := s.writeGrant(ctx, tx, row, in, taken); err != nil {
		return made, err
	}
	if row.Payload, row.KeyID, err = s.seal(PurposeSessions, sessionPlace(id), data); err != nil {
		return made, err
	}
	return made, tx.CreateSession(ctx, row)
}

// ends is when a session ends whatever is done: without a refresh token when
// its access token does.
func (s *Service) ends(now time.Time, t tokens) time.Time {
	end := now.Add(s.cfg.Absolute)
	if t.Refresh.Empty() && t.Expires.Before(end) {
		end = t.Expires
	}
	return end
}

// endBefore ends the session that the browser had. Its grant is given back
// when it is of the same person and can be taken over.
func (s *Service) endBefore(ctx context.Context, tx *store.Tx, r *http.Request, old string, who identity) (store.SessionWithGrant, *store.Grant, error) {
	if old == "" {
		return store.SessionWithGrant{}, nil, nil
	}
	before, err := tx.Session(ctx, old)
	if errors.Is(err, store.ErrNotFound) {
		return store.SessionWithGrant{}, nil, nil
	}
	if err != nil {
		return before, nil, err
	}
	_, was, err := s.openSession(before)
	if err == nil && was.Issuer == who.Issuer && was.Subject == who.Subject && was.key() == who.key() {
		grant, err := tx.Grant(ctx, before.GrantID)
		if err != nil {
			return before, nil, err
		}
		return before, &grant, tx.DeleteSession(ctx, old)
	}
	if err == nil {
		e := s.entryOf(r, audit.KindSessionEnded, was)
		e.TargetID, e.Detail = before.ID, map[string]string{"reason": "another person signed in"}
		if _, err := s.trail.AppendTx(ctx, tx, e); err != nil {
			return before, nil, err
		}
	}
	return before, nil, tx.DeleteGrant(ctx, before.GrantID)
}

// writeGrant keeps the tokens, in the place of those that are taken over if any.
func (s *Service) writeGrant(ctx context.Context, tx *store.Tx, session store.Session, in signedIn, taken *store.Grant) error {
	who, keyID, err := s.seal(PurposeSessions, identityPlace(session.GrantID), in.who)
	if err != nil {
		return err
	}
	sealed, _, err := s.seal(PurposeTokens, tokensPlace(session.GrantID), in.tokens)
	if err != nil {
		return err
	}
	if taken != nil {
		return tx.ReplaceGrant(ctx, store.GrantChange{
			ID: taken.ID, Version: taken.Version, ProviderSession: in.who.ProviderSession, Identity: who, Tokens: sealed, KeyID: keyID,
			Expires: session.Expires,
		})
	}
	return tx.CreateGrant(ctx, store.Grant{
		ID: session.GrantID, Person: session.Person, Issuer: in.who.Issuer, Subject: in.who.Subject,
		ProviderSession: in.who.ProviderSession, Identity: who, Tokens: sealed, KeyID: keyID, Created: s.st.Now(), Expires: session.Expires,
	})
}

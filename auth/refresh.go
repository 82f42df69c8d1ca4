package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
)

const (
	leaseFor     = 90 * time.Second       // longer than asking the provider and writing the answer take
	leaseAgain   = 50 * time.Millisecond  // how often a loser looks whether the winner is done
	leasePatient = time.Second            // then a token that still lives is good enough
	leaseLongest = 45 * time.Second       // then the provider counts as not answering
	commitFor    = 20 * time.Second       // how long writing new tokens is tried
	commitAgain  = 250 * time.Millisecond // how often
)

// renew gives the grant with a token that can be given out, refreshed if it is
// time, or if its version is still stale (0: none is). Callers at once share
// one attempt, which goes on when they leave. Close waits for it: where refresh
// tokens rotate, one whose answer is not kept is spent for nothing.
func (s *Service) renew(ctx context.Context, id string, stale int64) (*grantEntry, error) {
	shared := s.flight.DoChan(fmt.Sprintf("%s %d", id, stale), func() (any, error) {
		if !s.enter() {
			return nil, errStopping
		}
		defer s.stopped.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseFor+leaseLongest)
		defer cancel()
		return s.renewOnce(ctx, id, stale)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case done := <-shared:
		if done.Err != nil {
			return nil, done.Err
		}
		return done.Val.(*grantEntry), nil
	}
}

var errStopping = fmt.Errorf("%w: Rollcall is stopping", ErrProvider)

func (s *Service) renewOnce(ctx context.Context, id string, stale int64) (*grantEntry, error) {
	begun := time.Now()
	owner := s.instance + "/" + id
	for {
		entry, err := s.readGrant(ctx, id)
		if err != nil {
			return nil, err
		}
		now := s.st.Now()
		kept := stale != 0 && entry.tokens.Refused // another version, the same stale token
		if entry.version != stale && !kept && entry.usable(now) {
			return entry, nil
		}
		if entry.tokens.Refused {
			return nil, &Refusal{Code: "interaction_required", kind: ErrMFA}
		}
		if entry.tokens.Refresh.Empty() {
			return nil, s.endGrant(ctx, id, entry, "no refresh token", ErrProviderEnded)
		}
		if s.background.Err() != nil {
			return nil, errStopping
		}
		got, err := s.st.LeaseGrant(ctx, id, entry.version, owner, now.Add(leaseFor), now)
		if err != nil {
			return nil, fmt.Errorf("auth: lease grant: %w", err)
		}
		if got {
			entry, again, err := s.refresh(ctx, id, owner, entry)
			if again {
				continue
			}
			return entry, err
		}
		switch waited := time.Since(begun); {
		case waited > leasePatient && entry.tokens.alive(now) && stale == 0:
			return entry, nil
		case waited > leaseLongest:
			return nil, fmt.Errorf("%w: another process is refreshing and does not end", ErrProvider)
		}
		again := time.NewTimer(leaseAgain)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrProvider, ctx.Err())
		case <-s.background.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

// refresh exchanges the refresh token, under a lease. again means that the
// grant has changed meanwhile and is to be read once more.
func (s *Service) refresh(ctx context.Context, id, owner string, have *grantEntry) (entry *grantEntry, again bool, err error) {
	_, epoch := s.grants.get(id)
	token, err := s.askForTokens(ctx, have)
	if err == nil {
		entry, again, err = s.keepTokens(ctx, id, have, token, epoch)
		if again || err == nil || errors.Is(err, ErrNoSession) {
			return entry, again, err
		}
		return s.waitToRefresh(ctx, id, owner, have, epoch, err)
	}
	challenge, refusal := tokenRefusal(err)
	said, _ := errors.AsType[*Refusal](refusal)
	switch {
	case said != nil && errors.Is(said, ErrMFA):
		again, err = s.keepChallenge(ctx, id, have, challenge)
		if again || err == nil {
			return nil, true, nil // it is read once more, and then says so
		}
		refusal = errors.Join(refusal, err)
	case said != nil && said.Code == "invalid_grant":
		if now, err := s.st.Grant(ctx, id); err == nil && now.Version != have.version {
			return nil, true, nil // our refresh token was an old one
		}
		return nil, false, s.endGrant(ctx, id, have, "invalid_grant", ErrProviderEnded)
	}
	return s.waitToRefresh(ctx, id, owner, have, epoch, refusal)
}

// waitToRefresh gives the lease back after a failure that may pass. The old
// access token serves until it ends.
func (s *Service) waitToRefresh(ctx context.Context, id, owner string, have *grantEntry, epoch uint64, why error) (*grantEntry, bool, error) {
	if err := s.st.ReleaseGrant(ctx, id, owner); err != nil {
		s.logger.Warn("lease not given back", slog.String("grant", id), slog.Any("error", err))
	}
	s.logger.Warn("tokens not refreshed", slog.String("grant", id), slog.Any("error", why))
	now := s.st.Now()
	waiting := *have
	waiting.read, waiting.retry = now, now.Add(retryAfter)
	s.grants.put(id, &waiting, epoch)
	if !have.tokens.alive(now) {
		return nil, false, why
	}
	return &waiting, false, nil
}

func (s *Service) askForTokens(ctx context.Context, have *grantEntry) (*oauth2.Token, error) {
	p, err := s.provider(have.identity.Issuer)
	if err != nil {
		return nil, err
	}
	known, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	return known.oauth2.TokenSource(p.context(ctx), &oauth2.Token{RefreshToken: have.tokens.Refresh.Reveal()}).Token()
}

// keepTokens commits what the provider gave, before any of it is used.
func (s *Service) keepTokens(ctx context.Context, id string, have *grantEntry, token *oauth2.Token, epoch uint64) (entry *grantEntry, again bool, err error) {
	next := &grantEntry{identity: have.identity, tokens: s.tokensOf(token), version: have.version + 1, expires: have.expires}
	if err := s.reread(ctx, next, token); err != nil {
		if errors.Is(err, ErrNoRole) || errors.Is(err, ErrGroupOverage) || errors.Is(err, ErrGuest) {
			return nil, false, s.endGrant(ctx, id, have, refusalWord(err), ErrAccessEnded)
		}
		return nil, false, err
	}
	err = s.replaceGrant(ctx, id, have, next.identity, next.tokens)
	if errors.Is(err, store.ErrConflict) {
		return nil, true, nil // signed out, signed in anew, or the lease ran out
	}
	if err != nil {
		return nil, false, fmt.Errorf("auth: keep new tokens: %w", err)
	}
	next.read = s.st.Now()
	s.grants.put(id, next, epoch)
	if next.identity.Level != have.identity.Level {
		s.cache.dropGrant(id)
	}
	return next, false, nil
}

// commit writes the new tokens and does not give up at once: where refresh
// tokens rotate, the old one is spent by now.
func (s *Service) commit(ctx context.Context, change store.GrantChange) error {
	begun := time.Now()
	for {
		err := s.st.ReplaceGrant(ctx, change)
		if err == nil || errors.Is(err, store.ErrConflict) || time.Since(begun) > commitFor {
			return err
		}
		s.logger.Warn("new tokens not kept yet", slog.String("grant", change.ID), slog.Any("error", err))
		again := time.NewTimer(commitAgain)
		select {
		case <-ctx.Done():
			again.Stop()
			return err
		case <-again.C:
		}
	}
}

// reread takes over what a refreshed ID token says. It must be about the same
// person and for the same parties. The level is read anew but only ever falls:
// a rise comes with a sign-in, and so with a new session identifier.
func (s *Service) reread(ctx context.Context, next *grantEntry, token *oauth2.Token) error {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil // it need not send one
	}
	was := next.identity
	p, err := s.provider(was.Issuer)
	if err != nil {
		return err
	}
	known, err := p.get(ctx)
	if err != nil {
		return err
	}
	idToken, err := known.verify(p.context(ctx), raw)
	if errors.Is(err, ErrProvider) {
		return nil // its keys can't be had now; the next one tells
	}
	if err != nil {
		return err
	}
	who, _, err := s.cfg.identify(p.tenant, idToken)
	if who.Issuer != was.Issuer || who.Subject != was.Subject || !sameParties(who.Audience, was.Audience) ||
		who.ObjectID != "" && who.key() != was.key() {
		return fmt.Errorf("%w: the refreshed ID token is of another person or for others", ErrToken)
	}
	if err != nil {
		return err
	}
	next.identity.Level &= who.Level
	next.identity.Name, next.identity.UPN = who.Name, who.UPN
	return nil
}

func sameParties(a, b []string) bool {
	has := map[string]bool{}
	for _, party := range a {
		has[party] = true
	}
	for _, party := range b {
		if !has[party] {
			return false
		}
		delete(has, party)
	}
	return len(has) == 0
}

// keepChallenge remembers that the provider wants the person to sign in anew,
// and what it wants to be asked then; the session stays. again means that the
// grant has changed meanwhile.
func (s *Service) keepChallenge(ctx context.Context, id string, have *grantEntry, challenge string) (again bool, err error) {
	next := have.tokens
	next.Refused, next.Challenge = true, challenge
	err = s.replaceGrant(ctx, id, have, have.identity, next)
	return errors.Is(err, store.ErrConflict), err
}

// replaceGrant seals identity and tokens and puts them into the place of those
// that were read.
func (s *Service) replaceGrant(ctx context.Context, id string, have *grantEntry, who identity, next tokens) error {
	sealedWho, keyID, err := s.seal(PurposeSessions, identityPlace(id), who)
	if err != nil {
		return err
	}
	sealedTokens, _, err := s.seal(PurposeTokens, tokensPlace(id), next)
	if err != nil {
		return err
	}
	return s.commit(ctx, store.GrantChange{
		ID: id, Version: have.version, ProviderSession: who.ProviderSession, Identity: sealedWho, Tokens: sealedTokens, KeyID: keyID,
		Expires: have.expires,
	})
}

// endGrant ends a grant that can't go on, with its sessions, on the trail. It
// returns why, which those who come with these sessions are told as well.
func (s *Service) endGrant(ctx context.Context, id string, have *grantEntry, reason string, why error) error {
	e := audit.Entry{
		Kind: audit.KindSessionEnded, Person: have.identity.key(), PersonName: have.identity.Name, TargetID: id,
		CorrelationID: partnercenter.CorrelationID(ctx), Detail: map[string]string{"reason": reason},
	}
	var gone []string
	_, err := s.trail.AppendWith(ctx, e, func(tx *store.Tx) error {
		sessions, err := tx.Sessions(ctx, e.Person)
		if err != nil {
			return err
		}
		gone = append(gone[:0], id)
		for _, session := range sessions {
			if session.GrantID == id {
				gone = append(gone, session.ID)
			}
		}
		return tx.DeleteGrant(ctx, id)
	})
	switch {
	case errors.Is(err, store.ErrNotFound): // somebody was quicker, and knows why
		why = s.ended.of(id, ErrGrantEnded)
	case err != nil:
		return fmt.Errorf("auth: end grant: %w", err)
	default:
		s.ended.note(why, s.st.Now(), gone...)
	}
	s.forget(id)
	s.logger.Info("grant ended", slog.String("grant", id), slog.String("reason", reason))
	return why
}

// EndRefused ends the person's session because Partner Center takes its tokens
// no more, and returns the [ErrTokenRefused] that says so.
func (s *Service) EndRefused(ctx context.Context, p *Principal) error {
	entry, err := s.readGrant(ctx, p.GrantID)
	if err != nil {
		return err
	}
	row, err := s.st.Grant(ctx, p.GrantID)
	if err != nil {
		return fmt.Errorf("auth: end refused grant: %w", err)
	}
	err = s.endGrant(ctx, p.GrantID, entry, "token refused by Partner Center", ErrTokenRefused)
	if errors.Is(err, ErrTokenRefused) {
		s.revoke(ctx, []store.Grant{row})
	}
	return err
}

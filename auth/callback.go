package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/partnercenter"
)

const longestCode = 8 << 10 // Entra's are about 1 KiB

// Callback answers GET /sign-in/callback. Send the browser on with a 303 to
// what it returns: a path of our own or, once, the provider again, when the
// sign-in has to be renewed with a second factor.
//
// Errors: [ErrAttemptUnknown], [ErrForeignTenant], [ErrGuest], [*NoRole],
// [ErrGroupOverage], [ErrMFA], [ErrStepUp], [ErrDenied], [ErrToken],
// [ErrProvider], and [audit.ErrUnavailable]: nobody is signed in unseen.
func (s *Service) Callback(w http.ResponseWriter, r *http.Request) (returnTo string, err error) {
	w.Header().Set("Cache-Control", "no-store")
	q := r.URL.Query()
	state, ok := single(q, "state")
	if !ok {
		return "", ErrAttemptUnknown
	}
	a, err := s.takeAttempt(w, r, state)
	if err != nil {
		return "", err
	}
	p, err := s.provider(a.Issuer)
	if err != nil {
		return "", ErrAttemptUnknown // the tenant was taken off the list meanwhile
	}
	known, err := p.get(r.Context())
	if err != nil {
		return "", err
	}
	in, err := s.complete(r, p, known, a, q)
	switch {
	case err == nil:
		return s.establish(w, r, a, in)
	case errors.Is(err, ErrMFA) && !a.Renewed:
		a.Renewed = true
		return s.startAt(w, r, p, a, in.challenge, false)
	}
	return "", s.refuse(r, in.who, err)
}

// single gives a parameter that is there once.
func single(q url.Values, name string) (string, bool) {
	values := q[name]
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

// signedIn is what a completed sign-in has shown.
type signedIn struct {
	who       identity
	tokens    tokens
	stepUp    bool
	challenge string // of a refusal: what to ask the next time
}

// complete turns the provider's answer into a person and their tokens.
func (s *Service) complete(r *http.Request, p *provider, known *authority, a attempt, q url.Values) (signedIn, error) {
	var in signedIn
	if iss, sent := q["iss"]; sent || known.answersIss {
		if len(iss) != 1 || iss[0] != p.tenant.Issuer { // RFC 9207
			return in, fmt.Errorf("%w: it comes from another issuer", ErrToken)
		}
	}
	if _, failed := q["error"]; failed {
		return in, answeredError(q.Get("error"), q.Get("error_description"))
	}
	code, ok := single(q, "code")
	if !ok || code == "" || len(code) > longestCode {
		return in, ErrAttemptUnknown
	}
	ctx, cancel := context.WithTimeout(p.context(r.Context()), 2*providerTimeout)
	defer cancel()
	token, err := known.oauth2.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		challenge, refusal := tokenRefusal(err)
		if r, ok := errors.AsType[*Refusal](refusal); ok && r.Code == "invalid_grant" && challenge == "" {
			refusal = fmt.Errorf("%w: %w", ErrAttemptUnknown, r) // used, expired, or another attempt's
		}
		in.challenge = challenge
		return in, refusal
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return in, fmt.Errorf("%w: it has no ID token", ErrToken)
	}
	idToken, err := known.verify(ctx, raw)
	if err != nil {
		return in, err
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(a.Nonce)) != 1 {
		return in, fmt.Errorf("%w: its nonce is not ours", ErrToken)
	}
	if idToken.AccessTokenHash != "" {
		if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
			return in, fmt.Errorf("%w: %w", ErrToken, err)
		}
	}
	return s.judge(ctx, p, a, idToken, s.tokensOf(token))
}

// judge decides whether the person may sign in.
func (s *Service) judge(ctx context.Context, p *provider, a attempt, idToken *oidc.IDToken, given tokens) (signedIn, error) {
	who, said, err := s.cfg.identify(p.tenant, idToken)
	in := signedIn{who: who, tokens: given}
	if err != nil {
		return in, err
	}
	if in.who.MFA, err = s.cfg.proveMFA(ctx, said, given.Access); err != nil {
		return in, err
	}
	if a.StepUp != nil && a.StepUp.Issuer == who.Issuer && a.StepUp.Subject == who.Subject {
		earliest := time.UnixMicro(a.Begun).Add(-time.Minute)
		if said.authTime().Before(earliest) {
			return in, ErrStepUp
		}
		in.stepUp = true
	}
	return in, nil
}

// refuse puts a refusal on the trail and gives it back. What never got as far
// as a person is there too: it came from a browser that had begun to sign in.
func (s *Service) refuse(r *http.Request, who identity, why error) error {
	e := s.entry(r, audit.KindSignInRefused)
	if who.Subject != "" {
		e = s.entryOf(r, audit.KindSignInRefused, who)
	}
	e.Detail = map[string]string{"reason": refusalWord(why)}
	if who.UPN != "" {
		e.Detail["upn"] = who.UPN
	}
	_, err := s.trail.Append(r.Context(), e)
	return errors.Join(why, err)
}

// refusalWord is the reason as the trail has it, from a closed set.
func refusalWord(why error) string {
	for _, known := range []struct {
		err  error
		word string
	}{
		{ErrForeignTenant, "foreign tenant"}, {ErrGuestUnknown, "guest or not unknown"}, {ErrGuest, "guest"}, {ErrNoRole, "no role"}, {ErrGroupOverage, "too many groups"},
		{ErrMFA, "no multi-factor authentication"}, {ErrStepUp, "not signed in anew"}, {ErrDenied, "declined"},
		{ErrAttemptUnknown, "code not accepted"}, {ErrToken, "answer failed a check"}, {ErrProvider, "provider not reached"},
	} {
		if errors.Is(why, known.err) {
			return known.word
		}
	}
	return "fault"
}

// answeredError is what the provider says through the browser.
func answeredError(code, description string) error {
	kind := ErrDenied
	switch code {
	case "server_error", "temporarily_unavailable":
		kind = ErrProvider
	case "interaction_required":
		kind = ErrMFA
	}
	if strings.HasPrefix(description, "AADSTS50105") { // Entra: the person is not assigned to the application
		kind = ErrNoRole
	}
	return &Refusal{Code: safeCode(code), kind: kind}
}

// safeCode is an error code of the protocol, or nothing: it came through the
// browser and may be anything.
func safeCode(code string) string {
	for i := range len(code) {
		if c := code[i]; c != '_' && (c < 'a' || c > 'z') {
			return "other"
		}
	}
	if len(code) > 64 {
		return "other"
	}
	return code
}

// tokenRefusal is what the token endpoint said no with, and what it wants to
// be asked at the next sign-in. The library's own error may repeat the answer,
// so only its code is taken along.
func tokenRefusal(err error) (challenge string, refusal error) {
	said, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || said.ErrorCode == "" {
		if ok {
			return "", fmt.Errorf("%w: token endpoint answered %s", ErrProvider, said.Response.Status)
		}
		return "", fmt.Errorf("%w: %w", ErrProvider, err)
	}
	var more struct {
		Claims string `json:"claims"`
		Codes  []int  `json:"error_codes"`
	}
	_ = json.Unmarshal(said.Body, &more) // only Entra says more
	kind := ErrProvider
	wantsMore := more.Claims != ""
	for _, code := range more.Codes {
		wantsMore = wantsMore || code == 50076 || code == 50079 // MFA needed; API facts 3.3
	}
	if wantsMore || said.ErrorCode == "interaction_required" {
		kind = ErrMFA
	}
	if len(more.Claims) > 4<<10 || !json.Valid([]byte(more.Claims)) {
		more.Claims = ""
	}
	return more.Claims, &Refusal{Code: safeCode(said.ErrorCode), kind: kind}
}

// tokensOf takes what a token answer holds.
func (s *Service) tokensOf(token *oauth2.Token) tokens {
	now := s.st.Now()
	lifetime := time.Duration(token.ExpiresIn) * time.Second
	if lifetime <= 0 {
		lifetime = 5 * time.Minute // not said: short enough to be asked again soon
	}
	return tokens{
		Access: partnercenter.NewSecret(token.AccessToken), Refresh: partnercenter.NewSecret(token.RefreshToken),
		Issued: now, Expires: now.Add(lifetime),
	}
}

package auth

import (
	"encoding/json"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// BeginOption changes what a sign-in asks for.
type BeginOption func(*beginning)

type beginning struct {
	tenant string
	stepUp bool
	renew  bool
	choose bool
}

// StepUp asks that the person prove themselves anew, for dangerous changes.
// It needs a session.
func StepUp() BeginOption { return func(b *beginning) { b.stepUp = true } }

// RenewForMFA asks for a second factor, after Partner Center or the provider
// refused for the want of one.
func RenewForMFA() BeginOption { return func(b *beginning) { b.renew = true } }

// ChooseAccount has the provider ask which account, after the one that it
// took by itself was refused.
func ChooseAccount() BeginOption { return func(b *beginning) { b.choose = true } }

// WithTenant asks the authority of that tenant, by ID or issuer.
func WithTenant(idOrIssuer string) BeginOption { return func(b *beginning) { b.tenant = idOrIssuer } }

// renewalPause is how soon after a sign-in that asked for MFA another one
// would be a loop.
const renewalPause = 5 * time.Minute

// Begin answers GET /sign-in/start: it keeps an attempt, sets its cookie and
// redirects to the provider. The person returns to returnTo, if that is a path
// of our own.
//
// Errors: [ErrProvider], [ErrForeignTenant] for a tenant that is not ours,
// [ErrMFA] where asking again would be a loop, [ErrNoSession] for a step-up
// without a session.
func (s *Service) Begin(w http.ResponseWriter, r *http.Request, returnTo string, opts ...BeginOption) error {
	var asks beginning
	for _, opt := range opts {
		opt(&asks)
	}
	a := attempt{ReturnTo: ReturnTo(returnTo), Renewed: asks.renew}
	challenge := ""
	if asks.stepUp || asks.renew {
		entry, err := s.current(r)
		switch {
		case err != nil && asks.stepUp:
			return err
		case err == nil:
			if asks.renew && entry.principal.RenewedForMFA && s.st.Now().Sub(entry.principal.SignedIn) < renewalPause {
				return ErrMFA
			}
			grant, err := s.readGrant(r.Context(), entry.data.Grant)
			if err != nil {
				return err
			}
			challenge, asks.tenant = grant.tokens.Challenge, grant.identity.Issuer
			if asks.stepUp {
				a.StepUp = &asked{Issuer: grant.identity.Issuer, Subject: grant.identity.Subject, Session: entry.principal.SessionRef}
			}
		}
	}
	p, err := s.provider(asks.tenant)
	if err != nil {
		return err
	}
	address, err := s.startAt(w, r, p, a, challenge, asks.choose)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// current is the request's live session, read from its row.
func (s *Service) current(r *http.Request) (*cached, error) {
	id, ok := s.sessionID(r)
	if !ok {
		return nil, ErrNoSession
	}
	entry, err := s.findSession(r.Context(), id, true)
	if err != nil {
		return nil, err
	}
	_, err = s.visit(id, entry, true)
	return entry, err
}

// startAt keeps the attempt and gives the provider's address to send the
// browser to. challenge is what the provider asked to be asked, verbatim.
func (s *Service) startAt(w http.ResponseWriter, r *http.Request, p *provider, a attempt, challenge string, choose bool) (string, error) {
	known, err := p.get(r.Context())
	if err != nil {
		return "", err
	}
	a.Issuer, a.Verifier = p.tenant.Issuer, oauth2.GenerateVerifier()
	a.Nonce, _ = newToken()
	a.Begun = s.st.Now().UnixMicro()
	state, err := s.keepAttempt(w, r, a)
	if err != nil {
		return "", err
	}
	params := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(a.Verifier),
		oauth2.SetAuthURLParam("nonce", a.Nonce),
		oauth2.SetAuthURLParam("response_mode", "query"),
	}
	add := func(name, value string) { params = append(params, oauth2.SetAuthURLParam(name, value)) }
	switch {
	case a.StepUp != nil:
		add("prompt", "login")
		add("max_age", "0")
	case a.Renewed:
		add("prompt", "login")
	case choose:
		add("prompt", "select_account")
	}
	if challenge == "" {
		challenge = s.cfg.contextsClaim()
	}
	if challenge != "" {
		add("claims", challenge)
	} else if a.Renewed {
		add("amr_values", "mfa") // API facts 3.3
	}
	return known.oauth2.AuthCodeURL(state, params...), nil
}

// contextsClaim asks for the authentication contexts that prove MFA, as OpenID
// Connect 1.0, section 5.5, writes it.
func (c Config) contextsClaim() string {
	if len(c.MFAContexts) == 0 || c.MFAOptional {
		return ""
	}
	acrs := map[string]any{"essential": true, "value": c.MFAContexts[0]}
	if len(c.MFAContexts) > 1 {
		acrs = map[string]any{"essential": true, "values": c.MFAContexts}
	}
	text, err := json.Marshal(map[string]any{"id_token": map[string]any{"acrs": acrs}})
	if err != nil {
		return "" // texts and lists of them always have a JSON form
	}
	return string(text)
}

package demoidp

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	attemptLifetime = 10 * time.Minute
	codeLifetime    = time.Minute
	signInLifetime  = 24 * time.Hour
)

var errGone = errors.New("unknown, expired or used already")

// storage is what the protocol remembers, in memory: attempts, sign-ins and
// their refresh tokens. Everything it hands out is a copy.
type storage struct {
	opts   Options
	key    signingKey
	logger *slog.Logger

	mu       sync.Mutex
	faults   Faults
	people   map[string]Person // by object ID
	order    []string          // object IDs, as the page lists them
	attempts map[string]attempt
	codes    map[string]code
	signIns  map[string]signIn       // by sid
	refresh  map[string]refreshToken // the spent ones too, so that their second use is noticed
}

type code struct {
	attempt string
	expires time.Time
}

type refreshToken struct {
	signIn string
	spent  bool
}

func newStorage(opts Options, key *rsa.PrivateKey) *storage {
	s := &storage{
		opts: opts, logger: opts.Logger, faults: opts.Faults,
		key:      signingKey{id: rand.Text(), private: key},
		attempts: map[string]attempt{}, codes: map[string]code{}, signIns: map[string]signIn{}, refresh: map[string]refreshToken{},
	}
	s.setPeople(opts.People)
	return s
}

func (s *storage) setFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

func (s *storage) playsNoMFA() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.NoMFA
}

func (s *storage) setPeople(people []Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people, s.order = map[string]Person{}, nil
	for _, person := range people {
		s.people[person.ObjectID] = person
		s.order = append(s.order, person.ObjectID)
	}
}

func (s *storage) listPeople() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	var people []Person
	for _, oid := range s.order {
		people = append(people, s.people[oid])
	}
	return people
}

// subject is the person's pairwise sub at this client: like Entra's, it is
// neither their object ID nor the same elsewhere.
func (s *storage) subject(oid string) string {
	sum := sha256.Sum256([]byte(s.opts.Issuer + "\x00" + s.opts.ClientID + "\x00" + oid))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// CreateAuthRequest begins an attempt.
func (s *storage) CreateAuthRequest(ctx context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	for _, prompt := range asked.Prompt {
		if prompt == oidc.PromptNone {
			return nil, oidc.ErrLoginRequired().WithDescription("this provider always asks")
		}
	}
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	wants, _ := ctx.Value(wishesKey{}).(wishes)
	a := attempt{id: rand.Text(), asked: *asked, wishes: wants, expires: time.Now().Add(attemptLifetime)}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(time.Now())
	s.attempts[a.id] = a
	return a, nil
}

// sweep forgets what has expired.
func (s *storage) sweep(now time.Time) {
	for id, a := range s.attempts {
		if now.After(a.expires) {
			delete(s.attempts, id)
		}
	}
	for text, c := range s.codes {
		if now.After(c.expires) {
			delete(s.codes, text)
		}
	}
	for id, in := range s.signIns {
		if now.After(in.at.Add(signInLifetime)) {
			s.end(id)
		}
	}
}

// end forgets a sign-in and its refresh tokens.
func (s *storage) end(signIn string) {
	delete(s.signIns, signIn)
	for text, token := range s.refresh {
		if token.signIn == signIn {
			delete(s.refresh, text)
		}
	}
}

// open returns an attempt that still waits for a person.
func (s *storage) open(id string) (attempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[id]
	if !ok || a.Done() || time.Now().After(a.expires) {
		return attempt{}, errGone
	}
	return a, nil
}

// pick answers an attempt with a person. Without a second factor the tokens
// show a password alone.
func (s *storage) pick(id, oid string, secondFactor bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[id]
	person, known := s.people[oid]
	if !ok || !known || a.Done() || time.Now().After(a.expires) {
		return errGone
	}
	in := signIn{
		id: rand.Text(), oid: person.ObjectID, subject: s.subject(person.ObjectID),
		audience: []string{s.opts.Audience}, scopes: a.asked.Scopes, client: a.asked.ClientID,
		at: time.Now(), amr: []string{"pwd"},
	}
	if secondFactor && !s.faults.NoMFA {
		in.amr, in.acrs = []string{"pwd", "mfa"}, a.contexts
	}
	a.signIn = in
	s.attempts[id] = a
	s.logger.Info("person picked", slog.String("oid", oid), slog.String("sid", in.id), slog.Bool("mfa", len(in.amr) > 1))
	return nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[id]
	if !ok || time.Now().After(a.expires) {
		return nil, errGone
	}
	return a, nil
}

func (s *storage) SaveAuthCode(_ context.Context, id, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.attempts[id]
	if !ok || a.coded {
		return oidc.ErrInvalidRequest().WithDescription("a code was given out already")
	}
	a.coded = true
	s.attempts[id] = a
	s.codes[text] = code{attempt: id, expires: time.Now().Add(codeLifetime)}
	return nil
}

// AuthRequestByCode takes the code out: it works once, whatever comes of it.
func (s *storage) AuthRequestByCode(_ context.Context, text string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[text]
	delete(s.codes, text)
	a, known := s.attempts[c.attempt]
	if !ok || !known || time.Now().After(c.expires) {
		return nil, errGone
	}
	return a, nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.attempts, id)
	return nil
}

// CreateAccessToken serves clients that didn't ask for offline_access.
func (s *storage) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := request.(attempt)
	if !ok {
		return "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	s.signIns[a.signIn.id] = a.signIn
	return accessID(a.signIn), s.accessExpiry(), nil
}

// CreateAccessAndRefreshTokens gives out the first refresh token of a sign-in,
// or the next one for the current one, which is spent by that.
func (s *storage) CreateAccessAndRefreshTokens(_ context.Context, request op.TokenRequest, current string) (string, string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in signIn
	switch r := request.(type) {
	case attempt:
		in = r.signIn
		s.signIns[in.id] = in
	case *renewal:
		// Two at once may have come past TokenRequestByRefreshToken.
		if err := s.spend(current); err != nil {
			return "", "", time.Time{}, oidc.ErrInvalidGrant().WithParent(err)
		}
		in = r.signIn
	default:
		return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	next := rand.Text()
	s.refresh[next] = refreshToken{signIn: in.id}
	return accessID(in), next, s.accessExpiry(), nil
}

// accessID names an access token (jti): its sign-in, a dot, and what makes it
// differ from the next one of the same second.
func accessID(in signIn) string { return in.id + "." + rand.Text() }

// spend marks a refresh token as used. The second use of one shows that two
// hold it, so the whole sign-in ends (RFC 9700, section 4.14.2).
func (s *storage) spend(text string) error {
	token, ok := s.refresh[text]
	if !ok {
		return errGone
	}
	if token.spent {
		s.logger.Warn("refresh token used twice, sign-in ended", slog.String("sid", token.signIn))
		s.end(token.signIn)
		return errGone
	}
	token.spent = true
	s.refresh[text] = token
	return nil
}

func (s *storage) accessExpiry() time.Time {
	lifetime := s.faults.TokenLifetime
	if lifetime <= 0 {
		lifetime = time.Hour
	}
	return time.Now().Add(lifetime)
}

func (s *storage) TokenRequestByRefreshToken(_ context.Context, text string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.RefuseRefresh {
		return nil, errors.New("refused on request")
	}
	token, ok := s.refresh[text]
	if ok && token.spent {
		return nil, s.spend(text)
	}
	in, alive := s.signIns[token.signIn]
	if !ok || !alive || time.Now().After(in.at.Add(signInLifetime)) {
		return nil, errGone
	}
	if _, known := s.people[in.oid]; !known {
		return nil, errGone
	}
	return &renewal{signIn: in}, nil
}

// TerminateSessionFromRequest ends the sign-in that the ID token hint names,
// and no other one of that person.
func (s *storage) TerminateSessionFromRequest(_ context.Context, request *op.EndSessionRequest) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if request.IDTokenHintClaims != nil {
		if sid, ok := request.IDTokenHintClaims.Claims["sid"].(string); ok {
			s.end(sid)
		}
	}
	return request.RedirectURI, nil
}

// TerminateSession is not called: TerminateSessionFromRequest stands in for it.
func (s *storage) TerminateSession(context.Context, string, string) error {
	return oidc.ErrServerError()
}

// RevokeToken ends the sign-in that a refresh token, or an access token's ID, belongs to.
func (s *storage) RevokeToken(_ context.Context, text, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _, _ := strings.Cut(text, ".")
	if token, ok := s.refresh[text]; ok {
		id = token.signIn
	}
	s.end(id)
	return nil
}

func (s *storage) GetRefreshTokenInfo(_ context.Context, _, text string) (userID, tokenID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.refresh[text]
	if !ok {
		return "", "", op.ErrInvalidRefreshToken
	}
	return s.signIns[token.signIn].subject, text, nil
}

// GetPrivateClaimsFromRequest is what the access token says beside the registered claims.
func (s *storage) GetPrivateClaimsFromRequest(_ context.Context, request op.TokenRequest, _ []string) (map[string]any, error) {
	in, err := signInOf(request)
	if err != nil {
		return nil, err
	}
	return s.claims(in)
}

// SetUserinfoFromRequest puts the same into the ID token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest, _ []string) error {
	in, err := signInOf(request)
	if err != nil {
		return err
	}
	return s.fill(info, in)
}

// SetUserinfoFromToken answers the userinfo endpoint.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, subject, _ string) error {
	id, _, _ := strings.Cut(tokenID, ".")
	s.mu.Lock()
	in, ok := s.signIns[id]
	s.mu.Unlock()
	if !ok || in.subject != subject {
		return errGone
	}
	return s.fill(info, in)
}

func (s *storage) fill(info *oidc.UserInfo, in signIn) error {
	claims, err := s.claims(in)
	info.Subject = in.subject
	for name, value := range claims {
		info.AppendClaims(name, value)
	}
	return err
}

// claims are the person as they are now, and the sign-in as it was.
func (s *storage) claims(in signIn) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	person, ok := s.people[in.oid]
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("this person is gone")
	}
	claims := map[string]any{
		"tid": person.TenantID, "oid": person.ObjectID, "name": person.Name,
		"upn": person.UPN, "preferred_username": person.UPN,
		"acct": 0, "amr": in.amr, "auth_time": in.at.Unix(), "sid": in.id,
	}
	if person.Guest {
		claims["acct"] = 1
	}
	if len(person.Roles) > 0 {
		claims["roles"] = person.Roles
	}
	if len(person.Groups) > 0 {
		claims["groups"] = person.Groups
	}
	if len(in.acrs) > 0 {
		claims["acrs"] = in.acrs
	}
	return claims, nil
}

func signInOf(request any) (signIn, error) {
	switch r := request.(type) {
	case attempt:
		return r.signIn, nil
	case *renewal:
		return r.signIn, nil
	}
	return signIn{}, oidc.ErrUnsupportedGrantType()
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.opts.ClientID {
		return nil, errors.New("unknown client")
	}
	return client{s.opts}, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.opts.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.opts.ClientSecret)) != 1 {
		return errors.New("unknown client or wrong secret")
	}
	return nil
}

// What follows the protocol asks for and Rollcall never uses.

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errors.New("no introspection here")
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("no client keys here")
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errors.New("no JWT profile here")
}

func (s *storage) Health(context.Context) error { return nil }

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey(s.key)}, nil
}

// signingKey and publicKey are the two halves of the one key.
type (
	signingKey struct {
		id      string
		private *rsa.PrivateKey
	}
	publicKey signingKey
)

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.private }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

func (k publicKey) ID() string                         { return k.id }
func (k publicKey) Key() any                           { return k.private.Public() }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

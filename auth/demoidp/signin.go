package demoidp

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// attempt is one authorization on its way: asked for, then answered by a
// person, then exchanged for tokens. It is the protocol's AuthRequest.
type attempt struct {
	id string
	wishes
	asked   oidc.AuthRequest
	expires time.Time

	coded  bool   // a code was given out; there is never a second
	signIn signIn // zero until a person was picked
}

// signIn is a person who was picked for a client, and what the tokens say of it.
type signIn struct {
	id       string // sid
	oid      string
	subject  string
	audience []string
	scopes   []string
	client   string
	at       time.Time
	amr      []string
	acrs     []string
}

func (a attempt) GetID() string    { return a.id }
func (a attempt) GetACR() string   { return "" }
func (a attempt) GetNonce() string { return a.asked.Nonce }
func (a attempt) GetState() string { return a.asked.State }
func (a attempt) Done() bool       { return a.signIn.id != "" }

func (a attempt) GetRedirectURI() string             { return a.asked.RedirectURI }
func (a attempt) GetResponseType() oidc.ResponseType { return a.asked.ResponseType }
func (a attempt) GetResponseMode() oidc.ResponseMode { return a.asked.ResponseMode }
func (a attempt) GetClientID() string                { return a.asked.ClientID }
func (a attempt) GetScopes() []string                { return a.asked.Scopes }
func (a attempt) GetAMR() []string                   { return a.signIn.amr }
func (a attempt) GetAudience() []string              { return a.signIn.audience }
func (a attempt) GetAuthTime() time.Time             { return a.signIn.at }
func (a attempt) GetSubject() string                 { return a.signIn.subject }
func (a attempt) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: a.asked.CodeChallenge, Method: a.asked.CodeChallengeMethod}
}

// renewal is a refresh token being exchanged: the protocol's RefreshTokenRequest.
type renewal struct{ signIn signIn }

func (r *renewal) GetAMR() []string            { return r.signIn.amr }
func (r *renewal) GetAudience() []string       { return r.signIn.audience }
func (r *renewal) GetAuthTime() time.Time      { return r.signIn.at }
func (r *renewal) GetClientID() string         { return r.signIn.client }
func (r *renewal) GetScopes() []string         { return r.signIn.scopes }
func (r *renewal) GetSubject() string          { return r.signIn.subject }
func (r *renewal) SetCurrentScopes(s []string) { r.signIn.scopes = s }

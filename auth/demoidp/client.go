package demoidp

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is the one client, in the protocol's words.
type client struct{ opts Options }

func (c client) GetID() string                       { return c.opts.ClientID }
func (c client) RedirectURIs() []string              { return c.opts.RedirectURIs }
func (c client) PostLogoutRedirectURIs() []string    { return c.opts.PostLogoutRedirectURIs }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c client) AuthMethod() oidc.AuthMethod {
	if c.opts.ClientSecret == "" {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodBasic
}
func (c client) LoginURL(request string) string      { return "/pick?id=" + request }
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (c client) IDTokenLifetime() time.Duration      { return time.Hour }
func (c client) ClockSkew() time.Duration            { return 0 }
func (c client) DevMode() bool                       { return true } // plain HTTP on loopback
func (c client) IsScopeAllowed(string) bool          { return true }

// IDTokenUserinfoClaimsAssertion puts the profile into the ID token, too.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return keep }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return keep }

func keep(scopes []string) []string { return scopes }

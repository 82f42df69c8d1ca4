package auth

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	providerTimeout = 15 * time.Second
	longestAnswer   = 1 << 20 // bytes that a provider may answer
)

// provider is one tenant's authority. What it says of itself is asked for when
// it is first needed, so that the portal starts while it is down.
type provider struct {
	tenant Tenant
	client *http.Client
	config Config
	now    func() time.Time

	flight singleflight.Group
	known  atomic.Pointer[authority]
}

// authority is what a provider has said of itself.
type authority struct {
	oauth2     oauth2.Config
	verifier   *oidc.IDTokenVerifier
	endSession string // empty: it has none
	revocation string // empty: it has none
	answersIss bool   // its answers carry iss (RFC 9207)
}

func newProvider(t Tenant, c Config, now func() time.Time) *provider {
	issuer, _ := url.Parse(t.Issuer) // checked by withDefaults
	return &provider{tenant: t, config: c, now: now, client: &http.Client{
		Timeout:       providerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     onlyHosts{base: c.transport(), scheme: issuer.Scheme, hosts: append([]string{issuer.Host}, c.ProviderHosts...)},
	}}
}

// transport is the one of the settings, or one of the provider's own: no TLS
// before 1.2.
func (c Config) transport() http.RoundTripper {
	if c.Transport != nil {
		return c.Transport
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	return t
}

// context makes the libraries use our client.
func (p *provider) context(ctx context.Context) context.Context {
	return context.WithValue(oidc.ClientContext(ctx, p.client), oauth2.HTTPClient, p.client)
}

// get gives what is known of the provider, asking it if need be.
func (p *provider) get(ctx context.Context) (*authority, error) {
	if known := p.known.Load(); known != nil {
		return known, nil
	}
	asked := p.flight.DoChan("discovery", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTimeout)
		defer cancel()
		known, err := p.discover(p.context(ctx))
		if err == nil {
			p.known.Store(known)
		}
		return known, err
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrProvider, ctx.Err())
	case answer := <-asked:
		if answer.Err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProvider, answer.Err)
		}
		return answer.Val.(*authority), nil
	}
}

// asymmetric are the signatures that are taken: never none, never one that
// needs a secret of ours.
var asymmetric = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

func (p *provider) discover(ctx context.Context) (*authority, error) {
	said, err := oidc.NewProvider(ctx, p.tenant.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discovery of %s: %w", p.tenant.Issuer, err)
	}
	var more struct {
		Algorithms  []string `json:"id_token_signing_alg_values_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
		JWKS        string   `json:"jwks_uri"`
		EndSession  string   `json:"end_session_endpoint"`
		Revocation  string   `json:"revocation_endpoint"`
		Iss         bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := said.Claims(&more); err != nil {
		return nil, fmt.Errorf("discovery of %s: %w", p.tenant.Issuer, err)
	}
	endpoint := said.Endpoint()
	for name, address := range map[string]string{
		"authorization_endpoint": endpoint.AuthURL, "token_endpoint": endpoint.TokenURL, "jwks_uri": more.JWKS,
	} {
		if err := p.allowed(address); err != nil {
			return nil, fmt.Errorf("discovery of %s: %s: %w", p.tenant.Issuer, name, err)
		}
	}
	algorithms := slices.DeleteFunc(more.Algorithms, func(a string) bool { return !slices.Contains(asymmetric, a) })
	if len(algorithms) == 0 {
		algorithms = []string{oidc.RS256}
	}
	// Asking which way of showing the secret works would spend a code on the guess.
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if !p.config.ClientSecret.Empty() && (more.AuthMethods == nil || slices.Contains(more.AuthMethods, "client_secret_basic")) {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	known := &authority{
		oauth2: oauth2.Config{
			ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret.Reveal(), Endpoint: endpoint,
			RedirectURL: p.config.BaseURL + "/sign-in/callback", Scopes: p.config.scopes(p.tenant),
		},
		verifier: oidc.NewVerifier(p.tenant.Issuer, watchedKeys{oidc.NewRemoteKeySet(p.context(context.Background()), more.JWKS)},
			&oidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: algorithms, Now: p.now}),
		answersIss: more.Iss,
	}
	if p.allowed(more.EndSession) == nil {
		known.endSession = more.EndSession
	}
	if p.allowed(more.Revocation) == nil {
		known.revocation = more.Revocation
	}
	return known, nil
}

// watchedKeys tells keys that can't be fetched from a signature that is wrong;
// the library's own error no longer does.
type watchedKeys struct{ oidc.KeySet }

type noKeys struct{}

func (k watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	if told, ok := ctx.Value(noKeys{}).(*error); ok && errors.Unwrap(err) != nil {
		*told = err
	}
	return payload, err
}

// verify checks an ID token: signature, issuer, audience, expiry. The error is
// an ErrProvider when the keys can't be had, else an ErrToken.
func (a *authority) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	var unfetched error
	token, err := a.verifier.Verify(context.WithValue(ctx, noKeys{}, &unfetched), raw)
	return token, tokenError(err, unfetched)
}

// verifyLogout checks a logout token likewise.
func (a *authority) verifyLogout(ctx context.Context, raw string) (*oidc.LogoutToken, error) {
	var unfetched error
	token, err := a.verifier.VerifyLogout(context.WithValue(ctx, noKeys{}, &unfetched), raw)
	return token, tokenError(err, unfetched)
}

func tokenError(err, unfetched error) error {
	switch {
	case err == nil:
		return nil
	case unfetched != nil:
		return fmt.Errorf("%w: %w", ErrProvider, unfetched)
	}
	return fmt.Errorf("%w: %w", ErrToken, err)
}

var errHost = errors.New("it is not on the issuer's own host, nor on one that is allowed beside it")

// allowed reports whether we, and browsers, may be sent to an address that the
// provider names.
func (p *provider) allowed(address string) error {
	u, err := url.Parse(address)
	if err != nil || !trusted(u) {
		return errors.New("it is not a https address")
	}
	return p.client.Transport.(onlyHosts).check(u)
}

// onlyHosts calls a closed list of hosts, and reads no endless answers.
type onlyHosts struct {
	base   http.RoundTripper
	scheme string
	hosts  []string
}

func (o onlyHosts) check(u *url.URL) error {
	if u.Scheme != o.scheme || !slices.ContainsFunc(o.hosts, func(h string) bool { return strings.EqualFold(h, u.Host) }) {
		return errHost
	}
	return nil
}

// CloseIdleConnections lets the client close those of the transport.
func (o onlyHosts) CloseIdleConnections() {
	if base, ok := o.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (o onlyHosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := o.check(r.URL); err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	answer, err := o.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = limited{io.LimitReader(answer.Body, longestAnswer), answer.Body}
	return answer, nil
}

type limited struct {
	io.Reader
	io.Closer
}

// endSessionURL is where a browser signs out of the provider itself. It holds
// no token: the page that links to it may be seen by others.
func (a *authority) endSessionURL(c Config) string {
	if a.endSession == "" {
		return ""
	}
	u, err := url.Parse(a.endSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", c.ClientID)
	q.Set("post_logout_redirect_uri", c.BaseURL+"/sign-in")
	u.RawQuery = q.Encode()
	return u.String()
}

package demoidp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Options say for whom the provider works.
type Options struct {
	Issuer                 string   // its own address, http://127.0.0.1:8082; on loopback, without a path
	ClientID               string   // the one client
	ClientSecret           string   // empty: a public client, PKCE alone
	RedirectURIs           []string // where a sign-in may return to
	PostLogoutRedirectURIs []string // where a sign-out may return to
	Audience               string   // aud of the access tokens, the API's URI
	People                 []Person // who can be picked; nil means DemoPeople
	Faults                 Faults   // what goes wrong from the start
	Logger                 *slog.Logger
}

// Faults are what can be played; the zero value plays none.
type Faults struct {
	NoMFA         bool          // sign-ins show no second factor
	RefuseRefresh bool          // refresh tokens are answered with invalid_grant
	TokenLifetime time.Duration // of access tokens; 0 means an hour
}

// Provider is the running provider, an http.Handler.
type Provider struct {
	storage  *storage
	handler  http.Handler
	verifier *oidc.IDTokenVerifier
}

// New makes a provider. Its issuer must be known, so listen first.
func New(opts Options) (*Provider, error) {
	issuer, err := url.Parse(opts.Issuer)
	if err != nil || issuer.Scheme != "http" && issuer.Scheme != "https" || issuer.Path != "" || issuer.RawQuery != "" || !loopback(issuer.Hostname()) {
		return nil, fmt.Errorf("demoidp: issuer %q: it needs an address on loopback without a path, such as http://127.0.0.1:8082", opts.Issuer)
	}
	if opts.ClientID == "" || opts.Audience == "" || len(opts.RedirectURIs) == 0 {
		return nil, errors.New("demoidp: a client ID, an audience and a redirect URI are needed")
	}
	if opts.People == nil {
		opts.People = DemoPeople()
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("demoidp: make the signing key: %w", err)
	}
	p := &Provider{storage: newStorage(opts, key)}
	protocol, err := newProtocol(opts, p.storage)
	if err != nil {
		return nil, fmt.Errorf("demoidp: %w", err)
	}
	p.handler = onlyHost(issuer.Host, p.routes(protocol, opts))
	keys := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key.Public()}}
	p.verifier = oidc.NewVerifier(opts.Issuer, keys, &oidc.Config{ClientID: opts.Audience})
	return p, nil
}

func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// SetFaults replaces what is played; it works on sign-ins and tokens from now on.
func (p *Provider) SetFaults(f Faults) { p.storage.setFaults(f) }

// SetPeople replaces who can be picked. The next token of somebody already
// signed in shows them as they are now; for who is gone there is none.
func (p *Provider) SetPeople(people []Person) { p.storage.setPeople(people) }

// AccessClaims is what an access token of this provider says.
type AccessClaims struct {
	TenantID string   `json:"tid"`
	ObjectID string   `json:"oid"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	AMR      []string `json:"amr"`

	Expiry time.Time `json:"-"`
}

// MFA reports whether the sign-in showed a second factor.
func (c AccessClaims) MFA() bool { return slices.Contains(c.AMR, "mfa") }

// VerifyAccessToken checks an access token's signature, issuer, audience and
// expiry, as the API behind it would, and returns what it says.
func (p *Provider) VerifyAccessToken(ctx context.Context, token string) (AccessClaims, error) {
	verified, err := p.verifier.Verify(ctx, token)
	if err != nil {
		return AccessClaims{}, fmt.Errorf("demoidp: %w", err)
	}
	claims := AccessClaims{Expiry: verified.Expiry}
	if err := verified.Claims(&claims); err != nil {
		return AccessClaims{}, fmt.Errorf("demoidp: claims of the access token: %w", err)
	}
	return claims, nil
}

// newProtocol is the OpenID part, all of it zitadel/oidc's.
func newProtocol(opts Options, s *storage) (http.Handler, error) {
	config := &op.Config{
		DefaultLogoutRedirectURI: opts.Issuer + "/signed-out",
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		GrantTypeRefreshToken:    true,
		SupportedScopes:          []string{"openid", "profile", "offline_access"},
		SupportedClaims:          []string{"sub", "aud", "exp", "iat", "iss", "auth_time", "nonce", "amr", "acrs", "name", "preferred_username", "upn", "tid", "oid", "roles", "groups", "acct", "sid"},
	}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, err
	}
	provider, err := op.NewProvider(config, s, op.StaticIssuer(opts.Issuer), op.WithAllowInsecure(), op.WithCORSOptions(nil))
	if err != nil {
		return nil, err
	}
	return provider, nil
}

// routes is the one list of what is answered. Of the protocol's own endpoints
// those that Rollcall has no use for stay closed.
func (p *Provider) routes(protocol http.Handler, opts Options) http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range []string{
		"GET /.well-known/openid-configuration",
		"GET /keys",
		"GET /authorize/callback",
		"POST /oauth/token",
		"GET /userinfo",
		"POST /revoke",
		"GET /end_session",
		"POST /end_session",
	} {
		mux.Handle(pattern, protocol)
	}
	mux.Handle("GET /authorize", withWishes(protocol))
	pages := newPages(p.storage, opts)
	pages.register(mux)
	return mux
}

// wishes are what a client asks of a sign-in in parameters that the protocol's
// own parser drops.
type wishes struct {
	contexts []string // authentication contexts, in claims
	factor   bool     // the sign-in is to be repeated, with a second factor
}

// withWishes keeps them.
func withWishes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			IDToken struct {
				ACRS struct {
					Value  string   `json:"value"`
					Values []string `json:"values"`
				} `json:"acrs"`
			} `json:"id_token"`
		}
		if text := r.URL.Query().Get("claims"); text != "" {
			if err := json.Unmarshal([]byte(text), &asked); err != nil {
				http.Error(w, "the claims parameter is no JSON", http.StatusBadRequest)
				return
			}
		}
		contexts := asked.IDToken.ACRS.Values
		if asked.IDToken.ACRS.Value != "" {
			contexts = append(contexts, asked.IDToken.ACRS.Value)
		}
		query := r.URL.Query()
		again := slices.Contains(strings.Fields(query.Get("prompt")), "login")
		wants := wishes{contexts: contexts, factor: again && (len(contexts) > 0 || query.Get("amr_values") == "mfa")}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), wishesKey{}, wants)))
	})
}

type wishesKey struct{}

// onlyHost answers the issuer's own host: a page elsewhere whose name was made
// to point at this machine gets nothing.
func onlyHost(host string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host {
			http.Error(w, "This is the demo's sign-in at "+host+".", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// origin is the scheme and host of an address, in the form that a Content
// Security Policy takes.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	if u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
		host, _, _ := net.SplitHostPort(u.Host)
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + u.Host
}

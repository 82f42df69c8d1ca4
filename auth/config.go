package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Tenant is one authority whose people may sign in.
type Tenant struct {
	Issuer string // exactly as the tokens' iss, such as https://login.microsoftonline.com/{tenant ID}/v2.0
	ID     string // what tid must be; empty for a provider without tenants, and in Entra taken from Issuer
	Name   string // for people, such as "Fabrikam Cloud Services"
}

// Config is what the service needs to know. internal/config fills it.
type Config struct {
	BaseURL       string   // of the portal, without a path; http only on loopback
	Tenants       []Tenant // who may sign in; the first is asked unless another is named
	ProviderHosts []string // that a provider may use beside its issuer's own, as host or host:port
	ClientID      string
	ClientSecret  partnercenter.Secret // empty: a public client, PKCE alone
	Resource      string               // audience of the access token; in Entra also the prefix of its scope
	Scopes        []string             // nil: openid profile offline_access and, in Entra, Resource/user_impersonation

	RoleClaim   string           // "" means roles
	Roles       map[string]Level // app role to level; nil and no Groups: Rollcall.Reader and so on
	GroupClaim  string           // "" means groups
	Groups      map[string]Level // group to level
	AllowGuests bool

	MFAOptional bool     // turns require_mfa off
	MFAContexts []string // authentication contexts (acrs) that prove it, such as c1; asked for at every sign-in
	// MFACompliant says whether the access token shows MFA, where the ID token
	// does not; nil asks Partner Center itself.
	MFACompliant func(ctx context.Context, token partnercenter.Secret) (bool, error)

	Idle     time.Duration // 0 means 60 minutes
	Absolute time.Duration // 0 means 12 hours

	Keys          *KeyRing
	PartnerCenter partnercenter.Options      // for the clients of Client
	Transport     http.RoundTripper          // to the provider; nil means a clone of http.DefaultTransport
	Address       func(*http.Request) string // the person's address behind trusted proxies; nil means RemoteAddr
	Logger        *slog.Logger
}

// DefaultRoles are the app roles that give a level where the settings name none.
func DefaultRoles() map[string]Level {
	return map[string]Level{
		"Rollcall.Reader":    LevelReader,
		"Rollcall.Helpdesk":  LevelHelpdesk,
		"Rollcall.Licensing": LevelLicensing,
		"Rollcall.Admin":     LevelAdmin,
	}
}

// askPartnerCenter makes a Config.MFACompliant that asks Partner Center itself.
func askPartnerCenter(opts partnercenter.Options) func(context.Context, partnercenter.Secret) (bool, error) {
	return func(ctx context.Context, token partnercenter.Secret) (bool, error) {
		client, err := partnercenter.New(partnercenter.StaticToken(token.Reveal()), opts)
		if err != nil {
			return false, err
		}
		return client.MFACompliant(ctx)
	}
}

// withDefaults fills in what may be left out, and finds all that is wrong.
func (c Config) withDefaults() (Config, error) {
	var bad []error
	wrong := func(format string, args ...any) { bad = append(bad, fmt.Errorf("auth: "+format, args...)) }

	base, err := url.Parse(c.BaseURL)
	if err != nil || !trusted(base) || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "" {
		wrong("base URL %q: write it like https://rollcall.example; http is for loopback only", c.BaseURL)
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.ClientID == "" {
		wrong("the client ID is missing")
	}
	if c.Keys == nil {
		wrong("the key ring is missing")
	}
	if len(c.Tenants) == 0 {
		wrong("no tenant may sign in")
	}
	c.Tenants = slices.Clone(c.Tenants)
	for i := range c.Tenants {
		if err := c.Tenants[i].complete(); err != nil {
			bad = append(bad, err)
		}
		for _, other := range c.Tenants[:i] {
			if other.Issuer == c.Tenants[i].Issuer {
				wrong("issuer %q is there twice", other.Issuer)
			}
		}
	}
	if c.Roles == nil && c.Groups == nil {
		c.Roles = DefaultRoles()
	}
	for name, level := range maps.All(c.Roles) {
		if name == "" || !level.Allows(LevelReader) {
			wrong("role %q gives no access level", name)
		}
	}
	for name, level := range maps.All(c.Groups) {
		if name == "" || !level.Allows(LevelReader) {
			wrong("group %q gives no access level", name)
		}
	}
	c.Idle, c.Absolute = cmp.Or(c.Idle, time.Hour), cmp.Or(c.Absolute, 12*time.Hour)
	if c.Idle < time.Minute || c.Absolute < c.Idle {
		wrong("a session is to end after %v without activity and after %v anyway: the first must be a minute or more, the second no shorter", c.Idle, c.Absolute)
	}
	c.RoleClaim, c.GroupClaim = cmp.Or(c.RoleClaim, "roles"), cmp.Or(c.GroupClaim, "groups")
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Address == nil {
		c.Address = remoteAddress
	}
	if c.MFACompliant == nil {
		c.MFACompliant = askPartnerCenter(c.PartnerCenter)
	}
	if _, err := partnercenter.New(partnercenter.StaticToken(""), c.PartnerCenter); err != nil {
		bad = append(bad, err)
	}
	return c, errors.Join(bad...)
}

// secure reports whether browsers come by TLS.
func (c Config) secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// scopes are those that a sign-in at the tenant asks for.
func (c Config) scopes(t Tenant) []string {
	if c.Scopes != nil {
		return c.Scopes
	}
	scopes := []string{"openid", "profile", "offline_access"}
	if t.entra() && c.Resource != "" {
		scopes = append(scopes, strings.TrimRight(c.Resource, "/")+"/user_impersonation")
	}
	return scopes
}

// entraHosts are the authorities of Microsoft Entra ID.
var entraHosts = []string{
	"login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "sts.windows.net",
}

// everybody are the authorities that sign anybody in, whatever their tenant.
var everybody = []string{"common", "organizations", "consumers"}

// complete checks a tenant and takes its ID from the issuer where that has it.
func (t *Tenant) complete() error {
	issuer, err := url.Parse(t.Issuer)
	if err != nil || !trusted(issuer) || issuer.RawQuery != "" || issuer.Fragment != "" {
		return fmt.Errorf("auth: issuer %q: write it like https://login.microsoftonline.com/{tenant ID}/v2.0; http is for loopback only", t.Issuer)
	}
	segments := strings.Split(strings.Trim(issuer.Path, "/"), "/")
	for _, segment := range segments {
		if slices.Contains(everybody, strings.ToLower(segment)) {
			return fmt.Errorf("auth: issuer %q signs in people of any tenant: write your own tenant's ID instead of %s", t.Issuer, segment)
		}
	}
	if slices.Contains(everybody, strings.ToLower(t.ID)) {
		return fmt.Errorf("auth: tenant ID %q is not one tenant's", t.ID)
	}
	if t.entra() {
		if !isGUID(segments[0]) {
			return fmt.Errorf("auth: issuer %q: write the tenant's ID, a GUID, in its path", t.Issuer)
		}
		if t.ID == "" {
			t.ID = segments[0]
		}
		if !strings.EqualFold(t.ID, segments[0]) {
			return fmt.Errorf("auth: issuer %q is not of tenant %s", t.Issuer, t.ID)
		}
	}
	t.ID = strings.ToLower(t.ID)
	return nil
}

// entra reports whether the tenant is one of Microsoft Entra ID.
func (t Tenant) entra() bool {
	issuer, err := url.Parse(t.Issuer)
	return err == nil && slices.Contains(entraHosts, strings.ToLower(issuer.Hostname()))
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		hex := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// trusted reports whether nobody can listen in: https, or http on loopback.
func trusted(u *url.URL) bool {
	if u == nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func remoteAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

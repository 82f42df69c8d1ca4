package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Config is the checked values of a command's settings; what the command
// doesn't have keeps its zero value.
type Config struct {
	Listen         string         // address:port of the portal
	BaseURL        *url.URL       // the address people type; scheme and host only
	TrustedProxies []netip.Prefix // whose forwarded headers are believed

	Issuer           string // of the OpenID provider
	ClientID         string
	ClientSecretFile string
	AllowedTenants   []string // tenant IDs, lower case; empty: only the issuer's own
	AllowGuests      bool
	ProviderHosts    []string // that the provider may use beside its issuer's own
	RolesClaim       string   // claim of the ID token that lists roles or groups
	AdminRole        string   // the values in that claim that give each level
	HelpdeskRole     string
	LicensingRole    string
	ReaderRole       string
	RequireMFA       bool
	MFAContexts      []string // authentication contexts that prove a second factor
	IdleTimeout      time.Duration
	AbsoluteTimeout  time.Duration
	StopDelay        time.Duration // not ready, but answering, before the listener closes

	Database       string // "sqlite:PATH" or "postgres://…"; may hold a password: never print it
	KeyFile        string
	TrailRetention time.Duration // how long rows of the trail are kept at least; 0: for good
	MemoryLimit    int64         // bytes of customers' users held in memory
	LicenseBudget  int           // users of a customer whose licenses are read unasked
	LicensePace    int           // calls a minute that this may make

	Authority  string // of rollcall login, instead of the cloud's own; empty: the cloud's
	Tenant     string // ID or domain of the partner's tenant
	Profile    string // which sign-in of the command line
	TokenStore string // "auto", "keyring", "file"

	Cloud  string // "global", "us-government", "china"
	APIURL string // instead of the cloud's own; empty: the cloud's
	Token  Token

	LogLevel  slog.Level
	LogFormat string // "text", "json"
}

// Token is a bearer token from the environment; it can't be printed.
type Token struct{ text string }

// Reveal is the only way to the token's text.
func (t Token) Reveal() string { return t.text }

func (Token) String() string               { return "[redacted]" }
func (Token) GoString() string             { return "[redacted]" }
func (Token) LogValue() slog.Value         { return slog.StringValue("[redacted]") }
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

// together checks what no setting can see alone.
func (c Config) together() []error {
	var bad []error
	if c.AbsoluteTimeout > 0 && c.IdleTimeout > c.AbsoluteTimeout {
		bad = append(bad, fmt.Errorf("--idle-timeout: %v is longer than --absolute-timeout, %v; make it at most that", c.IdleTimeout, c.AbsoluteTimeout))
	}
	if c.BaseURL != nil && c.BaseURL.Scheme == "http" && !onLoopback(c.Listen) {
		bad = append(bad, fmt.Errorf("--base-url: %s is plain HTTP, which stays on this machine; write https://…, or --listen 127.0.0.1:8080", c.BaseURL))
	}
	if path, isFile := strings.CutPrefix(c.Database, "sqlite:"); isFile && c.KeyFile != "" && below(filepath.Dir(path), c.KeyFile) {
		bad = append(bad, fmt.Errorf("--key-file: %s lies in the database's folder, so one stolen folder would open everything; keep it elsewhere, such as /etc/rollcall/keys", c.KeyFile))
	}
	if len(c.AllowedTenants) > 0 && c.Issuer != "" && !slices.ContainsFunc(strings.Split(strings.ToLower(c.Issuer), "/"), guid.MatchString) {
		bad = append(bad, fmt.Errorf("--allowed-tenants: the issuer %s is not a tenant of Microsoft Entra ID, so it can't sign in people of another; leave it out", c.Issuer))
	}
	if len(c.MFAContexts) > 0 && !c.RequireMFA {
		bad = append(bad, errors.New("--mfa-contexts: they prove what --require-mfa=false does not ask for; leave one of the two out"))
	}
	roles := map[string]string{}
	for _, role := range []struct{ flag, name string }{
		{"admin-role", c.AdminRole}, {"helpdesk-role", c.HelpdeskRole}, {"licensing-role", c.LicensingRole}, {"reader-role", c.ReaderRole},
	} {
		if first, taken := roles[role.name]; taken && role.name != "" {
			bad = append(bad, fmt.Errorf("--%s: %q is also --%s; give each level a role of its own", role.flag, role.name, first))
		}
		roles[role.name] = role.flag
	}
	return bad
}

func onLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && loopbackHost(host)
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// below reports whether a file lies in a folder, or in one inside of it, also
// by way of a link.
func below(folder, file string) bool {
	for _, real := range []func(string) (string, error){filepath.Abs, resolved} {
		in, err := real(folder)
		at, fileErr := real(file)
		if err != nil || fileErr != nil {
			continue // the database's folder may not be there yet
		}
		if way, err := filepath.Rel(in, at); err == nil && way != ".." && !strings.HasPrefix(way, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// resolved is where a path leads, with links followed.
func resolved(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

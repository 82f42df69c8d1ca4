package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// Tenant is one authority whose people may sign in.
type Tenant struct {
	Issuer string // exactly as the tokens' iss, such as https://login.microsoftonline.com/{tenant ID}/v2.0
	ID     string // what tid must be; empty for a provider without tenants
	Name   string // for people, such as "Fabrikam Cloud Services"
}

// Config is what the service needs to know. internal/config fills it.
type Config struct {
	BaseURL      string   // of the portal, without a path; http only on loopback
	Tenants      []Tenant // who may sign in; the first is asked unless another is named
	ClientID     string
	ClientSecret partnercenter.Secret // empty: a public client, PKCE alone
	Resource     string               // audience of the access token; in Entra also the prefix of its scope
	Scopes       []string             // nil: openid profile offline_access and, in Entra, Resource/user_impersonation
	RoleClaim    string               // "" means roles
	Roles        map[string]Level     // app role to level; nil and no Groups: Rollcall.Reader and so on
	GroupClaim   string               // "" means groups
	Groups       map[string]Level     // group to level
	AllowGuests  bool
	MFAOptional  bool     // turns require_mfa off
	MFAContexts  []string // authentication contexts (acrs) that prove it, such as c1; asked for at every sign-in
	// MFACompliant asks Partner Center whether the token shows MFA; nil where it is not to be asked.
	MFACompliant func(ctx context.Context, token partnercenter.Secret) (bool, error)

	Idle     time.Duration // 0 means 60 minutes
	Absolute time.Duration // 0 means 12 hours

	Keys          *KeyRing
	PartnerCenter partnercenter.Options      // for the clients of Client
	Transport     http.RoundTripper          // to the provider; nil means a clone of http.DefaultTransport
	Address       func(*http.Request) string // the person's address behind trusted proxies; nil means RemoteAddr
	Logger        *slog.Logger
}

// Service signs people in, keeps their sessions, and keeps their tokens fresh.
type Service struct{}

// KeyRing holds the keys that seal what the database keeps.
type KeyRing struct{}

var errUnfinished = errors.New("auth: not available yet")

// New checks the configuration and starts the service; it does not call the
// provider. Close it when the server stops.
func New(ctx context.Context, cfg Config, st *store.Store, trail *audit.Trail) (*Service, error) {
	return nil, errUnfinished
}

// Close writes what is outstanding and stops what runs behind.
func (s *Service) Close() error { return errUnfinished }

// BeginOption changes what a sign-in asks for.
type BeginOption func(*beginOptions)

type beginOptions struct{}

// StepUp asks that the person prove themselves anew, for dangerous changes.
// It needs a session.
func StepUp() BeginOption { return func(*beginOptions) {} }

// RenewForMFA asks for a second factor, after Partner Center or the provider
// refused for the want of one.
func RenewForMFA() BeginOption { return func(*beginOptions) {} }

// WithTenant asks the authority of that tenant, by ID or issuer.
func WithTenant(idOrIssuer string) BeginOption { return func(*beginOptions) {} }

// Begin answers GET /sign-in/start: it keeps an attempt, sets its cookie and
// redirects to the provider.
func (s *Service) Begin(w http.ResponseWriter, r *http.Request, returnTo string, opts ...BeginOption) error {
	return errUnfinished
}

// Callback answers GET /sign-in/callback. Send the browser on with a 303 to
// what it returns: a path of our own or, once, the provider again.
func (s *Service) Callback(w http.ResponseWriter, r *http.Request) (returnTo string, err error) {
	return "", errUnfinished
}

// SignOut answers POST /sign-out: it ends session, cookie and grant.
func (s *Service) SignOut(w http.ResponseWriter, r *http.Request) (endSessionURL string, err error) {
	return "", errUnfinished
}

// BackChannelLogout answers POST /sign-in/logout-token, which only the provider calls.
func (s *Service) BackChannelLogout(w http.ResponseWriter, r *http.Request) {}

// Principal says who makes the request.
func (s *Service) Principal(r *http.Request, ask ...Ask) (*Principal, error) {
	return nil, errUnfinished
}

// Client calls Partner Center as that person, with tokens kept fresh.
func (s *Service) Client(p *Principal) *partnercenter.Client { return nil }

// Refresh renews the person's tokens now, after Partner Center answered 401.
func (s *Service) Refresh(ctx context.Context, p *Principal) error { return errUnfinished }

// SessionInfo is one session as its owner, or an administrator, sees it.
type SessionInfo struct {
	Ref           string
	Person        string // key
	Name, UPN     string
	Level         Level
	Agent         string // "Firefox on Windows"
	Address       string
	Current       bool
	SignedIn      time.Time
	LastSeen      time.Time
	IdleUntil     time.Time
	AbsoluteUntil time.Time
}

// Sessions lists the person's own live sessions, newest first.
func (s *Service) Sessions(ctx context.Context, p *Principal) ([]SessionInfo, error) {
	return nil, errUnfinished
}

// AllSessions lists everybody's live sessions; for administrators.
func (s *Service) AllSessions(ctx context.Context, p *Principal) ([]SessionInfo, error) {
	return nil, errUnfinished
}

// EndSession ends one session, the person's own or, for administrators, anybody's.
func (s *Service) EndSession(ctx context.Context, p *Principal, ref string) error {
	return errUnfinished
}

// EndAllSessions ends all sessions of the person, this one too.
func (s *Service) EndAllSessions(ctx context.Context, p *Principal) error { return errUnfinished }

// ReturnTo gives back raw when it is a path of our own, else "/".
func ReturnTo(raw string) string { return "/" }

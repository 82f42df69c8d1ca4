package auth

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a session. Every one of them is also an
// [ErrNoSession]: the person has to sign in.
var (
	ErrNoSession      = errors.New("auth: no session")
	ErrSessionEnded   = fmt.Errorf("%w: it was ended elsewhere", ErrNoSession)
	ErrSessionExpired = fmt.Errorf("%w: it has expired", ErrNoSession)
	ErrSessionIdle    = fmt.Errorf("%w after too long without activity", ErrSessionExpired)
	ErrGrantEnded     = fmt.Errorf("%w: its tokens were ended", ErrSessionEnded)
)

// Why a session was ended by nobody in particular. Each is also an
// [ErrGrantEnded].
var (
	ErrProviderEnded = fmt.Errorf("%w: the provider no longer accepts the sign-in", ErrGrantEnded)
	ErrTokenRefused  = fmt.Errorf("%w: Partner Center no longer accepts the sign-in", ErrGrantEnded)
	ErrAccessEnded   = fmt.Errorf("%w: the person's role or account is not one that is let in any more", ErrGrantEnded)
)

// Why a sign-in is not completed.
var (
	ErrAttemptUnknown = errors.New("auth: sign-in attempt unknown, expired, used already, or of another browser")
	ErrForeignTenant  = errors.New("auth: person of a tenant that is not allowed here")
	ErrGuest          = errors.New("auth: guest accounts are not allowed here")
	ErrGuestUnknown   = fmt.Errorf("%w: whether this is one is not said; have Entra put the optional claim acct into ID tokens", ErrGuest)
	ErrNoRole         = errors.New("auth: person has no role that gives an access level")
	ErrGroupOverage   = errors.New("auth: person is in more groups than the provider puts into a token; assign app roles, or let the token hold only the groups assigned to the application")
	ErrMFA            = errors.New("auth: no proof of multi-factor authentication")
	ErrStepUp         = errors.New("auth: provider did not show that the person signed in anew; it has to put auth_time into ID tokens")
	ErrDenied         = errors.New("auth: person or provider declined the sign-in")
	ErrToken          = errors.New("auth: provider's answer failed a check")
	ErrNoSpace        = errors.New("auth: too little free space on the database's disk to sign anybody in")
	ErrProvider       = errors.New("auth: sign-in provider can't be reached")
)

// What else can go wrong.
var (
	ErrForbidden = errors.New("auth: access level too low")
	ErrNotFound  = errors.New("auth: no such session")
)

// NoRole is the [ErrNoRole] of one person: what they have, and what would do.
type NoRole struct {
	Name, UPN string   // who tried
	Has       []string // roles or groups the provider sent; may be empty
	Wanted    []string // any of these would give an access level, sorted
	Groups    bool     // Has and Wanted are groups, not app roles
}

func (e *NoRole) Error() string {
	return fmt.Sprintf("%v; one of these is needed: %s", ErrNoRole, strings.Join(e.Wanted, ", "))
}

func (e *NoRole) Unwrap() error { return ErrNoRole }

// Refusal is what the provider's token endpoint, or its answer through the
// browser, said no with. Its description may name people and stays out.
type Refusal struct {
	Code string // "invalid_grant", "interaction_required", …
	kind error
}

func (e *Refusal) Error() string { return fmt.Sprintf("%v: %q", e.kind, e.Code) }

func (e *Refusal) Unwrap() error { return e.kind }

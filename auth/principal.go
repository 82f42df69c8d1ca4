package auth

import "time"

// Principal is who is signed in: the answer to every request that has a
// session. It is shared between requests and must not be changed.
type Principal struct {
	Key        string // tid/oid, elsewhere iss#sub: the person, for ever
	TenantID   string // empty where the provider has no tenants
	ObjectID   string // empty where the provider has no tenants
	Name       string // as the provider writes it; for showing only
	UPN        string // for showing only, never an identity
	Level      Level
	SessionRef string // names the session; not secret, opens nothing
	GrantID    string // the sign-in's tokens; jobs point to it

	SignedIn        time.Time
	IdleUntil       time.Time // when the session ends if nothing is done
	AbsoluteUntil   time.Time // when it ends whatever is done
	SteppedUpUntil  time.Time // dangerous changes are allowed until then; zero: sign in anew first
	RenewedForMFA   bool      // the provider was asked for a second factor already; asking again would be a loop
	MFA             string    // how multi-factor authentication was shown: "acrs", "amr", "partner-center", "" when not asked for
	ProviderSession string    // the provider's own name for the session (sid); may be empty
}

// Ask says how a session is looked up.
type Ask uint8

const (
	// Polling marks a request that the page makes by itself: it does not keep
	// the session from becoming idle.
	Polling Ask = iota + 1
	// Fresh reads the session's row and not the cache. Requests with an unsafe
	// method do it anyway; exports, pages with passwords and steps of a job ask.
	Fresh
)

// SteppedUp reports whether the person has proved themselves anew recently
// enough for dangerous changes.
func (p *Principal) SteppedUp(now time.Time) bool { return now.Before(p.SteppedUpUntil) }

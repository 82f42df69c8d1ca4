package emulator

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Options say what an [Emulator] answers from. The zero value is usable: the
// demo customers, 100,000 users in the big one, the bearer words of
// [BearerWords], the wall clock, no control endpoint.
type Options struct {
	// Seed chooses the people. The same seed gives the same users, licenses
	// and role members; customers are the same with every seed.
	Seed uint64

	// Now is the service's clock; nil is time.Now. Expiry, the Date header and
	// the demo data's times go by it.
	Now func() time.Time

	// BigUsers is how many active users northwind.example has, up to
	// 1,000,000. 0 is 100,000.
	BigUsers int

	// NoBOM leaves out the byte order mark in front of success bodies.
	NoBOM bool

	// VersionedLinks puts /v1 in front of the links between pages, as
	// production has done since November 2021 (API facts 7.3).
	VersionedLinks bool

	// Logger gets one debug line a call; nil is silent. It never gets a token.
	Logger *slog.Logger

	// Verify turns a bearer token of an OpenID provider into its claims. Nil
	// means that only the bearer words are known.
	Verify func(ctx context.Context, bearer string) (Claims, error)

	// People says what each person may do, by object ID (the oid claim). Who
	// is not in it has no role with the partner.
	People map[string]Person

	// ReserveDeletedUPNs keeps the name of a deleted user from others until the
	// user is purged. Without it a new user may take the name, and restoring the
	// old one is then a conflict, as in Entra ID.
	ReserveDeletedUPNs bool

	// ShowAfterReads and ShowAfter let changes show late in reads: after so many
	// reads of that customer that do not show them, or after so long, whichever
	// comes first. Writes always go by the truth.
	ShowAfterReads int
	ShowAfter      time.Duration

	// ReadsPerMinute and WritesPerMinute throttle by customer, the partner's own
	// calls apart: 429 and how long to wait. Refused calls count too. 0 is no limit.
	ReadsPerMinute  int
	WritesPerMinute int

	// Deduplicate answers a write with an MS-RequestId that was there before with
	// the answer it had then, without doing it again. Partner Center documents
	// "idempotency", and nobody has seen it: a client must not lean on it.
	Deduplicate bool

	// OldMFARefusal refuses a token without MFA as it was before 2026: bare text
	// with 10001 in it, not JSON with 900421.
	OldMFARefusal bool

	// USGovernment makes the partner one of the cloud for US Government, whose
	// validation codes can be read.
	USGovernment bool

	// StateFile keeps what writes do, for the next start: a JSON file, written
	// anew and put in the old one's place before each write is answered. It
	// belongs to one Seed and one BigUsers. Users that nobody touched are not in
	// it, nor passwords. It is for what people do in a demo: a write costs the
	// more the more was written before. Empty keeps nothing.
	StateFile string

	// Control serves /_emulator/faults and /_emulator/calls to whoever can
	// reach the emulator. For demos and tests only.
	Control bool
}

// Emulator answers the Partner Center REST API from memory. Serve it as the
// server's own handler: an http.ServeMux in front would redirect the doubled
// slash that Partner Center accepts.
type Emulator struct {
	opts   Options
	now    func() time.Time
	log    *slog.Logger
	world  *world
	routes []route
	tokens tokenMaker

	faults   faultList
	throttle throttle
	repeats  repeats
	calls    callLog
	audit    auditLog
	state    stateFile
	control  http.Handler
}

// maxBigUsers bounds Options.BigUsers.
const maxBigUsers = 1_000_000

// New is [Open] for options without a StateFile, or with one that is known to
// be good: it panics where Open fails.
func New(opts Options) *Emulator {
	e, err := Open(opts)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return e
}

// Open makes an emulator, as Options.StateFile has it if there is such a file.
// Without one it costs next to nothing: people are made when they are asked for.
func Open(opts Options) (*Emulator, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.BigUsers <= 0 {
		opts.BigUsers = 100_000
	}
	opts.BigUsers = min(opts.BigUsers, maxBigUsers)
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Emulator{
		opts:   opts,
		now:    opts.Now,
		log:    opts.Logger,
		world:  demoWorld(opts.Seed, opts.BigUsers, opts.Now()),
		tokens: newTokenMaker(opts.Seed),
		routes: routes,
	}
	if opts.USGovernment {
		e.routes = slices.Concat(routes, governmentRoutes)
	}
	if opts.Control {
		e.control = controlHandler(e)
	}
	if opts.StateFile != "" {
		e.state.path = opts.StateFile
		if err := e.load(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// ServeHTTP answers one call; paths begin with /v1.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.control != nil && strings.HasPrefix(r.URL.Path, "/_emulator/") {
		e.control.ServeHTTP(w, r)
		return
	}
	c := newCall(e, w, r)
	answer, err := c.decide()
	if c.mangle.lose != nil {
		answer, err = nil, c.lose(answer, err)
	}
	c.write(answer, err)
}

package directory

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Directory holds lists read from Partner Center, shared by all who have a
// proof that they may see them. Safe for concurrent use.
type Directory struct {
	opts       Options
	background *background
	proofs     proofs
	lobby      lobby
	errands    lobby // for lists that take a call or a handful
	memory     memory
	recent     recent
	calls      chan struct{} // one for each call that reads one user
	behind     chan struct{} // one for each call in the background that does
	paces      paces
	numbers    atomic.Uint64 // of editions and loads

	mu        sync.Mutex
	users     map[usersKey]*list[*snapshot]
	deleted   map[usersKey]*list[*snapshot]
	skus      map[usersKey]*list[*skuList]
	roles     map[usersKey]*list[*roleList]
	customers map[string]*list[*roster] // by partner tenant
	sweeps    map[personKey]*sweep
	met       map[usersKey]Customer // who were asked for by themselves
	annexes   map[*list[*snapshot]]*annex
	swept     time.Time
}

// usersKey is a customer, and the partner who sees it.
type usersKey struct{ tenant, customer string }

// Options are the settings of a [Directory]. The zero value is sane.
type Options struct {
	MaxBytes     int64                    // memory for all lists; 0 means 512 MiB
	Language     language.Tag             // whose alphabet names are sorted by; zero means the root collation
	LocationName func(code string) string // what a usage location is sorted by; nil means its code
	Patience     time.Duration            // longest wait for the first rows before [StateLoading] is answered; 0 means 10 s
	PageTimeout  time.Duration            // longest wait for a page of a list; 0 means 90 s

	// Licenses of users take a call each. LicenseBudget is how many users' are
	// read unasked, 0 means 2,000 and below 0 none; LicensesPerMinute is how many
	// calls of a minute that may take, 0 means 300.
	LicenseBudget     int
	LicensesPerMinute int

	// OnSKUs gets what a customer has subscribed to, each time it was read and
	// before anybody sees it; nil if nobody wants it. It may not change the
	// products, and has to return at once: people wait.
	OnSKUs func(ctx context.Context, tenant, customerID string, products []partnercenter.SubscribedSKU)

	Logger *slog.Logger // nil logs nothing; gets IDs and counts, never names
}

// Viewer is the person who looks, with a client bound to their own grant.
type Viewer struct {
	Key             string // who they are, the same in all their sessions
	PartnerTenantID string // whose customers they see
	Client          *partnercenter.Client
}

// State is how far the reading of a list has come.
type State string

// The states of a list.
const (
	StateLoading  State = "loading"  // the first page is on its way
	StateGrowing  State = "growing"  // some pages are here, more are on their way
	StateComplete State = "complete" // all was read
	StateCut      State = "cut"      // a failure ended the reading midway; what was read is shown
	StatePart     State = "part"     // the reading was ended midway for another reason, see [Reading.Reason]
	StateStale    State = "stale"    // all was read, but too long ago, and Partner Center does not answer
)

// Reason is why a list is held in part.
type Reason string

// The reasons.
const (
	ReasonStopped   Reason = "stopped"   // a person stopped it
	ReasonUnwatched Reason = "unwatched" // nobody looked for two minutes; a look goes on
	ReasonMemory    Reason = "memory"    // there is no room for more
)

// Reading is how a list was read, and how far it can be trusted.
type Reading struct {
	State   State
	Reason  Reason        // why, in StatePart
	Read    int           // rows held
	ReadAt  time.Time     // when the last of them was read; zero while loading
	Age     time.Duration // how long ago that was
	Version uint64        // grows with every page and every new copy

	Refreshing bool // read anew behind this
	Reread     int  // rows that this has read so far

	// Stale tells that Partner Center does not answer, and that rows are shown
	// on the strength of an older proof: to read only, no export, no change.
	Stale bool

	Err           error  // the last failure that matters to the list, or to the reading of it on this viewer's grant; nil when there is none, or while it is read again
	CorrelationID string // of that failure
	CanGoOn       bool   // [Directory.GoOn] would read on
}

// Complete reports whether all rows there are were read.
func (r Reading) Complete() bool { return r.State == StateComplete || r.State == StateStale }

// callsAtOnce is how many calls that read one user are made at once, by all.
const callsAtOnce = 16

// New makes an empty directory.
func New(opts Options) *Directory {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = 512 << 20
	}
	if opts.Patience <= 0 {
		opts.Patience = 10 * time.Second
	}
	if opts.PageTimeout <= 0 {
		opts.PageTimeout = 90 * time.Second
	}
	if opts.LicenseBudget == 0 {
		opts.LicenseBudget = licenseBudget
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	b := newBackground()
	return &Directory{
		opts:       opts,
		background: b,
		proofs:     proofs{background: b, earned: map[proofKey]time.Time{}, failed: map[proofKey]time.Time{}, asking: map[proofKey]*asking{}},
		memory:     memory{most: opts.MaxBytes, held: map[holder]int64{}},
		calls:      make(chan struct{}, callsAtOnce),
		behind:     make(chan struct{}, licenseCallsAtOnce),
		errands:    lobby{perPerson: errandsPerPerson, perProcess: errandsPerProcess},
		users:      map[usersKey]*list[*snapshot]{},
		deleted:    map[usersKey]*list[*snapshot]{},
		skus:       map[usersKey]*list[*skuList]{},
		roles:      map[usersKey]*list[*roleList]{},
		customers:  map[string]*list[*roster]{},
		met:        map[usersKey]Customer{},
		sweeps:     map[personKey]*sweep{},
		annexes:    map[*list[*snapshot]]*annex{},
	}
}

// Close ends all loads and waits for them.
func (d *Directory) Close() { d.background.stop() }

// usersOf is the list of a customer's users.
func (d *Directory) usersOf(v Viewer, customerID string) (*list[*snapshot], error) {
	return listOf(d, d.users, v, customerID, func(key usersKey) *list[*snapshot] {
		by := collation{language: d.opts.Language, locationName: d.opts.LocationName}
		l := newList(d, KindUsers, key.tenant, key.customer, probeKind(key.customer, KindUsers), func() reader[*snapshot] {
			return newUsersReader(key.customer, by)
		})
		d.annexes[l] = newAnnex(d, l)
		return l
	})
}

// listOf is one of the lists there are of a kind: the customer's, made when it
// is first asked for.
func listOf[R rows](d *Directory, lists map[usersKey]*list[R], v Viewer, customerID string, newOne func(usersKey) *list[R]) (*list[R], error) {
	id, ok := parseGUID(customerID)
	if !ok {
		return nil, partnercenter.ErrBadID
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep()
	key := usersKey{v.PartnerTenantID, id.String()}
	l := lists[key]
	if l == nil {
		l = newOne(key)
		lists[key] = l
	}
	return l, nil
}

// customersOf is the list of a partner's customers.
func (d *Directory) customersOf(v Viewer) *list[*roster] {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.customers[v.PartnerTenantID]
	if l == nil {
		by := collation{language: d.opts.Language}
		l = newList(d, KindCustomers, v.PartnerTenantID, "", probeCustomers, func() reader[*roster] {
			return &customersReader{roster: roster{by: by}}
		})
		d.customers[v.PartnerTenantID] = l
	}
	return l
}

// sweep forgets, once a minute, customers' lists that hold nothing, and those
// that nobody has looked at for an hour. It needs the lock.
func (d *Directory) sweep() {
	if time.Since(d.swept) < time.Minute {
		return
	}
	d.swept = time.Now()
	sweepLists(d, d.users)
	sweepLists(d, d.deleted)
	sweepLists(d, d.skus)
	sweepLists(d, d.roles)
	d.sweepSweeps()
	d.sweepAnnexes()
}

func sweepLists[R rows](d *Directory, lists map[usersKey]*list[R]) {
	for key, l := range lists {
		unseen := time.Since(l.lookedAt())
		if unseen < forGood && l.shown.Load() != nil || !l.throwOut() {
			continue
		}
		d.memory.release(l)
		delete(lists, key)
	}
}

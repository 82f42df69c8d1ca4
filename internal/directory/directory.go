package directory

import (
	"errors"
	"log/slog"
	"time"

	"golang.org/x/text/language"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Directory holds lists read from Partner Center, shared by all who have a
// proof that they may see them. Safe for concurrent use.
type Directory struct{}

// Options are the settings of a [Directory]. The zero value is sane.
type Options struct {
	MaxBytes     int64                    // memory for all lists; 0 means 512 MiB
	Language     language.Tag             // whose alphabet names are sorted by; zero means the root collation
	LocationName func(code string) string // what a usage location is sorted by; nil means its code
	Patience     time.Duration            // longest wait for the first rows before [StateLoading] is answered; 0 means 10 s
	PageTimeout  time.Duration            // longest wait for a page of a list; 0 means 90 s
	Logger       *slog.Logger             // nil logs nothing; gets IDs and counts, never names
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

	Err           error  // the last failure that matters to the list; nil when there is none
	CorrelationID string // of that failure
	CanGoOn       bool   // [Directory.GoOn] would read on
}

// Complete reports whether all rows there are were read.
func (r Reading) Complete() bool { return r.State == StateComplete || r.State == StateStale }

// errSkeleton answers calls until they are filled in.
var errSkeleton = errors.New("directory: not available yet")

// New makes an empty directory.
func New(opts Options) *Directory { return &Directory{} }

// Close ends all loads and waits for them.
func (d *Directory) Close() {}

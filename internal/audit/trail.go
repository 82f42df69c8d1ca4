package audit

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Entry is something that happened, as its doer reports it.
type Entry struct {
	Kind          string // one of the Kind constants, or another room's own
	Person        string // key; empty where nobody is signed in
	PersonName    string
	Address       string
	CustomerID    string
	TargetID      string // user, role, session…
	Ticket        string
	CorrelationID string
	Detail        map[string]string // changed fields before and after, counts; never a secret
}

// Row is an entry on the trail.
type Row struct {
	Seq  int64
	Time time.Time
	Entry
}

// Options are the settings of a trail.
type Options struct {
	Logger  *slog.Logger // gets the anchors
	Earlier [][]byte     // keys of before a rotation, to check older rows
}

// ErrUnavailable is the error of an entry that could not be written: what it
// reports must not happen.
var ErrUnavailable = errors.New("audit: the trail can't be written")

// Trail is the append-only record.
type Trail struct{}

// New opens the trail and anchors its head. Close it when the server stops.
func New(st *store.Store, key []byte, opts Options) (*Trail, error) {
	return nil, ErrUnavailable
}

// Append commits one entry. When it fails, what it reports must not happen.
func (t *Trail) Append(ctx context.Context, e Entry) (seq int64, err error) {
	return 0, ErrUnavailable
}

// Viewed counts a view of a list: one row at once, and one with the count of
// those that followed within ten minutes.
func (t *Trail) Viewed(ctx context.Context, e Entry) error { return ErrUnavailable }

// Filter says which rows to list. Empty fields don't narrow.
type Filter struct {
	Person, CustomerID, TargetID, Ticket, CorrelationID string
	Kinds                                               []string
	Since, Until                                        time.Time
	Before                                              int64 // rows older than this seq
	Limit                                               int   // 0 means 50
}

// List gives rows, newest first.
func (t *Trail) List(ctx context.Context, f Filter) ([]Row, error) { return nil, ErrUnavailable }

// All yields every row of the filter, newest first.
func (t *Trail) All(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) { yield(Row{}, ErrUnavailable) }
}

// Anchor is a row's place and code as the log stream kept it.
type Anchor struct {
	Seq int64
	MAC string
}

// Verify checks chain, gaps and anchors.
func (t *Trail) Verify(ctx context.Context, anchors []Anchor) error { return ErrUnavailable }

// Close writes what is counted and the last anchor.
func (t *Trail) Close(ctx context.Context) error { return nil }

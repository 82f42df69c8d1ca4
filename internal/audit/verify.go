package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Broken is the error of a trail that was tampered with: where it shows, and how.
type Broken struct {
	Seq    int64 // the row at which it shows
	Reason string
}

func (e *Broken) Error() string { return fmt.Sprintf("audit: row %d: %s", e.Seq, e.Reason) }

// ErrTailUnproved is the answer where no anchor of a row is given: the rows that
// are there are as they were written, but nobody can say whether more followed.
var ErrTailUnproved = errors.New("audit: without anchors it can't be proved that no rows are missing at the end")

// Report is what a check of the trail found.
type Report struct {
	Rows     int64 // checked
	First    int64 // seq of the oldest row; 0 while there is none
	Last     int64 // seq of the newest
	CutAt    int64 // rows up to this one were taken by retention, as a signed row says; 0: none
	Anchors  int   // that lie in the trail and agree
	Older    int   // anchors of rows that retention took
	Restored int64 // the newest row that says that a backup was restored; 0: none
	Lost     int   // anchors of rows that went when it was: the log knows of them, the backup did not
	ProvedTo int64 // the newest anchor that agrees: no row up to it is missing
}

// Unproved is how many of the newest rows lie behind the last anchor: they are
// as they were written, but it can't be proved that no more followed.
func (r Report) Unproved() int64 { return r.Last - max(r.ProvedTo, r.CutAt) }

// Verify checks chain, gaps and anchors: a [*Broken] when one is wrong,
// [ErrTailUnproved] when no anchor proves any row, else nil. How many rows lie
// behind the last anchor is in the report of [Trail.Check].
func (t *Trail) Verify(ctx context.Context, anchors []Anchor) error {
	report, err := t.Check(ctx, anchors)
	if err == nil && report.ProvedTo == 0 {
		err = ErrTailUnproved
	}
	return err
}

// page is how many rows are checked at a time.
const page = 500

// Check walks the whole trail, as it is at the beginning of the walk, and says
// what holds. With an error the report covers what was walked before it.
func (t *Trail) Check(ctx context.Context, anchors []Anchor) (Report, error) {
	head, _, err := t.st.TrailHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Report{}, fmt.Errorf("audit: read the newest row: %w", err)
	}
	walk := walk{signer: t.signer, prev: beginning, anchors: map[int64][]told{}, cuts: map[int64][]byte{}}
	for i, a := range anchors {
		walk.anchors[a.Seq] = append(walk.anchors[a.Seq], told{a.MAC, a.Seq, i})
	}
	walk.anchored(0, beginning) // told while the trail was empty
	for walk.Last < head {
		rows, err := t.st.TrailAfter(ctx, walk.Last, page)
		if err != nil {
			return walk.Report, fmt.Errorf("audit: read rows after %d: %w", walk.Last, err)
		}
		if len(rows) == 0 {
			return walk.Report, &Broken{Seq: head, Reason: "it was there when the check began and is gone"}
		}
		for _, row := range rows {
			if err := walk.row(row); err != nil {
				return walk.Report, err
			}
		}
	}
	err = walk.end()
	return walk.Report, err
}

// walk is the state of a check.
type walk struct {
	Report
	signer  signer
	prev    []byte
	anchors map[int64][]told // by seq, not met yet
	cuts    map[int64][]byte // by seq: the code that retention says the last row it took had
	start   []byte           // prev of a first row that is not row 1

	agreed   []told  // anchors that fit their row
	disputed []told  // and those that don't
	restored []int64 // rows that say that a backup was restored
}

// told is an anchor and its place in the log.
type told struct {
	mac   string
	seq   int64
	place int
}

func (w *walk) row(r store.TrailRow) error {
	switch {
	case w.Last == 0 && r.Seq != 1:
		w.start, w.CutAt = r.Prev, r.Seq-1 // must be explained by a row that follows
	case r.Seq != w.Last+1:
		return &Broken{Seq: w.Last + 1, Reason: "it is missing"}
	case !bytes.Equal(r.Prev, w.prev):
		return &Broken{Seq: r.Seq, Reason: "it does not follow the row before it"}
	}
	if err := w.signer.check(r); err != nil {
		return &Broken{Seq: r.Seq, Reason: err.Error()}
	}
	if w.Rows == 0 {
		w.First = r.Seq
	}
	w.Rows++
	w.Last, w.prev = r.Seq, r.MAC
	switch r.Kind {
	case KindTrailCut:
		if through, mac, ok := cutOf(r); ok {
			w.cuts[through] = mac
		}
	case KindTrailRestored:
		w.restored, w.Restored = append(w.restored, r.Seq), r.Seq
	}
	w.anchored(r.Seq, r.MAC)
	return nil
}

// anchored checks the anchors of one row.
func (w *walk) anchored(seq int64, mac []byte) {
	for _, a := range w.anchors[seq] {
		if a.mac != hex.EncodeToString(mac) {
			w.disputed = append(w.disputed, a)
			continue
		}
		w.agreed = append(w.agreed, a)
		w.Anchors++
		w.ProvedTo = max(w.ProvedTo, seq)
	}
	delete(w.anchors, seq)
}

// end checks what only the whole can show.
func (w *walk) end() error {
	if w.start != nil && !bytes.Equal(w.cuts[w.CutAt], w.start) {
		return &Broken{Seq: w.CutAt, Reason: "it and all before it are missing, and no row says that retention took them"}
	}
	var found *Broken
	tell := func(a told, reason string) {
		switch {
		case w.lost(a):
			w.Lost++
		case found == nil || a.seq < found.Seq:
			found = &Broken{Seq: a.seq, Reason: reason}
		}
	}
	for _, a := range w.disputed {
		tell(a, "the log's anchor has another code for it")
	}
	for seq, said := range w.anchors {
		if seq <= w.CutAt {
			w.Older += len(said)
			continue
		}
		for _, a := range said {
			tell(a, "the log has an anchor of it, but it is missing at the end")
		}
	}
	if found != nil {
		return found
	}
	return nil
}

// lost reports whether an anchor is of a row that went when a backup was
// restored: the row that says so stands at its place or before, and in the log
// the anchor comes before all that agree with what followed.
func (w *walk) lost(a told) bool {
	return slices.ContainsFunc(w.restored, func(restored int64) bool {
		return restored <= a.seq && !slices.ContainsFunc(w.agreed, func(b told) bool { return b.seq >= restored && b.place < a.place })
	})
}

// cutOf reads which row retention took last, and the code it had.
func cutOf(r store.TrailRow) (through int64, mac []byte, ok bool) {
	row, err := rowOf(r)
	if err != nil {
		return 0, nil, false
	}
	through, err = strconv.ParseInt(row.Detail["through"], 10, 64)
	if err != nil {
		return 0, nil, false
	}
	mac, err = hex.DecodeString(row.Detail["mac"])
	return through, mac, err == nil
}

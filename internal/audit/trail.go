package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Options are the settings of a trail.
type Options struct {
	Logger  *slog.Logger // gets the anchors
	Earlier [][]byte     // keys of before a rotation, to check older rows
}

var (
	// ErrUnavailable is the error of an entry that could not be written: what
	// it reports must not happen.
	ErrUnavailable = errors.New("audit: the trail can't be written")

	// ErrCut is the error of a trail whose newest rows are gone since this
	// process wrote them. Nothing is appended to it; it is also an ErrUnavailable.
	ErrCut = fmt.Errorf("%w: rows at its end are gone", ErrUnavailable)
)

// patience is how long a row may take to be written, whether or not the
// request that reports it is still waiting.
const patience = 15 * time.Second

// Trail is the append-only record. Safe for concurrent use.
type Trail struct {
	st     *store.Store
	signer signer
	logger *slog.Logger

	mu       sync.Mutex
	seq      int64  // the newest row known to be committed
	mac      []byte // and its code
	anchored time.Time
	thousand []int64 // rows to anchor once they are committed

	views   views
	ticking sync.Mutex
	wake    chan struct{}
	visit   bool // this process only looks in; see Visit

	background context.Context // ends with Close
	stop       context.CancelFunc
	stopped    sync.WaitGroup
}

// New opens the trail and anchors its head. It fails when the newest row was
// signed with a key that is not given, or was changed. Close the trail before
// the store.
func New(st *store.Store, key []byte, opts Options) (*Trail, error) {
	t, err := Visit(st, key, opts)
	if err != nil {
		return nil, err
	}
	t.visit = false
	background, stop := context.WithCancel(context.Background())
	ctx, cancel := context.WithTimeout(background, patience)
	defer cancel()
	if err := t.readHead(ctx); err != nil {
		stop()
		return nil, err
	}
	if err := t.anchor(ctx, "start"); err != nil {
		stop()
		return nil, err
	}
	t.background, t.stop = background, stop
	t.stopped.Go(func() { t.run(background) })
	return t, nil
}

// Visit opens the trail for a program that works on it for a moment, beside
// the one that serves: it anchors nothing, since its log is not the one that
// is kept, and looks at the newest row only before it appends. There is
// nothing to close.
func Visit(st *store.Store, key []byte, opts Options) (*Trail, error) {
	signer, err := newSigner(key, opts.Earlier)
	if err != nil {
		return nil, err
	}
	return &Trail{
		st: st, signer: signer, logger: cmp.Or(opts.Logger, slog.New(slog.DiscardHandler)),
		wake: make(chan struct{}, 1), views: views{open: map[viewKey]*view{}}, visit: true,
	}, nil
}

// CheckNewest reports whether the newest row is one of ours and as it was
// written; a [*Broken] says why not.
func (t *Trail) CheckNewest(ctx context.Context) error {
	_, _, err := t.newest(ctx)
	return err
}

// readHead learns the newest row, which must be one of ours.
func (t *Trail) readHead(ctx context.Context) error {
	seq, mac, err := t.newest(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.seq, t.mac = seq, mac
	t.mu.Unlock()
	return nil
}

// newest reads the newest row's place and code, and checks it.
func (t *Trail) newest(ctx context.Context) (seq int64, mac []byte, err error) {
	seq, _, err = t.st.TrailHead(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return 0, beginning, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("audit: read the newest row: %w", err)
	}
	rows, err := t.st.TrailAfter(ctx, seq-1, 1)
	if err != nil {
		return 0, nil, fmt.Errorf("audit: read the newest row: %w", err)
	}
	if len(rows) != 1 {
		return 0, nil, &Broken{Seq: seq, Reason: "it is gone"}
	}
	if err := t.signer.check(rows[0]); err != nil {
		return 0, nil, &Broken{Seq: seq, Reason: err.Error()}
	}
	return rows[0].Seq, rows[0].MAC, nil
}

// Append commits one entry. When it fails, what it reports must not happen. A
// caller that goes away does not stop it.
func (t *Trail) Append(ctx context.Context, e Entry) (seq int64, err error) {
	return t.AppendWith(ctx, e, nil)
}

// AppendWith commits one entry together with the rows that alongside writes:
// both or neither.
func (t *Trail) AppendWith(ctx context.Context, e Entry, alongside func(*store.Tx) error) (seq int64, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if t.visit {
		if err := t.readHead(ctx); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	var row store.TrailRow
	var refused error
	err = t.st.InTx(ctx, func(tx *store.Tx) error {
		if alongside != nil {
			if refused = alongside(tx); refused != nil {
				return refused
			}
		}
		row, err = t.insert(ctx, tx, e)
		return err
	})
	switch {
	case err == nil:
		t.committed(row)
		return row.Seq, nil
	case refused != nil || errors.Is(err, ErrEntry) || errors.Is(err, ErrUnavailable):
		return 0, err
	default:
		return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// AppendTx adds an entry to a transaction of the caller's, as its last step:
// nobody else can append until it ends. The row is there once it is committed.
func (t *Trail) AppendTx(ctx context.Context, tx *store.Tx, e Entry) (seq int64, err error) {
	row, err := t.insert(ctx, tx, e)
	if err != nil {
		if errors.Is(err, ErrEntry) || errors.Is(err, ErrUnavailable) {
			return 0, err
		}
		return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	t.due(row.Seq)
	return row.Seq, nil
}

func (t *Trail) insert(ctx context.Context, tx *store.Tx, e Entry) (store.TrailRow, error) {
	row, err := e.row()
	if err != nil {
		return store.TrailRow{}, err
	}
	if err := tx.LockTrail(ctx); err != nil {
		return store.TrailRow{}, err
	}
	seq, prev, err := tx.TrailHead(ctx)
	if errors.Is(err, store.ErrNotFound) {
		seq, prev, err = 0, beginning, nil
	}
	if err != nil {
		return store.TrailRow{}, err
	}
	if t.isCut(seq, prev) {
		return store.TrailRow{}, ErrCut
	}
	row.Seq, row.Prev = seq+1, prev
	row.Time = t.st.Now().Truncate(time.Microsecond)
	t.signer.sign(&row)
	return row, tx.InsertTrail(ctx, row)
}

// isCut reports whether the head lies before what this process has committed.
func (t *Trail) isCut(seq int64, mac []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return seq < t.seq || seq == t.seq && !bytes.Equal(mac, t.mac)
}

func (t *Trail) committed(row store.TrailRow) {
	t.mu.Lock()
	if row.Seq > t.seq {
		t.seq, t.mac = row.Seq, row.MAC
	}
	t.mu.Unlock()
	t.due(row.Seq)
}

// Close writes what is counted and the last anchor. Nothing may be appended
// after it. A second call does nothing.
func (t *Trail) Close(ctx context.Context) error {
	if t.stop == nil {
		return nil
	}
	t.stop()
	t.stop = nil
	t.stopped.Wait()
	return errors.Join(t.flushViews(ctx, true), t.anchor(ctx, "stop"))
}

// run does by the clock what is due.
func (t *Trail) run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-t.wake:
		}
		t.tick(ctx)
	}
}

// tick writes the views whose ten minutes are over, and the anchors that are due.
func (t *Trail) tick(ctx context.Context) {
	t.ticking.Lock()
	defer t.ticking.Unlock()
	err := errors.Join(t.flushViews(ctx, false), t.anchorThousands(ctx), t.anchorHour(ctx))
	if err != nil && ctx.Err() == nil {
		t.logger.Error("trail not kept up", slog.Any("error", err))
	}
}

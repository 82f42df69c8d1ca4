package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Cut takes away the rows older than before, in whole segments of 1,000, and
// says so in a signed row that takes their place in the chain. It returns how
// many rows went; 0 when no whole segment is that old. e tells who cuts.
func (t *Trail) Cut(ctx context.Context, before time.Time, e Entry) (int64, error) {
	through, mac, err := t.st.TrailSegmentBefore(ctx, before, everyRows)
	if err != nil || through == 0 {
		return 0, err
	}
	first, err := t.st.TrailAfter(ctx, 0, 1)
	if err != nil {
		return 0, err
	}
	return t.cutThrough(ctx, through, mac, before, e, through-first[0].Seq+1)
}

func (t *Trail) cutThrough(ctx context.Context, through int64, mac []byte, before time.Time, e Entry, gone int64) (int64, error) {
	e.Kind = KindTrailCut
	e.Detail = map[string]string{
		"through": strconv.FormatInt(through, 10),
		"mac":     hex.EncodeToString(mac),
		"rows":    strconv.FormatInt(gone, 10),
		"before":  before.UTC().Format(time.RFC3339),
	}
	_, err := t.AppendWith(ctx, e, func(tx *store.Tx) error { return tx.CutTrail(ctx, through) })
	if errors.Is(err, store.ErrNotFound) { // another replica was quicker
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return gone, nil
}

// cutEvery is how often retention looks whether a segment has become old enough.
const cutEvery = 6 * time.Hour

// Retain cuts what is older than age, now and every six hours until the trail
// is closed.
func (t *Trail) Retain(age time.Duration) {
	t.stopped.Go(func() {
		tick := time.NewTicker(cutEvery)
		defer tick.Stop()
		for {
			gone, err := t.Cut(t.background, t.st.Now().Add(-age), Entry{})
			switch {
			case err != nil && t.background.Err() == nil:
				t.logger.Error("old rows of the trail not taken away", slog.Any("error", err))
			case gone > 0:
				t.logger.Info("old rows of the trail taken away", slog.Int64("rows", gone))
			}
			select {
			case <-t.background.Done():
				return
			case <-tick.C:
			}
		}
	})
}

package audit

import (
	"context"
	"encoding/hex"
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
	gone := through - first[0].Seq + 1
	e.Kind = KindTrailCut
	e.Detail = map[string]string{
		"through": strconv.FormatInt(through, 10),
		"mac":     hex.EncodeToString(mac),
		"rows":    strconv.FormatInt(gone, 10),
		"before":  before.UTC().Format(time.RFC3339),
	}
	_, err = t.AppendWith(ctx, e, func(tx *store.Tx) error { return tx.CutTrail(ctx, through) })
	return gone, err
}

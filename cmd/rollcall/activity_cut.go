package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/audit"
)

// newActivityCut answers rollcall activity cut.
func newActivityCut(p *program) *cobra.Command {
	days := 0
	cmd := &cobra.Command{
		Use:   "cut",
		Short: "Take old rows of a server's trail away, in whole thousands",
		Long: `For PostgreSQL with a role that serves and may not do so: run it as the role that
owns the tables, say monthly. Elsewhere --trail-retention of rollcall serve does it. A
signed row says what was taken, so that the rest can still be checked.`,
		Example: `  rollcall activity cut --older-than 730
  ROLLCALL_DATABASE=postgres://owner@db.example/rollcall rollcall activity cut --older-than 730`,
		Args: noArguments,
	}
	cmd.Flags().IntVar(&days, "older-than", 0, "`days` that rows are kept at least, 30 or more")
	return p.inOffice(cmd, officeSettings, func([]string) error {
		if days < 30 || days > 36500 {
			return misuse("--older-than: %d is no number of days of 30 or more; write it like 730", days)
		}
		return nil
	}, func(ctx context.Context, o *office, _ []string) error {
		may, err := o.store.MayCut(ctx)
		if err != nil {
			return err
		}
		if !may {
			return &problem{code: exitRefused, text: "This role may not take rows of the trail away. Nothing was changed.", next: "Run it as the role that owns the tables."}
		}
		gone, err := o.trail.Cut(ctx, o.store.Now().Add(-time.Duration(days)*24*time.Hour), administrator(audit.KindTrailCut))
		if err != nil {
			return trailTrouble(err, "Nothing was taken away.")
		}
		_, err = fmt.Fprintf(p.out, "%s rows of the trail were taken away.\n", grouped(int(gone)))
		return err
	})
}

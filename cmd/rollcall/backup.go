package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

// pgDump is what takes a backup's place with PostgreSQL.
const pgDump = "pg_dump --format=custom --exclude-table-data=sessions --exclude-table-data=grants --exclude-table-data=attempts --exclude-table-data=logout_tokens --file=rollcall.dump"

// newBackup answers rollcall backup FILE.
func newBackup(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy a server's SQLite database to a new file",
		Long: onServer + ` The copy is whole, as of one moment, and only its owner
can read it. Left out are sessions and tokens: after a restore everybody signs in again.
That it was asked for is on the trail, the copy's own included, and a failure is, too.
The keys are in no backup: keep a copy of the key file elsewhere, for without it the
trail can't be checked. FILE must not be there yet.

With PostgreSQL use its own tool, which leaves the same out:
` + "  pg_dump --format=custom --exclude-table-data=sessions --exclude-table-data=grants\n    --exclude-table-data=attempts --exclude-table-data=logout_tokens rollcall",
		Example: `  rollcall backup /var/backups/rollcall-2026-03-01.db
  rollcall backup --database sqlite:rollcall.db --key-file /etc/rollcall/keys copy.db`,
		Args: arguments("FILE"),
	}
	return p.inOffice(cmd, officeSettings, nil, func(ctx context.Context, o *office, args []string) error {
		return p.backup(ctx, o, args[0])
	})
}

func (p *program) backup(ctx context.Context, o *office, file string) error {
	if o.store.Shared() {
		return misuse("rollcall backup copies a SQLite file. For PostgreSQL: %s", pgDump)
	}
	isThere := misuse("%s is there already, and is not overwritten. Name a new file.", file)
	if _, err := os.Lstat(file); err == nil {
		return isThere
	}
	asked := administrator(audit.KindBackup)
	asked.Detail = map[string]string{"file": file}
	if _, err := o.trail.Append(ctx, asked); err != nil {
		return trailTrouble(err, "No backup was made.")
	}
	if err := o.store.Backup(ctx, file); err != nil {
		failed := o.failed(ctx, asked)
		switch {
		case errors.Is(err, store.ErrExists): // since a moment ago
			return errors.Join(isThere, failed)
		case errors.Is(err, store.ErrBrokenOff):
			return errors.Join(&problem{code: exitFailed, err: err, text: file + ".part is there, of a backup that is being made or was broken off. No backup was made.", next: "If none is being made, remove it, then run this again."}, failed)
		}
		return errors.Join(&problem{code: exitFailed, err: err, text: fmt.Sprintf("The backup can't be written: %v. No file was left.", err)}, failed)
	}
	size := int64(0)
	if info, err := os.Stat(file); err == nil {
		size = info.Size()
	}
	seq, _, err := o.store.TrailHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s: %s bytes, the trail up to row %s at least.\n", file, grouped(int(size)), grouped(int(seq)))
	return err
}

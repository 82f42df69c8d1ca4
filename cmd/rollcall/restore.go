package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/store"
)

type restoreOptions struct {
	anchors string
	force   bool
}

// newRestore answers rollcall restore FILE.
func newRestore(p *program) *cobra.Command {
	var opts restoreOptions
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in a server's place",
		Long: `The server must be stopped. The backup's trail is checked first, with the keys and,
where you give the server's log, with its anchors; a broken one is not restored. A row
of the trail says that it was restored, and from what. Everybody signs in again.

A database that is there is replaced only with --force, and then kept beside it. For
PostgreSQL use pg_restore, then: rollcall activity verify --anchors LOG`,
		Example: `  rollcall restore /var/backups/rollcall-2026-03-01.db --anchors /var/log/rollcall.log
  rollcall restore copy.db --database sqlite:rollcall.db --key-file /etc/rollcall/keys --force`,
		Args: arguments("FILE"),
	}
	cmd.Flags().StringVar(&opts.anchors, "anchors", "", "`file` of the server's log; - reads it from stdin")
	cmd.Flags().BoolVar(&opts.force, "force", false, "replace a database that is there; it is kept beside")
	settings := config.For(officeSettings)
	settings.AddFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		set, err := settings.Load(cmd.Flags(), p.environ)
		if err != nil {
			return &problem{code: exitMisuse, text: err.Error(), err: err}
		}
		return p.restore(action(cmd.Context()), set, args[0], opts)
	}
	return cmd
}

func (p *program) restore(ctx context.Context, set config.Config, from string, opts restoreOptions) error {
	target, isFile := strings.CutPrefix(set.Database, "sqlite:")
	if !isFile {
		return misuse("rollcall restore puts a SQLite file in place. For PostgreSQL: pg_restore --clean --if-exists --dbname=rollcall rollcall.dump; then check it with: rollcall activity verify --anchors LOG")
	}
	keys, err := readKeys(set.KeyFile)
	if err != nil {
		return err
	}
	var anchors []audit.Anchor
	if opts.anchors != "" {
		if anchors, err = p.readAnchors(opts.anchors); err != nil {
			return err
		}
	}
	taken, err := freeToReplace(ctx, target, opts.force)
	if err != nil {
		return err
	}
	copied := target + ".restoring"
	defer func() { removeDatabase(copied) }() // what is in place has another name by then
	if err := copyBackup(ctx, from, copied); err != nil {
		return err
	}
	rows, lost, err := restoreTrail(ctx, copied, keys, anchors, from)
	if err != nil {
		return err
	}
	kept := ""
	if taken {
		kept = target + ".before-restore-" + clock().UTC().Format("20060102T150405Z")
		if err := os.Rename(target, kept); err != nil {
			return err
		}
	}
	if err := os.Rename(copied, target); err != nil {
		return err
	}
	text := fmt.Sprintf("%s is in place, its trail checked: %s rows.\n", target, grouped(int(rows)))
	if lost > 0 {
		text += fmt.Sprintf("The log knows of rows up to %s: what was done after row %s is not in the backup.\n", grouped(int(lost)), grouped(int(rows)))
	}
	if kept != "" {
		text += fmt.Sprintf("What was there is %s now.\n", kept)
	}
	_, err = fmt.Fprint(p.out, text)
	return err
}

// freeToReplace reports whether something is there, and refuses what must not
// be replaced.
func freeToReplace(ctx context.Context, target string, force bool) (taken bool, err error) {
	info, err := os.Stat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.Size() == 0 {
		return false, os.Remove(target)
	}
	switch err := store.InUse(ctx, target); {
	case errors.Is(err, store.ErrInUse):
		return false, &problem{code: exitRefused, err: err, text: "A program has the database open: a server is running on it. Nothing was changed.", next: "Stop it first."}
	case err != nil && !errors.Is(err, store.ErrNoTables):
		return false, err
	case err != nil:
		return false, &problem{code: exitRefused, err: err, text: fmt.Sprintf("%s is no database. Nothing was changed.", target), next: "Name the server's database with --database."}
	}
	if !force {
		return false, &problem{code: exitRefused, text: fmt.Sprintf("There is a database at %s. Nothing was changed.", target), next: "--force replaces it, and keeps it beside."}
	}
	return true, nil
}

func copyBackup(ctx context.Context, from, to string) error {
	err := store.CopyBackup(ctx, from, to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &problem{code: exitNotFound, err: err, text: fmt.Sprintf("There is no file %s. Nothing was changed.", from)}
	case errors.Is(err, store.ErrNoTables):
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("%s is no backup of Rollcall. Nothing was changed.", from)}
	case errors.Is(err, store.ErrBrokenOff):
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("%s.part is there, of a restore that was broken off. Nothing was changed.", to), next: "Remove it, then run this again."}
	case errors.Is(err, store.ErrExists):
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("%s is there, of a restore that was broken off. Nothing was changed.", to), next: "Remove it, then run this again."}
	}
	return err
}

// restoreTrail brings a copy's tables up to date, checks its trail and writes
// there that it was restored. lost is the newest row that only the log knows.
func restoreTrail(ctx context.Context, path string, keys *auth.KeyRing, anchors []audit.Anchor, from string) (rows, lost int64, err error) {
	st, err := store.Open(ctx, store.Options{DSN: "sqlite:" + path})
	if err != nil {
		return 0, 0, databaseTrouble(err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	key, earlier := keys.TrailKeys()
	trail, err := audit.Visit(st, key, audit.Options{Earlier: earlier})
	if err != nil {
		return 0, 0, err
	}
	last, head, err := st.TrailHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, 0, err
	}
	var within []audit.Anchor
	for _, a := range anchors {
		if a.Seq <= last {
			within = append(within, a)
		}
		lost = max(lost, a.Seq)
	}
	own, err := st.LastAnchor(ctx)
	switch {
	case err == nil: // the copy that lies beside the trail
		within = append(within, audit.Anchor{Seq: own.Seq, MAC: hex.EncodeToString(own.MAC)})
	case !errors.Is(err, store.ErrNotFound):
		return 0, 0, err
	}
	if _, err := trail.Check(ctx, within); err != nil {
		return 0, 0, brokenBackup(err)
	}
	e := administrator(audit.KindTrailRestored)
	e.Detail = map[string]string{"from": from, "through": strconv.FormatInt(last, 10), "mac": hex.EncodeToString(head), "at": clock().UTC().Format(time.RFC3339)}
	if lost > last {
		e.Detail["lost up to"] = strconv.FormatInt(lost, 10)
	}
	if _, err := trail.Append(ctx, e); err != nil {
		return 0, 0, err
	}
	if lost <= last {
		lost = 0
	}
	return last, lost, nil
}

func brokenBackup(err error) error {
	broken, ok := errors.AsType[*audit.Broken](err)
	if !ok {
		return err
	}
	return &problem{code: exitFailed, err: err, text: fmt.Sprintf("The backup's trail is broken: row %s: %s. Nothing was changed.", grouped(int(broken.Seq)), broken.Reason),
		next: "Try an older backup. If the keys were changed since, give a key file that still has the old ones."}
}

// removeDatabase removes a SQLite file and what lies beside it.
func removeDatabase(path string) {
	for _, end := range []string{"", "-wal", "-shm", ".part"} {
		_ = os.Remove(path + end)
	}
}

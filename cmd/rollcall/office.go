package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"os/user"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/store"
)

// office is a server's database, opened by its administrator beside the
// program that serves it.
type office struct {
	store *store.Store
	file  string // the key file
	keys  *auth.KeyRing
	trail *audit.Trail
	auth  *auth.Office
}

// officeSettings are those of a command that needs database and keys.
const officeSettings = config.Database | config.Keys

// inOffice makes a command one that works on a server's database: it has those
// settings, and runs once its options are checked and the database is open.
// check may be nil.
func (p *program) inOffice(cmd *cobra.Command, needs config.Command, check func(args []string) error, run func(ctx context.Context, o *office, args []string) error) *cobra.Command {
	settings := config.For(needs)
	settings.AddFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if check != nil {
			if err := check(args); err != nil {
				return err
			}
		}
		set, err := settings.Load(cmd.Flags(), p.environ)
		if err != nil {
			return &problem{code: exitMisuse, text: err.Error(), err: err}
		}
		ctx := action(cmd.Context())
		o, err := p.openOffice(ctx, set)
		if err != nil {
			return err
		}
		return errors.Join(run(ctx, o, args), o.store.Close())
	}
	return cmd
}

func (p *program) openOffice(ctx context.Context, set config.Config) (*office, error) {
	log := slog.New(slog.NewTextHandler(p.errOut, &slog.HandlerOptions{Level: slog.LevelWarn}))
	o := &office{file: set.KeyFile}
	if set.KeyFile != "" {
		ring, err := readKeys(set.KeyFile)
		if err != nil {
			return nil, err
		}
		o.keys = ring
	}
	st, err := store.Open(ctx, store.Options{DSN: set.Database, Logger: log, Visit: true})
	if err != nil {
		return nil, databaseTrouble(err)
	}
	o.store = st
	if o.keys == nil {
		return o, nil
	}
	key, earlier := o.keys.TrailKeys()
	if o.trail, err = audit.Visit(st, key, audit.Options{Logger: log, Earlier: earlier}); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	o.auth = auth.OpenOffice(st, o.trail, o.keys, auth.OfficeOptions{Idle: set.IdleTimeout, Logger: log})
	return o, nil
}

// readKeys reads the ring of a key file. Mistakes name the line and never
// repeat it.
func readKeys(path string) (*auth.KeyRing, error) {
	text, err := os.ReadFile(path) //nolint:gosec // G304: the administrator names this file
	if err != nil {
		return nil, err
	}
	keys, err := auth.ParseKeyRing(text)
	if err != nil {
		return nil, &problem{code: exitMisuse, err: err, text: fmt.Sprintf("--key-file: %s: %v", path, err)}
	}
	return keys, nil
}

// databaseTrouble words why a database can't be opened.
func databaseTrouble(err error) error {
	told := &problem{code: exitFailed, err: err, text: fmt.Sprintf("The database can't be opened: %v.", err)}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		told.code, told.text = exitNotFound, "There is no database there."
		told.next = "Name the server's with --database, such as sqlite:/var/lib/rollcall/rollcall.db."
	case errors.Is(err, fs.ErrPermission):
		told.next = "Run it as the account that serves Rollcall."
	case errors.Is(err, store.ErrNoTables):
		told.next = "Name the server's database with --database."
	case errors.Is(err, store.ErrTables):
		told.next = "Use the program that serves it, or bring the tables up to date with: rollcall migrate"
	}
	return told
}

// folderTrouble words that a database can't be made where its folder is
// missing; nil where that is not the matter.
func folderTrouble(err error) error {
	missing, ok := errors.AsType[*fs.PathError](err)
	if !ok || !errors.Is(missing, fs.ErrNotExist) {
		return nil
	}
	return &problem{code: exitNotFound, err: err, text: fmt.Sprintf("There is no folder %s for the database.", filepath.Dir(missing.Path)),
		next: "Make it, or name the database with --database, such as sqlite:rollcall.db."}
}

// administrator is who sits at the server, for the trail.
func administrator(kind string) audit.Entry {
	name := "unknown"
	if who, err := user.Current(); err == nil {
		name = who.Username
	}
	return audit.Entry{Kind: kind, Person: "local/" + name, PersonName: name + ", on the server"}
}

// failed puts on the trail, after the row that something was about to be done,
// that it was not.
func (o *office) failed(ctx context.Context, asked audit.Entry) error {
	asked.Detail = maps.Clone(asked.Detail)
	if asked.Detail == nil {
		asked.Detail = map[string]string{}
	}
	asked.Detail["outcome"] = "failed"
	if _, err := o.trail.Append(ctx, asked); err != nil {
		return trailTrouble(err, "The trail says that it was asked for, and not that it failed.")
	}
	return nil
}

// trailTrouble words why the trail does not take what has to be on it.
func trailTrouble(err error, undone string) error {
	if errors.Is(err, audit.ErrUnavailable) {
		return &problem{code: exitFailed, err: err, text: undone + " It has to be on the trail, which can't be written: " + err.Error() + ".", next: "Check it with: rollcall activity verify"}
	}
	return err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// leftOut are the tables that no copy keeps: who is signed in now, with the
// sealed tokens. After a restore everybody signs in again.
var leftOut = []string{"sessions", "grants", "attempts", "logout_tokens"}

var (
	// ErrExists is the error of a copy that would overwrite something.
	ErrExists = errors.New("store: there is such a file already")
	// ErrBrokenOff is the error of a copy beside which another one lies, not whole.
	ErrBrokenOff = errors.New("store: a copy that was broken off is there")
	// ErrInUse is the error of a file that another program has open.
	ErrInUse = errors.New("store: another program has the database open")
	// ErrOnlySQLite is the error of a copy that PostgreSQL's own tools make.
	ErrOnlySQLite = errors.New("store: only a SQLite file is copied like that")
)

// Backup writes a copy of the database, as it is at this moment, to a new file
// that only its owner can read. Sessions and tokens are left out of it.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.dialect != sqlite {
		return ErrOnlySQLite
	}
	return copyInto(ctx, s.writer, path)
}

// CopyBackup makes a database of a backup, or of any other copy of a database,
// and leaves sessions and tokens out once more. to must not be there yet.
func CopyBackup(ctx context.Context, from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteAddress(from, "mode=ro&_pragma=busy_timeout(5000)"))
	if err != nil {
		return err
	}
	var tables int
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('trail', 'anchors', 'goose_db_version')").Scan(&tables)
	switch {
	case err == nil && tables == 3:
		err = copyInto(ctx, db, to)
	case err == nil || strings.Contains(err.Error(), "not a database"): // the driver has no type for it
		err = ErrNoTables
	}
	return errors.Join(err, db.Close())
}

// copyInto has SQLite write a whole copy beside path, takes out what no copy
// keeps, and only then gives it its name.
func copyInto(ctx context.Context, db *sql.DB, path string) (err error) {
	const mode = 0o600
	name, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode) //nolint:gosec // G304: the administrator names this file
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	if err := name.Close(); err != nil {
		return err
	}
	part := path + ".part"
	empty, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode) //nolint:gosec // G304: as above
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w: %s", ErrBrokenOff, part)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path), gone(os.Remove(part)))
		}
	}()
	if err := empty.Close(); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO '"+strings.ReplaceAll(part, "'", "''")+"'"); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if err := strip(ctx, part); err != nil {
		return fmt.Errorf("leave out sessions and tokens: %w", err)
	}
	return os.Rename(part, path)
}

// gone takes it for done that a file is not there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// strip takes the rows out that no copy keeps, so that nothing of them is left
// in the file either.
func strip(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", sqliteAddress(path, "_pragma=secure_delete(1)&_pragma=journal_mode(DELETE)&_pragma=synchronous(FULL)"))
	if err != nil {
		return err
	}
	for _, table := range leftOut {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+table); err != nil { //nolint:gosec // G202: of the list above
			return errors.Join(err, db.Close())
		}
	}
	_, err = db.ExecContext(ctx, "VACUUM")
	return errors.Join(err, db.Close())
}

// InUse reports whether another program has a SQLite file open, and leaves the
// file whole, with nothing beside it, where none has.
func InUse(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", sqliteAddress(path, "mode=rw&_pragma=busy_timeout(0)"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	// Leaving the write-ahead log needs the file for oneself.
	var mode string
	err = db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	switch {
	case err == nil && mode != "delete", err != nil && strings.Contains(err.Error(), "locked"): // no type either
		err = ErrInUse
	case err != nil && strings.Contains(err.Error(), "not a database"):
		err = ErrNoTables
	}
	return errors.Join(err, db.Close())
}

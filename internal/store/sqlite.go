package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers is how many connections read a SQLite file beside the writer.
const readers = 4

// sqliteOptions are those of every connection. A transaction takes the write
// lock when it begins, so that it never has to be repeated.
const sqliteOptions = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_txlock=immediate"

func (s *Store) openFile(ctx context.Context, path string, minFree int64, visit bool) error {
	s.dialect, s.location = sqlite, path
	if path == "" {
		return fmt.Errorf("no path; write the address like sqlite:rollcall.db")
	}
	// SQLite would make the file readable for everybody; its companions (-wal,
	// -shm) take the mode of the file.
	how := os.O_RDWR
	if !visit {
		how |= os.O_CREATE
	}
	file, err := os.OpenFile(path, how, 0o600) //nolint:gosec // G304: the administrator names this file
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	s.space = newSpace(path, minFree)

	name := sqliteAddress(path, sqliteOptions)
	if s.writer, err = sql.Open("sqlite", name); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.checkSQLite(ctx); err != nil {
		return err
	}
	if s.reader, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return nil
}

// sqliteAddress is how the driver wants a path and the options of a connection.
func sqliteAddress(path, options string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?" + options
}

// checkSQLite refuses a file on a disk that can't keep a write-ahead log.
func (s *Store) checkSQLite(ctx context.Context) error {
	var mode string
	if err := s.writer.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("SQLite can't keep a write-ahead log there (journal mode %q); use a local disk", mode)
	}
	return nil
}

// openMemory opens a database that lives as long as the store. Connections
// that share one cache block each other table by table, so there is one for
// all, and a second that only keeps the database alive.
func (s *Store) openMemory(ctx context.Context) error {
	s.dialect, s.location = sqlite, "memory"
	db, err := sql.Open("sqlite", "file:rollcall-"+rand.Text()+"?mode=memory&cache=shared&"+sqliteOptions)
	if err != nil {
		return err
	}
	s.writer, s.reader = db, db
	if s.keeper, err = db.Conn(ctx); err != nil {
		return err
	}
	db.SetMaxOpenConns(2)
	return nil
}

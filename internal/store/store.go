package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// What the row methods answer when the rows are not as the caller thinks.
var (
	ErrNotFound = errors.New("store: no such row")
	ErrConflict = errors.New("store: somebody else changed the row")
	ErrNoTables = errors.New("store: not a database of Rollcall")
	ErrTables   = errors.New("store: tables of another version of Rollcall")
	ErrLowSpace = errors.New("store: too little free space on the disk; only the trail may write")
)

// Options say which database to open.
type Options struct {
	DSN    string // "sqlite:PATH", "sqlite::memory:" or "postgres://…"
	Logger *slog.Logger
	Now    func() time.Time // for tests; nil means the database's clock

	// MinFree is how many bytes must be free on the disk of a SQLite file for
	// anything but the trail to grow; 0 means LeastFree, below 0 never looks.
	MinFree int64

	// Visit opens a database that another program serves: it has to be there,
	// with the tables of this program, and is not changed by being opened.
	Visit bool
}

// Store is the open database. Safe for concurrent use.
type Store struct {
	Tables

	dialect  dialect
	writer   *sql.DB // SQLite: one connection; PostgreSQL and memory: the same as reader
	reader   *sql.DB
	keeper   *sql.Conn // holds a database in memory alive
	writes   statements
	reads    statements
	clock    *clock
	space    *space
	logger   *slog.Logger
	stop     context.CancelFunc
	stopped  sync.WaitGroup
	closing  sync.Once
	closed   error
	location string // for messages: the path, or the server without its password
}

type dialect string

const (
	sqlite     dialect = "sqlite"
	postgresql dialect = "postgresql"
)

// Open opens the database, checks that it keeps what it commits, and brings
// its tables up to date.
func Open(ctx context.Context, opts Options) (*Store, error) {
	s := &Store{logger: cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))}
	s.Tables = Tables{st: s}
	s.clock = newClock(opts.Now, s.logger)

	var err error
	switch {
	case opts.DSN == "sqlite::memory:":
		err = s.openMemory(ctx)
	case strings.HasPrefix(opts.DSN, "sqlite:"):
		err = s.openFile(ctx, strings.TrimPrefix(opts.DSN, "sqlite:"), cmp.Or(opts.MinFree, LeastFree), opts.Visit)
	case strings.HasPrefix(opts.DSN, "postgres://"), strings.HasPrefix(opts.DSN, "postgresql://"):
		err = s.openPostgreSQL(ctx, opts.DSN)
	default:
		// The address may hold a password, so it is not repeated.
		return nil, errors.New("store: not a database address; write it like sqlite:rollcall.db or postgres://rollcall@localhost/rollcall")
	}
	switch {
	case err != nil:
	case opts.Visit:
		err = s.checkTables(ctx)
	default:
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", s.location, err), s.Close())
	}
	s.writes.db, s.reads.db = s.writer, s.reader

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if s.dialect == postgresql && opts.Now == nil {
		if err := s.syncClock(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", s.location, err), s.Close())
		}
		s.stopped.Go(func() { s.keepClock(background) })
	}
	return s, nil
}

// Close closes the database. A second call does nothing.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	if s.stop != nil {
		s.stop()
		s.stopped.Wait()
	}
	var errs []error
	errs = append(errs, s.writes.close(), s.reads.close())
	if s.keeper != nil {
		errs = append(errs, s.keeper.Close())
	}
	if s.reader != nil && s.reader != s.writer {
		errs = append(errs, s.reader.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.reader.PingContext(ctx) }

// Location names the database for people: a path, or a server without its password.
func (s *Store) Location() string { return s.location }

// Shared reports whether other replicas may use the database too.
func (s *Store) Shared() bool { return s.dialect == postgresql }

package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

func TestOpenRefuses(t *testing.T) {
	notADatabase := filepath.Join(t.TempDir(), "text")
	ok(t, os.WriteFile(notADatabase, []byte(strings.Repeat("no database ", 100)), 0o600))
	for name, tt := range map[string]struct{ dsn, want string }{
		"nothing":                      {"", "write it like"},
		"another database":             {"mysql://me:hunter2@db/rollcall", "write it like"},
		"no path":                      {"sqlite:", "no path"},
		"a folder that is not there":   {"sqlite:" + filepath.Join(t.TempDir(), "none", "rollcall.db"), "none"},
		"a file that is no database":   {"sqlite:" + notADatabase, "not a database"},
		"an address that is none":      {"postgres://me:hunter2@db:port/rollcall", "can't be read"},
		"a server that is not there":   {"postgres://me:hunter2@127.0.0.1:1/rollcall?connect_timeout=1", "127.0.0.1:1"},
		"a password with a stray sign": {"postgres://me:hunter2%zz@db/rollcall", "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			st, err := store.Open(t.Context(), store.Options{DSN: tt.dsn})
			if err == nil {
				t.Fatal("opened", st.Close())
			}
			is(t, err, tt.want)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestOpenTwice(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		first, err := store.Open(t.Context(), store.Options{DSN: dsn})
		ok(t, err)
		ok(t, first.SetPreference(t.Context(), "ann", "theme", []byte(`"dark"`)))
		ok(t, first.Ping(t.Context()))
		ok(t, first.Close())
		ok(t, first.Close()) // a second time does nothing

		value, found, err := storetest.Open(t, store.Options{DSN: dsn}).Preference(t.Context(), "ann", "theme")
		ok(t, err)
		if !found || string(value) != `"dark"` {
			t.Errorf("after closing and opening theme = %s, %v", value, found)
		}
	})
}

// TestOpenAtOnce starts several replicas on a database that has no tables yet.
func TestOpenAtOnce(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				st, err := store.Open(t.Context(), store.Options{DSN: dsn})
				if err != nil {
					t.Error(err)
					return
				}
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	})
}

func TestMemoryIsNotShared(t *testing.T) {
	one, two := storetest.Open(t, store.Options{DSN: storetest.Memory}), storetest.Open(t, store.Options{DSN: storetest.Memory})
	ok(t, one.SetPreference(t.Context(), "ann", "theme", []byte(`1`)))
	_, found, err := two.Preference(t.Context(), "ann", "theme")
	ok(t, err)
	if found {
		t.Error("two databases in memory are one")
	}
	if one.Shared() {
		t.Error("a database in memory says that replicas may use it")
	}
}

// TestMemoryOutlivesCancel: a cancelled call may cost a connection, not the database.
func TestMemoryOutlivesCancel(t *testing.T) {
	st := storetest.Open(t, store.Options{DSN: storetest.Memory})
	ok(t, st.SetPreference(t.Context(), "ann", "theme", []byte(`1`)))
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		_ = st.InTx(ctx, func(tx *store.Tx) error {
			cancel()
			_, _, err := tx.Preference(ctx, "ann", "theme")
			return err
		})
	}
	_, found, err := st.Preference(t.Context(), "ann", "theme")
	ok(t, err)
	if !found {
		t.Error("the database was lost")
	}
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		storetest.Missing(t, "Unix file modes")
	}
	folder := filepath.Join(t.TempDir(), "odd name 100%?#")
	ok(t, os.Mkdir(folder, 0o700))
	st := storetest.Open(t, store.Options{DSN: "sqlite:" + filepath.Join(folder, "rollcall.db")})
	ok(t, st.SetPreference(t.Context(), "ann", "theme", []byte(`1`)))
	files, err := os.ReadDir(folder)
	ok(t, err)
	for _, f := range files {
		info, err := f.Info()
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", f.Name(), info.Mode())
		}
	}
	if len(files) != 3 { // the database, -wal, -shm
		t.Errorf("%d files beside each other, want 3: %v", len(files), files)
	}
}

// TestCommitsAreOnDisk: no connection may run with less than the promise.
func TestCommitsAreOnDisk(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		st := storetest.Open(t, store.Options{DSN: storetest.File(t)})
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
			ok(t, st.InTx(t.Context(), func(tx *store.Tx) error {
				var got string
				if err := tx.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s is %s, want %s", pragma, got, want)
				}
				return nil
			}))
		}
	})
	t.Run("postgresql", func(t *testing.T) {
		dsn := storetest.PostgreSQL(t)
		st, err := store.Open(t.Context(), store.Options{DSN: dsn + "&options=-c%20synchronous_commit%3Doff"})
		if err == nil {
			t.Fatal("opened a server that may lose what it has committed", st.Close())
		}
		is(t, err, "synchronous_commit is off")
	})
}

// TestWriterHasTheLock: a transaction never has to be repeated because it
// began by reading.
func TestWriterHasTheLock(t *testing.T) {
	dsn := storetest.File(t)
	one, two := storetest.Open(t, store.Options{DSN: dsn}), storetest.Open(t, store.Options{DSN: dsn})
	var wait sync.WaitGroup
	for _, st := range []*store.Store{one, two} {
		for range 4 {
			wait.Go(func() {
				for range 5 {
					err := st.ChangePreference(t.Context(), "ann", "count", func(old []byte) ([]byte, error) { return append(old, '1'), nil })
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wait.Wait()
	value, _, err := one.Preference(t.Context(), "ann", "count")
	ok(t, err)
	if len(value) != 40 {
		t.Errorf("%d of 40 changes kept", len(value))
	}
}

// TestClockOfPostgreSQL: expiry is judged by the server's clock, not by this machine's.
func TestClockOfPostgreSQL(t *testing.T) {
	dsn := storetest.PostgreSQL(t)
	st := storetest.Open(t, store.Options{DSN: dsn})
	db, err := sql.Open("pgx", dsn)
	ok(t, err)
	defer db.Close()
	var before, after time.Time
	ok(t, db.QueryRowContext(t.Context(), "SELECT clock_timestamp()").Scan(&before))
	now := st.Now()
	ok(t, db.QueryRowContext(t.Context(), "SELECT clock_timestamp()").Scan(&after))
	const asking = 250 * time.Millisecond // the error of one asking is at most half its round trip
	if now.Before(before.Add(-asking)) || now.After(after.Add(asking)) {
		t.Errorf("the store's clock says %v, the server's %v to %v", now, before, after)
	}
	if !st.Shared() {
		t.Error("PostgreSQL says that replicas may not use it")
	}
}

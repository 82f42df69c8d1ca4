// Package storetest opens databases for tests: a SQLite file, SQLite in
// memory, and PostgreSQL, each empty and gone when the test ends.
//
// PostgreSQL is the server that ROLLCALL_TEST_POSTGRES names (an address whose
// user may create databases), else a cluster of the test's own. Packages that
// use it call [Main] from their TestMain, so that the cluster is stopped.
package storetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Main runs the package's tests and then stops what they started.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is [Main] for a TestMain that ends the process itself.
func Run(m *testing.M) int {
	code := m.Run()
	stopCluster()
	return code
}

// Each runs f once for every kind of database. dsn gives the address of an
// empty one that several stores may open, each as a process of its own would;
// memory has no such address, so there it is not to be had.
func Each(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite file", func(t *testing.T) { f(t, File(t)) })
	t.Run("sqlite memory", func(t *testing.T) { f(t, Memory) })
	t.Run("postgresql", func(t *testing.T) { f(t, PostgreSQL(t)) })
}

// EachShared is [Each] for the databases that several processes can open.
func EachShared(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite file", func(t *testing.T) { f(t, File(t)) })
	t.Run("postgresql", func(t *testing.T) { f(t, PostgreSQL(t)) })
}

// Memory is the address of a database in memory: a new one for each store.
const Memory = "sqlite::memory:"

// File gives the address of a SQLite file that does not exist yet.
func File(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "rollcall.db")
}

// Open opens a store and closes it when the test ends.
func Open(t testing.TB, opts store.Options) *store.Store {
	t.Helper()
	if opts.MinFree == 0 {
		opts.MinFree = -1 // the disk of who runs the tests is not the test's business
	}
	st, err := store.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return st
}

// Missing skips a test for the want of something on the machine, and fails it
// where everything has to be there.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing on this machine: %s", what)
	}
	t.Skipf("missing on this machine: %s", what)
}

package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestVisit: a visitor finds what is there and makes nothing.
func TestVisit(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		st, err := store.Open(t.Context(), store.Options{DSN: dsn, Visit: true})
		if err == nil {
			t.Fatal("visited a database that is not there", st.Close())
		}
		if path, isFile := strings.CutPrefix(dsn, "sqlite:"); isFile {
			wants(t, err, fs.ErrNotExist)
			if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) > 0 {
				t.Errorf("made %v, %v", files, err)
			}
		} else {
			wants(t, err, store.ErrNoTables)
		}
		server := storetest.Open(t, store.Options{DSN: dsn})
		ok(t, server.SetPreference(t.Context(), "ann", "theme", []byte(`1`)))
		visitor := storetest.Open(t, store.Options{DSN: dsn, Visit: true})
		_, found, err := visitor.Preference(t.Context(), "ann", "theme")
		ok(t, err)
		if !found {
			t.Error("the visitor sees another database")
		}
	})
}

// TestInUse: a file that a program has open is not taken for a free one.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rollcall.db")
	st, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + path})
	ok(t, err)
	wants(t, store.InUse(t.Context(), path), store.ErrInUse)
	ok(t, st.Close())
	ok(t, store.InUse(t.Context(), path))
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("beside it lies %v, %v", files, err)
	}
	text := filepath.Join(t.TempDir(), "text")
	ok(t, os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600))
	wants(t, store.InUse(t.Context(), text), store.ErrNoTables)
}

// TestBackupLeavesOutAllThatIsSealed: a new table with sealed rows must be
// named among those that no copy keeps.
func TestBackupLeavesOutAllThatIsSealed(t *testing.T) {
	st := storetest.Open(t, store.Options{DSN: storetest.File(t)})
	ctx := t.Context()
	ok(t, st.CreateGrant(ctx, grant("g1", "ann")))
	ok(t, st.CreateSession(ctx, store.Session{ID: "s1", Person: "ann", GrantID: "g1", Payload: []byte("sealed"), KeyID: "k"}))
	ok(t, st.CreateAttempt(ctx, store.Attempt{ID: "a1", Payload: []byte("sealed"), KeyID: "k"}))
	ok(t, st.UseLogoutToken(ctx, "jti", now.Add(1), now))
	ok(t, st.SetPreference(ctx, "ann", "theme", []byte(`1`)))

	path := filepath.Join(t.TempDir(), "copy.db")
	ok(t, st.Backup(ctx, path))
	wants(t, st.Backup(ctx, path), store.ErrExists)
	ok(t, os.WriteFile(path+".4.part", []byte("somebody's"), 0o600))
	wants(t, st.Backup(ctx, path+".4"), store.ErrBrokenOff)
	if beside, err := filepath.Glob(path + ".4*"); err != nil || len(beside) != 1 || beside[0] != path+".4.part" {
		t.Errorf("a copy that was not made leaves %q, %v", beside, err)
	}
	wants(t, store.CopyBackup(ctx, path+".none", path+".2"), fs.ErrNotExist)
	copied := storetest.Open(t, store.Options{DSN: "sqlite:" + path})
	ok(t, copied.InTx(ctx, func(tx *store.Tx) error {
		rows, err := tx.SQL().QueryContext(ctx, `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'key_id' WHERE m.type = 'table' AND m.name <> 'trail'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var sealed []string
		for rows.Next() {
			var table string
			if err := rows.Scan(&table); err != nil {
				return err
			}
			sealed = append(sealed, table)
		}
		if len(sealed) < 3 {
			t.Errorf("only %v are sealed", sealed)
		}
		for _, table := range append(sealed, "logout_tokens") {
			var n int
			if err := tx.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d rows in the backup, %v", table, n, err)
			}
		}
		return rows.Err()
	}))
	if _, found, err := copied.Preference(ctx, "ann", "theme"); err != nil || !found {
		t.Errorf("what is kept is not there: %v, %v", found, err)
	}
	wants(t, storetest.Open(t, store.Options{DSN: storetest.PostgreSQL(t)}).Backup(ctx, path+".3"), store.ErrOnlySQLite)
}

// TestAllThatGrowsLooksForRoom: below 200 MB free only the trail may write, so
// every method that adds rows of another table asks first.
func TestAllThatGrowsLooksForRoom(t *testing.T) {
	files, err := filepath.Glob("*.go")
	ok(t, err)
	looked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "trail.go" {
			continue
		}
		text, err := os.ReadFile(name)
		ok(t, err)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, 0)
		ok(t, err)
		for _, d := range file.Decls {
			f, isFunc := d.(*ast.FuncDecl)
			if !isFunc {
				continue
			}
			body := string(text[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset])
			if !strings.Contains(body, "INSERT INTO") || f.Name.Name == "UseLogoutToken" { // which frees as many as it adds
				continue
			}
			looked++
			if !strings.Contains(body, "room()") {
				t.Errorf("%s: %s adds rows and does not look for room", name, f.Name.Name)
			}
		}
	}
	if looked < 6 {
		t.Errorf("only %d methods add rows; the search no longer finds them", looked)
	}
}

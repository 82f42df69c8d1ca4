package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestServingRole: the role that serves does all that serving needs, and can
// do nothing about a row of the trail that is there.
func TestServingRole(t *testing.T) {
	ownerDSN, servingDSN, name := storetest.TwoRoles(t)
	owner := storetest.Open(t, store.Options{DSN: ownerDSN})
	ok(t, owner.GrantServing(t.Context(), name))
	ok(t, owner.GrantServing(t.Context(), name)) // again after each change of the tables

	serving := storetest.Open(t, store.Options{DSN: servingDSN, Now: func() time.Time { return now }})
	conform(t, serving, "trail is kept")

	rows, err := serving.TrailAfter(t.Context(), 0, 1)
	ok(t, err)
	if len(rows) == 0 {
		t.Fatal("the trail is empty, so nothing below is tried")
	}
	for _, statement := range []string{
		`UPDATE trail SET person = 'eve'`, `DELETE FROM trail`, `TRUNCATE trail`, `DROP TABLE trail`,
		`ALTER TABLE trail DISABLE TRIGGER ALL`, `DROP TRIGGER trail_no_change ON trail`,
		`CREATE OR REPLACE FUNCTION trail_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
		`UPDATE anchors SET seq = 0`, `DELETE FROM anchors`, `TRUNCATE anchors`,
		`DELETE FROM goose_db_version`, `SET session_replication_role = replica`, `CREATE TABLE beside (id INT)`,
	} {
		err := serving.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.SQL().ExecContext(t.Context(), statement)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") && !strings.Contains(err.Error(), "must be owner") {
			t.Errorf("%s: %v, want it refused for want of the right", statement, err)
		}
	}
	for dsn, want := range map[*store.Store]bool{owner: true, serving: false} {
		if may, err := dsn.MayCut(t.Context()); err != nil || may != want {
			t.Errorf("%s: may cut %v, %v; want %v", dsn.Location(), may, err, want)
		}
	}
	wants(t, storetest.Open(t, store.Options{DSN: storetest.Memory}).GrantServing(t.Context(), name), store.ErrOnlyPostgreSQL)
	is(t, owner.GrantServing(t.Context(), `x"; DROP TABLE trail; --`), "is no name of a role")
}

// TestPageSaysWhatIsGranted: docs/postgresql.md has the statements that the
// program runs, and names every table that a dump leaves out.
func TestPageSaysWhatIsGranted(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "postgresql.md"))
	ok(t, err)
	code, err := os.ReadFile("roles.go")
	ok(t, err)
	found := regexp.MustCompile("`((?:GRANT|REVOKE) [^`]*)` \\+ name").FindAllStringSubmatch(string(code), -1)
	if len(found) != 4 {
		t.Errorf("%d statements found in roles.go", len(found))
	}
	for _, statement := range found {
		if !strings.Contains(string(page), "\n"+statement[1]+"rollcall_app;\n") {
			t.Errorf("the page lacks %srollcall_app;", statement[1])
		}
	}
	for _, table := range []string{"sessions", "grants", "attempts", "logout_tokens"} {
		if !strings.Contains(string(page), "--exclude-table-data="+table) {
			t.Errorf("the dump of the page has %s", table)
		}
	}
}

// TestServingRoleDoesNotMigrate: a new version of the program says who has to
// bring the tables up to date.
func TestServingRoleDoesNotMigrate(t *testing.T) {
	ownerDSN, servingDSN, name := storetest.TwoRoles(t)
	owner := storetest.Open(t, store.Options{DSN: ownerDSN})
	ok(t, owner.GrantServing(t.Context(), name))
	ok(t, owner.InTx(t.Context(), func(tx *store.Tx) error { // as if the newest migration were still to come
		_, err := tx.SQL().ExecContext(t.Context(), `DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)`)
		return err
	}))
	for want, opts := range map[string]store.Options{
		"run rollcall migrate as the role that owns them": {DSN: servingDSN},
		"this program's is": {DSN: servingDSN, Visit: true},
	} {
		st, err := store.Open(t.Context(), opts)
		if err == nil {
			t.Errorf("%+v: opened, %v", opts, st.Close())
			continue
		}
		wants(t, err, store.ErrTables)
		is(t, err, want)
	}
	have, want, err := owner.Schema(t.Context())
	ok(t, err)
	if have >= want {
		t.Errorf("version %d of %d", have, want)
	}
}

package main

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestServedByARoleOfItsOwn: the portal works on PostgreSQL with a role that
// can do nothing about the trail that is there.
func TestServedByARoleOfItsOwn(t *testing.T) {
	owner, serving, name := storetest.TwoRoles(t)
	t.Setenv("ROLLCALL_DATABASE", owner)
	if out, errOut, code := cli(t, "migrate", "--serve-as", name); code != exitDone || !strings.Contains(out, "are of version") {
		t.Fatalf("migrate: %d %s%s", code, out, errOut)
	}
	t.Setenv("ROLLCALL_DATABASE", serving)
	s := startServed(t, func(o *serveOptions) { o.shared = true })
	v := s.visitor(priya)
	if r := v.get(s.url + "/customers"); r.status != 200 {
		t.Errorf("customers: %d", r.status)
	}
	if r := v.get(s.url + "/settings/people"); r.status != 200 || !r.says("Priya Nair") {
		t.Errorf("who is signed in: %d", r.status)
	}

	db, err := sql.Open("pgx", serving)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"UPDATE trail SET person_name = 'Eve'", "DELETE FROM trail", "TRUNCATE trail"} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", statement, err)
		}
	}

	t.Setenv("ROLLCALL_KEY_FILE", s.keys)
	for _, tt := range []struct {
		as   string
		args []string
		code int
		want string
	}{
		{serving, []string{"activity", "cut", "--older-than", "30"}, exitRefused, "This role may not take rows of the trail away."},
		{owner, []string{"activity", "cut", "--older-than", "30"}, exitDone, "0 rows of the trail were taken away."},
		{serving, []string{"activity", "list", "--kind", "sign-in"}, exitDone, "Priya Nair"},
		{serving, []string{"activity", "verify", "--anchors", s.keepLog()}, exitPartly, "are as they were written"},
		{serving, []string{"sessions", "end", "--person", "priya.nair@fabrikam-cloud.example"}, exitDone, "have ended"},
		{serving, []string{"backup", "copy.db"}, exitMisuse, "pg_dump"},
	} {
		t.Setenv("ROLLCALL_DATABASE", tt.as)
		out, errOut, code := cli(t, tt.args...)
		if code != tt.code || !strings.Contains(out+errOut, tt.want) {
			t.Errorf("%q: exit code %d, want %d and %q\n%s%s", tt.args, code, tt.code, tt.want, out, errOut)
		}
	}
	s.stop()
	<-s.ended
	t.Setenv("ROLLCALL_DATABASE", serving)
	out, errOut, code := cli(t, "activity", "verify", "--anchors", s.keepLog())
	if code != exitDone || !strings.Contains(out, "no row up to") {
		t.Errorf("the whole trail: %d\n%s%s", code, out, errOut)
	}
	if _, errOut, code := cli(t, append(s.args, "--trail-retention", "730")...); code != exitMisuse || !strings.Contains(errOut, "may not take rows of the trail away, which is as it should be") {
		t.Errorf("retention by that role: %d %s", code, errOut)
	}
}

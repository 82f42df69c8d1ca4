package emulator_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestAStateFileKeepsWhatWasWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	opts := emulator.Options{Seed: 7, BigUsers: 700, StateFile: file, Now: func() time.Time { return now }, ShowAfter: time.Hour}
	s := start(t, opts)
	create := func(s service, local string) user {
		body := strings.Replace(newUserIn, "e83763f7f2204ac384cfcd49f79f2749", local, 1)
		return decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", body).must(t, 201))
	}
	northwind := "/v1/customers/" + emulator.NorthwindID
	gone, one, two := create(s, "gone"), create(s, "one"), create(s, "two")
	const intune = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
	s.send(t, "admin-agent", "POST", documented+"/users/"+one.ID+"/licenseupdates", `{"licensesToAssign":[{"skuId":"`+emsE3+`","excludedPlans":["`+intune+`"]}]}`).must(t, 201)
	s.send(t, "admin-agent", "POST", companyAdmins, `{"id":"`+two.ID+`"}`).must(t, 201)
	s.send(t, "admin-agent", "DELETE", documented+"/users/"+gone.ID, "").must(t, 204)
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	s.send(t, "admin-agent", "PATCH", ferdinand, wholeNulls).must(t, 200)
	someone := all[user](t, s, northwind+"/users?size=1")[0]
	s.send(t, "admin-agent", "PATCH", northwind+"/users/"+someone.ID, `{"usageLocation":"NL"}`).must(t, 200)
	s.send(t, "admin-agent", "PATCH", documented+"/users/"+two.ID, `{"passwordProfile":{"password":"Geheim!123"},"displayName":"Two"}`).must(t, 200)

	paths := []string{documented + "/users?sortField=DisplayName", documented + deletedOf, documented + "/users/" + one.ID + "/licenses", documented + "/subscribedskus",
		companyAdmins, northwind + "/users/" + someone.ID, "/v1/auditrecords", contoso + "/users?size=500", contoso + deletedOf}
	now = now.Add(time.Hour) // by now everything shows
	for _, path := range paths {
		s.get(t, path).must(t, 200)
	}
	before := map[string]string{}
	for _, path := range paths {
		before[path] = s.get(t, path).body
	}
	again := start(t, opts)
	again.get(t, documented+"/users") // what was late is not late any more
	for _, path := range paths {
		got := again.get(t, path).body
		if path == contoso+"/users?size=500" || path == contoso+deletedOf || path == documented+deletedOf || strings.HasPrefix(path, northwind) {
			// When untouched users were synced or deleted goes by the start.
			got, before[path] = withoutTimes(got), withoutTimes(before[path])
		}
		if diff := cmp.Diff(before[path], got); diff != "" {
			t.Errorf("%s after a restart (-before +after):\n%s", path, diff)
		}
	}
	if id := create(again, "three").ID; id == gone.ID || id == one.ID || id == two.ID {
		t.Errorf("a new user got the old ID %s", id)
	} else if same := create(s, "three").ID; id != same {
		t.Errorf("the fourth user made is %s after a restart, %s without", id, same)
	}

	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "Geheim") || strings.Contains(string(b), "Password!1") {
		t.Error("the state file has a password")
	}
	if len(b) > 20_000 {
		t.Errorf("the state file has %d bytes for seven users and their audit records", len(b))
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, err := filepath.Glob(file + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func withoutTimes(body string) string {
	for _, key := range []string{`"lastDirectorySyncTime":"`, `"softDeletionTime":"`} {
		parts := strings.Split(body, key)
		for i := range parts[1:] {
			_, parts[i+1], _ = strings.Cut(parts[i+1], `"`)
		}
		body = strings.Join(parts, key)
	}
	return body
}

// Times of deletion are kept to the second, so the 30 days go on over a restart.
func TestTheThirtyDaysGoOnOverARestart(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	opts := emulator.Options{StateFile: filepath.Join(t.TempDir(), "state.json"), Now: func() time.Time { return now }}
	start(t, opts).send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	now = now.Add(30*24*time.Hour - time.Second)
	again := start(t, opts)
	if got := decode[users](t, again.get(t, documented+deletedOf)).Items[0]; got.SoftDeletionTime != "2026-03-04T05:06:07Z" {
		t.Errorf("deleted at %s", got.SoftDeletionTime)
	}
	now = now.Add(time.Second)
	again.send(t, "admin-agent", "PATCH", daniel, wholeNulls).must(t, 404)
	start(t, opts).get(t, daniel).must(t, 404)
}

func TestStateFilesThatCannotBeUsed(t *testing.T) {
	good := func(customers string) string {
		return `{"version":1,"seed":0,"bigUsers":100000,"customers":{` + customers + `},"auditRecords":[]}`
	}
	of := func(user string) string {
		return good(`"4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04":{"created":1,"users":[` + user + `]}`)
	}
	tests := map[string]struct{ state, why string }{
		"no JSON":              {`version 1`, "invalid character"},
		"half of it":           {`{"version":1,`, "unexpected EOF"},
		"something behind":     {good("") + "{}", "more behind"},
		"another version":      {strings.Replace(good(""), `"version":1`, `"version":2`, 1), "version 2"},
		"another seed":         {strings.Replace(good(""), `"seed":0`, `"seed":5`, 1), "seed 5"},
		"another size":         {strings.Replace(good(""), `100000`, `5`, 1), "5 users"},
		"a field it lacks":     {strings.Replace(good(""), `"seed"`, `"sead"`, 1), "sead"},
		"unknown customer":     {good(`"11111111-2222-4333-8444-555555555555":{"created":0,"users":[]}`), "no customer"},
		"unknown user":         {of(`{"id":"11111111-2222-4333-8444-555555555555","userPrincipalName":"x","userDomainType":"none"}`), "no such user"},
		"created out of order": {of(`{"id":"11111111-2222-4333-8444-555555555555","created":2,"userPrincipalName":"x","userDomainType":"none"}`), "not as it was kept"},
		"an ID that is none":   {of(`{"id":"x","created":1,"userPrincipalName":"x","userDomainType":"none"}`), "not as it was kept"},
		"somebody twice": {of(`{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","userPrincipalName":"x","userDomainType":"none"},{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","userPrincipalName":"x","userDomainType":"none"}`),
			"not as it was kept"},
		"unknown SKU":  {of(`{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","userPrincipalName":"x","userDomainType":"none","licenses":[{"skuId":"EMS"}]}`), "SKU EMS"},
		"unknown role": {of(`{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","userPrincipalName":"x","userDomainType":"none","roles":["admin"]}`), "a role"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(file, []byte(tt.state), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := emulator.Open(emulator.Options{StateFile: file})
			if err == nil || !strings.Contains(err.Error(), tt.why) || !strings.Contains(err.Error(), file) {
				t.Errorf("%v, want the file's name and %q", err, tt.why)
			}
			if b, err := os.ReadFile(file); err != nil || string(b) != tt.state {
				t.Errorf("the file was touched: %s, %v", b, err)
			}
		})
	}
	if _, err := emulator.Open(emulator.Options{StateFile: filepath.Join(t.TempDir(), "none", "state.json")}); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// What can't be kept is not called done; the next write keeps it too.
func TestAWriteThatCannotBeKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, emulator.Options{StateFile: filepath.Join(dir, "state.json")})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	got := s.send(t, "admin-agent", "PATCH", daniel, dan)
	if want := refusal("800003", "An unexpected service error occurred."); got.status != 500 || got.body != want {
		t.Errorf("%d %s, want 500 %s", got.status, got.body, want)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.send(t, "admin-agent", "PATCH", theAdmin, `{"displayName":"Root"}`).must(t, 200)
	b, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil || !strings.Contains(string(b), `"Dan"`) || !strings.Contains(string(b), `"Root"`) {
		t.Errorf("kept %s, %v", b, err)
	}
}

// However many write at once, the file has all of it when they are answered.
func TestManyWritesAreAllKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	opts := emulator.Options{StateFile: file}
	s := start(t, opts)
	list := all[user](t, s, contoso+"/users?size=500")[:40]
	var wg sync.WaitGroup
	for _, u := range list {
		wg.Go(func() { s.send(t, "admin-agent", "PATCH", contoso+"/users/"+u.ID, `{"usageLocation":"NO"}`) })
	}
	wg.Wait()
	b, err := os.ReadFile(file)
	if err != nil || !json.Valid(b) {
		t.Fatalf("%v, valid %v", err, json.Valid(b))
	}
	again := start(t, opts)
	for _, u := range list {
		if got := decode[user](t, again.get(t, contoso+"/users/"+u.ID)).UsageLocation; got != "NO" {
			t.Errorf("%s is in %s", u.UserPrincipalName, got)
		}
	}
}

package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// inside makes a call as an admin agent without a network.
func inside(e *Emulator, method, path, body string) (status int, answer string) {
	r := httptest.NewRequest(method, "/v1/customers/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer admin-agent")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Code, strings.TrimPrefix(w.Body.String(), string(byteOrderMark))
}

// wholeList reads a list to its end, page by page.
func wholeList[T any](t rapid.TB, e *Emulator, path string) []T {
	var list []T
	for token := ""; ; {
		r := httptest.NewRequest(http.MethodGet, "/v1/customers/"+path, nil)
		r.Header.Set("Authorization", "Bearer admin-agent")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		var page struct {
			ContinuationToken string
			Items             []T
		}
		if err := json.Unmarshal(w.Body.Bytes()[len(byteOrderMark):], &page); err != nil || w.Code != 200 {
			t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
		}
		list = append(list, page.Items...)
		if token = page.ContinuationToken; token == "" {
			return list
		}
		base, _, _ := strings.Cut(path, "?")
		path = base + "?seekOperation=Next"
	}
}

type listedUser struct {
	ID, UserPrincipalName, DisplayName, UsageLocation, State, SoftDeletionTime string
}

// checkInvariants reads everything a customer has, as a client would.
func checkInvariants(t rapid.TB, e *Emulator, customerID string, reserved bool) {
	active := wholeList[listedUser](t, e, customerID+"/users?size=100")
	deleted := wholeList[listedUser](t, e, customerID+`/users?size=100&filter={"Field":"UserState","Value":"Inactive","Operator":"equals"}`)
	ids, upns := map[string]string{}, map[string]bool{}
	for _, u := range active {
		if ids[u.ID] != "" || u.State != "active" || u.SoftDeletionTime != "" {
			t.Fatalf("%+v is no user, or twice one", u)
		}
		ids[u.ID] = "active"
		if name := strings.ToLower(u.UserPrincipalName); upns[name] {
			t.Fatalf("two users are %s", name)
		} else {
			upns[name] = true
		}
	}
	for _, u := range deleted {
		if ids[u.ID] != "" || u.State != "inactive" || u.SoftDeletionTime == "" {
			t.Fatalf("%+v is in the deleted list, and %q", u, ids[u.ID])
		}
		ids[u.ID] = "deleted"
		if name := strings.ToLower(u.UserPrincipalName); reserved && upns[name] {
			t.Fatalf("%s is the name of a deleted user and of another", name)
		} else {
			upns[name] = true
		}
	}

	byName := wholeList[listedUser](t, e, customerID+"/users?size=7&sortField=DisplayName")
	if len(byName) != len(active) {
		t.Fatalf("%d users, %d by name", len(active), len(byName))
	}
	for i, u := range byName {
		if ids[u.ID] != "active" {
			t.Fatalf("%s is in the sorted list alone", u.ID)
		}
		if i > 0 && keyOf(byName[i-1].DisplayName, i-1).compare(keyOf(u.DisplayName, i)) > 0 {
			t.Fatalf("%q stands before %q", byName[i-1].DisplayName, u.DisplayName)
		}
	}

	const bothGroups = "?licenseGroupIds=Group1&licenseGroupIds=Group2"
	licenses := map[string]int{}
	roles := map[string]map[string]bool{}
	for _, u := range active {
		for _, l := range wholeList[licenseBody](t, e, customerID+"/users/"+u.ID+"/licenses"+bothGroups) {
			licenses[l.ProductSKU.ID]++
		}
		for _, r := range wholeList[roleBody](t, e, customerID+"/users/"+u.ID+"/directoryroles") {
			if roles[r.ID] == nil {
				roles[r.ID] = map[string]bool{}
			}
			roles[r.ID][u.ID] = true
		}
	}
	for _, s := range wholeList[subscribedSKUBody](t, e, customerID+"/subscribedskus"+bothGroups) {
		if s.ConsumedUnits != licenses[s.ProductSKU.ID] {
			t.Fatalf("%s: %d seats consumed, %d licenses", s.ProductSKU.SKUPartNumber, s.ConsumedUnits, licenses[s.ProductSKU.ID])
		}
		if s.TotalUnits != s.ActiveUnits+s.WarningUnits || s.AvailableUnits != s.TotalUnits-s.ConsumedUnits {
			t.Fatalf("%s does not add up: %+v", s.ProductSKU.SKUPartNumber, s)
		}
	}
	for _, role := range directoryRoles {
		members := wholeList[memberBody](t, e, customerID+"/directoryroles/"+role.ID+"/usermembers?size=2")
		if len(members) != len(roles[role.ID]) {
			t.Fatalf("%s: %d members, %d users with it", role.Name, len(members), len(roles[role.ID]))
		}
		for _, m := range members {
			if !roles[role.ID][m.ID] {
				t.Fatalf("%s: %s is a member without the role", role.Name, m.ID)
			}
		}
	}
}

// After any sequence of writes the lists, seats, names and roles agree, and so
// they do after a restart, with a clock that only goes on.
func TestWhateverIsWrittenStaysConsistent(t *testing.T) {
	const customerID = "7bc44068-8fdb-46be-9ec9-c8700c68b69e" // Bułka i Żur: 18 users, one deleted, few seats
	for name, reserve := range map[string]bool{"names of deleted users are free": false, "names of deleted users are kept": true} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				writeAtRandom(t, customerID, reserve)
			})
		})
	}
}

func writeAtRandom(t *rapid.T, customerID string, reserve bool) {
	now := demoNow
	opts := Options{Seed: 1, Now: func() time.Time { return now }, ReserveDeletedUPNs: reserve}
	e := New(opts)

	known := []string{"11111111-2222-4333-8444-555555555555"} // and nobody
	for _, u := range wholeList[listedUser](t, e, customerID+"/users?size=500")[:12] {
		known = append(known, u.ID)
	}
	for _, u := range wholeList[listedUser](t, e, customerID+`/users?filter={"Field":"UserState","Value":"Inactive","Operator":"equals"}`) {
		known = append(known, u.ID)
	}
	skus := []string{"11111111-2222-4333-8444-555555555555"}
	for _, o := range e.world.customer(customerID).offers() {
		skus = append(skus, o.id)
	}
	user := func() string { return rapid.SampledFrom(known).Draw(t, "user") }
	upn := func() string {
		return fmt.Sprintf("%s%d@bulka-zur.example", rapid.SampledFrom([]string{"a", "A"}).Draw(t, "letter"), rapid.IntRange(1, 6).Draw(t, "number"))
	}
	role := func() string {
		return customerID + "/directoryroles/" + rapid.SampledFrom(directoryRoles).Draw(t, "role").ID + "/usermembers"
	}
	write := func(method, path, body string) {
		status, answer := inside(e, method, path, body)
		if status >= 500 || status == 401 || status == 403 || status == 405 {
			t.Fatalf("%s %s %s: %d %s", method, path, body, status, answer)
		}
		if status == 201 && strings.HasSuffix(path, "/users") {
			var made listedUser
			if err := json.Unmarshal([]byte(answer), &made); err != nil {
				t.Fatal(err)
			}
			known = append(known, made.ID)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"create": func(*rapid.T) {
			write("POST", customerID+"/users", fmt.Sprintf(`{"userPrincipalName":%q,"displayName":%q,"usageLocation":"PL","passwordProfile":{"password":"Password!1"}}`, upn(), upn()))
		},
		"rename": func(*rapid.T) {
			write("PATCH", customerID+"/users/"+user(), fmt.Sprintf(`{"userPrincipalName":%q,"displayName":%q}`, upn(), upn()))
		},
		"place": func(*rapid.T) { write("PATCH", customerID+"/users/"+user(), `{"usageLocation":"PL"}`) },
		"reset": func(*rapid.T) {
			write("PATCH", customerID+"/users/"+user(), `{"passwordProfile":{"password":"Password!1"}}`)
		},
		"delete":  func(*rapid.T) { write("DELETE", customerID+"/users/"+user(), "") },
		"restore": func(*rapid.T) { write("PATCH", customerID+"/users/"+user(), `{"state":"active"}`) },
		"restore under another name": func(*rapid.T) {
			write("PATCH", customerID+"/users/"+user(), fmt.Sprintf(`{"state":"active","userPrincipalName":%q}`, upn()))
		},
		"assign": func(*rapid.T) {
			write("POST", customerID+"/users/"+user()+"/licenseupdates", fmt.Sprintf(`{"licensesToAssign":[{"skuId":%q}]}`, rapid.SampledFrom(skus).Draw(t, "sku")))
		},
		"remove": func(*rapid.T) {
			write("POST", customerID+"/users/"+user()+"/licenseupdates", fmt.Sprintf(`{"licensesToRemove":[%q]}`, rapid.SampledFrom(skus).Draw(t, "sku")))
		},
		"swap": func(*rapid.T) {
			write("POST", customerID+"/users/"+user()+"/licenseupdates", fmt.Sprintf(`{"licensesToAssign":[{"skuId":%q}],"licensesToRemove":[%q]}`,
				rapid.SampledFrom(skus).Draw(t, "sku"), rapid.SampledFrom(skus).Draw(t, "other")))
		},
		"add to a role":      func(*rapid.T) { write("POST", role(), fmt.Sprintf(`{"id":%q}`, user())) },
		"remove from a role": func(*rapid.T) { write("DELETE", role()+"/"+user(), "") },
		"wait": func(*rapid.T) {
			now = now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "days")) * 24 * time.Hour)
		},
	})
	checkInvariants(t, e, customerID, reserve)
	checkInvariants(t, restarted(t, e, opts), customerID, reserve)
}

// restarted is the emulator that the next start makes of this one's state.
func restarted(t rapid.TB, e *Emulator, opts Options) *Emulator {
	dir, err := os.MkdirTemp("", "emulator")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	opts.StateFile = filepath.Join(dir, "state.json")
	b, err := json.Marshal(e.savedState())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(opts.StateFile, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// Many at once get as many licenses as there are seats, and one name each.
func TestTheLastSeatGoesToOne(t *testing.T) {
	e := New(Options{Now: func() time.Time { return demoNow }})
	const suites = "670173b9-1e9f-4d36-aaae-b9f460ab8c3d"
	c := e.world.customer(suites)
	free := c.tenant().truth.free(0)
	sku := c.offers()[0].id
	var mu sync.Mutex
	created, assigned := 0, 0
	var wg sync.WaitGroup
	for i := range free + 10 {
		wg.Go(func() {
			status, answer := inside(e, "POST", suites+"/users", fmt.Sprintf(`{"userPrincipalName":"u%d@contososuites.example","displayName":"U","usageLocation":"IT","passwordProfile":{"password":"Password!1"}}`, i/2))
			if status != 201 {
				return
			}
			var made listedUser
			if err := json.Unmarshal([]byte(answer), &made); err != nil {
				t.Error(err)
				return
			}
			status, _ = inside(e, "POST", suites+"/users/"+made.ID+"/licenseupdates", fmt.Sprintf(`{"licensesToAssign":[{"skuId":%q}]}`, sku))
			mu.Lock()
			defer mu.Unlock()
			created++
			if status == 201 {
				assigned++
			}
		})
	}
	wg.Wait()
	if want := (free + 10 + 1) / 2; created != want || assigned != min(free, want) {
		t.Errorf("%d created and %d with a license, want %d and %d", created, assigned, want, min(free, want))
	}
	checkInvariants(t, e, suites, true)
}

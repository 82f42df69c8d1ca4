package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// A minute of this test's Partner Center takes a second, and so does one of the
// pace at which licenses are read: the proportions are those of production.
const (
	minuteIs       = 60   // times as quick
	publishedReads = 500  // a minute: what Microsoft publishes, API facts 12
	servedPace     = 300  // calls a minute that serve reads licenses at
	between        = 50   // users whose licenses are read while a person reads what is on screen
	allRead        = 2000 // as many as are read unasked
)

func bodyOf(t *testing.T, answer *http.Response) string {
	t.Helper()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestNobodyIsRefusedForLicenses: while the licenses of 2,000 users are read
// behind the page, two people open pages, search, open users and refresh.
// Partner Center, which throttles, refuses none of their calls, and all
// licenses are read in the end.
func TestNobodyIsRefusedForLicenses(t *testing.T) {
	t.Parallel()
	began := time.Now()
	d := quietDemo(t, allRead, func(o *demoOptions) {
		o.pace = servedPace * minuteIs
		o.emulated = func(e *emulator.Options) {
			e.ReadsPerMinute, e.WritesPerMinute = publishedReads, publishedReads
			e.Now = func() time.Time { return began.Add(minuteIs * time.Since(began)) }
			verify := e.Verify
			e.Verify = func(ctx context.Context, bearer string) (emulator.Claims, error) {
				claims, err := verify(ctx, bearer)
				claims.Expiry = time.Time{} // the provider's clock is the usual one
				return claims, err
			}
		}
	})
	people := []*http.Client{d.signedIn(t, priya), d.signedIn(t, tomas)}
	customer := "/customers/" + emulator.NorthwindID
	asked := 0
	see := func(person int, path, want string) string {
		t.Helper()
		asked++
		answer, err := people[person].Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		page := bodyOf(t, answer)
		if answer.StatusCode != http.StatusOK || !strings.Contains(page, want) || strings.Contains(page, "Correlation ID") {
			t.Errorf("%s: %s, and %q is not on the page, or a failure is", path, answer.Status, want)
		}
		return page
	}
	page := see(0, customer+"/users", "users-table")
	readOf := regexp.MustCompile(`([\d,]+) of 2,000 read`)
	rows := regexp.MustCompile(`href="(` + customer + `/users/[0-9a-f-]{36})"`)

	does := []func(n, person int){
		func(n, person int) { see(person, fmt.Sprintf("%s/users?page=%d", customer, 2+n%38), "users-table") },
		func(n, person int) {
			found := rows.FindAllStringSubmatch(page, -1)
			see(person, found[n%len(found)][1], "licenses-title")
		},
		func(n, person int) { see(person, customer+"/users?q="+string(rune('a'+n%20)), "users-table") },
		func(_, person int) { see(person, customer+"/licenses", "Owned") },
		func(_, person int) {
			answer, err := people[person].PostForm(d.url+customer+"/reading", url.Values{"do": {"refresh"}, "return_to": {customer + "/users"}})
			if err != nil {
				t.Fatal(err)
			}
			if bodyOf(t, answer); answer.StatusCode != http.StatusOK {
				t.Errorf("refresh: %s", answer.Status)
			}
		},
		func(_, person int) { see(person, customer+"/roles", "Global Administrator") },
		func(_, person int) { see(person, "/customers", "Northwind Traders") },
	}
	for n, next := 0, between; next < allRead; n++ {
		read := 0
		waitUntil(t, fmt.Sprintf("the licenses of %d users are read", next), func() bool {
			page = fetch(t, people[0], d.users(emulator.NorthwindID, "")) // from memory
			if found := readOf.FindStringSubmatch(page); found != nil {
				read = atoi(t, strings.ReplaceAll(found[1], ",", ""))
			}
			return read >= next
		})
		does[n%len(does)](n, n%len(people))
		next = read + between
	}
	waitUntil(t, "all licenses are read", func() bool {
		return strings.Contains(fetch(t, people[0], d.users(emulator.NorthwindID, "")), "2,000 of 2,000 read")
	})

	behind, refused := 0, 0
	ofLicenses := regexp.MustCompile(`/users/[0-9a-f-]{36}/licenses$`)
	for _, call := range d.emulator.Calls() {
		if ofLicenses.MatchString(call.Path) {
			behind++
		}
		if call.Status == http.StatusTooManyRequests {
			refused++
			t.Errorf("refused: %s %s, page %d, of %s", call.Method, call.Path, call.Page, call.Person)
		}
	}
	t.Logf("%d calls, of them %d for licenses; %d requests of people beside that; %d refused; %v", len(d.emulator.Calls()), behind, asked, refused, time.Since(began))
	if behind < allRead || asked < allRead/between/2 {
		t.Errorf("only %d calls for licenses and %d requests of people", behind, asked)
	}
}

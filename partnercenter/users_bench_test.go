package partnercenter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// BenchmarkUsersPage decodes a page of 500 users: as a plain client would, as
// the floor of checking alone, and in our two ways.
func BenchmarkUsersPage(b *testing.B) {
	const users = 500
	body := usersPage(users, 0, "AQAAAA==")
	json1 := withoutBOM(body)
	run := func(name string, f func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			f(b)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/users, "ns/user")
		})
	}

	run("std-whole-shape", func(b *testing.B) {
		for b.Loop() {
			var page wholePage
			if err := json.Unmarshal(json1, &page); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("std-kept-fields", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := decodeUsers(body, testCustomer, testCursor); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("json-valid", func(b *testing.B) {
		for b.Loop() {
			if !json.Valid(json1) {
				b.Fatal("not valid")
			}
		}
	})
	run("memcpy", func(b *testing.B) {
		to := make([]byte, len(body))
		for b.Loop() {
			copy(to, body)
		}
	})
	run("ours-columns", func(b *testing.B) {
		var columns columns
		page, err := newRawUserPage(answerOf(body), testCursor)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			columns.reset()
			if err := page.Each(columns.add); err != nil {
				b.Fatal(err)
			}
		}
		if len(columns.ids) != users {
			b.Fatalf("%d users", len(columns.ids))
		}
	})
	run("ours-each", func(b *testing.B) {
		a := answerOf(body)
		page, err := newRawUserPage(a, testCursor)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		count := func(*RawUser) error { n++; return nil }
		for b.Loop() {
			if err := page.Each(count); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("ours-next-link", func(b *testing.B) { // what is done before the next page is asked for
		a := answerOf(body)
		for b.Loop() {
			if page, err := newRawUserPage(a, testCursor); err != nil || page.Next == "" {
				b.Fatal(err)
			}
		}
	})
	run("ours-structs", func(b *testing.B) {
		a := answerOf(body)
		for b.Loop() {
			page, err := newRawUserPage(a, testCursor)
			if err != nil {
				b.Fatal(err)
			}
			if got, err := page.users(); err != nil || len(got) != users {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAll reads 10,000 users in 20 pages over loopback, with the service
// taking its time or none: as a plain client would, and by Users.All. With
// latency the floor is pages × latency.
func BenchmarkAll(b *testing.B) {
	const pages, users = 20, 500
	bodies := make([][]byte, pages)
	for n := range bodies {
		token := ""
		if n < pages-1 {
			token = strconv.Itoa(n + 1)
		}
		bodies[n] = usersPage(users, n*users, token)
	}
	for _, latency := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency)
			n, _ := strconv.Atoi(r.Header.Get("MS-ContinuationToken"))
			_, _ = w.Write(bodies[n])
		}))
		report := func(b *testing.B, got int) {
			if got != pages*users*b.N {
				b.Fatalf("%d users in %d rounds", got, b.N)
			}
			if latency > 0 {
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(pages*latency), "x-floor")
			}
		}
		b.Run(fmt.Sprintf("plain-%v", latency), func(b *testing.B) {
			b.ReportAllocs()
			got := 0
			for b.Loop() {
				got += plainAll(b, server.URL)
			}
			report(b, got)
		})
		b.Run(fmt.Sprintf("ours-%v", latency), func(b *testing.B) {
			b.ReportAllocs()
			client, err := New(StaticToken("t"), Options{BaseURL: server.URL})
			if err != nil {
				b.Fatal(err)
			}
			got := 0
			for b.Loop() {
				for _, err := range client.Customer(testCustomer).Users().All(b.Context(), UsersOptions{}) {
					if err != nil {
						b.Fatal(err)
					}
					got++
				}
			}
			report(b, got)
		})
		server.Close()
	}
}

// plainAll is the client one writes in an afternoon.
func plainAll(b *testing.B, base string) (users int) {
	uri, token := "/customers/"+testCustomer+"/users?size=500", ""
	for uri != "" {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/v1"+uri, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer t")
		r.Header.Set("Accept", "application/json")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		var page wholePage
		if err := json.Unmarshal(withoutBOM(body), &page); err != nil {
			b.Fatal(err)
		}
		users += len(page.Items)
		uri, token = "", ""
		if next := page.Links.Next; next != nil {
			uri, token = next.URI, next.Headers[0].Value
		}
	}
	return users
}

var testCursor = cursor{path: "/customers/" + testCustomer + "/users"}

// answerOf is an answer with the body, as the client would have read it.
func answerOf(body []byte) *answer {
	a := &answer{buffer: new(buffer), call: call{op: "users.List", customer: testCustomer}, status: 200}
	if err := a.read(bytes.NewReader(body), int64(len(body)), maxAnswer); err != nil {
		panic(err)
	}
	return a
}

// columns is a small column store, as a program that keeps users would have.
type columns struct {
	ids   [][16]byte
	texts []byte
	ends  []uint32
	state []byte
}

func (c *columns) reset() {
	c.ids, c.texts, c.ends, c.state = c.ids[:0], c.texts[:0], c.ends[:0], c.state[:0]
}

func (c *columns) add(u *RawUser) error {
	var id [16]byte
	for i, at := range [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		id[i] = byte(hexValue(u.ID[at])<<4 | hexValue(u.ID[at+1]))
	}
	c.ids = append(c.ids, id)
	for _, text := range [...][]byte{u.UserPrincipalName, u.DisplayName, u.FirstName, u.LastName, u.PhoneNumber, u.UsageLocation, u.ImmutableID, u.LastDirectorySync} {
		c.texts = append(c.texts, text...)
		c.ends = append(c.ends, uint32(len(c.texts)))
	}
	c.state = append(c.state, u.State[0], u.DomainType[0])
	return nil
}

package partnercenter

import (
	"bytes"
	"encoding/json"
	"testing"
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
		a := answerOf(body)
		for b.Loop() {
			columns.reset()
			page, err := newRawUserPage(a, testCursor)
			if err != nil {
				b.Fatal(err)
			}
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

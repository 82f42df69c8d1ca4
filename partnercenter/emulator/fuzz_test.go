package emulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// A filter is taken only if it is one JSON object with the three keys, and
// then it means what encoding/json reads, whichever way it was written.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		`{"Field":"CompanyName","Value":"cont","Operator":"starts_with"}`,
		`{"Field":"UserStatus","Value":"Inactive","Operator":"equals"}`,
		`{"field":"userstate","value":"ACTIVE","operator":"EQUALS"}`,
		`{"LeftFilter":{"Field":"Domain"},"Operator":"and","RightFilter":{}}`,
		`{"Field":"Domain","Value":null,"Operator":"starts_with"}`,
		`{"Field":"Domain","Value":"\ud800","Operator":"starts_with"} {}`,
		`[]`, `null`, `"x"`, ``, `{`, `{"Field":1}`,
	} {
		f.Add(seed)
	}
	rules := append(append([]filterRule{}, customerFilters...), userFilters...)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseFilter(text, rules)
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) || refused.status != 400 || refused.code != codeInvalidInput && refused.code != codeInvalidProperty {
				t.Fatalf("refused with %v", err)
			}
			if json.Valid([]byte(text)) != (refused.code == codeInvalidProperty) {
				t.Fatalf("%q is refused with code %d", text, refused.code)
			}
			return
		}
		if got.field == noField || len(got.value) > maxFilterValue || got.value != strings.ToLower(got.value) {
			t.Fatalf("%q became %+v", text, got)
		}
		var whole map[string]any
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			t.Fatalf("%q is taken, yet %v", text, err)
		}
		var sent struct{ Field, Operator, Value string }
		if err := json.Unmarshal([]byte(text), &sent); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := parseFilter(string(again), rules); err != nil || same != got {
			t.Fatalf("%q became %+v, written anew %+v %v", text, got, same, err)
		}
	})
}

// Nothing but what the maker made is read, and that comes back as it was.
func FuzzParseToken(f *testing.F) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m := newTokenMaker(1)
	const path = "/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users"
	f.Add(m.make(cursor{size: 500, offset: 99_500, order: descending, filter: filter{userState, "inactive"}}, path, now))
	f.Add(newTokenMaker(2).make(cursor{size: 1}, path, now))
	f.Add(m.make(cursor{size: 1}, "/customers", now))
	f.Add("AQAAAA==")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		at, err := m.parse(token, path, now)
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) || refused.status != 400 || refused.code != codeInvalidInput {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if again := m.make(at, path, now); strings.TrimSpace(token) != again {
			t.Fatalf("%q is read as %+v, which is %q", token, at, again)
		}
	})
}

// Whatever a listing is, its token brings it back, and not a bit of it can be turned.
func FuzzTokenRoundTrip(f *testing.F) {
	f.Add(uint16(500), uint32(1_000_000), uint8(2), uint8(1), int64(1_790_000_000), int64(-1), "株式会社", uint16(3))
	f.Add(uint16(1), uint32(0), uint8(0), uint8(0), int64(0), int64(0), "", uint16(0))
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m := newTokenMaker(1)
	f.Fuzz(func(t *testing.T, size uint16, offset uint32, by, what uint8, start, end int64, value string, flip uint16) {
		if len(value) > maxFilterValue {
			return
		}
		want := cursor{size: int(size), offset: int(offset), order: order(by), filter: filter{field(what), value}, span: span{start, end}, more: size%2 == 0}
		token := m.make(want, "/customers", now)
		got, err := m.parse(token, "/customers", now)
		if err != nil || got != want {
			t.Fatalf("%+v came back as %+v, %v", want, got, err)
		}
		b, err := base64.StdEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		b[int(flip)%len(b)] ^= 1 << (flip >> 8 % 8)
		if _, err := m.parse(base64.StdEncoding.EncodeToString(b), "/customers", now); err == nil {
			t.Fatalf("%+v: a turned bit went unseen", want)
		}
	})
}

// Any query string gets an answer, never a panic, and never a 500.
func FuzzQuery(f *testing.F) {
	f.Add("size=500&sortField=DisplayName")
	f.Add("filter=%7B%22Field%22%3A%22UserState%22%2C%22Value%22%3A%22Inactive%22%2C%22Operator%22%3A%22equals%22%7D")
	f.Add("seekOperation=Last&size=3")
	f.Add("a;b=%zz&&&=")
	e := New(Options{BigUsers: 10})
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/customers", "/v1/customers/" + DocumentedCustomerID + "/users", "/v1/customers/" + ContosoID + "/subscribedskus"} {
			if status := status(e, path, query); status != 200 && status != 400 {
				t.Fatalf("%s?%s: %d", path, query, status)
			}
		}
	})
}

package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// What was put into the columns comes out again, whatever it is.
func TestColumnsKeepWhatTheyWereGiven(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "Jan", "Novak", "Jan Novak", "Novak, Jan", "Dr. Jan B. Novak", "Novak, Jan (Extern)", "Janova", "a@b", "@", "a@", "@b", "a@b@c", ", ", " "}))
	rapid.Check(t, func(t *rapid.T) {
		all := make([]person, rapid.IntRange(1, 20).Draw(t, "people"))
		for i := range all {
			p := &all[i]
			p.id = guid{byte(i)}.String()
			p.display, p.first, p.last = text.Draw(t, "display"), text.Draw(t, "first"), text.Draw(t, "last")
			p.upn, p.phone = text.Draw(t, "upn"), text.Draw(t, "phone")
			p.domainType = text.Draw(t, "type")
			p.location = strings.ToUpper(rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "location"))
			p.synced = rapid.SampledFrom([]string{"", "2026-06-16T11:50:00Z", "0001-01-01T00:00:00"}).Draw(t, "synced")
		}
		grown := grown(all, 7, collation{})
		for name, s := range map[string]*snapshot{"grown": grown, "finished": grown.finished()} {
			for i := range all {
				id, _ := parseGUID(all[i].id)
				row, ok := s.find(id)
				if !ok {
					t.Fatalf("%s: %s is gone", name, all[i].id)
				}
				got := s.user(row)
				want := partnercenter.User{
					ID: all[i].id, UserPrincipalName: all[i].upn, DisplayName: all[i].display, FirstName: all[i].first, LastName: all[i].last,
					PhoneNumber: all[i].phone, UsageLocation: all[i].location, DomainType: partnercenter.UserDomainType(all[i].domainType),
					State: partnercenter.UserActive,
				}
				if all[i].isSynced() {
					want.LastDirectorySync, _ = time.Parse(time.RFC3339, all[i].synced)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s (-want +got):\n%s", name, diff)
				}
			}
		}
	})
}

// Fields that no directory has, and tables that overflow, take nothing down.
func TestColumnsHoldOutliers(t *testing.T) {
	b := newBuilder()
	long := strings.Repeat("한", 5000)
	for i := range 700 {
		p := person{
			id: guid{byte(i), byte(i >> 8)}.String(), upn: "u@d" + guid{byte(i), byte(i >> 8)}.String(), display: long, first: long, last: long, phone: long,
			location: guid{byte(i)}.String(), domainType: guid{byte(i % 40)}.String(),
		}
		if err := b.add(p.raw()); err != nil {
			t.Fatal(err)
		}
	}
	b.seal()
	s := b.snapshot(nil, collation{}).finished()
	q := Query{Text: "한한"}.normal()
	if v := s.answer(&q, new(recent), besides{}); v.Matching != 700 {
		t.Errorf("%d of 700 found", v.Matching)
	}
	if n := len(s.whole().domainOrder); n != 700 {
		t.Errorf("%d domains", n)
	}
}

// A page that goes bad midway leaves nothing behind, and can be read again.
func TestBadPageIsDropped(t *testing.T) {
	b := newBuilder()
	all := people(1200, 3)
	for i := range all[:600] {
		if err := b.add(all[i].raw()); err != nil {
			t.Fatal(err)
		}
	}
	b.seal()
	rows, bytes := b.rows, b.bytes
	for name, spoil := range map[string]func(u *partnercenter.RawUser){
		"an ID that is none":    func(u *partnercenter.RawUser) { u.ID = []byte("root") },
		"a time that is none":   func(u *partnercenter.RawUser) { u.LastDirectorySync = []byte("yesterday") },
		"a date that is not":    func(u *partnercenter.RawUser) { u.LastDirectorySync = []byte("2026-06-31T00:00:00Z") },
		"an ID in other braces": func(u *partnercenter.RawUser) { u.ID = []byte("{" + string(u.ID) + "}") },
	} {
		b.pageStart = len(b.chunks)
		var err error
		for i := range all[600:] {
			u := all[600+i].raw()
			if i == 590 {
				spoil(u)
			}
			if err = b.add(u); err != nil {
				break
			}
		}
		if !errors.Is(err, partnercenter.ErrBadResponse) {
			t.Errorf("%s: error %v", name, err)
		}
		b.dropPage(rows)
		if b.rows != rows || b.bytes != bytes || len(b.seen) != rows {
			t.Errorf("%s: %d rows, %d bytes, %d seen; before %d, %d", name, b.rows, b.bytes, len(b.seen), rows, bytes)
		}
	}
	for i := range all { // and the first half again: nobody twice
		if err := b.add(all[i].raw()); err != nil {
			t.Fatal(err)
		}
	}
	b.seal()
	if s := b.snapshot(nil, collation{}); s.rows != len(all) || s.rows != len(s.allRows()) {
		t.Errorf("%d rows, %d in chunks, want %d", s.rows, len(s.allRows()), len(all))
	}
}

// While a list grows an answer is that over the pages so far, in the order they
// came, and what was found is extended, not sought again.
func TestGrowingAnswers(t *testing.T) {
	all := people(2300, 9)
	for i := range all {
		if all[i].display == "" {
			all[i].display = "x"
		}
	}
	var lately recent
	b := newBuilder()
	var s *snapshot
	q := Query{Text: "an", Size: 250}.normal()
	var painted []string
	for i := range all {
		if err := b.add(all[i].raw()); err != nil {
			t.Fatal(err)
		}
		if (i+1)%500 != 0 && i != len(all)-1 {
			continue
		}
		b.seal()
		s = b.snapshot(s, collation{})
		got := s.answer(&q, &lately, besidesOf(all, s))
		fresh := s.answer(&q, new(recent), besidesOf(all, s))
		if diff := cmp.Diff(fresh, got); diff != "" {
			t.Fatalf("extended differs from fresh:\n%s", diff)
		}
		ref := newReference(all[:i+1], collation{})
		if want := ref.answer(q); want.Matching != got.Matching || !cmp.Equal(want.Counts, got.Counts) {
			t.Fatalf("%d match, want %d", got.Matching, want.Matching)
		}
		var ids []string
		for _, r := range got.Rows {
			ids = append(ids, r.ID)
		}
		if n := min(len(painted), len(ids)); !slices.Equal(painted[:n], ids[:n]) {
			t.Fatalf("after %d users rows that were painted have moved", i+1)
		}
		painted = ids
	}
	done := s.finished() // another order: what was found before is no use
	if diff := cmp.Diff(done.answer(&q, new(recent), besidesOf(all, done)), done.answer(&q, &lately, besidesOf(all, done))); diff != "" {
		t.Fatalf("in the end another order's rows are taken for this one's:\n%s", diff)
	}
}

// What usualTime takes, ParseTime takes, and to the same second.
func FuzzUsualTime(f *testing.F) {
	for _, s := range []string{"2026-06-16T11:50:00Z", "2026-06-16T11:50:00.1234567Z", "2026-06-31T11:50:00Z", "2024-02-29T23:59:59Z", "2026-06-16T24:00:00Z", "2026-06-16t11:50:00z", "0001-01-01T00:00:00", "2026-06-16T11:50:00.Z", "2026-06-16T11:50:00+02:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		unix, ok := usualTime([]byte(s))
		if !ok {
			return
		}
		at, err := partnercenter.ParseTime(s)
		if err != nil || at.Unix() != unix {
			t.Errorf("%q: %d, ParseTime %v, %v", s, unix, at, err)
		}
	})
}

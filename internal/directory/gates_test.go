//go:build !race

// The race detector has allocations and memory of its own.

package directory

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// What does not move from run to run is held here; what does is measured by
// the benchmarks.

// A user read into columns costs no allocation: a page costs a few.
func TestReadingAUserAllocatesNothing(t *testing.T) {
	all := plainPeople(500, 7)
	raws := make([]*partnercenter.RawUser, len(all))
	for i := range all {
		raws[i] = all[i].raw()
	}
	b := newBuilder()
	allocs := testing.AllocsPerRun(20, func() {
		clear(b.seen) // so that everybody is new
		for _, u := range raws {
			if err := b.add(u); err != nil {
				t.Fatal(err)
			}
		}
		b.seal()
	})
	if perUser := allocs / 500; perUser > 0.05 {
		t.Errorf("%.0f allocations a page, %.3f a user", allocs, perUser)
	}
}

// A search, a key typed more, and any page of it allocate nothing; the answer
// to be shown allocates its rows, their text, their marks and the facets.
func TestSearchingAllocatesNothing(t *testing.T) {
	all := plainPeople(5000, 7)
	give(all, 7)
	s := grown(all, 500, collation{}).finished()
	b := besidesOf(all, s)
	for _, by := range []Column{ByUPN, ByLocation, ByDomainType, BySynced, ByLicenses, ByRoles} {
		b.order(s, by)
	}
	s.whole()
	b.licenses.whole()
	lately, search := new(recent), new(search)
	texts := []string{"m", "mu", "mul", "mull", "jan", "jan mu", "contoso", "@contoso-d", "0123", "+49 89 12", "qqq"} // eleven, so that each comes to each place among the latest
	find := func(text string) {
		search.needle.parse(text)
		search.find(s, lately)
	}
	for range len(lately.found) { // so that the last searches' memory is there
		s.line = new(line)
		for _, text := range texts {
			find(text)
		}
	}
	for _, text := range texts {
		if n := testing.AllocsPerRun(10, func() {
			s.line = new(line) // one allocation, and nothing known
			find(text)
		}); n > 1 {
			t.Errorf("searching %q: %v allocations", text, n-1)
		}
		q := Query{Text: text}.normal()
		find(text)
		for _, q := range []Query{q, {Licenses: []string{fakeID(0xe3), NoLicense}, Plans: []string{fakeID(0x1003)}, Roles: []string{someRoles[0].id}}, {Licenses: []string{fakeID(0xe5)}}} {
			q = q.normal()
			search.filter(s, b, &q, true)
			if n := testing.AllocsPerRun(10, func() { search.filter(s, b, &q, true) }); n > 0 {
				t.Errorf("filtering %q by %q: %v allocations", text, q.Encode(), n)
			}
		}
		search.filter(s, b, &q, true)
		for _, sort := range []Sort{{ByName, false}, {ByName, true}, {ByUPN, true}, {ByLocation, false}, {ByLicenses, true}, {ByRoles, false}} {
			if n := testing.AllocsPerRun(10, func() {
				search.rows = search.rows[:0]
				search.pageOfMatched(s, b.order(s, sort.By), sort, 25, 50)
			}); n > 0 {
				t.Errorf("a page of %q by %s: %v allocations", text, sort, n)
			}
		}
		if n := testing.AllocsPerRun(10, func() { search.answer(s, &q, lately, b) }); n > 9 { // three more facets
			t.Errorf("the answer to %q: %v allocations", text, n)
		}
	}
	for i := 1; i < 4; i++ {
		if n := testing.AllocsPerRun(10, func() {
			s.line = new(line)
			find(texts[i-1])
			find(texts[i])
		}); n > 1 {
			t.Errorf("%q and then %q: %v allocations", texts[i-1], texts[i], n-1)
		}
	}
}

// A request for a page of a list that is here allocates what is shown and a
// handful besides.
func TestARequestAllocatesLittle(t *testing.T) {
	d := New(Options{})
	defer d.Close()
	c := newCanned(plainPeople(2000, 7))
	v := c.viewer(t)
	loadAll(t, d, v)
	for _, q := range []Query{{}, {Text: "mul"}, {Text: "mul", Sort: Sort{ByUPN, true}}, {Synced: Yes, Locations: []string{"DE"}, Page: 3}} {
		if n := testing.AllocsPerRun(20, func() {
			if _, err := d.Users(t.Context(), v, bigCustomer, q); err != nil {
				t.Fatal(err)
			}
		}); n > 14 {
			t.Errorf("%q: %v allocations", q.Encode(), n)
		}
	}
}

// Licenses and roles cost a request a handful of allocations more, as long as
// nothing is being read.
func TestARequestWithLicensesAllocatesLittle(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
			t.Fatalf("%+v", view.Licenses)
		}
		for _, q := range []Query{{}, {Text: "mul"}, {Licenses: []string{NoLicense}, Sort: Sort{ByLicenses, true}}} {
			ask := func() {
				if _, err := o.Users(t.Context(), v, bigCustomer, q, KindLicenses, KindRoles); err != nil {
					t.Fatal(err)
				}
			}
			ask()
			synctest.Wait()
			if n := testing.AllocsPerRun(20, ask); n > 40 {
				t.Errorf("%q: %v allocations", q.Encode(), n)
			}
		}
	})
}

// Licenses take at most 16 bytes a user beside the list, their order and
// nearly a thousand sets of them included, and with them a user still takes at
// most 130. To hold them is to
// say how much.
func TestMemoryOfLicenses(t *testing.T) {
	const n = 100_000
	all := plainPeople(n, 7)
	give(all, 7)
	before := heap()
	s := grown(all, 500, collation{}).finished()
	for _, by := range []Column{ByName, ByUPN, ByLocation, ByDomainType, BySynced} {
		s.order(by)
	}
	s.whole()
	list := heap() - before
	var rows licenseRows
	rows.align(s)
	for number, c := range s.chunks { // as the background does, chunk by chunk
		for i := range c.ids {
			p := &all[(number<<chunkBits+i)%n]
			rows.put(c.ids[i], uint32(number<<chunkBits+i), s.line, p.licenses, false, time.Unix(1_800_000_000, 0))
		}
	}
	cut := rows.cut(1, time.Time{})
	cut.order()
	cut.whole()
	took := heap() - before - list
	perUser, said := float64(took)/n, float64(rows.size())/n
	t.Logf("%.1f bytes a user beside %.1f, %d sets", perUser, float64(list)/n, len(cut.sets))
	if perUser > 16 || float64(took+list)/n > 130 {
		t.Errorf("licenses take %.1f bytes a user beside %.1f, want at most 16 and 130 in all", perUser, float64(list)/n)
	}
	if said < perUser*0.9 || said > perUser*1.15 {
		t.Errorf("they say %.1f bytes a user and take %.1f", said, perUser)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(&rows)
	runtime.KeepAlive(cut)
	runtime.KeepAlive(all)
}

// Building a snapshot takes at most 2.2 times what it holds in the end.
func TestMemoryWhileBuilding(t *testing.T) {
	const n = 100_000
	all := plainPeople(n, 7)
	before := heap()
	defer debug.SetGCPercent(debug.SetGCPercent(2))

	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		var most int64
		for {
			select {
			case <-stop:
				peak <- most
				return
			default:
				metrics.Read(sample)
				most = max(most, int64(sample[0].Value.Uint64()))
				runtime.Gosched()
			}
		}
	}()
	s := grown(all, 500, collation{})
	s = s.finished()
	close(stop)
	most := float64(<-peak - before)
	for _, by := range []Column{ByUPN, ByLocation, ByDomainType, BySynced} {
		s.order(by)
	}
	took := float64(heap() - before)
	t.Logf("peak %.1f MB, in the end %.1f MB: %.2f", most/1e6, took/1e6, most/took)
	if most > 2.2*took {
		t.Errorf("building peaks at %.2f of what it holds in the end", most/took)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(all)
}

// heap is the bytes that are live after a collection.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A user takes at most 130 bytes, all in: texts, folded texts, and the orders
// of all columns.
func TestMemoryOfAUser(t *testing.T) {
	const n = 100_000
	all := plainPeople(n, 7)
	before := heap()
	s := grown(all, 500, collation{}).finished()
	for _, by := range []Column{ByName, ByUPN, ByLocation, ByDomainType, BySynced} {
		s.order(by)
	}
	s.whole()
	took := heap() - before
	perUser := float64(took) / n
	t.Logf("%.1f bytes a user", perUser)
	if perUser > 130 {
		t.Errorf("a user takes %.1f bytes, want at most 130", perUser)
	}
	if said := float64(s.size()) / n; said < perUser*0.95 || said > perUser*1.1 {
		t.Errorf("the snapshot says %.1f bytes a user and takes %.1f", said, perUser)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(all)
}

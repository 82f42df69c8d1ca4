package directory

import (
	"runtime"
	"testing"
)

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

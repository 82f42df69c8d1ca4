package emulator

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

var demoNow = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)

func TestPeopleAreThemselvesAndNobodyElse(t *testing.T) {
	for _, c := range demoWorld(1, 20_000, demoNow).customers {
		p := c.opened()
		ids, upns := map[string]bool{}, map[string]bool{}
		for n := range p.active + p.deleted {
			who := p.person(n)
			upn := strings.ToLower(who.upn)
			if ids[who.id] || upns[upn] {
				t.Fatalf("%s: %s or %s is there twice", c.name, who.id, who.upn)
			}
			ids[who.id], upns[upn] = true, true
			if found, ok := p.find(strings.ToUpper(who.id)); !ok || found != n {
				t.Fatalf("%s: looked for %s, found %d %v, want %d", c.name, who.id, found, ok, n)
			}
			if p.display(n) != who.display {
				t.Fatalf("%s: %d is %q to the sorter and %q", c.name, n, p.display(n), who.display)
			}
			deleted := n >= p.active
			if deleted != !who.deleted.IsZero() || deleted && (who.deleted.After(demoNow) || demoNow.Sub(who.deleted) > 30*24*time.Hour) {
				t.Fatalf("%s: %d deleted at %v", c.name, n, who.deleted)
			}
			if who.lastSync.IsZero() != (who.immutableID == "") || who.lastSync.After(demoNow) {
				t.Fatalf("%s: %d synced at %v, anchor %q", c.name, n, who.lastSync, who.immutableID)
			}
		}
	}
}

func TestUPNsStayUniqueInAMillion(t *testing.T) {
	p := demoWorld(1, 1_000_000, demoNow).customer(NorthwindID).opened()
	seen := make(map[string]struct{}, p.active)
	for n := range p.active {
		seen[strings.ToLower(p.person(n).upn)] = struct{}{}
	}
	if len(seen) != 1_000_000 {
		t.Errorf("%d names among 1,000,000 users", len(seen))
	}
}

func TestTheSeedChoosesThePeople(t *testing.T) {
	northwind := func(seed uint64) *people { return demoWorld(seed, 1000, demoNow).customer(NorthwindID).opened() }
	seven, again, eight := northwind(7), northwind(7), northwind(8)
	for n := range seven.active {
		if a, b := seven.person(n), again.person(n); a.id != b.id || a.upn != b.upn || a.display != b.display {
			t.Fatalf("seed 7 gave %s and %s", a.upn, b.upn)
		}
		if seven.person(n).id == eight.person(n).id {
			t.Fatalf("user %d is the same with seeds 7 and 8", n)
		}
	}
}

// Docs, pictures and tests name these; a change here changes them all.
func TestSeedZeroGivesThesePeople(t *testing.T) {
	p := demoWorld(0, 100_000, demoNow).customer(NorthwindID).opened()
	byName := p.numbers(false, ascending)
	var got []string
	for _, n := range []int{0, 1, 2, 3, 50_000, 99_999, 100_000, byName(0), byName(99_999)} {
		who := p.person(n)
		got = append(got, who.id+" "+who.upn+" "+who.display)
	}
	want := []string{
		"a0081833-ca89-4804-84ab-671b2e1b081b anouk.geillustreerd@northwind.example Anouk Geïllustreerd",
		"b2f22fdd-11aa-4221-92fc-21b3cc5253e3 tyrone.brown@northwind.example Tyrone Brown",
		"be3644a7-a04a-4f3d-9f7e-49026a8a73e8 sarka.dvorak@northwind.example Šárka Dvořák",
		"013d6fb5-da89-439c-8976-83cf08c19bd2 arjun.iyer@northwind.example Arjun Iyer",
		"095fe038-9614-4ac6-b1e4-9b7c033c3f6c zhiqiang.liu17@emea.northwind.example 刘志强",
		"1580f52a-b241-42c8-baa0-39ce68dd7c32 lasse.haestad10@northwind.example Lasse U. Hæstad",
		"73fdb526-4ccd-4d53-b07b-9537071489b4 beatriz.garcia.marquez15@emea.northwind.example Beatriz O. García Márquez",
		"b62e2709-015e-41cc-86e7-6c4641087ec8 anouk.t.hooft15@northwind.example 't Hooft, Anouk V.",
		"fe79192f-321d-4a63-90b9-1b47f572c7d4 scan-1563@northwind.onmicrosoft.example ",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestSortedIsByNameIgnoringCase(t *testing.T) {
	p := demoWorld(1, 3000, demoNow).customer(NorthwindID).opened()
	want := make([]int, p.active)
	for i := range want {
		want[i] = i
	}
	slices.SortStableFunc(want, func(a, b int) int {
		key := func(n int) string {
			return cmp.Or(strings.ToLower(p.person(n).display), "\U0010ffff") // who has none is last
		}
		return cmp.Compare(key(a), key(b))
	})
	up, down := p.numbers(false, ascending), p.numbers(false, descending)
	for i, n := range want {
		if up(i) != n || down(len(want)-1-i) != n {
			t.Fatalf("position %d: up %d, down %d, want %d", i, up(i), down(len(want)-1-i), n)
		}
	}
}

// Whatever trips up software that meets people for the first time.
func TestNorthwindHasTheAwkwardOnes(t *testing.T) {
	p := demoWorld(1, 100_000, demoNow).customer(NorthwindID).opened()
	kinds := map[string]func(person) bool{
		"Müller":                   func(w person) bool { return w.last == "Müller" },
		"Mueller":                  func(w person) bool { return w.last == "Mueller" },
		"ß":                        func(w person) bool { return strings.Contains(w.display, "ß") },
		"ł":                        func(w person) bool { return strings.Contains(w.display, "ł") },
		"ø":                        func(w person) bool { return strings.Contains(w.display, "ø") },
		"straight apostrophe":      func(w person) bool { return strings.Contains(w.display, "'") },
		"curly apostrophe":         func(w person) bool { return strings.Contains(w.display, "’") },
		"comma":                    func(w person) bool { return strings.Contains(w.display, ", ") },
		"angle brackets":           func(w person) bool { return strings.Contains(w.display, "<") },
		"ampersand":                func(w person) bool { return strings.Contains(w.display, "&") },
		"Chinese":                  func(w person) bool { return strings.Contains(w.display, "王") },
		"Japanese":                 func(w person) bool { return strings.Contains(w.display, "さくら") },
		"Korean":                   func(w person) bool { return strings.Contains(w.display, "김") },
		"Arabic":                   func(w person) bool { return strings.Contains(w.display, "عائشة") },
		"Hebrew":                   func(w person) bool { return strings.Contains(w.display, "כהן") },
		"long":                     func(w person) bool { return len([]rune(w.display)) > 50 },
		"no display name":          func(w person) bool { return w.display == "" },
		"staff without display":    func(w person) bool { return w.display == "" && w.last != "" },
		"no first name":            func(w person) bool { return w.first == "" && w.last != "" },
		"no last name":             func(w person) bool { return w.first != "" && w.last == "" },
		"no usage location":        func(w person) bool { return w.location == "" },
		"phone":                    func(w person) bool { return w.phone != "" },
		"guest":                    func(w person) bool { return strings.Contains(w.upn, "#EXT#@") },
		"service account":          func(w person) bool { return strings.HasPrefix(w.upn, "svc-") },
		"synced":                   func(w person) bool { return !w.lastSync.IsZero() },
		"synced long ago":          func(w person) bool { return !w.lastSync.IsZero() && demoNow.Sub(w.lastSync) > 24*time.Hour },
		"cloud only":               func(w person) bool { return w.lastSync.IsZero() },
		"federated":                func(w person) bool { return w.domainType == "federated" },
		"managed":                  func(w person) bool { return w.domainType == "managed" },
		"capital in the user name": func(w person) bool { return w.upn != strings.ToLower(w.upn) && !strings.Contains(w.upn, "#EXT#") },
		"namesake with an initial": func(w person) bool { return strings.Contains(w.display, ". Müller") },
		"namesake with a number":   func(w person) bool { return w.last == "Müller" && strings.Contains(w.upn, "muller2@") },
	}
	found := map[string]int{}
	for n := range p.active {
		who := p.person(n)
		for kind, is := range kinds {
			if is(who) {
				found[kind]++
			}
		}
	}
	for kind := range kinds {
		if found[kind] == 0 {
			t.Errorf("nobody: %s", kind)
		}
	}
}

// First.last is one person only if no two names of a culture look alike in
// Latin letters, and no family name belongs to two cultures.
func TestNamesKeepApartInLatinLetters(t *testing.T) {
	owner := map[string]string{}
	for key, pool := range pools() {
		if pool.country == "" {
			t.Errorf("%s has no country", key)
		}
		first := map[string]bool{}
		for _, n := range pool.first {
			if first[n.slug] {
				t.Errorf("%s: two first names give %q", key, n.slug)
			}
			first[n.slug] = true
		}
		for _, n := range pool.last {
			if owner[n.slug] != "" {
				t.Errorf("%s and %s have the family name %q", owner[n.slug], key, n.slug)
			}
			owner[n.slug] = key
		}
		for _, n := range slices.Concat(pool.first, pool.last) {
			if strings.Trim(n.slug, "abcdefghijklmnopqrstuvwxyz.-") != "" || n.slug == "" {
				t.Errorf("%s: %q is no part of an address", n.text, n.slug)
			}
		}
	}
	for name, mix := range mixes {
		for _, key := range mix {
			if pools()[key] == nil {
				t.Errorf("mix %s asks for the culture %q", name, key)
			}
		}
	}
}

func TestPairsMeetOnce(t *testing.T) {
	for key, pool := range pools() {
		met := map[[2]name]bool{}
		for n := range pool.size() {
			first, last := pool.pair(n)
			met[[2]name{first, last}] = true
		}
		if len(met) != pool.size() {
			t.Errorf("%s: %d pairs of %d", key, len(met), pool.size())
		}
	}
}

func TestNothingIsMadeBeforeItIsOpened(t *testing.T) {
	const perEmulator = 2000 // allocations: some 63 customers
	got := testing.AllocsPerRun(5, func() { New(Options{BigUsers: 1_000_000}) })
	if got > perEmulator {
		t.Errorf("an unopened emulator costs %v allocations, want at most %d", got, perEmulator)
	}
}

func TestTheCallLogStaysBounded(t *testing.T) {
	var log callLog
	for i := range maxCalls + 1 {
		log.add(Call{Page: i})
	}
	if n := len(log.calls); n != maxCalls/2+1 || log.calls[n-1].Page != maxCalls || log.calls[0].Page != maxCalls/2 {
		t.Errorf("%d calls, from %d to %d", n, log.calls[0].Page, log.calls[n-1].Page)
	}
}

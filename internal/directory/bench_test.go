package directory

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/collate"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The figures of performance.md, each beside the plain way: one run gives the
// ratios. Set -benchtime to taste; interleave runs for benchstat.

const benchUsers = 100_000

// asUsers are the people as the SDK's structs.
func asUsers(all []person) []partnercenter.User {
	users := make([]partnercenter.User, len(all))
	for i := range all {
		p := &all[i]
		users[i] = partnercenter.User{
			ID: p.id, UserPrincipalName: p.upn, DisplayName: p.display, FirstName: p.first, LastName: p.last,
			PhoneNumber: p.phone, UsageLocation: p.location, DomainType: partnercenter.UserDomainType(p.domainType),
		}
	}
	return users
}

// searchCases are needles by how much they find among benchUsers; before is
// what was typed one key earlier.
var searchCases = []struct{ name, before, text string }{
	{"2 letters many hits", "m", "mu"},
	{"3 letters", "mu", "mul"},
	{"5 letters", "kowi", "kowia"},
	{"6 letters no hit", "qqxyz", "qqxyzz"},
	{"2 letters no hit", "q", "qx"},
	{"2 words", "jan mul", "jan mull"},
	{"domain", "contoso-d", "contoso-de"},
}

func BenchmarkSearch(b *testing.B) {
	all := plainPeople(benchUsers, 7)
	users := asUsers(all)
	s := grown(all, 500, collation{}).finished()
	search := new(search)
	find := func(text string, r *recent) int {
		search.needle.parse(text)
		search.find(s, r)
		return search.hits.count()
	}
	for _, c := range searchCases {
		b.Run(c.name+"/naive", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words := strings.Fields(strings.ToLower(c.text))
				n := 0
				for i := range users {
					name, upn := strings.ToLower(users[i].DisplayName), strings.ToLower(users[i].UserPrincipalName)
					if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) && !strings.Contains(upn, w) }) {
						n++
					}
				}
				b.ReportMetric(float64(n), "hits")
			}
		})
		b.Run(c.name+"/naive with folding", func(b *testing.B) {
			for b.Loop() {
				words := strings.Fields(plainFold(c.text))
				n := 0
				for i := range users {
					name, upn := plainFold(users[i].DisplayName), plainFold(users[i].UserPrincipalName)
					if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) && !strings.Contains(upn, w) }) {
						n++
					}
				}
				b.ReportMetric(float64(n), "hits")
			}
		})
		b.Run(c.name+"/arena", func(b *testing.B) {
			b.ReportAllocs()
			nothing := new(recent)
			for b.Loop() {
				s.line = &line{}
				b.ReportMetric(float64(find(c.text, nothing)), "hits")
			}
		})
		b.Run(c.name+"/narrowing", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				r := new(recent)
				find(c.before, r)
				b.StartTimer()
				find(c.text, r)
			}
		})
		b.Run(c.name+"/whole answer when narrowing", func(b *testing.B) {
			b.ReportAllocs()
			q := Query{Text: c.text}.normal()
			for b.Loop() {
				b.StopTimer()
				r := new(recent)
				find(c.before, r)
				b.StartTimer()
				s.answer(&q, r, besides{})
			}
		})
	}
	b.Run("floor/sum of the arena", func(b *testing.B) {
		for b.Loop() {
			sum := 0
			for _, c := range s.chunks {
				for _, x := range c.fold {
					sum += int(x)
				}
			}
			runtime.KeepAlive(sum)
		}
	})
}

func BenchmarkSort(b *testing.B) {
	all := plainPeople(benchUsers, 7)
	s := grown(all, 500, collation{})
	done := s.finished()
	b.Run("collation in every compare", func(b *testing.B) {
		for b.Loop() {
			c := collate.New(s.by.language)
			rows := make([]int, len(all))
			for i := range rows {
				rows[i] = i
			}
			slices.SortFunc(rows, func(x, y int) int {
				if r := c.CompareString(all[x].display, all[y].display); r != 0 {
					return r
				}
				return strings.Compare(all[x].id, all[y].id)
			})
		}
	})
	for _, by := range []Column{ByUPN, ByLocation, ByDomainType, BySynced} {
		b.Run("order by "+string(by), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				done.sortBy(by)
			}
		})
	}
	b.Run("finished by name", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.finished()
		}
	})
	search := new(search)
	r := new(recent)
	search.needle.parse("mu")
	for _, p := range []struct {
		name string
		q    Query
	}{
		{"all by name, page 1", Query{}},
		{"all by -upn, page 1000", Query{Sort: Sort{ByUPN, true}, Page: 1000}},
		{"searched by name, page 1", Query{Text: "mu"}},
		{"searched by upn, page 1", Query{Text: "mu", Sort: Sort{By: ByUPN}}},
		{"searched by -upn, last page", Query{Text: "mu", Sort: Sort{ByUPN, true}, Page: 1 << 20}},
		{"synced by location, page 100", Query{Synced: Yes, Sort: Sort{By: ByLocation}, Page: 100}},
	} {
		q := p.q.normal()
		whole := done.answer(&q, r, besides{})
		b.Run("page/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			if q.narrows() {
				search.needle.parse(q.Text)
				if q.Text != "" {
					search.find(done, r)
				}
				search.filter(done, besides{}, &q, q.Text != "")
			}
			for b.Loop() {
				search.rows = search.rows[:0]
				if q.narrows() {
					search.pageOfMatched(done, done.order(q.Sort.By), q.Sort, (whole.Page-1)*q.Size, q.Size)
				} else {
					search.pageOfAll(done, done.order(q.Sort.By), q.Sort, (whole.Page-1)*q.Size, q.Size)
				}
			}
		})
		b.Run("answer/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				done.answer(&q, r, besides{})
			}
		})
	}
}

// What licenses cost a query on a list whose licenses are all read, beside the
// plain way: a slice of users with their licenses, looked through.
func BenchmarkLicenses(b *testing.B) {
	all := plainPeople(benchUsers, 7)
	give(all, 7)
	for i := range all {
		all[i].read = true
	}
	s := grown(all, 500, collation{}).finished()
	beside := besidesOf(all, s)
	nothing := new(recent)
	wanted, wantedPlan := fakeID(0xe3), fakeID(0x1003)
	for _, c := range []struct {
		name  string
		q     Query
		plain func(p *person) bool
	}{
		{"one SKU", Query{Licenses: []string{fakeID(0xe3)}}, func(p *person) bool {
			for i := range p.licenses {
				if p.licenses[i].SKUID == wanted {
					return true
				}
			}
			return false
		}},
		{"unlicensed", Query{Licenses: []string{NoLicense}}, func(p *person) bool { return len(p.licenses) == 0 }},
		{"one plan", Query{Plans: []string{fakeID(0x1003)}}, func(p *person) bool {
			for i := range p.licenses {
				for k := range p.licenses[i].ServicePlans {
					if s := &p.licenses[i].ServicePlans[k]; s.ID == wantedPlan && s.CapabilityStatus == "Assigned" {
						return true
					}
				}
			}
			return false
		}},
		{"a role", Query{Roles: []string{someRoles[1].id}}, func(p *person) bool { return slices.Contains(p.roles, someRoles[1].id) }},
	} {
		q := c.q.normal()
		b.Run(c.name+"/naive, hits alone", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for i := range all {
					if c.plain(&all[i]) {
						n++
					}
				}
				b.ReportMetric(float64(n), "hits")
			}
		})
		b.Run(c.name+"/naive, with counts by license and plan", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n, skus, plans := 0, map[string]int{}, map[string]int{}
				for i := range all {
					for k := range all[i].licenses {
						l := &all[i].licenses[k]
						skus[l.SKUID]++
						for m := range l.ServicePlans {
							if l.ServicePlans[m].CapabilityStatus == "Assigned" {
								plans[l.ServicePlans[m].ID]++
							}
						}
					}
					if c.plain(&all[i]) {
						n++
					}
				}
				b.ReportMetric(float64(n), "hits")
			}
		})
		search := new(search)
		b.Run(c.name+"/filter with all counts", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				search.filter(s, beside, &q, false)
				b.ReportMetric(float64(search.tally.rows), "hits")
			}
		})
		b.Run(c.name+"/whole answer", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.answer(&q, nothing, beside)
			}
		})
	}
	synced := Query{Synced: Yes}.normal()
	b.Run("synced/without licenses", func(b *testing.B) {
		search := new(search)
		for b.Loop() {
			search.filter(s, besides{}, &synced, false)
		}
	})
	b.Run("synced/with licenses and roles", func(b *testing.B) {
		search := new(search)
		for b.Loop() {
			search.filter(s, beside, &synced, false)
		}
	})
	b.Run("cut of all, with counts", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var rows licenseRows
			rows.of, rows.table, rows.read = s, newLicenseSets(s.by), s.rows
			rows.table.licenseTable, rows.chunks = beside.licenses.licenseTable, beside.licenses.chunks
			rows.cut(1, time.Time{}).whole()
		}
	})
	b.Run("aligned to a new copy", func(b *testing.B) {
		b.ReportAllocs()
		other := &snapshot{tables: s.tables, chunks: s.chunks, starts: s.starts, rows: s.rows, line: new(line), by: s.by}
		for b.Loop() {
			var rows licenseRows
			rows.of, rows.table, rows.read = s, newLicenseSets(s.by), s.rows
			rows.table.licenseTable, rows.chunks = beside.licenses.licenseTable, beside.licenses.chunks
			rows.align(other)
		}
	})
	b.Run("order by licenses", func(b *testing.B) {
		for b.Loop() {
			(&licenseCut{licenseTable: beside.licenses.licenseTable, of: s, chunks: beside.licenses.chunks, bySet: beside.licenses.bySet}).order()
		}
	})
}

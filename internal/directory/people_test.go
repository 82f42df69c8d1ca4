package directory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// person is a user as Partner Center writes one.
type person struct {
	id, upn, display, first, last, phone, location, domainType string
	synced                                                     string

	read     bool // their licenses are known
	licenses []partnercenter.License
	roles    []string
}

// people makes n users from a seed, in the shape of a real directory: most are
// plain, many have accents, some have letters without decomposition, other
// scripts, no name, no location, long names, and phone numbers in any style.
func people(n int, seed uint64) []person {
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	firsts := strings.Fields("Anna Jan Jürgen Sabine Tomáš Zoë Łukasz Søren Đorđe Þóra Ædan Œdipe Ágnes Ömer İpek Çağla Chloé Agnieszka Ivan María José Nguyễn Björn Åsa Ingrid Peter Paul Mary Linda James Robert Michael Ama Kofi Priya Carsten Lena Daan Christoph Dominika Ernst-Wilhelm Siobhán O’Neil")
	lasts := strings.Fields("Müller Muller Mueller Novák Dvořák Großkreutz Żółkiewska Wójcik Nowak Ørsted Åkesson O'Brien O’Connor Lüdenscheidt Lefèvre Hernández Ibáñez Yılmaz Şahin Öztürk Petrov Smith Jones Brown Nair Mensah Brandt Vogel Hoekstra Ohlendorf Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Richter")
	foreign := []string{"山田 太郎", "株式会社さくら 受付", "عائشة الهاشمي", "김민준", "한지민", "משה כהן", "Ольга Иванова", "Ζωή Παπαδοπούλου", "สมชาย ใจดี", "राजेश कुमार", "がくせい", "か゚くせい"}
	locations := []string{"DE", "DE", "DE", "DE", "NL", "NL", "JP", "US", "GB", "PL", "FR", "CH", "us"}
	domains := []string{"contoso.example", "contoso.example", "contoso.example", "contoso-de.example", "contoso.onmicrosoft.example", "Contoso.Example", "nürnberg.example", "sub.contoso.example"}
	types := []string{"managed", "managed", "managed", "federated", "none", ""}
	phones := []string{"+49 89 %04d %03d", "089/%04d-%03d", "(020) %04d %03d", "+1 (555) %04d%03d", "%04d%03d", "%04d ext. %03d"}

	all := make([]person, n)
	for i := range all {
		p := &all[i]
		var id guid
		for k := range id {
			id[k] = byte(r.Uint32())
		}
		p.id = id.String()
		p.first, p.last = pick(firsts), pick(lasts)
		local := strings.ToLower(p.first[:1]) + "." + strings.ToLower(p.last)
		switch k := r.IntN(100); {
		case k < 60:
			p.display = p.first + " " + p.last
		case k < 70:
			p.display = p.first + " " + string(rune('A'+i%26)) + ". " + p.last
		case k < 80:
			p.display = p.last + ", " + p.first
		case k < 84:
			p.display = "Dr. " + p.first + " " + p.last + " (Extern)"
		case k < 89:
			p.display, p.first, p.last = pick(foreign), "", ""
		case k < 91:
			p.display, p.first, p.last = fmt.Sprintf("svc-backup-%03d", i%1000), "", ""
			local = p.display
		case k < 93:
			p.display = "" // no display name
		case k < 94:
			p.display, p.first, p.last = "", "", ""
		case k < 95:
			p.display = strings.Repeat(p.first+"-", 12) + p.last
		case k < 96:
			p.display, p.first = p.last, ""
		case k < 97:
			p.display = "Zu\u0308rich " + p.last // decomposed
		case k < 98:
			p.display = p.first + "\u200b " + p.last + "\t\u202e🧑🏽‍🚀"
		default:
			p.display = p.first + " " + p.last
			p.last = strings.ToUpper(p.last)
		}
		local = strings.Map(func(r rune) rune {
			if r == ' ' || r == '’' || r == '\'' {
				return -1
			}
			return r
		}, local)
		switch r.IntN(50) {
		case 0:
			p.upn = fmt.Sprintf("%s%d_partner.example#EXT#@contoso.onmicrosoft.example", local, i)
		case 1:
			p.upn = fmt.Sprintf("%s%d", local, i) // no domain
		case 2:
			p.upn = fmt.Sprintf("%s%d@x@contoso.example", local, i)
		case 3:
			p.upn = fmt.Sprintf("%s%d@", strings.ToUpper(local), i)
		case 4:
			p.upn = ""
		default:
			p.upn = fmt.Sprintf("%s%d@%s", local, i, pick(domains))
		}
		if r.IntN(8) > 0 {
			p.location = pick(locations)
		}
		p.domainType = pick(types)
		if r.IntN(2) == 0 {
			p.phone = fmt.Sprintf(pick(phones), r.IntN(10000), r.IntN(1000))
		}
		switch r.IntN(10) {
		case 0, 1, 2, 3, 4:
			p.synced = time.Unix(1_700_000_000+int64(r.IntN(10_000))*60, 0).UTC().Format(time.RFC3339)
		case 5:
			p.synced = "0001-01-01T00:00:00"
		}
	}
	return all
}

// The products and roles that some people have. Names are not in the order of
// IDs, two are called the same but for case and accent, one has none.
var (
	someProducts = []partnercenter.License{
		{SKUID: fakeID(0xe3), Name: "Microsoft 365 E3", PartNumber: "SPE_E3", ServicePlans: somePlans(1, 2, 3, 4)},
		{SKUID: fakeID(0xe5), Name: "Microsoft 365 E5", PartNumber: "SPE_E5", ServicePlans: somePlans(1, 2, 3, 4, 5, 6)},
		{SKUID: fakeID(0x11), Name: "Visio Plan 2", PartNumber: "VISIOCLIENT", ServicePlans: somePlans(7)},
		{SKUID: fakeID(0x22), Name: "Érp", PartNumber: "ERP", ServicePlans: nil},
		{SKUID: fakeID(0x21), Name: "erp", PartNumber: "ERP_OLD", ServicePlans: somePlans(8, 9)},
		{SKUID: fakeID(0x33), Name: "", PartNumber: "NAMELESS", ServicePlans: somePlans(4)},
	}
	someRoles = []named{
		{fakeID(0xa1), Name{Name: "Helpdesk Administrator"}},
		{fakeID(0xa2), Name{Name: "Company Administrator"}},
		{fakeID(0xa3), Name{Name: "Ärzte"}},
	}
)

func fakeID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }

func somePlans(numbers ...int) (plans []partnercenter.ServicePlan) {
	for _, n := range numbers {
		plans = append(plans, partnercenter.ServicePlan{ID: fakeID(0x1000 + n), DisplayName: fmt.Sprint("Plan ", n), ServiceName: fmt.Sprint("PLAN_", n), CapabilityStatus: "Assigned"})
	}
	return plans
}

// give gives people licenses and roles: most have one product, some several,
// with plans off here and there; some have none, and of some it is not known.
func give(all []person, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range all {
		p := &all[i]
		p.read = r.IntN(8) > 0
		for range []int{0, 1, 1, 1, 1, 2, 2, 3}[r.IntN(8)] {
			l := someProducts[r.IntN(len(someProducts))]
			if slices.ContainsFunc(p.licenses, func(other partnercenter.License) bool { return other.SKUID == l.SKUID }) {
				continue
			}
			l.ServicePlans = slices.Clone(l.ServicePlans)
			for k := range l.ServicePlans {
				if r.IntN(10) == 0 {
					l.ServicePlans[k].CapabilityStatus = "Disabled"
				}
			}
			if len(l.ServicePlans) > 0 && r.IntN(20) == 0 {
				l.ServicePlans = l.ServicePlans[1:]
			}
			p.licenses = append(p.licenses, l)
		}
		if r.IntN(30) == 0 {
			for _, role := range someRoles {
				if r.IntN(2) == 0 {
					p.roles = append(p.roles, role.id)
				}
			}
		}
	}
}

// besidesOf are what people were given, beside a snapshot of them.
func besidesOf(all []person, s *snapshot) besides {
	var rows licenseRows
	rows.align(s)
	byUser := map[guid][]string{}
	for i := range all {
		id, _ := parseGUID(all[i].id)
		if all[i].read {
			rows.put(id, 0, nil, all[i].licenses, false, time.Unix(1_800_000_000, 0))
		}
		if len(all[i].roles) > 0 {
			byUser[id] = all[i].roles
		}
	}
	return besides{licenses: rows.cut(1, time.Time{}), roles: newRoleCut(s, someRoles, byUser)}
}

// plainPeople makes n users as most directories have them: for what is
// measured, so that it is not flattered by empty fields. About 446 bytes a user
// on the wire.
func plainPeople(n int, seed uint64) []person {
	all := people(n, seed)
	for i := range all {
		p := &all[i]
		if p.first == "" {
			continue
		}
		if i%100 < 85 {
			p.display = p.first + " " + p.last
		}
	}
	return all
}

func (p *person) raw() *partnercenter.RawUser {
	bytesOf := func(s string) []byte {
		if s == "" {
			return nil
		}
		return []byte(s)
	}
	return &partnercenter.RawUser{
		ID: []byte(p.id), UserPrincipalName: bytesOf(p.upn), DisplayName: bytesOf(p.display),
		FirstName: bytesOf(p.first), LastName: bytesOf(p.last), PhoneNumber: bytesOf(p.phone),
		UsageLocation: bytesOf(p.location), DomainType: bytesOf(p.domainType), LastDirectorySync: bytesOf(p.synced),
	}
}

// grown is the snapshot of people who came 500 a page, or size a page.
func grown(all []person, size int, by collation) *snapshot {
	b := newBuilder()
	var s *snapshot
	for i := range all {
		if err := b.add(all[i].raw()); err != nil {
			panic(err)
		}
		if (i+1)%size == 0 || i == len(all)-1 {
			b.seal()
			s = b.snapshot(s, by)
		}
	}
	if s == nil {
		s = b.snapshot(nil, by)
	}
	return s
}

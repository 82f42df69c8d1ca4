package directory

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The reference: what a query finds, said in the plainest way there is. It
// shares nothing with what it judges but the types of query and view.

// plainFold folds text the slow way.
func plainFold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if ccc := norm.NFD.PropertiesString(string(r)).CCC(); ccc > 9 {
			continue
		}
		switch r {
		case 'ß', 'ẞ':
			b.WriteString("ss")
		case 'æ', 'Æ':
			b.WriteString("ae")
		case 'œ', 'Œ':
			b.WriteString("oe")
		case 'þ', 'Þ':
			b.WriteString("th")
		case 'ø', 'Ø':
			b.WriteString("o")
		case 'ł', 'Ł':
			b.WriteString("l")
		case 'đ', 'Đ', 'ð', 'Ð':
			b.WriteString("d")
		case 'ı':
			b.WriteString("i")
		case 'ς':
			b.WriteString("σ")
		case '’', '‘', '`', '´':
			b.WriteString("'")
		case '\u200b', '\u202e', '\u200d':
		default:
			if unicode.IsControl(r) || unicode.IsSpace(r) {
				r = ' '
			}
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// plainPhone is what of a typed text is looked for among the digits of phone numbers.
func plainPhone(typed string) (string, bool) {
	if strings.Trim(typed, "0123456789+-()/. ") != "" {
		return "", false
	}
	d := plainDigits(typed)
	for len(d) > 4 && d[0] == '0' {
		d = d[1:]
	}
	return d, len(d) >= 4
}

func (ref *reference) has(i int, word string) bool {
	for _, text := range ref.folded[i] {
		if strings.Contains(text, word) {
			return true
		}
	}
	d, ok := plainPhone(word)
	return ok && strings.Contains(plainDigits(ref.people[i].phone), d)
}

func (ref *reference) matchesText(i int, text string) bool {
	p := &ref.people[i]
	if ref.known[strings.ToLower(text)] {
		return p.id == strings.ToLower(text)
	}
	if d, ok := plainPhone(text); ok && strings.Contains(plainDigits(p.phone), d) {
		return true
	}
	for _, word := range strings.Fields(plainFold(text)) {
		if !ref.has(i, word) {
			return false
		}
	}
	return true
}

func (p *person) host() string {
	if at := strings.LastIndex(p.upn, "@"); at >= 0 {
		return strings.ToLower(p.upn[at+1:])
	}
	return ""
}

func (p *person) isSynced() bool { return p.synced != "" && !strings.HasPrefix(p.synced, "0001") }
func (p *person) isGuest() bool  { return strings.Contains(p.upn, "#EXT#") }
func (p *person) place() string  { return strings.ToUpper(p.location) }

func matchesAnswer(a Answer, is bool) bool { return a == Any || (a == Yes) == is }
func matchesPlace(wanted []string, place string) bool {
	if place == "" {
		place = NoLocation
	}
	return len(wanted) == 0 || slices.Contains(wanted, place)
}

func (p *person) has(sku string) bool {
	return p.read && slices.ContainsFunc(p.licenses, func(l partnercenter.License) bool { return l.SKUID == sku })
}

func (p *person) hasOn(plan string) bool {
	return p.read && slices.ContainsFunc(p.licenses, func(l partnercenter.License) bool {
		return slices.ContainsFunc(l.ServicePlans, func(s partnercenter.ServicePlan) bool {
			return s.ID == plan && s.CapabilityStatus == "Assigned"
		})
	})
}

func (p *person) unlicensed() bool { return p.read && len(p.licenses) == 0 }

func (p *person) matchesLicenses(wanted []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(sku string) bool {
		return sku == NoLicense && p.unlicensed() || p.has(sku)
	})
}

func (p *person) matchesRoles(wanted []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(role string) bool { return slices.Contains(p.roles, role) })
}

// productNames are what those a user has are sorted and shown by.
func productName(l partnercenter.License) string { return cmp.Or(l.Name, l.PartNumber) }

func matchesHost(wanted []string, host string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, host)
}

// reference answers queries over people.
type reference struct {
	people  []person
	folded  [][4]string // display, first, last name, user principal name
	known   map[string]bool
	ordered map[Column][]int // the rows that have something in the column, and then the others
	filled  map[Column]int
	skus    [][]string                           // of those whose licenses were read
	plans   [][]string                           // and that are on
	byName  func(a, b partnercenter.License) int // products
}

func newReference(all []person, by collation) *reference {
	ref := &reference{people: all, known: map[string]bool{}, ordered: map[Column][]int{}, filled: map[Column]int{}}
	for i := range all {
		p := &all[i]
		ref.known[p.id] = true
		var skus, plans []string
		for _, l := range someProducts {
			if p.has(l.SKUID) {
				skus = append(skus, l.SKUID)
			}
		}
		for n := range 12 {
			if id := fakeID(0x1000 + n); p.hasOn(id) {
				plans = append(plans, id)
			}
		}
		ref.skus, ref.plans = append(ref.skus, skus), append(ref.plans, plans)
		ref.folded = append(ref.folded, [4]string{plainFold(p.display), plainFold(p.first), plainFold(p.last), plainFold(p.upn)})
	}
	c := collate.New(by.language)
	nameOf := func(code string) string {
		if code != "" && by.locationName != nil {
			return by.locationName(code)
		}
		return code
	}
	texts := map[Column]func(p *person) string{
		ByName:       func(p *person) string { return p.display },
		ByUPN:        func(p *person) string { return p.upn },
		ByLocation:   func(p *person) string { return nameOf(p.place()) },
		ByDomainType: func(p *person) string { return p.domainType },
	}
	byName := func(a, b int) int {
		x, y := &all[a], &all[b]
		switch {
		case (x.display == "") != (y.display == ""):
			if x.display == "" {
				return 1
			}
			return -1
		case x.display != "":
			if r := c.CompareString(x.display, y.display); r != 0 {
				return r
			}
		}
		return strings.Compare(x.id, y.id)
	}
	base := make([]int, len(all))
	for i := range base {
		base[i] = i
	}
	slices.SortFunc(base, byName)
	for column, text := range texts {
		var with, without []int
		for _, i := range base {
			if text(&all[i]) == "" {
				without = append(without, i)
			} else {
				with = append(with, i)
			}
		}
		slices.SortStableFunc(with, func(a, b int) int { return c.CompareString(text(&all[a]), text(&all[b])) })
		ref.filled[column] = len(with)
		ref.ordered[column] = append(with, without...)
	}
	var with, without []int
	for _, i := range base {
		if all[i].isSynced() {
			with = append(with, i)
		} else {
			without = append(without, i)
		}
	}
	slices.SortStableFunc(with, func(a, b int) int { return strings.Compare(all[a].synced, all[b].synced) })
	ref.filled[BySynced] = len(with)
	ref.ordered[BySynced] = append(with, without...)

	sorted := func(column Column, has func(p *person) bool, compare func(a, b *person) int) {
		var with, without []int
		for _, i := range base {
			if has(&all[i]) {
				with = append(with, i)
			} else {
				without = append(without, i)
			}
		}
		slices.SortStableFunc(with, func(a, b int) int { return compare(&all[a], &all[b]) })
		ref.filled[column] = len(with)
		ref.ordered[column] = append(with, without...)
	}
	sorted(ByLicenses, func(p *person) bool { return p.read }, func(a, b *person) int { return len(a.licenses) - len(b.licenses) })
	rolesOf := func(p *person) string {
		var names []string
		for _, r := range someRoles {
			if slices.Contains(p.roles, r.id) {
				names = append(names, r.Name.Name)
			}
		}
		return strings.Join(names, ", ")
	}
	sorted(ByRoles, func(p *person) bool { return len(p.roles) > 0 }, func(a, b *person) int { return c.CompareString(rolesOf(a), rolesOf(b)) })
	ref.byName = func(a, b partnercenter.License) int { return c.CompareString(productName(a), productName(b)) }
	return ref
}

// answer is what the view of the query must be; marks are judged elsewhere.
func (ref *reference) answer(q Query) UsersView {
	v := UsersView{Size: q.Size}
	type tallied struct{ all, matching map[string]int }
	places, hosts := tallied{map[string]int{}, map[string]int{}}, tallied{map[string]int{}, map[string]int{}}
	count := func(c *Count, is, matching bool) {
		if is {
			c.All++
			if matching {
				c.Matching++
			}
		}
	}
	skus, plans, roles := tallied{map[string]int{}, map[string]int{}}, tallied{map[string]int{}, map[string]int{}}, tallied{map[string]int{}, map[string]int{}}
	tell := func(t tallied, value string, is, matching bool) {
		if is {
			t.all[value]++
			if matching {
				t.matching[value]++
			}
		}
	}
	matches := map[int]bool{}
	for i := range ref.people {
		p := &ref.people[i]
		const text, synced, guest, place, host, license, plan, role, none = 0, 1, 2, 3, 4, 5, 6, 7, 8
		parts := [...]bool{
			text: ref.matchesText(i, q.Text), synced: matchesAnswer(q.Synced, p.isSynced()), guest: matchesAnswer(q.Guest, p.isGuest()),
			place: matchesPlace(q.Locations, p.place()), host: matchesHost(q.Domains, p.host()),
			license: p.matchesLicenses(q.Licenses), role: p.matchesRoles(q.Roles),
			plan: len(q.Plans) == 0 || slices.ContainsFunc(q.Plans, p.hasOn),
		}
		but := func(part int) bool {
			for other, ok := range parts {
				if other != part && !ok {
					return false
				}
			}
			return true
		}
		matches[i] = but(none)
		count(&v.Counts.Synced, p.isSynced(), but(synced))
		count(&v.Counts.CloudOnly, !p.isSynced(), but(synced))
		count(&v.Counts.Guest, p.isGuest(), but(guest))
		count(&v.Counts.NoLocation, p.place() == "", but(place))
		count(&v.Counts.Unlicensed, p.unlicensed(), but(license))
		tell(places, p.place(), p.place() != "", but(place))
		tell(hosts, p.host(), p.host() != "", but(host))
		for _, id := range ref.skus[i] {
			tell(skus, id, true, but(license))
		}
		for _, id := range ref.plans[i] {
			tell(plans, id, true, but(plan))
		}
		for _, r := range someRoles {
			tell(roles, r.id, slices.Contains(p.roles, r.id), but(role))
		}
		if matches[i] {
			v.Matching++
		}
	}
	facets := func(t tallied) []Facet {
		list := []Facet{}
		for value, n := range t.all {
			list = append(list, Facet{value, Count{n, t.matching[value]}})
		}
		slices.SortFunc(list, func(a, b Facet) int {
			if a.All != b.All {
				return b.All - a.All
			}
			return strings.Compare(a.Value, b.Value)
		})
		return list
	}
	v.Counts.Locations, v.Counts.Domains = facets(places), facets(hosts)
	v.Counts.Licenses, v.Counts.Plans, v.Counts.Roles = facets(skus), facets(plans), facets(roles)

	order := slices.Clone(ref.ordered[q.Sort.By])
	if q.Sort.Descending {
		slices.Reverse(order[:ref.filled[q.Sort.By]])
	}
	order = slices.DeleteFunc(order, func(i int) bool { return !matches[i] })
	if exact := ref.exact(order, q.Text); exact >= 0 {
		v.Exact = ref.people[exact].id
		order = slices.DeleteFunc(order, func(i int) bool { return i == exact })
		order = slices.Insert(order, 0, exact)
	}
	v.Pages = max((v.Matching+q.Size-1)/q.Size, 1)
	v.Page = min(q.Page, v.Pages)
	v.Rows = []UserRow{}
	for _, i := range order[(v.Page-1)*q.Size : min(v.Page*q.Size, len(order))] {
		v.Rows = append(v.Rows, ref.row(i))
	}
	return v
}

// row is what is shown of a user.
func (ref *reference) row(i int) UserRow {
	p := &ref.people[i]
	r := p.row()
	r.Roles = p.roles
	if r.LicensesRead = p.read; p.read {
		r.Licenses = []string{}
		has := slices.Clone(p.licenses)
		slices.SortFunc(has, func(a, b partnercenter.License) int {
			if c := ref.byName(a, b); c != 0 {
				return c
			}
			return strings.Compare(a.SKUID, b.SKUID)
		})
		for _, l := range has {
			r.Licenses = append(r.Licenses, l.SKUID)
		}
	}
	return r
}

// exact is who the text names: by ID, by UPN, or alone by display name.
func (ref *reference) exact(among []int, text string) int {
	if text == "" {
		return -1
	}
	folded := plainFold(text)
	only := func(is func(i int) bool) (who, n int) {
		who = -1
		for _, i := range among {
			if is(i) {
				who = i
				n++
			}
		}
		return who, n
	}
	for _, is := range []func(i int) bool{
		func(i int) bool { return ref.people[i].id == strings.ToLower(text) },
		func(i int) bool { return strings.EqualFold(ref.people[i].upn, text) },
		func(i int) bool { return strings.EqualFold(ref.people[i].display, text) },
		func(i int) bool { return ref.people[i].display != "" && ref.folded[i][0] == folded },
	} {
		switch who, n := only(is); {
		case n == 1:
			return who
		case n > 1:
			return -1
		}
	}
	return -1
}

func (p *person) row() UserRow {
	r := UserRow{
		ID: p.id, DisplayName: p.display, UPN: p.upn, FirstName: p.first, LastName: p.last, Phone: p.phone,
		Location: p.place(), DomainType: p.domainType, Guest: p.isGuest(),
	}
	if p.isSynced() {
		at, _ := parseInstant([]byte(p.synced))
		r.Synced = at.time()
	}
	return r
}

// randomQuery asks what people ask, mostly of someone who is there.
func randomQuery(r *rand.Rand, all []person) Query {
	p := &all[r.IntN(len(all))]
	part := func(s string) string {
		runes := []rune(s)
		if len(runes) == 0 {
			return ""
		}
		from := r.IntN(len(runes))
		return string(runes[from:min(from+1+r.IntN(6), len(runes))])
	}
	text := ""
	switch r.IntN(14) {
	case 0:
		text = part(p.display)
	case 1:
		text = part(p.last) + " " + part(p.first)
	case 2:
		text = part(p.upn)
	case 3:
		text = p.upn
	case 4:
		text = p.display
	case 5:
		text = strings.ToUpper(plainFold(p.display))
	case 6:
		text = p.id
	case 7:
		text = part(plainDigits(p.phone))
	case 8:
		text = p.phone
	case 9:
		text = part(p.display) + " " + part(p.upn) + " " + plainDigits(p.phone)
	case 10:
		letters := []rune("aeßüøł@.'かが김ñ0")
		text = string(letters[r.IntN(len(letters))])
	case 11:
		text = "@" + part(p.host())
	case 12: // across the @: the end of one name, the beginning of somebody's domain
		local, _, _ := strings.Cut(p.upn, "@")
		host := []rune(all[r.IntN(len(all))].host())
		text = local[len(local)-min(len(local), 1):] + "@" + string(host[:min(len(host), 1+r.IntN(9))])
	}
	v := url.Values{"q": {text}}
	for range r.IntN(8) / 5 {
		v.Add("license", []string{fakeID(0xe3), fakeID(0xe5), fakeID(0x22), strings.ToUpper(fakeID(0x33)), "None", fakeID(0xff)}[r.IntN(6)])
	}
	for range r.IntN(8) / 6 {
		v.Add("plan", fakeID(0x1000+r.IntN(12)))
	}
	if r.IntN(20) == 0 {
		v.Add("role", someRoles[r.IntN(len(someRoles))].id)
	}
	if r.IntN(3) == 0 {
		v.Set("synced", []string{"yes", "no"}[r.IntN(2)])
	}
	if r.IntN(8) == 0 {
		v.Set("guest", []string{"yes", "no"}[r.IntN(2)])
	}
	for range r.IntN(6) / 3 {
		v.Add("location", []string{"DE", "nl", "none", "XX", "US"}[r.IntN(5)])
	}
	for range r.IntN(6) / 4 {
		v.Add("domain", []string{"contoso.example", "CONTOSO-de.example", "nürnberg.example", "none.example"}[r.IntN(4)])
	}
	v.Set("sort", []string{"", "-"}[r.IntN(2)]+[]string{"name", "upn", "location", "domain", "synced", "licenses", "roles"}[r.IntN(7)])
	v.Set("page", fmt.Sprint(1+r.IntN(4)*r.IntN(4)))
	v.Set("size", []string{"25", "50", "100", "250"}[r.IntN(4)])
	return ParseQuery(v)
}

// Everything a view says about hits, order, counts and facets is what the
// reference says, also when results are narrowed from those before.
func TestAnswersEqualTheReference(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 2))
			all := people([]int{1, 700, 1500, 2600}[seed], seed)
			by := collation{language: []language.Tag{language.Und, language.German, language.Swedish, language.English}[seed]}
			if seed%2 == 1 {
				by.locationName = func(code string) string {
					return map[string]string{"DE": "Germany", "CH": "Switzerland", "US": "Ähnlich", "JP": ""}[code]
				}
			}
			give(all, seed)
			s := grown(all, 500, by).finished()
			b := besidesOf(all, s)
			ref := newReference(all, by)
			var lately recent
			for range 500 {
				q := randomQuery(r, all)
				// As it was typed, so that most answers are narrowed from others.
				for i := range q.Text {
					typed := q
					typed.Text = q.Text[:i]
					typed = typed.normal()
					s.answer(&typed, &lately, b)
				}
				want := ref.answer(q)
				for how, got := range map[string]UsersView{"narrowed": s.answer(&q, &lately, b), "afresh": s.answer(&q, new(recent), b)} {
					for i := range got.Rows {
						got.Rows[i].NameMarks, got.Rows[i].UPNMarks = nil, nil
					}
					if diff := gocmp.Diff(want, got); diff != "" {
						t.Fatalf("%s, %s (-want +got):\n%s", q.Encode(), how, diff)
					}
				}
			}
		})
	}
}

// Who is named exactly comes first on the first page, whatever the sort, and
// is not met again on a later one.
func TestExactComesFirst(t *testing.T) {
	var all []person
	for i := range 130 {
		p := person{id: guid{byte(i)}.String(), display: fmt.Sprintf("Anna %03d", i), upn: fmt.Sprintf("anna%03d@contoso.example", i)}
		if i == 77 {
			p.display = "Anna"
		}
		all = append(all, p)
	}
	s := grown(all, 500, collation{}).finished()
	ref := newReference(all, collation{})
	var lately recent
	for _, text := range []string{"anna", "ÁNNA", "anna077@contoso.example", all[77].id} {
		for page := 1; page <= 6; page++ {
			for _, sort := range []Sort{{ByName, false}, {ByName, true}, {ByUPN, false}, {ByUPN, true}} {
				q := Query{Text: text, Sort: sort, Page: page, Size: 25}.normal()
				got, want := s.answer(&q, &lately, besidesOf(all, s)), ref.answer(q)
				for i := range got.Rows {
					got.Rows[i].NameMarks, got.Rows[i].UPNMarks = nil, nil
				}
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", q.Encode(), diff)
				}
				if got.Exact != all[77].id {
					t.Errorf("%s: exact is %q", q.Encode(), got.Exact)
				}
			}
		}
	}
}

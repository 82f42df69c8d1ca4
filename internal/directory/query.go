package directory

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Query is what a person asks of a customer's users. The zero value asks for
// all of them: sorted by name, the first 50.
type Query struct {
	Text      string   // words, all of which must match; see [Directory.Users]
	Synced    Answer   // mastered on premises
	Guest     Answer   // #EXT# in the user principal name
	Licenses  []string // IDs of SKUs, any of which; [NoLicense] for users without any license
	Plans     []string // IDs of service plans, any of which is on for the user
	Locations []string // usage locations, any of which; [NoLocation] for users without one
	Domains   []string // domains of the user principal name, any of which
	Roles     []string // IDs of directory roles, any of which
	Sort      Sort
	Page      int // from 1
	Size      int // rows a page, one of [Sizes]
}

// Answer is a filter on something that is true of a user or not.
type Answer string

// The answers.
const (
	Any Answer = ""
	Yes Answer = "yes"
	No  Answer = "no"
)

// NoLocation stands among [Query.Locations] for users without a usage location.
const NoLocation = "none"

// NoLicense stands among [Query.Licenses] for users without any license.
const NoLicense = "none"

// Sizes are the page sizes there are; DefaultSize is taken for any other.
var Sizes = [...]int{25, 50, 100, 250}

// DefaultSize is the page size of a query that names none.
const DefaultSize = 50

// Sort is the order of the rows. Users who have nothing in the column come
// last in both directions.
type Sort struct {
	By         Column
	Descending bool
}

// Column is what users are sorted by.
type Column string

// The columns of users. Those equal in one are in the order of ByName, and
// those equal there in the order of their IDs.
const (
	ByName       Column = "name" // display name; the default, also for ""
	ByUPN        Column = "upn"
	ByLocation   Column = "location"
	ByDomainType Column = "domain"
	BySynced     Column = "synced"   // when last synced
	ByLicenses   Column = "licenses" // how many; those not read yet have nothing there
	ByRoles      Column = "roles"    // their names
)

// What a query may hold at most; the rest is left out.
const (
	maxText    = 200 // runes
	maxChoices = 100 // locations, domains, …
	maxDomain  = 253 // bytes
)

// String is the sort as the address has it: "upn", or "-upn" for descending.
func (s Sort) String() string {
	if s.Descending {
		return "-" + string(s.By)
	}
	return string(s.By)
}

// ParseQuery reads a query from the fields of an address. It never fails:
// what is unknown or malformed falls back to the default.
func ParseQuery(v url.Values) Query {
	q := Query{
		Text:   cleanText(v.Get("q")),
		Synced: Answer(v.Get("synced")),
		Guest:  Answer(v.Get("guest")),
		Sort:   parseSort(v.Get("sort")),
		Page:   number(v.Get("page")),
		Size:   number(v.Get("size")),
	}
	q.Licenses, q.Plans, q.Roles = v["license"], v["plan"], v["role"]
	q.Locations, q.Domains = v["location"], v["domain"]
	return q.normal()
}

// Encode writes the query as an address has it: the fields in a fixed order,
// defaults left out. Equal queries have equal encodings, and parsing one gives
// the query back.
func (q Query) Encode() string {
	q = q.normal()
	var e encoder
	e.add("q", q.Text, "")
	e.add("synced", string(q.Synced), "")
	e.add("guest", string(q.Guest), "")
	e.addAll("license", q.Licenses)
	e.addAll("plan", q.Plans)
	e.addAll("location", q.Locations)
	e.addAll("domain", q.Domains)
	e.addAll("role", q.Roles)
	e.add("sort", q.Sort.String(), string(ByName))
	e.addNumber("page", q.Page, 1)
	e.addNumber("size", q.Size, DefaultSize)
	return e.String()
}

// encoder writes the fields of an address that are not at their default.
type encoder struct{ strings.Builder }

func (e *encoder) add(key, value, byDefault string) {
	if value == byDefault {
		return
	}
	if e.Len() > 0 {
		e.WriteByte('&')
	}
	e.WriteString(key)
	e.WriteByte('=')
	e.WriteString(url.QueryEscape(value))
}

func (e *encoder) addAll(key string, values []string) {
	for _, v := range values {
		e.add(key, v, "")
	}
}

func (e *encoder) addNumber(key string, value, byDefault int) {
	if value != byDefault {
		e.add(key, strconv.Itoa(value), "")
	}
}

// Canonical is the encoding of the query in v, and whether v was in that form
// already. Fields that no query has are not looked at: they are the caller's.
func Canonical(v url.Values) (encoded string, ok bool) {
	encoded = ParseQuery(v).Encode()
	return encoded, sameFields(v, encoded, queryFields[:]...)
}

// queryFields are the fields of an address that a query has, in their order.
var queryFields = [...]string{"q", "synced", "guest", "license", "plan", "location", "domain", "role", "sort", "page", "size"}

// sameFields reports whether v has exactly the encoded values in the given fields.
func sameFields(v url.Values, encoded string, fields ...string) bool {
	want, err := url.ParseQuery(encoded)
	if err != nil {
		return false
	}
	for _, f := range fields {
		if !slices.Equal(v[f], want[f]) {
			return false
		}
	}
	return true
}

// normal is the query with every field in range and in its one spelling.
func (q Query) normal() Query {
	q.Text = cleanText(q.Text)
	q.Synced = q.Synced.normal()
	q.Guest = q.Guest.normal()
	q.Licenses = choices(q.Licenses, cleanLicense)
	q.Plans = choices(q.Plans, cleanID)
	q.Locations = choices(q.Locations, cleanLocation)
	q.Domains = choices(q.Domains, cleanDomain)
	q.Roles = choices(q.Roles, cleanID)
	if !slices.Contains([]Column{ByName, ByUPN, ByLocation, ByDomainType, BySynced, ByLicenses, ByRoles}, q.Sort.By) {
		q.Sort = Sort{By: ByName, Descending: q.Sort.By == "" && q.Sort.Descending}
	}
	q.Page, q.Size = normalPage(q.Page), normalSize(q.Size)
	return q
}

// normalPage keeps page × size far from overflow.
func normalPage(page int) int {
	if page < 1 || page > 10_000_000 {
		return 1
	}
	return page
}

func normalSize(size int) int {
	if !slices.Contains(Sizes[:], size) {
		return DefaultSize
	}
	return size
}

// number is 0 for what is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func (a Answer) normal() Answer {
	if a == Yes || a == No {
		return a
	}
	return Any
}

// narrows reports whether the query leaves any user out.
func (q Query) narrows() bool { return q.Text != "" || q.filters() }

func (q Query) filters() bool {
	return q.Synced != Any || q.Guest != Any || len(q.Locations) > 0 || len(q.Domains) > 0 || q.ofLicenses() || len(q.Roles) > 0
}

// ofLicenses reports whether the query leaves users out by their licenses.
func (q Query) ofLicenses() bool { return len(q.Licenses) > 0 || len(q.Plans) > 0 }

// needs reports whether what the query finds, or its order, tells of a kind of
// data besides users.
func (q Query) needs(kind Kind) bool {
	switch kind {
	case KindLicenses:
		return q.ofLicenses() || q.Sort.By == ByLicenses
	case KindRoles:
		return len(q.Roles) > 0 || q.Sort.By == ByRoles
	}
	return false
}

func parseSort(s string) Sort {
	by, descending := strings.CutPrefix(s, "-")
	if by == "" {
		return Sort{By: ByName} // a lone "-" is no sort
	}
	return Sort{By: Column(by), Descending: descending}
}

// cleanText is text with what nobody searches for taken out: bad UTF-8,
// control characters, and all white space but single blanks between words.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = strings.TrimSpace(string([]rune(s)[:maxText]))
	}
	return s
}

// choices are the distinct clean values, in order.
func choices(values []string, clean func(string) string) []string {
	if len(values) == 0 {
		return nil
	}
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if v = clean(v); v != "" {
			kept = append(kept, v)
		}
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	if len(kept) > maxChoices {
		kept = kept[:maxChoices]
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// cleanID is a GUID in lower case, or "".
func cleanID(s string) string {
	id, ok := parseGUID(s)
	if !ok {
		return ""
	}
	return id.String()
}

// cleanLicense is the ID of a SKU, [NoLicense], or "".
func cleanLicense(s string) string {
	if strings.EqualFold(s, NoLicense) {
		return NoLicense
	}
	return cleanID(s)
}

// cleanLocation is a country code in capitals, [NoLocation], or "".
func cleanLocation(s string) string {
	if strings.EqualFold(s, NoLocation) {
		return NoLocation
	}
	if len(s) != 2 || !isLetter(s[0]) || !isLetter(s[1]) {
		return ""
	}
	return strings.ToUpper(s)
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// cleanDomain is a domain in lower case, or "" for what can't be one.
func cleanDomain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > maxDomain || !utf8.ValidString(s) || strings.ContainsFunc(s, notInDomain) {
		return ""
	}
	return s
}

func notInDomain(r rune) bool {
	return r <= ' ' || r == '@' || unicode.IsSpace(r) || unicode.IsControl(r)
}

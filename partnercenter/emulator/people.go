package emulator

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// person is a user of a customer.
type person struct {
	id, upn, first, last, display string
	location, phone, immutableID  string
	domainType                    string // none, managed or federated
	lastSync, deleted             time.Time
	noLicense                     bool     // guests, rooms, devices
	products                      []string // part numbers of those whose licenses are written down; nil: drawn
}

// people are a customer's users. Only the written ones are stored; every other
// is made from its number whenever it is asked for, always the same. Numbers
// below active are users, the ones after that are deleted users.
type people struct {
	key     uint64
	active  int
	deleted int
	written []person // the first users
	lost    []person // the first deleted users

	domains []domain
	synced  int // percent of the staff that come from on premises
	slots   [64]slot
	perKind map[string]int // how many slots each kind has
	now     time.Time

	byName [2]func() []uint32 // numbers in the order of display names: users, deleted users
}

type domain struct {
	name      string
	federated bool
}

// slot says what every 64th user is: a culture's key or one of the kinds
// below, and the how-manieth of its kind among the 64.
type slot struct {
	kind string
	pool *pool // of staff; nil for the kinds below
	rank int
}

// Kinds of users that are not staff.
const (
	kindGuest   = "guest"
	kindService = "service"
	kindRoom    = "room"
	kindDevice  = "device" // without a display name
)

// others are the slots that are no staff, in every customer.
var others = []string{kindGuest, kindGuest, kindGuest, kindService, kindRoom, kindDevice}

func newPeople(seed uint64, row customerRow, now time.Time) *people {
	p := &people{
		key:     mix(seed ^ binary.BigEndian.Uint64(unhex(row.id)[8:])),
		active:  row.users,
		deleted: row.deleted,
		written: row.written,
		lost:    row.lost,
		domains: row.domainList(),
		synced:  row.synced,
		perKind: map[string]int{},
		now:     now,
	}
	kinds := slices.Clone(others)
	cultures := mixes[row.mix]
	for i := 0; len(kinds) < len(p.slots); i++ {
		kinds = append(kinds, cultures[i%len(cultures)])
	}
	for i := len(kinds) - 1; i > 0; i-- {
		j := int(p.draw(i, drawSlot) % uint64(i+1))
		kinds[i], kinds[j] = kinds[j], kinds[i]
	}
	for i, kind := range kinds {
		p.slots[i] = slot{kind, pools()[kind], p.perKind[kind]}
		p.perKind[kind]++
	}
	p.byName[0] = sync.OnceValue(func() []uint32 { return p.sorted(0, p.active) })
	p.byName[1] = sync.OnceValue(func() []uint32 { return p.sorted(p.active, p.deleted) })
	return p
}

// What is drawn for a user; each draw is independent of the others.
const (
	drawSlot = iota
	drawID
	drawOffset
	drawStyle
	drawLocation
	drawDomain
	drawSync
	drawPhone
	drawMissing
	drawDeletion
	drawBase
	drawPlan
	drawAddOn // and the following, one for each offer
)

func (p *people) draw(n, what int) uint64 {
	return mix(p.key + uint64(n)*0x9e3779b97f4a7c15 + uint64(what)*0xd1342543de82ef95)
}

// mix spreads the bits of x (the finisher of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// person makes the user of that number.
func (p *people) person(n int) person {
	if n < len(p.written) {
		return p.written[n]
	}
	if d := n - p.active; d >= 0 && d < len(p.lost) {
		return p.lost[d]
	}
	at, ordinal := p.place(n)
	who := person{id: p.id(n)}
	switch at.kind {
	case kindGuest:
		p.guest(&who, n, ordinal)
	case kindService:
		p.service(&who, ordinal)
	case kindRoom:
		p.room(&who, n, ordinal)
	case kindDevice:
		p.device(&who, ordinal)
	default:
		p.staff(&who, n, ordinal, at.pool)
	}
	if n >= p.active {
		age := time.Duration(p.draw(n, drawDeletion)%(29*24*60)) * time.Minute
		who.deleted = p.now.Add(-age - time.Minute).Truncate(time.Second)
	}
	return who
}

// place is the slot of a number, and the how-manieth of its kind it is.
func (p *people) place(n int) (slot, int) {
	at := p.slots[n%len(p.slots)]
	return at, n/len(p.slots)*p.perKind[at.kind] + at.rank
}

// staffName is a pair of names that no other of that culture has in the same
// round, and the display name made of it.
func (p *people) staffName(n, ordinal int, pool *pool) (first, last name, display string) {
	country := int(pool.country[0])<<8 + int(pool.country[1])
	start := int(p.draw(country, drawOffset) % uint64(pool.size()))
	first, last = pool.pair((ordinal + start) % pool.size())
	if p.draw(n, drawMissing)%256 != noDisplayName {
		h := p.draw(n, drawStyle)
		given := first.text
		if ordinal >= pool.size() && h>>32%8 != 0 && !pool.familyFirst {
			given += " " + string(rune('A'+h>>40%26)) + "." // seven of eight namesakes have an initial
		}
		display = displayName(pool, given, last.text, h%100)
	}
	return first, last, display
}

// What a record may lack, of 256.
const (
	noFirstName = iota
	noLastName
	noNames
	noDisplayName
	capitalUPN
)

// staff are people of a culture.
func (p *people) staff(who *person, n, ordinal int, pool *pool) {
	first, last, display := p.staffName(n, ordinal, pool)
	who.first, who.last, who.display = first.text, last.text, display
	local := localPart(first, last, ordinal/pool.size())

	at := p.domains[0]
	if len(p.domains) > 1 {
		if d := int(p.draw(n, drawDomain) % 10); d < 3 {
			at = p.domains[1+d%(len(p.domains)-1)]
		}
	}
	who.upn, who.domainType = local+"@"+at.name, "managed"
	if at.federated {
		who.domainType = "federated"
	}

	who.location = pool.country
	if l := p.draw(n, drawLocation) % 100; l < 3 {
		who.location = ""
	} else if l < 6 {
		who.location = "US"
	}
	if p.draw(n, drawPhone)%100 < 45 {
		who.phone = phone(pool.country, p.draw(n, drawPhone)>>32)
	}
	if at.federated || int(p.draw(n, drawSync)%100) < p.synced {
		p.sync(who, n)
	}
	switch p.draw(n, drawMissing) % 256 {
	case noFirstName:
		who.first = ""
	case noLastName:
		who.last = ""
	case noNames:
		who.first, who.last = "", ""
	case capitalUPN:
		who.upn = strings.ToUpper(who.upn[:1]) + who.upn[1:]
	}
}

// localPart is the left half of an address; a number tells namesakes apart.
func localPart(first, last name, round int) string {
	local := first.slug + "." + last.slug
	if round > 0 {
		local += strconv.Itoa(round + 1)
	}
	return local
}

// displayName writes a name in one of the ways that directories have it.
func displayName(c *pool, first, last string, style uint64) string {
	department := departments[style%uint64(len(departments))]
	switch {
	case c.noSpace:
		return last + first
	case c.familyFirst:
		return last + " " + first
	case style < 6:
		return last + ", " + first
	case style < 9:
		return first + " " + last + " (" + department + ")"
	case style < 10:
		return "Prof. Dr. " + first + " " + last + ", " + department + " & Partner"
	}
	return first + " " + last
}

var departments = []string{"Sales", "R&D", "Vertrieb <extern>", "Logística"}

// sync marks a user as mastered on premises.
func (p *people) sync(who *person, n int) {
	h := p.draw(n, drawSync)
	var anchor [16]byte
	binary.BigEndian.PutUint64(anchor[:8], h)
	binary.BigEndian.PutUint64(anchor[8:], mix(h))
	who.immutableID = base64.StdEncoding.EncodeToString(anchor[:])
	age := time.Duration(h>>20%1800) * time.Second
	if h>>40%32 == 0 { // its sync has stopped
		age += time.Duration(1+h>>45%30) * 24 * time.Hour
	}
	who.lastSync = p.now.Add(-age).Truncate(time.Second)
}

var guestCultures = []string{"de", "fr", "en", "pl", "jp", "in"}
var guestDomains = []string{"adventure-works.example", "tailspintoys.example", "graphicdesign.example"}

func (p *people) guest(who *person, n, ordinal int) {
	pool := pools()[guestCultures[ordinal%len(guestCultures)]]
	ordinal /= len(guestCultures)
	first, last := pool.pair(ordinal % pool.size())
	local := localPart(first, last, ordinal/pool.size())
	home := guestDomains[p.draw(n, drawDomain)%uint64(len(guestDomains))]
	who.upn = local + "_" + home + "#EXT#@" + p.initialDomain()
	who.display = first.text + " " + last.text
	if p.draw(n, drawMissing)%3 == 0 {
		who.first, who.last = first.text, last.text
	}
	who.domainType, who.noLicense = "managed", true
}

var services = []string{"svc-backup", "svc-sql", "no-reply", "svc-scan-to-mail", "invoices", "svc-entra-connect", "helpdesk", "svc-monitoring"}
var serviceNames = []string{"Service Account Backup", "SQL Agent", "No Reply", "Scan to Mail", "Invoices & Dunning", "On-Premises Directory Synchronization Service Account", "Helpdesk", "Monitoring (don't delete!)"}

func (p *people) service(who *person, ordinal int) {
	kind := ordinal % len(services)
	number := ordinal/len(services) + 1
	who.upn = fmt.Sprintf("%s-%02d@%s", services[kind], number, p.initialDomain())
	who.display = fmt.Sprintf("%s %02d", serviceNames[kind], number)
	who.domainType, who.noLicense = "managed", true
}

var rooms = []string{"Konferenzraum Elbe (12 Plätze)", "Meeting Room Rainier", "会議室 富士", "Salle Garonne", "Sala Żubr", "غرفة الاجتماعات"}
var roomParts = []string{"room-elbe", "room-rainier", "room-fuji", "room-garonne", "room-zubr", "room-dubai"}

func (p *people) room(who *person, n, ordinal int) {
	kind := ordinal % len(rooms)
	number := ordinal/len(rooms) + 1
	who.upn = fmt.Sprintf("%s-%d@%s", roomParts[kind], number, p.domains[0].name)
	who.display = fmt.Sprintf("%s %d", rooms[kind], number)
	who.domainType, who.noLicense = p.domains[0].kind(), true
	if p.draw(n, drawLocation)%2 == 0 {
		who.location = "DE"
	}
}

func (p *people) device(who *person, ordinal int) {
	who.upn = fmt.Sprintf("scan-%04d@%s", ordinal+1, p.initialDomain())
	who.domainType, who.noLicense = "managed", true
}

func (d domain) kind() string {
	if d.federated {
		return "federated"
	}
	return "managed"
}

// initialDomain is the one that a tenant is born with.
func (p *people) initialDomain() string { return p.domains[len(p.domains)-1].name }

// phone makes a number from ranges set aside for fiction where a country has them.
func phone(country string, h uint64) string {
	switch country {
	case "DE":
		return fmt.Sprintf("+49 30 23125 %03d", h%1000)
	case "US":
		return fmt.Sprintf("+1 (425) 555-01%02d", h%100)
	case "GB":
		return fmt.Sprintf("+44 20 7946 0%03d", h%1000)
	case "FR":
		return fmt.Sprintf("+33 1 99 00 %02d %02d", h%100, h>>8%100)
	case "SE":
		return fmt.Sprintf("+46 8 465 004 %02d", h%100)
	}
	return fmt.Sprintf("555-%04d", h%10000)
}

// id is a user's object ID. Its last four bytes carry the number, scrambled,
// so that find needs no index.
func (p *people) id(n int) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], p.draw(n, drawID))
	binary.BigEndian.PutUint32(b[8:12], uint32(p.draw(n, drawID+drawOffset)))
	binary.BigEndian.PutUint32(b[12:], p.scramble(uint32(n)))
	return guid(b)
}

const (
	scrambleFactor  = 0x9e3779b1 // odd
	scrambleInverse = 0x0e8b2f51 // scrambleFactor * scrambleInverse = 1 (mod 2^32)
)

func (p *people) scramble(n uint32) uint32 {
	x := (n ^ uint32(p.key)) * scrambleFactor
	return x ^ x>>16
}

func (p *people) unscramble(x uint32) uint32 {
	return (x^x>>16)*scrambleInverse ^ uint32(p.key)
}

// find is the number of the user with that ID.
func (p *people) find(id string) (n int, ok bool) {
	id = strings.ToLower(id)
	for i, w := range p.written {
		if w.id == id {
			return i, true
		}
	}
	for i, w := range p.lost {
		if w.id == id {
			return p.active + i, true
		}
	}
	if !isGUID(id) {
		return 0, false
	}
	n = int(p.unscramble(binary.BigEndian.Uint32(unhex(id)[12:])))
	if n >= p.active+p.deleted || p.person(n).id != id {
		return 0, false
	}
	return n, true
}

// findByUPN is the number of the active user with that user principal name,
// found by looking at all of them.
func (p *people) findByUPN(upn string) (n int, ok bool) {
	if !strings.Contains(upn, "@") {
		return 0, false
	}
	for n := range p.active {
		if strings.EqualFold(p.person(n).upn, upn) {
			return n, true
		}
	}
	return 0, false
}

// unhex reads the bytes of a GUID.
func unhex(id string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil {
		panic("not a GUID: " + id)
	}
	return b
}

// numbers are the users, or the deleted users, in the order asked for: by
// number as they come, or by display name.
func (p *people) numbers(deleted bool, by order) func(position int) int {
	first, count, list := 0, p.active, 0
	if deleted {
		first, count, list = p.active, p.deleted, 1
	}
	switch by {
	case ascending:
		sorted := p.byName[list]()
		return func(i int) int { return int(sorted[i]) }
	case descending:
		sorted := p.byName[list]()
		return func(i int) int { return int(sorted[count-1-i]) }
	}
	return func(i int) int { return first + i }
}

func (p *people) count(deleted bool) int {
	if deleted {
		return p.deleted
	}
	return p.active
}

// display is the display name of a number, cheaper than the whole person.
func (p *people) display(n int) string {
	if at, ordinal := p.place(n); at.pool != nil && n >= len(p.written) && n-p.active < 0 {
		_, _, display := p.staffName(n, ordinal, at.pool)
		return display
	}
	return p.person(n).display
}

// sorted orders count numbers by display name, ignoring case, those without
// one last. It is done once a list and kept as four bytes a user.
func (p *people) sorted(from, count int) []uint32 {
	type keyed struct {
		key string
		n   uint32
	}
	keys := make([]keyed, count)
	for i := range keys {
		keys[i] = keyed{strings.ToLower(p.display(from + i)), uint32(from + i)}
	}
	slices.SortFunc(keys, func(a, b keyed) int {
		switch {
		case a.key == "" && b.key != "":
			return 1
		case a.key != "" && b.key == "":
			return -1
		}
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.n, b.n))
	})
	sorted := make([]uint32, count)
	for i, k := range keys {
		sorted[i] = k.n
	}
	return sorted
}

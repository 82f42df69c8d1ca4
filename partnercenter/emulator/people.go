package emulator

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"slices"
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
	byUPN  func() []uint64    // of all: see upn_index.go
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
	p.byUPN = sync.OnceValue(p.indexUPNs)
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
	if n >= p.total() || p.person(n).id != id {
		return 0, false
	}
	return n, true
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

// total is how many users are made from numbers; those that a call creates
// have the numbers after them.
func (p *people) total() int { return p.active + p.deleted }

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
	keys := make([]nameKey, count)
	for i := range keys {
		keys[i] = keyOf(p.display(from+i), from+i)
	}
	return byKey(keys)
}

// nameKey is what users are sorted by.
type nameKey struct {
	name string
	n    uint32
}

func keyOf(display string, n int) nameKey { return nameKey{strings.ToLower(display), uint32(n)} }

func (k nameKey) compare(other nameKey) int {
	switch {
	case k.name == "" && other.name != "":
		return 1
	case k.name != "" && other.name == "":
		return -1
	}
	return cmp.Or(strings.Compare(k.name, other.name), cmp.Compare(k.n, other.n))
}

func byKey(keys []nameKey) []uint32 {
	slices.SortFunc(keys, nameKey.compare)
	sorted := make([]uint32, len(keys))
	for i, k := range keys {
		sorted[i] = k.n
	}
	return sorted
}

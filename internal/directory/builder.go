package directory

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// builder lays users out in chunks. A page is taken whole or not at all.
type builder struct {
	tables
	chunks  []*chunk
	rows    int
	bytes   int64
	deleted bool // of deleted users

	seen      map[guid]struct{} // who is there, so that nobody is there twice
	domainAt  map[string]uint32
	sameAt    map[string]uint32 // by the domain in lower case
	placeAt   map[string]uint32
	typeAt    map[string]uint32
	open      chunk // being filled; its columns are reused
	pageStart int   // the first chunk of the page being added
	text      []byte
}

func newBuilder() *builder {
	b := &builder{
		seen:     map[guid]struct{}{},
		domainAt: map[string]uint32{"": 0},
		sameAt:   map[string]uint32{"": 0},
		placeAt:  map[string]uint32{"": 0},
		typeAt:   map[string]uint32{"": 0},
	}
	b.domains = []domain{{}}
	b.locations = []string{""}
	b.types = []string{""}
	b.open.clear()
	return b
}

// addPage adds the page's users, leaving out those who are there already.
func (b *builder) addPage(page *partnercenter.RawUserPage) (added int, err error) {
	before := b.rows
	b.pageStart = len(b.chunks)
	if err := page.Each(b.add); err != nil {
		b.dropPage(before)
		return 0, err
	}
	b.seal()
	return b.rows - before, nil
}

// dropPage forgets a page that could not be read to its end.
func (b *builder) dropPage(rows int) {
	for _, c := range b.chunks[b.pageStart:] {
		b.forget(c)
		b.bytes -= c.size()
	}
	b.forget(&b.open)
	b.open.clear()
	clear(b.chunks[b.pageStart:])
	b.chunks = b.chunks[:b.pageStart]
	b.rows = rows
}

func (b *builder) forget(c *chunk) {
	for _, id := range c.ids {
		delete(b.seen, id)
	}
}

// add appends one user to the open chunk.
func (b *builder) add(u *partnercenter.RawUser) error {
	id, ok := parseGUID(u.ID)
	if !ok {
		return fmt.Errorf("a user's ID is not a GUID: %w", partnercenter.ErrBadResponse)
	}
	if _, ok := b.seen[id]; ok {
		return nil
	}
	at, err := parseInstant(u.LastDirectorySync)
	if err != nil {
		return fmt.Errorf("when user %s was synced: %w: %w", id, partnercenter.ErrBadResponse, err)
	}

	var gone instant
	if b.deleted {
		if gone, err = parseInstant(u.SoftDeletion); err != nil {
			return fmt.Errorf("when user %s was deleted: %w: %w", id, partnercenter.ErrBadResponse, err)
		}
	}

	local, host := cutUPN(clip(u.UserPrincipalName))
	f := fields{display: clip(u.DisplayName), local: local, first: clip(u.FirstName), last: clip(u.LastName), phone: clip(u.PhoneNumber)}
	c := &b.open
	if !c.takes(f) {
		b.seal()
	}
	host8, ok1 := index(&c.domains, b.internDomain(host), localTable)
	place8, ok2 := index(&c.locations, b.internLocation(u.UsageLocation), localTable)
	type8, ok3 := index(&c.types, intern(b.typeAt, &b.types, clip(u.DomainType)), typeMask+1)
	if !ok1 || !ok2 || !ok3 { // one of its tables is full
		b.seal()
		return b.add(u)
	}

	b.seen[id] = struct{}{}
	b.rows++
	c.ids = append(c.ids, id)
	c.domain = append(c.domain, host8)
	c.location = append(c.location, place8)
	c.synced = append(c.synced, at)
	if at != 0 {
		c.withSync++
	}
	if b.deleted {
		c.deleted = append(c.deleted, gone)
	}
	form := c.addText(f, host8 != 0)
	traits := type8
	if bytes.Contains(localPart(c.fold[c.foldAt[len(c.ids)-1]:], form), []byte("#ext#")) {
		traits |= traitGuest
		c.guests++
	}
	c.traits = append(c.traits, traits)
	return nil
}

// addText writes the folded and then the written text of the user at the end.
func (c *chunk) addText(f fields, hasDomain bool) (form byte) {
	start := len(c.fold)
	c.fold = fold(c.fold, f.display)
	if bytes.Equal(c.fold[start:], f.display) {
		form |= nameFolded
	}
	c.fold = append(c.fold, sep)
	form |= namesForm(f)
	if form&namesMask == namesStored {
		c.fold = append(fold(c.fold, f.first), sep)
		c.fold = append(fold(c.fold, f.last), sep)
	}
	at := len(c.fold)
	c.fold = fold(c.fold, f.local)
	if bytes.Equal(c.fold[at:], f.local) && !(len(f.local) > 0 && f.local[len(f.local)-1] == '@') {
		form |= localFolded
	}
	if hasDomain {
		c.fold = append(c.fold, '@')
	}
	c.fold = append(c.fold, sep)
	if at := len(c.fold); len(f.phone) > 0 {
		if c.fold = appendDigits(c.fold, f.phone); len(c.fold) > at {
			c.fold = append(c.fold, sep)
		}
	}
	c.foldAt = append(c.foldAt, uint16(len(c.fold)))

	c.text = append(c.text, form)
	if form&nameFolded == 0 {
		c.text = appendField(c.text, f.display)
	}
	if form&localFolded == 0 {
		c.text = appendField(c.text, f.local)
	}
	switch form & namesMask {
	case namesPlain, namesTurned:
		c.text = binary.AppendUvarint(c.text, uint64(len(f.first)))
	case namesStored:
		c.text = appendField(c.text, f.first)
		c.text = appendField(c.text, f.last)
	case namesWithin:
		for _, name := range [...][]byte{f.first, f.last} {
			c.text = binary.AppendUvarint(c.text, uint64(wordsAt(f.display, name)))
			c.text = binary.AppendUvarint(c.text, uint64(len(name)))
		}
	}
	c.text = append(c.text, f.phone...)
	c.textAt = append(c.textAt, uint16(len(c.text)))
	return form
}

func appendField(dst, field []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(field)))
	return append(dst, field...)
}

// namesForm tells how first and last name can be had from the display name.
func namesForm(f fields) byte {
	n, d := len(f.first), f.display
	switch {
	case n == 0 && len(f.last) == 0:
		return namesNone
	case len(d) == n+1+len(f.last) && d[n] == ' ' && bytes.HasPrefix(d, f.first) && bytes.HasSuffix(d, f.last):
		return namesPlain
	case len(d) == n+2+len(f.last) && bytes.HasPrefix(d, f.last) && bytes.HasSuffix(d, f.first) && string(d[len(f.last):len(f.last)+2]) == ", ":
		return namesTurned
	case wordsAt(d, f.first) >= 0 && wordsAt(d, f.last) >= 0:
		return namesWithin
	}
	return namesStored
}

// wordsAt is where whole words are in a text; -1 if nowhere. Words folded
// alone are then what they are within the folded text.
func wordsAt(text, words []byte) int {
	if len(words) == 0 {
		return 0
	}
	for from := 0; ; {
		if end := from + len(words); bytes.HasPrefix(text[from:], words) && (end == len(text) || text[end] == ' ' || text[end] == ',') {
			return from
		}
		space := bytes.IndexByte(text[from:], ' ')
		if space < 0 {
			return -1
		}
		from += space + 1
	}
}

// takes reports whether the chunk surely has room for the texts.
func (c *chunk) takes(f fields) bool {
	n := len(f.display) + len(f.local) + len(f.first) + len(f.last) + len(f.phone)
	const overhead = 16  // form, lengths, separators
	const mostGrowth = 3 // bytes that fold from one
	return len(c.ids) < chunkRows &&
		len(c.text)+n+overhead <= chunkText &&
		len(c.fold)+n*mostGrowth+overhead <= chunkText
}

// clear empties the chunk, keeping the memory of its columns.
func (c *chunk) clear() {
	*c = chunk{
		ids: c.ids[:0], text: c.text[:0], fold: c.fold[:0],
		textAt: append(c.textAt[:0], 0), foldAt: append(c.foldAt[:0], 0),
		domain: c.domain[:0], location: c.location[:0], traits: c.traits[:0], synced: c.synced[:0], deleted: c.deleted[:0],
		domains: append(c.domains[:0], 0), locations: append(c.locations[:0], 0), types: append(c.types[:0], 0),
	}
}

// seal makes the open chunk one of the chunks, in memory of exactly its size.
func (b *builder) seal() {
	o := &b.open
	if len(o.ids) == 0 {
		o.clear()
		return
	}
	c := &chunk{
		ids: exact(o.ids), text: exact(o.text), fold: exact(o.fold), textAt: exact(o.textAt), foldAt: exact(o.foldAt),
		domain: exact(o.domain), location: exact(o.location), traits: exact(o.traits), synced: exact(o.synced), deleted: exact(o.deleted),
		domains: exact(o.domains), locations: exact(o.locations), types: exact(o.types),
		withSync: o.withSync, guests: o.guests,
	}
	b.chunks = append(b.chunks, c)
	b.bytes += c.size()
	o.clear()
}

// exact is a copy without room to grow beyond what the allocator rounds up to.
func exact[T any](s []T) []T { return slices.Clone(s) }

// index finds the entry in a chunk's table, adding it if there is room.
func index(table *[]uint32, entry uint32, limit int) (at uint8, ok bool) {
	for i, e := range *table {
		if e == entry {
			return uint8(i), true
		}
	}
	if len(*table) >= limit {
		return 0, false
	}
	*table = append(*table, entry)
	return uint8(len(*table) - 1), true
}

func intern(at map[string]uint32, table *[]string, text []byte) uint32 {
	if i, ok := at[string(text)]; ok {
		return i
	}
	i := uint32(len(*table))
	s := string(text)
	*table = append(*table, s)
	at[s] = i
	return i
}

// internLocation takes a country's code in either case.
func (b *builder) internLocation(code []byte) uint32 {
	b.text = append(b.text[:0], clip(code)...)
	for i, c := range b.text {
		if 'a' <= c && c <= 'z' {
			b.text[i] = c - 0x20
		}
	}
	return intern(b.placeAt, &b.locations, b.text)
}

func (b *builder) internDomain(text []byte) uint32 {
	if i, ok := b.domainAt[string(text)]; ok {
		return i
	}
	i := uint32(len(b.domains))
	d := domain{text: string(text), fold: fold(nil, text), same: i}
	d.lower = strings.ToLower(d.text)
	if same, ok := b.sameAt[d.lower]; ok {
		d.same = same
	} else {
		b.sameAt[d.lower] = i
	}
	b.domains = append(b.domains, d)
	b.domainAt[d.text] = i
	return i
}

// cutUPN splits a user principal name at its last @.
func cutUPN(upn []byte) (local, domain []byte) {
	if at := bytes.LastIndexByte(upn, '@'); at >= 0 && at < len(upn)-1 {
		return upn[:at], upn[at+1:]
	}
	return upn, nil
}

// clip cuts a field that no directory would have taken.
func clip(field []byte) []byte {
	if len(field) <= longestField {
		return field
	}
	at := longestField
	for at > 0 && !utf8.RuneStart(field[at]) {
		at--
	}
	return field[:at]
}

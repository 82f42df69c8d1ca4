package directory

import (
	"bytes"
	"encoding/binary"
)

// A chunk holds up to 512 users in columns, without a pointer per user, and
// never changes once it is made. What a user has in common with others is an
// index into a small table of the chunk, and that one's entries are indexes
// into the tables of the snapshot.
type chunk struct {
	ids      []guid
	textAt   []uint16  // where a user's text starts; one more than users
	foldAt   []uint16  // where a user's folded text starts; one more than users
	text     []byte    // as written; see form
	fold     []byte    // as searched; see record
	domain   []uint8   // of the user principal name, into domains
	location []uint8   // into locations
	traits   []uint8   // domain type, into types, and guest
	synced   []instant // when last synced
	deleted  []instant // when deleted; nil but for deleted users

	domains   []uint32 // into tables.domains; the first is none
	locations []uint32 // into tables.locations; the first is none
	types     []uint32 // into tables.types; the first is none

	withSync, guests int
}

const (
	chunkBits     = 9
	chunkRows     = 1 << chunkBits // a row's number is chunk<<chunkBits + place
	chunkText     = 1<<16 - 1      // bytes of text and of folded text, by the width of their offsets
	localTable    = 1 << 8         // entries of a chunk's table, by the width of its indexes
	typeMask      = 1<<4 - 1
	traitGuestBit = 4
	traitGuest    = 1 << traitGuestBit

	// longestField is far beyond what a directory takes (a name has 256
	// characters at most). It keeps one user within one chunk.
	longestField = 2048
)

// sep ends a field in folded text, so that no needle spans two. Folding
// yields no control characters.
const sep = 0x1f

// tables hold what many users share.
type tables struct {
	domains   []domain
	locations []string
	types     []string
}

// domain is the right half of user principal names.
type domain struct {
	text  string // as written
	lower string // as a filter has it
	fold  []byte // as searched
	same  uint32 // the first domain that differs from this by case only
}

// A user's text is a form, the fields that could not be had from elsewhere,
// each after its length, and the phone number.
const (
	nameFolded  = 1 << 0 // the display name equals its folded text
	localFolded = 1 << 1 // so does the left half of the user principal name
	namesMask   = 7 << 2 // where first and last name are:
	namesNone   = 0 << 2 // there are none
	namesPlain  = 1 << 2 // "Jan Novak" is the display name; the first one's length follows
	namesTurned = 2 << 2 // "Novak, Jan" is the display name; the first one's length follows
	namesStored = 3 << 2 // they follow
	namesWithin = 4 << 2 // each is words of the display name, "Dr. Jan B. Novak"; where, and how long, follows
)

// fields are a user's texts, within the chunk's memory.
type fields struct {
	display, local, first, last, phone []byte
}

// record is a user's folded text: display name, first and last name if they
// are not parts of that, user principal name up to and with the @, digits of
// the phone number; each but a missing phone number ended by sep.
func (c *chunk) record(i int) []byte { return c.fold[c.foldAt[i]:c.foldAt[i+1]] }

// fields reads a user's texts.
func (c *chunk) fields(i int) (f fields) {
	text := c.text[c.textAt[i]:c.textAt[i+1]]
	form := text[0]
	text = text[1:]
	stored := func() (field []byte) {
		n, size := binary.Uvarint(text)
		field = text[size : size+int(n)]
		text = text[size+int(n):]
		return field
	}
	var folded []byte
	if form&(nameFolded|localFolded) != 0 {
		folded = c.record(i)
	}
	if form&nameFolded != 0 {
		f.display = folded[:bytes.IndexByte(folded, sep)]
	} else {
		f.display = stored()
	}
	if form&localFolded != 0 {
		f.local = localPart(folded, form)
	} else {
		f.local = stored()
	}
	switch form & namesMask {
	case namesPlain:
		n, size := binary.Uvarint(text)
		text = text[size:]
		f.first, f.last = f.display[:n], f.display[n+1:]
	case namesTurned:
		n, size := binary.Uvarint(text)
		text = text[size:]
		at := len(f.display) - int(n)
		f.first, f.last = f.display[at:], f.display[:at-len(", ")]
	case namesStored:
		f.first, f.last = stored(), stored()
	case namesWithin:
		within := func() []byte {
			at, size := binary.Uvarint(text)
			n, more := binary.Uvarint(text[size:])
			text = text[size+more:]
			return f.display[at : at+n]
		}
		f.first, f.last = within(), within()
	}
	f.phone = text
	return f
}

// localPart is the left half of the user principal name in a record.
func localPart(record []byte, form byte) []byte {
	skip := 1
	if form&namesMask == namesStored {
		skip = 3
	}
	for range skip {
		record = record[bytes.IndexByte(record, sep)+1:]
	}
	local := record[:bytes.IndexByte(record, sep)]
	if n := len(local); n > 0 && local[n-1] == '@' {
		local = local[:n-1]
	}
	return local
}

// appendUPN writes the whole user principal name.
func (c *chunk) appendUPN(dst []byte, t *tables, i int, f fields) []byte {
	dst = append(dst, f.local...)
	if d := c.domains[c.domain[i]]; d != 0 {
		dst = append(dst, '@')
		dst = append(dst, t.domains[d].text...)
	}
	return dst
}

// deletedAt is when a user was deleted; never, for those who were not.
func (c *chunk) deletedAt(i int) instant {
	if c.deleted == nil {
		return 0
	}
	return c.deleted[i]
}

// size is the memory that a chunk holds.
func (c *chunk) size() int64 {
	return int64(cap(c.ids)*16+cap(c.textAt)*2+cap(c.foldAt)*2+cap(c.text)+cap(c.fold)+
		cap(c.domain)+cap(c.location)+cap(c.traits)+(cap(c.synced)+cap(c.deleted))*4+
		(cap(c.domains)+cap(c.locations)+cap(c.types))*4) + chunkOverhead
}

const chunkOverhead = 13*24 + 2*8 + 8 // the struct itself, and its place in a snapshot

package directory

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"
)

// searches are reused: one has memory for a bit a row and a page of text.
var searches = sync.Pool{New: func() any { return new(search) }}

// answer is the page of a snapshot that the query asks for. q is normal.
func (u *snapshot) answer(q *Query, r *recent, b besides) UsersView {
	s := searches.Get().(*search)
	defer searches.Put(s)
	return s.answer(u, q, r, b)
}

func (s *search) answer(u *snapshot, q *Query, r *recent, b besides) UsersView {
	v := s.pick(u, q, r, b)
	v.Rows = s.view(u, b)
	return v
}

// pick answers a query but for the rows, whose numbers are in s.rows then.
func (s *search) pick(u *snapshot, q *Query, r *recent, b besides) UsersView {
	v := UsersView{Size: q.Size}
	s.needle.parse(q.Text)
	hasText := len(s.needle.words) > 0
	exact, hasExact := uint32(0), false
	if !hasText && !q.filters() {
		v.Matching = u.rows
		v.Counts = u.counts(nil, b)
	} else {
		if id, ok := parseGUID(q.Text); ok {
			exact, hasExact = u.find(id)
		}
		switch {
		case hasExact:
			s.hits.reset(len(u.chunks) * chunkWords)
			s.hits.set(exact)
		case hasText:
			s.find(u, r)
		}
		s.filter(u, b, q, hasText)
		v.Matching = s.tally.rows
		v.Counts = u.counts(&s.tally, b)
		if hasExact {
			hasExact = s.matched.has(exact)
		} else if hasText {
			exact, hasExact = s.exact(u)
		}
	}
	v.Pages = max((v.Matching+q.Size-1)/q.Size, 1)
	v.Page = min(q.Page, v.Pages)

	s.rows = s.rows[:0]
	skip, want := (v.Page-1)*q.Size, q.Size
	switch {
	case !hasText && !q.filters():
		s.pageOfAll(u, b.order(u, q.Sort.By), q.Sort, skip, want)
	case hasExact: // first, whatever the sort
		s.matched.unset(exact)
		if v.Page == 1 {
			s.rows = append(s.rows, exact)
			want--
		} else {
			skip--
		}
		fallthrough
	default:
		s.pageOfMatched(u, b.order(u, q.Sort.By), q.Sort, skip, want)
	}
	if hasExact {
		c, i := u.cell(exact)
		v.Exact = c.ids[i].String()
	}
	return v
}

// exact is the row that the whole text names: as its user principal name, or
// else, if no other has the same, as its display name. Case doesn't count; nor
// do accents, if nobody has the text with its accents.
func (s *search) exact(u *snapshot) (row uint32, ok bool) {
	const none, folded, written, upn = 0, 1, 2, 3
	best, alone := none, false
	consider := func(r uint32, how int) {
		switch {
		case how > best:
			best, row, alone = how, r, true
		case how == best:
			alone = false
		}
	}
	at := bytes.LastIndexByte(s.needle.text, '@')
	for w, rest := range s.matched {
		for ; rest != 0; rest &= rest - 1 {
			r := uint32(w<<6 + bits.TrailingZeros64(rest))
			c, i := u.cell(r)
			record := c.record(i)
			if end := len(s.needle.text); len(record) > end && record[end] == sep && bytes.HasPrefix(record, s.needle.text) {
				if bytes.EqualFold(c.fields(i).display, s.needle.typed) {
					consider(r, written)
				} else {
					consider(r, folded)
				}
			}
			if d := c.domains[c.domain[i]]; d == 0 || at >= 0 && bytes.Equal(u.domains[d].fold, s.needle.text[at+1:]) {
				s.text = c.appendUPN(s.text[:0], &u.tables, i, c.fields(i))
				if bytes.EqualFold(s.text, s.needle.typed) {
					consider(r, upn)
				}
			}
		}
	}
	return row, alone
}

// pageOfAll takes the rows of a page when all rows match. The order is nil when
// it is that in which the rows lie.
func (s *search) pageOfAll(u *snapshot, o *order, sort Sort, skip, want int) {
	for k := skip; k < min(skip+want, u.rows); k++ {
		switch {
		case o != nil:
			s.rows = append(s.rows, o.at(k, sort.Descending))
		case sort.Descending && k < u.named:
			s.rows = append(s.rows, u.nth(u.named-1-k))
		default:
			s.rows = append(s.rows, u.nth(k))
		}
	}
}

// pageOfMatched takes the rows of a page out of s.matched.
func (s *search) pageOfMatched(u *snapshot, o *order, sort Sort, skip, want int) {
	switch {
	case o != nil:
		full := want + len(s.rows)
		for k := 0; k < u.rows && len(s.rows) < full; k++ {
			if row := o.at(k, sort.Descending); s.matched.has(row) {
				if skip--; skip < 0 {
					s.rows = append(s.rows, row)
				}
			}
		}
	case sort.Descending:
		end := u.end(u.named)
		skip, want = s.takeBackward(end, skip, want)
		s.takeForward(end, skip, want)
	default:
		s.takeForward(0, skip, want)
	}
}

// end is the number of the row in place k, or the one after all rows.
func (u *snapshot) end(k int) uint32 {
	if k == u.rows {
		return uint32(len(u.chunks) << chunkBits)
	}
	return u.nth(k)
}

// takeForward takes the matched rows from a row on, as they lie.
func (s *search) takeForward(from uint32, skip, want int) {
	for w := int(from >> 6); w < len(s.matched) && want > 0; w++ {
		word := s.matched[w]
		if w == int(from>>6) {
			word &= ^uint64(0) << (from & 63)
		}
		if n := bits.OnesCount64(word); n <= skip {
			skip -= n
			continue
		}
		for ; word != 0 && want > 0; word &= word - 1 {
			if skip--; skip < 0 {
				s.rows = append(s.rows, uint32(w<<6+bits.TrailingZeros64(word)))
				want--
			}
		}
		skip = max(skip, 0)
	}
}

// takeBackward takes the matched rows before a row, the last first. It tells
// what is left to skip and to take.
func (s *search) takeBackward(before uint32, skip, want int) (int, int) {
	for w := int(before+63)>>6 - 1; w >= 0 && want > 0; w-- {
		word := s.matched[w]
		if w == int(before>>6) {
			word &= 1<<(before&63) - 1
		}
		if n := bits.OnesCount64(word); n <= skip {
			skip -= n
			continue
		}
		for word != 0 && want > 0 {
			top := 63 - bits.LeadingZeros64(word)
			word &^= 1 << top
			if skip--; skip < 0 {
				s.rows = append(s.rows, uint32(w<<6+top))
				want--
			}
		}
		skip = max(skip, 0)
	}
	return skip, want
}

// view makes rows to show of s.rows. All their text is one string and all
// their marks are one slice, so that a page costs a handful of allocations.
func (s *search) view(u *snapshot, b besides) []UserRow {
	s.text, s.cuts = s.text[:0], append(s.cuts[:0], 0)
	cut := func() { s.cuts = append(s.cuts, len(s.text)) }
	for _, row := range s.rows {
		c, i := u.cell(row)
		f := c.fields(i)
		s.text = c.ids[i].append(s.text)
		cut()
		s.text = append(s.text, f.display...)
		cut()
		s.text = c.appendUPN(s.text, &u.tables, i, f)
		cut()
		s.text = append(s.text, f.first...)
		cut()
		s.text = append(s.text, f.last...)
		cut()
		s.text = append(s.text, f.phone...)
		cut()
	}

	all := string(s.text)
	rows := make([]UserRow, len(s.rows))
	for k, row := range s.rows {
		c, i := u.cell(row)
		at := s.cuts[k*textsOfRow:]
		rows[k] = UserRow{
			ID:          all[at[0]:at[1]],
			DisplayName: all[at[1]:at[2]],
			UPN:         all[at[2]:at[3]],
			FirstName:   all[at[3]:at[4]],
			LastName:    all[at[4]:at[5]],
			Phone:       all[at[5]:at[6]],
			Location:    u.locations[c.locations[c.location[i]]],
			DomainType:  u.types[c.types[c.traits[i]&typeMask]],
			Synced:      c.synced[i].time(),
			Guest:       c.traits[i]&traitGuest != 0,
			Deleted:     c.deletedAt(i).time(),
		}
	}
	b.fill(rows, s.rows)
	if len(s.needle.words) > 0 {
		s.mark(rows)
	}
	return rows
}

// textsOfRow is how many texts view cuts for a row.
const textsOfRow = 6

// mark marks in the rows where the words are.
func (s *search) mark(rows []UserRow) {
	s.spans, s.ends = s.spans[:0], append(s.ends[:0], 0)
	for k := range rows {
		at := s.cuts[k*textsOfRow:]
		s.spans = s.folder.marks(s.spans, s.text[at[1]:at[2]], s.needle.words)
		s.ends = append(s.ends, len(s.spans))
		s.spans = s.folder.marks(s.spans, s.text[at[2]:at[3]], s.needle.words)
		s.ends = append(s.ends, len(s.spans))
	}
	spans := slices.Clone(s.spans)
	take := func(at int) []Span {
		if s.ends[at] == s.ends[at+1] {
			return nil
		}
		return spans[s.ends[at]:s.ends[at+1]:s.ends[at+1]]
	}
	for k := range rows {
		rows[k].NameMarks, rows[k].UPNMarks = take(2*k), take(2*k+1)
	}
}

package directory

import (
	"bytes"
	"context"
	"strings"
	"unicode/utf8"
)

// Match is whom an entry of a list stands for.
type Match struct {
	Entry string
	Rows  []UserRow // none: nobody was found; several: it could be any of them
}

// mostCandidates is how many users are given for one entry.
const mostCandidates = 50

// Match finds whom the entries of a pasted list stand for, each by itself: IDs,
// user principal names, addresses also as `Anna Müller <anna@contoso.example>`
// or "mailto:…", or display names, in any case. Who has the entry as ID or user
// principal name is the one; else it is all whose whole display name is the
// entry, accents left aside, by name, fifty at most.
//
// Only users that were read are found. Errors are as those of [Directory.Users].
func (d *Directory) Match(ctx context.Context, v Viewer, customerID string, entries []string) ([]Match, error) {
	a, err := d.ask(ctx, v, customerID, new(Query{}.normal()), nil)
	if err != nil {
		return nil, usersError(err)
	}
	matches := make([]Match, len(entries))
	for i, entry := range entries {
		matches[i].Entry = entry
	}
	if a.edition != nil {
		a.edition.rows.match(matches)
	}
	return matches, nil
}

// entries are what is looked for, with the places of those who look for it.
type entries struct {
	ids, upns, names map[string][]int
	found            []candidates
}

// candidates are the rows found for an entry.
type candidates struct {
	sure  []uint32 // by ID or user principal name
	named []uint32 // by display name
}

func newEntries(matches []Match) *entries {
	e := &entries{ids: map[string][]int{}, upns: map[string][]int{}, names: map[string][]int{}, found: make([]candidates, len(matches))}
	add := func(to map[string][]int, key string, i int) {
		if key != "" {
			to[key] = append(to[key], i)
		}
	}
	for i := range matches {
		text := cleanEntry(matches[i].Entry)
		add(e.names, string(fold(nil, []byte(text))), i)
		address := cleanAddress(text)
		if id, ok := parseGUID(address); ok {
			add(e.ids, string(id[:]), i)
			continue
		}
		add(e.upns, strings.ToLower(address), i)
	}
	return e
}

// cleanEntry is an entry without what a spreadsheet or a mail program puts
// around it.
func cleanEntry(entry string) string {
	entry = cleanText(entry)
	for _, quote := range []string{`"`, `'`} {
		if inner, ok := strings.CutPrefix(entry, quote); ok {
			if inner, ok = strings.CutSuffix(inner, quote); ok {
				entry = strings.TrimSpace(inner)
			}
		}
	}
	return entry
}

// cleanAddress is the address in an entry, or the entry if it is nothing else.
func cleanAddress(text string) string {
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		if inner, ok := strings.CutSuffix(text[open+1:], ">"); ok {
			text = strings.TrimSpace(inner)
		}
	}
	for _, scheme := range []string{"mailto:", "smtp:"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			text = text[len(scheme):]
		}
	}
	return text
}

// lowered is text in lower case, in its own memory where it is ASCII.
func lowered(text []byte) []byte {
	for i, b := range text {
		switch {
		case b >= utf8.RuneSelf:
			return bytes.ToLower(text)
		case 'A' <= b && b <= 'Z':
			text[i] = b | 0x20
		}
	}
	return text
}

// match fills in the rows.
func (u *snapshot) match(matches []Match) {
	e := newEntries(matches)
	var upn []byte
	for number, c := range u.chunks {
		for i := range c.ids {
			row := uint32(number<<chunkBits + i)
			for _, at := range e.ids[string(c.ids[i][:])] {
				e.found[at].sure = append(e.found[at].sure, row)
			}
			upn = lowered(c.appendUPN(upn[:0], &u.tables, i, c.fields(i)))
			for _, at := range e.upns[string(upn)] {
				e.found[at].sure = append(e.found[at].sure, row)
			}
			for _, at := range e.names[string(c.foldedName(i))] {
				e.found[at].named = append(e.found[at].named, row)
			}
		}
	}
	var all []uint32
	ends := make([]int, len(matches))
	for i, f := range e.found {
		rows := f.sure
		if len(rows) == 0 {
			rows = f.named
		}
		u.sortByName(rows)
		all = append(all, rows[:min(len(rows), mostCandidates)]...)
		ends[i] = len(all)
	}
	shown := u.show(all, besides{})
	from := 0
	for i, end := range ends {
		if end > from {
			matches[i].Rows = shown[from:end:end]
		}
		from = end
	}
}

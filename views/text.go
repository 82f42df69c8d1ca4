package views

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Time is a moment, ready to be shown; the zero Time is none.
type Time struct {
	Machine string // for <time datetime>: "2026-06-16T12:02:00Z"
	Text    string // what is read: "14 min ago", "14:02"
	Exact   string // behind it, in the person's zone: "16 Jun 2026 14:02:00 CEST"
}

// IsZero tells whether there is no such moment.
func (t Time) IsZero() bool { return t.Machine == "" }

// Segment is a piece of a text; marked where it matches the search.
type Segment struct {
	Text string
	Mark bool
}

// Number groups digits by threes: 12,034.
func Number(n int) string {
	var b [32]byte
	return string(appendNumber(b[:0], n))
}

func appendNumber(b []byte, n int) []byte {
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], int64(n), 10)
	if d[0] == '-' {
		b, d = append(b, "−"...), d[1:]
	}
	for i, c := range d {
		if i > 0 && (len(d)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, c)
	}
	return b
}

// Initials are one or two letters that stand for a name on its tile: those of
// the first and last word, one letter where the script has no capitals, none
// where the name has no letter. Titles, particles such as 't, and what stands
// in brackets are passed over where there is something else.
func Initials(name string) string {
	var b [2 * utf8.UTFMax]byte
	return string(appendInitials(b[:0], name))
}

func appendInitials(b []byte, name string) []byte {
	first, last, passed := rune(0), rune(0), rune(0)
	for rest := name; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		letter := firstLetter(word)
		switch {
		case letter == 0:
		case besideTheName(word):
			if passed == 0 {
				passed = letter
			}
		case first == 0:
			if first = letter; !cased(letter) {
				return utf8.AppendRune(b, letter) // no capitals in this script: one is enough
			}
		default:
			last = letter
		}
	}
	if first == 0 {
		first = passed
	}
	if first == 0 {
		return b
	}
	b = utf8.AppendRune(b, unicode.ToUpper(first))
	if last != 0 && cased(last) {
		b = utf8.AppendRune(b, unicode.ToUpper(last))
	}
	return b
}

func firstLetter(word string) rune {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return r
		}
	}
	return 0
}

func cased(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) }

// besideTheName tells words that are no name: "Dr.", "Prof", "'t", "(Extern)";
// "J." is one.
func besideTheName(word string) bool {
	switch first, size := utf8.DecodeRuneInString(word); first {
	case '(', '[':
		return true
	case '\'', '’', '‘', '`':
		return utf8.RuneCountInString(word[size:]) == 1
	}
	if stem, dot := strings.CutSuffix(word, "."); dot {
		return utf8.RuneCountInString(stem) > 1
	}
	switch word {
	case "Dr", "Prof", "Mr", "Mrs", "Ms", "Mx", "Ir", "Ing":
		return true
	}
	return false
}

// tint picks one of the six tile colours by a thing's ID, the same everywhere.
func tint(id string) byte {
	h := uint32(2166136261)
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return '1' + byte((h>>13)%6)
}

// shortID is the first part of a GUID, for columns that have no room.
func shortID(id string) string {
	head, _, cut := strings.Cut(id, "-")
	if !cut {
		return id
	}
	return head + "…"
}

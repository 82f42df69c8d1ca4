package web

import (
	"strings"
	"unicode"
)

// shown is a name as pages show it. Names are chosen by customers' people, and
// go into titles, labels and sentences, where nothing can set them apart: what
// would turn the text around them, or end a line, is shown as a replacement.
// Marks that only keep a right-to-left name in order stay.
func shown(name string) string {
	for i := range len(name) {
		// The few bytes that such a character can begin with; most names have none.
		if c := name[i]; c < ' ' || c == 0x7f || c == 0xc2 || c == 0xe2 {
			return strings.Map(showRune, name)
		}
	}
	return name
}

func showRune(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r == '\u2028', r == '\u2029':
		return ' '
	case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return unicode.ReplacementChar
	}
	return r
}

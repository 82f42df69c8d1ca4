package export

import (
	"strings"
	"unicode"
)

// Guarded reports whether a text gets an apostrophe in front where a
// spreadsheet would read it: its first character that is no space begins a
// formula, or is a tab or line break that some programs cut away. So does a text
// that is such a one after an apostrophe, so that taking one off gives back what
// was there.
func Guarded(s string) bool {
	s = strings.TrimLeft(s, "'")
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
			return true
		}
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return false
}

// Unguard takes off the apostrophe that guards a text, and nothing else.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && Guarded(rest) {
		return rest
	}
	return cell
}

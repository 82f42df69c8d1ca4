package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden reports whether a character would steer the terminal or the order of
// reading instead of being shown: controls, bidirectional marks and overrides,
// line and paragraph separators, and the byte order mark.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r):
	case r == '\u061c', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
	case r == '\u2028', r == '\u2029', r == '\ufeff':
	default:
		return false
	}
	return true
}

// visible writes out what is hidden in a text, so that a name can't move the
// cursor, recolour the terminal or pose as another name.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if hidden(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case hidden(r):
			b.Write(appendEscape(nil, r))
		default:
			b.WriteRune(r) // a broken byte becomes U+FFFD
		}
	}
	return b.String()
}

// appendEscape writes a character of the basic plane as JSON would escape it.
func appendEscape(to []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(to, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// appendVisibleJSON copies JSON and escapes what is hidden in its strings: the
// same value, safe to look at.
func appendVisibleJSON(to, document []byte) []byte {
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		if r >= 0x7f && hidden(r) {
			to = appendEscape(to, r)
		} else {
			to = append(to, document[:size]...)
		}
		document = document[size:]
	}
	return to
}

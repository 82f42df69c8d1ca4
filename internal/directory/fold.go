package directory

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is folded once when it is read, and a needle when it is typed, so that
// searching is a plain search for bytes: decomposed (NFD), accents dropped,
// in lower case, and with a table for the letters that have no decomposition.
// "mull" and "müll" both find Müller; neither finds Mueller.

// letters are folded by this table: letters that look like accented ones and
// are not, and the ways a keyboard has to write one apostrophe or hyphen.
var letters = map[rune]string{
	'ß': "ss", 'ẞ': "ss",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe",
	'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th",
	'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t", 'ı': "i", 'ſ': "s", 'ς': "σ",
	'‘': "'", '’': "'", 'ʼ': "'", '′': "'", '`': "'", '´': "'",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '−': "-",
}

// fold appends the folded text to dst. It never appends a control character.
func fold(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		dst = slices.Grow(dst, len(text)-i)
		plain := dst[len(dst) : len(dst)+len(text)-i]
		n := 0
		for ; n < len(plain) && text[i+n] < utf8.RuneSelf; n++ {
			plain[n] = foldASCII[text[i+n]]
		}
		dst = dst[:len(dst)+n]
		if i += n; i == len(text) {
			break
		}
		r, size := utf8.DecodeRune(text[i:])
		if r < latinEnd && r >= utf8.RuneSelf {
			dst = append(dst, foldLatin[r-utf8.RuneSelf]...)
		} else {
			dst = foldRune(dst, r, norm.NFD.Properties(text[i:i+size]))
		}
		i += size
	}
	return dst
}

// foldLatin has what the letters of most European names fold to: U+0080 to
// U+017F.
var foldLatin = func() (table [latinEnd - utf8.RuneSelf]string) {
	for i := range table {
		r := rune(i + utf8.RuneSelf)
		table[i] = string(foldRune(nil, r, norm.NFD.PropertiesString(string(r))))
	}
	return table
}()

const latinEnd = 0x180

// foldASCII is lower case, with a blank for a control character.
var foldASCII = func() (table [utf8.RuneSelf]byte) {
	for b := range table {
		switch {
		case 'A' <= b && b <= 'Z':
			table[b] = byte(b) | 0x20
		case b < ' ' || b == 0x7f:
			table[b] = ' '
		case b == '`':
			table[b] = '\''
		default:
			table[b] = byte(b)
		}
	}
	return table
}()

// foldRune appends what one rune that is not ASCII folds to, if anything.
func foldRune(dst []byte, r rune, p norm.Properties) []byte {
	if isHangulSyllable(r) {
		return appendJamo(dst, r)
	}
	parts := p.Decomposition()
	if parts == nil {
		return foldPart(dst, r, p.CCC())
	}
	for len(parts) > 0 {
		if parts[0] < utf8.RuneSelf {
			dst = append(dst, foldASCII[parts[0]])
			parts = parts[1:]
			continue
		}
		part, size := utf8.DecodeRune(parts)
		dst = foldPart(dst, part, norm.NFD.Properties(parts).CCC())
		parts = parts[size:]
	}
	return dst
}

// foldPart appends what one decomposed rune that is not ASCII folds to.
func foldPart(dst []byte, r rune, ccc uint8) []byte {
	switch {
	case isAccent(ccc), isIgnorable(r):
		return dst
	case unicode.IsSpace(r), unicode.IsControl(r):
		return append(dst, ' ')
	case '！' <= r && r <= '～': // full-width ASCII
		return append(dst, foldASCII[r-'！'+'!'])
	}
	if s, ok := letters[r]; ok {
		return append(dst, s...)
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// isAccent tells accents by their combining class. The classes up to 9 make
// another letter of the one before (kana voicing, nukta, virama), and vowel
// signs have class 0: those stay.
func isAccent(ccc uint8) bool { return ccc > 9 }

// isIgnorable reports whether r has no shape of its own: soft hyphens, zero
// widths, marks of direction, variation selectors.
func isIgnorable(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0xfeff,
		0x200b <= r && r <= 0x200f,
		0x202a <= r && r <= 0x202e,
		0x2060 <= r && r <= 0x206f,
		0xfe00 <= r && r <= 0xfe0f:
		return true
	}
	return false
}

// Hangul syllables decompose by arithmetic; norm's table leaves them out.
// Source: The Unicode Standard, section 3.12.
const (
	hangulBase = 0xac00
	hangulLast = 0xd7a3
	leadBase   = 0x1100
	vowelBase  = 0x1161
	tailBase   = 0x11a7
	vowels     = 21
	tails      = 28
)

func isHangulSyllable(r rune) bool { return hangulBase <= r && r <= hangulLast }

func appendJamo(dst []byte, r rune) []byte {
	s := r - hangulBase
	dst = utf8.AppendRune(dst, leadBase+s/(vowels*tails))
	dst = utf8.AppendRune(dst, vowelBase+s%(vowels*tails)/tails)
	if tail := s % tails; tail != 0 {
		dst = utf8.AppendRune(dst, tailBase+tail)
	}
	return dst
}

// Digits of phone numbers are held apart from text by being shifted among the
// control characters, which no folded text has: "12" doesn't find a number.
const digitShift = '0' - 0x10

// appendDigits appends the digits of a phone number, shifted.
func appendDigits(dst, phone []byte) []byte {
	for _, b := range phone {
		if isDigit(b) {
			dst = append(dst, b-digitShift)
		}
	}
	return dst
}

// isPhonePart reports whether text could be a part of a phone number.
func isPhonePart(text []byte) bool {
	for _, b := range text {
		switch {
		case isDigit(b), b == '+', b == '-', b == '(', b == ')', b == '/', b == '.', b == ' ':
		default:
			return false
		}
	}
	return true
}

// fewestDigits is how many digits it takes to search phone numbers.
const fewestDigits = 4

// phoneNeedle is what shifted digits have to contain to be found by digits, or
// nil when there are too few. Leading zeros don't count: 089 is typed where
// +49 89 is written.
func phoneNeedle(digits []byte) []byte {
	for len(digits) > fewestDigits && digits[0] == '0'-digitShift {
		digits = digits[1:]
	}
	if len(digits) < fewestDigits {
		return nil
	}
	return digits
}

package partnercenter

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// key reads a key and its colon, up to the value.
func (s *scanner) key(data []byte, i int) ([]byte, int) {
	if data[i] != '"' {
		return nil, ^i
	}
	key, i := s.text(data, i)
	if i < 0 {
		return nil, i
	}
	if data[i] != ':' {
		if i = blank(data, i); data[i] != ':' {
			return nil, ^i
		}
	}
	if i++; data[i] <= ' ' {
		i = blank(data, i)
	}
	return key, i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// text reads the text whose opening quote is at i. It lies in data where it
// can, else in s.scratch.
func (s *scanner) text(data []byte, i int) ([]byte, int) {
	i++
	begin := i
	for {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		// The lowest bit set tells the first byte that is a quote, a backslash,
		// a control character or not ASCII; bits above may be wrong.
		if hit := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w | w) & highs; hit != 0 {
			i += bits.TrailingZeros64(hit) >> 3
			break
		}
		i += 8
	}
	if data[i] == '"' {
		return data[begin:i:i], i + 1
	}
	return s.rarerText(data, begin, i)
}

// rarerText goes on at i with a text that began at begin and has something
// else than plain ASCII in it.
func (s *scanner) rarerText(data []byte, begin, i int) ([]byte, int) {
	next := skipText(data, i)
	if next < 0 {
		return nil, next
	}
	text := data[begin : next-1 : next-1]
	if bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		return text, next
	}
	from := len(s.scratch)
	s.scratch = unescape(s.scratch, text)
	return s.scratch[from:len(s.scratch):len(s.scratch)], next
}

// skipText finds the end of a text, from i within it, and checks its escapes.
func skipText(data []byte, i int) int {
	for {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
		if hit == 0 {
			i += 8
			continue
		}
		switch i += bits.TrailingZeros64(hit) >> 3; data[i] {
		case '"':
			return i + 1
		case '\\':
			switch data[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				for k := i + 2; k < i+6; k++ {
					if k >= len(data) || hexValue(data[k]) < 0 {
						return ^k
					}
				}
				i += 6
			default:
				return ^i
			}
		default:
			return ^i
		}
	}
}

// unescape appends a checked text to dst as encoding/json understands it.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\\' && text[i+1] == 'u':
			r := hexRune(text[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if i+6 <= len(text) && text[i] == '\\' && text[i+1] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(text[i+2:]))
				}
				if r = pair; pair != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		case c == '\\':
			dst = append(dst, escapes[text[i+1]])
			i += 2
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, size := utf8.DecodeRune(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += size
		}
	}
	return dst
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// hexRune reads four hexadecimal digits.
func hexRune(text []byte) rune {
	var r rune
	for _, c := range text[:4] {
		r = r<<4 | rune(hexValue(c))
	}
	return r
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// skip checks the value at i and goes over it. depth is the level it lies in.
func (s *scanner) skip(data []byte, i, depth int) int {
	stack := s.stack[:0]
	defer func() { s.stack = stack }()

value:
	switch c := data[i]; c {
	case '{', '[':
		if stack = append(stack, c); depth+len(stack) > deepest {
			return ^i
		}
		if i = blank(data, i+1); data[i] == c+2 { // '}' and ']' come two after
			i++
			stack = stack[:len(stack)-1]
			break
		}
		if c == '[' {
			goto value
		}
		goto key
	case '"':
		i = skipText(data, i+1)
	case 't':
		i = literal(data, i, "true")
	case 'f':
		i = literal(data, i, "false")
	case 'n':
		i = literal(data, i, "null")
	default:
		i = number(data, i)
	}

after:
	if i < 0 || len(stack) == 0 {
		return i
	}
	i = blank(data, i)
	switch c := stack[len(stack)-1]; data[i] {
	case ',':
		i = blank(data, i+1)
		if c == '[' {
			goto value
		}
		goto key
	case c + 2:
		i++
		stack = stack[:len(stack)-1]
		goto after
	}
	return ^i

key:
	if data[i] != '"' {
		return ^i
	}
	if i = skipText(data, i+1); i < 0 {
		return i
	}
	if i = blank(data, i); data[i] != ':' {
		return ^i
	}
	i = blank(data, i+1)
	goto value
}

// blank goes over white space.
func blank(data []byte, i int) int {
	for data[i] <= ' ' && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

func literal(data []byte, i int, word string) int {
	if !bytes.HasPrefix(data[i:], []byte(word)) {
		return ^i
	}
	return i + len(word)
}

// number goes over a number in JSON's grammar.
func number(data []byte, i int) int {
	digits := func() bool {
		from := i
		for '0' <= data[i] && data[i] <= '9' {
			i++
		}
		return i > from
	}
	if data[i] == '-' {
		i++
	}
	if data[i] == '0' {
		i++
	} else if !digits() {
		return ^i
	}
	if data[i] == '.' {
		if i++; !digits() {
			return ^i
		}
	}
	if data[i] == 'e' || data[i] == 'E' {
		if i++; data[i] == '+' || data[i] == '-' {
			i++
		}
		if !digits() {
			return ^i
		}
	}
	return i
}

// guidAt is the text at i if it is a GUID in lower case, else nil.
func guidAt(data []byte, i int) []byte {
	if i+38 > len(data) || data[i] != '"' || data[i+37] != '"' || !lowerGUID(data[i+1:i+37]) {
		return nil
	}
	return data[i+1 : i+37 : i+37]
}

// lowerGUID reports whether the 36 bytes are a GUID in lower case.
func lowerGUID(b []byte) bool {
	_ = b[35]
	if b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return false
	}
	const dash = '-' ^ '0' // turns the hyphens, which were checked, into digits
	w0 := binary.LittleEndian.Uint64(b[0:])
	w1 := binary.LittleEndian.Uint64(b[9:]) ^ dash<<32
	w2 := binary.LittleEndian.Uint64(b[16:]) ^ dash<<16 ^ dash<<56
	w3 := binary.LittleEndian.Uint64(b[24:])
	w4 := binary.LittleEndian.Uint64(b[28:])
	return lowerHex(w0)&lowerHex(w1)&lowerHex(w2)&lowerHex(w3)&lowerHex(w4)&highs == highs
}

// lowerHex has the high bit of each byte set that is a hexadecimal digit in
// lower case.
func lowerHex(w uint64) uint64 {
	w7 := w &^ highs
	digit := (w7 + ones*(0x80-'0')) &^ (w7 + ones*(0x7f-'9'))
	letter := (w7 + ones*(0x80-'a')) &^ (w7 + ones*(0x7f-'f'))
	return (digit | letter) &^ w
}

package directory

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder folds text and remembers where each byte came from, to mark matches
// in the text as it was written.
type folder struct {
	folded []byte
	plain  bool    // text is ASCII: each byte is where it came from
	from   []int32 // for each byte of folded, where its character begins in the text
	ends   []int32 // and ends
}

// fold folds text, character by character.
func (f *folder) fold(text []byte) {
	f.folded, f.from, f.ends = f.folded[:0], f.from[:0], f.ends[:0]
	if f.plain = isASCII(text); f.plain {
		f.folded = fold(f.folded, text)
		return
	}
	for start := 0; start < len(text); {
		end := start + characterLen(text[start:])
		f.folded = fold(f.folded, text[start:end])
		for range len(f.folded) - len(f.from) {
			f.from = append(f.from, int32(start))
			f.ends = append(f.ends, int32(end))
		}
		start = end
	}
}

// span is where the folded bytes from at on are in the text.
func (f *folder) span(at, length int) Span {
	if f.plain {
		return Span{at, at + length}
	}
	return Span{int(f.from[at]), int(f.ends[at+length-1])}
}

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// characterLen is the length of the first character as people see it: a rune
// with the accents, joiners and modifiers that follow.
func characterLen(text []byte) int {
	if len(text) == 1 || text[0] < utf8.RuneSelf && text[1] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(text)
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		switch {
		case r == '\u200d': // joins what follows, too
			n += size
			_, size = utf8.DecodeRune(text[n:])
		case unicode.Is(unicode.M, r), norm.NFD.Properties(text[n:]).CCC() != 0, isIgnorable(r), '\U0001f3fb' <= r && r <= '\U0001f3ff':
		default:
			return n
		}
		n += size
	}
	return n
}

// marks appends where the words are in the text: in order, apart from each
// other, whole characters.
func (f *folder) marks(dst []Span, text []byte, words []word) []Span {
	if len(text) == 0 || len(words) == 0 {
		return dst
	}
	f.fold(text)
	start := len(dst)
	for i := range words {
		word := words[i].text
		for at := 0; ; {
			found := bytes.Index(f.folded[at:], word)
			if found < 0 {
				break
			}
			at += found
			dst = append(dst, f.span(at, len(word)))
			at++
		}
	}
	return dst[:start+len(joined(dst[start:]))]
}

// joined sorts spans and makes one of those that overlap or touch, in place.
func joined(spans []Span) []Span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	kept := spans[:1]
	for _, s := range spans[1:] {
		if last := &kept[len(kept)-1]; s.Start <= last.End {
			last.End = max(last.End, s.End)
		} else {
			kept = append(kept, s)
		}
	}
	return kept
}

package main

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The search is that of the portal's page, which holds its users folded in
// columns; here they pass by one at a time, so each is folded as it comes. A
// test holds the two against each other.

// maxSearchWords is how many words are looked for; further ones are left out.
const maxSearchWords = 16

// fewestDigits is how many digits it takes to search phone numbers.
const fewestDigits = 4

// searchWords is what was searched: words that all have to be found.
type searchWords struct {
	id     string // the search is a user's ID: only that user
	words  []searchWord
	number string // digits of all words together, when they may be one phone number
}

type searchWord struct {
	text   string // folded
	digits string // when it may be a part of a phone number
}

// parseSearch reads a search; nil when there is nothing to look for.
func parseSearch(text string) *searchWords {
	folded := strings.Join(strings.Fields(foldText(strings.ToValidUTF8(text, ""))), " ")
	if folded == "" {
		return nil
	}
	s := &searchWords{}
	if partnercenter.ValidID(folded) {
		s.id = folded
		return s
	}
	for word := range strings.FieldsSeq(folded) {
		if len(s.words) == maxSearchWords {
			break
		}
		if w := (searchWord{word, phoneDigits(word)}); !slices.Contains(s.words, w) {
			s.words = append(s.words, w)
		}
	}
	if len(s.words) > 1 {
		s.number = phoneDigits(folded)
	}
	return s
}

// match reports whether every word is in the user's display, first or last
// name or user principal name, or among the digits of the phone number.
func (s *searchWords) match(u *partnercenter.User) bool {
	if s.id != "" {
		return strings.EqualFold(u.ID, s.id)
	}
	phone := digits(u.PhoneNumber)
	if s.number != "" && strings.Contains(phone, s.number) {
		return true
	}
	// A word has no blank, so none is found across two texts.
	texts := foldText(u.DisplayName + " " + u.FirstName + " " + u.LastName + " " + u.UserPrincipalName)
	for _, w := range s.words {
		if !strings.Contains(texts, w.text) && (w.digits == "" || !strings.Contains(phone, w.digits)) {
			return false
		}
	}
	return true
}

// phoneDigits are the digits that a word would have to be found by in a phone
// number; empty when it can't be a part of one. Leading zeros don't count: 089
// is typed where +49 89 is written.
func phoneDigits(text string) string {
	if strings.Trim(text, "0123456789+-()/. ") != "" {
		return ""
	}
	found := digits(text)
	for len(found) > fewestDigits && found[0] == '0' {
		found = found[1:]
	}
	if len(found) < fewestDigits {
		return ""
	}
	return found
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// lookalikes are letters that look like accented ones and have no
// decomposition, and the ways a keyboard has to write an apostrophe or hyphen.
var lookalikes = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ħ", "h", "ŧ", "t", "ı", "i", "ſ", "s", "ς", "σ",
	"‘", "'", "’", "'", "ʼ", "'", "′", "'", "`", "'", "´", "'",
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-",
)

// foldText makes what is searched and what is found alike: in lower case,
// without accents, marks of direction and the width of letters.
func foldText(text string) string {
	if plain(text) {
		return strings.ToLower(text)
	}
	folded := make([]byte, 0, len(text))
	for _, r := range norm.NFD.String(text) {
		switch {
		case r >= utf8.RuneSelf && norm.NFD.PropertiesString(string(r)).CCC() > 9: // an accent; lower classes make another letter
		case shapeless(r):
		case unicode.IsSpace(r), unicode.IsControl(r):
			folded = append(folded, ' ')
		case '！' <= r && r <= '～': // full-width ASCII
			folded = utf8.AppendRune(folded, unicode.ToLower(r-'！'+'!'))
		default:
			folded = utf8.AppendRune(folded, unicode.ToLower(r))
		}
	}
	return lookalikes.Replace(string(folded))
}

// plain reports whether folding a text is putting it in lower case.
func plain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b >= utf8.RuneSelf || b < ' ' || b == 0x7f || b == '`' {
			return false
		}
	}
	return true
}

// shapeless reports whether r has no shape of its own: soft hyphens, zero
// widths, marks of direction, variation selectors.
func shapeless(r rune) bool {
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

package directory

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Jürgen MÜLLER":         "jurgen muller",
		"Ju\u0308rgen":          "jurgen",
		"Großkreutz STRAẞE":     "grosskreutz strasse",
		"Łukasz Żółć":           "lukasz zolc",
		"Søren Ærø Œuvre":       "soren aero oeuvre",
		"Đorđe Þóra Ðað":        "dorde thora dad",
		"İstanbul ısı":          "istanbul isi",
		"ΟΔΥΣΣΕΎΣ οδυσσεύς":     "οδυσσευσ οδυσσευσ",
		"O’Brien O`Brien":       "o'brien o'brien",
		"Jean–Luc":              "jean-luc",
		"Ａｄａ　１２":                "ada 12",
		"a\u00adb\u200bc\u202e": "abc",
		"a\x00b\x1fc\x7f\u0085": "a b c  ",
		"がか":                    "か\u3099か", // voicing makes another letter
		"한":                     "\u1112\u1161\u11ab",
		"Nguyễn Thị":            "nguyen thi",
		"Ольга Ёлкина":          "ольга елкина",
		"मि":                    "मि", // a vowel sign is no accent
		"\xff":                  "\ufffd",
	} {
		if got := string(fold(nil, []byte(in))); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// However a text is normalised, it folds the same; folded text folds to
// itself, has no control characters, and at most three bytes for each one.
func TestFoldProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		folded := string(fold(nil, []byte(text)))
		if again := string(fold(nil, []byte(folded))); again != folded {
			t.Errorf("fold(%q) = %q, and again %q", text, folded, again)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if other := string(fold(nil, form.Bytes([]byte(text)))); other != folded {
				t.Errorf("fold(%q) = %q, normalised %q", text, folded, other)
			}
		}
		if strings.ContainsFunc(folded, func(r rune) bool { return r < ' ' }) || !utf8.ValidString(folded) {
			t.Errorf("fold(%q) = %q", text, folded)
		}
		if len(folded) > 3*len(text) {
			t.Errorf("%d bytes fold to %d", len(text), len(folded))
		}
	})
}

// Marks are in the text as it was written, and never cut a character.
func TestMarks(t *testing.T) {
	tests := map[string]struct{ text, words, want string }{
		"plain":                    {"Jan Novak", "nov", "Jan [Nov]ak"},
		"accent in the text":       {"Jürgen Müller", "mull", "Jürgen [Müll]er"},
		"accent in the word":       {"Muller", "müll", "[Mull]er"},
		"decomposed":               {"Mu\u0308ller", "u", "M[u\u0308]ller"},
		"one letter from two":      {"Groß", "s", "Gro[ß]"},
		"half of it":               {"Straße", "as", "Str[aß]e"},
		"two words":                {"Anna Müller", "mu an", "[An]na [Mü]ller"},
		"words that overlap":       {"banana", "ana nan", "b[anana]"},
		"a word that is often":     {"anna hanna", "an", "[an]na h[an]na"},
		"touching":                 {"abcd", "ab cd", "[abcd]"},
		"across the @":             {"jan@contoso.example", "n@con", "ja[n@con]toso.example"},
		"part of a syllable":       {"한지민", "하", "[한]지민"},
		"a flag of skin and trade": {"x🧑🏽\u200d🚀y", "🧑", "x[🧑🏽\u200d🚀]y"},
		"nothing":                  {"Jan", "zz", "Jan"},
		"kana":                     {"がか", "か", "[が][か]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var n needle
			n.parse(tt.words)
			var f folder
			got, at := "", 0
			for _, s := range f.marks(nil, []byte(tt.text), n.words) {
				got += tt.text[at:s.Start] + "[" + tt.text[s.Start:s.End] + "]"
				at = s.End
			}
			got += tt.text[at:]
			if want := strings.ReplaceAll(tt.want, "][", ""); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestMarksProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var n needle
		n.parse(cleanText(rapid.StringN(0, 8, -1).Draw(t, "words")))
		var f folder
		at := 0
		for _, s := range f.marks(nil, []byte(text), n.words) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("span %v after %d in %q", s, at, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[s.Start:s.End]) {
				t.Fatalf("span %v cuts a rune of %q", s, text)
			}
			at = s.End + 1 // spans that touch are one
		}
	})
}

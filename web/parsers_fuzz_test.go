package web

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzListEntries: of a pasted list nothing comes out that would not be a line
// of one, and what comes out, pasted again, comes out the same.
func FuzzListEntries(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n;;\t", "a@x.example\nb@x.example", "a@x.example b@x.example", "a@x.example; b@x.example", "Ann Lee <a@x.example>, Bo <b@x.example>",
		"\ufeffjürgen", "a\u202eb", "a\x00b", "\xff\xfe", "<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", strings.Repeat("a@b ", 300), "a@b,c@d", "@@",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries := listEntries(text)
		for _, entry := range entries {
			if entry == "" || !utf8.ValidString(entry) || strings.ContainsAny(entry, "\n\r\t;\x00") || strings.ContainsFunc(entry, func(r rune) bool { return r != ' ' && notPrintable(r) }) {
				t.Errorf("%q: entry %q", text, entry)
			}
		}
		if again := listEntries(strings.Join(entries, "\n")); !slices.Equal(again, entries) {
			t.Errorf("%q gives %q, and that %q", text, entries, again)
		}
	})
}

// FuzzAcceptsGzip: a browser that does not name gzip, or all, gets none; and
// a blank more or less says nothing.
func FuzzAcceptsGzip(f *testing.F) {
	for _, seed := range []string{
		"", "gzip", "GZIP", "gzip;q=0", "gzip; q=0.000", "gzip;q=1.5", "gzip;q=-1", "gzip;q=NaN", "br, gzip", "x-gzip", "*", "*;q=0", "identity", "gzip;q=0, gzip",
		"gzip;;q=0", ",,,", "gzip\x00", "gzip;q=" + strings.Repeat("9", 400), "br;q=1.0, gzip;q=0.8, *;q=0.1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := acceptsGzip(header)
		if low := strings.ToLower(header); got && !strings.Contains(low, "gzip") && !strings.Contains(low, "*") {
			t.Errorf("%q is taken to want gzip", header)
		}
		if acceptsGzip(" "+header+" ") != got || acceptsGzip(strings.ReplaceAll(header, ",", " , ")) != got {
			t.Errorf("%q with other blanks means something else", header)
		}
	})
}

package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

func TestPagerShowsFirstLastAndThoseAround(t *testing.T) {
	tests := map[string]struct {
		page, pages int
		want        string
	}{
		"one page needs no numbers": {1, 1, ""},
		"two":                       {1, 2, "[1] 2"},
		"all of a few":              {3, 5, "1 2 [3] 4 5"},
		"a gap of one is that one":  {4, 7, "1 2 3 [4] 5 6 7"},
		"gaps on both sides":        {50, 100, "1 … 48 49 [50] 51 52 … 100"},
		"at the start":              {1, 100, "[1] 2 3 … 100"},
		"at the end":                {100, 100, "1 … 98 99 [100]"},
		"many":                      {1000, 2000, "1 … 998 999 [1000] 1001 1002 … 2000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := pager(tt.page, tt.pages, 50, tt.pages*50, 50, false, func(n int) string { return fmt.Sprint("/?page=", n) })
			var got []string
			for _, l := range p.Pages {
				switch {
				case l.Number == 0:
					got = append(got, "…")
				case l.Current:
					got = append(got, fmt.Sprintf("[%d]", l.Number))
				default:
					got = append(got, fmt.Sprint(l.Number))
				}
				if l.Number != 0 && string(l.Href) != fmt.Sprint("/?page=", l.Number) {
					t.Errorf("page %d leads to %s", l.Number, l.Href)
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("pager(%d of %d) = %s, want %s", tt.page, tt.pages, s, tt.want)
			}
			if (p.Previous == "") != (tt.page == 1) || (p.Next == "") != (tt.page == tt.pages) {
				t.Errorf("previous %q, next %q on page %d of %d", p.Previous, p.Next, tt.page, tt.pages)
			}
		})
	}
}

func TestPagerOfNothing(t *testing.T) {
	p := pager(1, 1, 50, 0, 0, false, func(int) string { return "" })
	if p.From != 0 || p.To != 0 || p.Of != 0 || p.Previous != "" || p.Next != "" {
		t.Errorf("pager of nothing: %+v", p)
	}
}

func TestSegmentsMarkWhatMatches(t *testing.T) {
	tests := map[string]struct {
		text  string
		marks []directory.Span
		want  []views.Segment
	}{
		"nothing":         {"Jürgen", nil, nil},
		"the beginning":   {"Jürgen", []directory.Span{{Start: 0, End: 3}}, []views.Segment{{Text: "Jü", Mark: true}, {Text: "rgen"}}},
		"the end":         {"abc", []directory.Span{{Start: 2, End: 3}}, []views.Segment{{Text: "ab"}, {Text: "c", Mark: true}}},
		"all of it":       {"abc", []directory.Span{{Start: 0, End: 3}}, []views.Segment{{Text: "abc", Mark: true}}},
		"two, with a gap": {"abcde", []directory.Span{{Start: 0, End: 1}, {Start: 3, End: 4}}, []views.Segment{{Text: "a", Mark: true}, {Text: "bc"}, {Text: "d", Mark: true}, {Text: "e"}}},
		"two, touching":   {"abcd", []directory.Span{{Start: 0, End: 2}, {Start: 2, End: 4}}, []views.Segment{{Text: "ab", Mark: true}, {Text: "cd", Mark: true}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, segments(tt.text, tt.marks)); diff != "" {
				t.Errorf("segments(%q, %v) (-want +got):\n%s", tt.text, tt.marks, diff)
			}
		})
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"": "", "reseller": "Reseller", "microsoft_support": "Microsoft support", "ärztlich": "Ärztlich"} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}

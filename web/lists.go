package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

// segments cuts a text where it matches; nil when nothing does.
func segments(text string, marks []directory.Span) []views.Segment {
	if len(marks) == 0 {
		return nil
	}
	var out []views.Segment
	at := 0
	for _, m := range marks {
		if m.Start > at {
			out = append(out, views.Segment{Text: shown(text[at:m.Start])})
		}
		out = append(out, views.Segment{Text: shown(text[m.Start:m.End]), Mark: true})
		at = m.End
	}
	if at < len(text) {
		out = append(out, views.Segment{Text: shown(text[at:])})
	}
	return out
}

// pagesAround is how many numbers stand on each side of the current page.
const pagesAround = 2

// pager is the numbered pages: the first, the last and those around.
func pager(page, pages, size, of, rows int, part bool, href func(page int) string) views.Pager {
	p := views.Pager{Of: of, Part: part}
	if rows > 0 {
		p.From = (page-1)*size + 1
		p.To = p.From + rows - 1
	}
	if page > 1 {
		p.Previous = templ.SafeURL(href(page - 1))
	}
	if page < pages {
		p.Next = templ.SafeURL(href(page + 1))
	}
	if pages <= 1 {
		return p
	}
	last := 0
	for _, n := range pageNumbers(page, pages) {
		switch n - last {
		case 1:
		case 2:
			p.Pages = append(p.Pages, views.PageLink{Number: n - 1, Href: templ.SafeURL(href(n - 1))}) // a gap of one is that one
		default:
			p.Pages = append(p.Pages, views.PageLink{})
		}
		p.Pages = append(p.Pages, views.PageLink{Number: n, Href: templ.SafeURL(href(n)), Current: n == page})
		last = n
	}
	return p
}

// pageNumbers are the first page, those around the current one, and the last.
func pageNumbers(page, pages int) []int {
	numbers := []int{1}
	for n := max(2, page-pagesAround); n <= min(pages-1, page+pagesAround); n++ {
		numbers = append(numbers, n)
	}
	return append(numbers, pages)
}

func direction(descending bool) string {
	if descending {
		return views.SortedDown
	}
	return views.SortedUp
}

// plural is "1 user" or "2,000 users".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return views.Number(n) + " " + many
}

// sentence is a word of the wire with a capital: "microsoft_support" is
// "Microsoft support".
func sentence(word string) string {
	first, n := utf8.DecodeRuneInString(word)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(word[n:], "_", " ")
}

// notPrintable is what separates words in a line: blanks, and what could
// change how a line reads, such as control and direction characters.
func notPrintable(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }

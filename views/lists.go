package views

import (
	"strings"

	"github.com/a-h/templ"
)

// Column is a head of a table.
type Column struct {
	Href templ.SafeURL // sorts by it, or turns the order round; "": it can't be sorted
	Sort string        // SortedUp, SortedDown, or "" where the list is sorted by another
}

// How a column is sorted; the words of aria-sort.
const (
	SortedUp   = "ascending"
	SortedDown = "descending"
)

// Pager is the numbered pages of a list.
type Pager struct {
	From, To, Of int  // "51–100 of 412"
	Part         bool // "of 4,500+"
	Previous     templ.SafeURL
	Next         templ.SafeURL
	Pages        []PageLink
	Sizes        []SizeOption // rows on a page; none: no choice
	Said         bool         // the address names the size even where it is everybody's: without it, it would be bare
}

// PageLink is one page's number; Number 0 stands for a gap.
type PageLink struct {
	Number  int
	Href    templ.SafeURL
	Current bool
}

// SizeOption is a choice of how many rows a page has.
type SizeOption struct {
	Size int
	On   bool
}

// Hidden is a field that a form carries along unseen.
type Hidden struct {
	Name, Value string
}

var sortIcons = map[string]string{"": "chevrons-up-down", SortedUp: "arrow-up", SortedDown: "arrow-down"}

// usualSize is the choice of size that the address need not say.
func usualSize(p Pager) string {
	if p.Said {
		return ""
	}
	return "50"
}

// syncOf puts a control in the queue of the list's search, so that whatever is
// asked last is shown last: "#users-results" is "#users-search:replace".
func syncOf(results string) string {
	return strings.TrimSuffix(results, "-results") + "-search:replace"
}

// pagerRange says which rows are shown: "51–100 of 412", "of 4,500+".
func pagerRange(p Pager) string {
	return Number(p.From) + "–" + Number(p.To) + " of " + count(p.Of, p.Part)
}

// count is a number that may be of a part only: "4,500+".
func count(n int, part bool) string {
	if part {
		return Number(n) + "+"
	}
	return Number(n)
}

// plural is a number with its unit: "1 user", "4,500+ users".
func plural(n int, part bool, one, many string) string {
	if n == 1 && !part {
		return "1 " + one
	}
	return count(n, part) + " " + many
}

// emptyGlyph is the picture of a list without rows.
func emptyGlyph(query string) string {
	if query == "" {
		return "users"
	}
	return "search-x"
}

// page is an address of ours, made by a handler.
func page(address string) templ.SafeURL { return templ.SafeURL(address) }

package views

import "github.com/a-h/templ"

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

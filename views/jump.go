package views

import "github.com/a-h/templ"

// JumpResults is what the palette found; as a page of its own without script.
type JumpResults struct {
	Chrome
	Query  string
	Groups []JumpGroup
	Tell   string // read aloud: "7 results"
	Note   string // what was not searched: "Users of Contoso were not searched: …"
}

// JumpGroup is the results of one kind.
type JumpGroup struct {
	Label string // "Users at Contoso Deutschland GmbH", "Customers", "Pages"
	Items []JumpItem
}

// JumpItem is one place to go.
type JumpItem struct {
	Kind  string // JumpUser, JumpCustomer, JumpPage
	Href  templ.SafeURL
	Name  string
	Marks []Segment // Name with its matches; empty: nothing marked
	Where string    // UPN, domain
}

// Kinds of places.
const (
	JumpUser     = "user"
	JumpCustomer = "customer"
	JumpPage     = "page"
)

func jumpIcon(kind string) string {
	switch kind {
	case JumpUser:
		return "user"
	case JumpCustomer:
		return "building-2"
	default:
		return "chevron-right"
	}
}

func jumpNothing(p JumpResults) string {
	if p.Query == "" {
		return "Type a customer’s name, a domain or a page."
	}
	return "Nothing matches “" + p.Query + "”."
}

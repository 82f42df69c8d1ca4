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

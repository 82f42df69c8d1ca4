package views

import "github.com/a-h/templ"

// CustomerHead is whose page it is.
type CustomerHead struct {
	ID     string
	Name   string
	Domain string
	Path   templ.SafeURL // "/customers/{id}/users"
	Ticket string        // the ticket chip of this tab and customer; "": none
	// TicketPath is where the chip's form posts (ticket, off, return_to); "" leaves it out.
	TicketPath templ.SafeURL
	Starred    bool
	Star       templ.SafeURL // where the star posts (on=1|0, return_to); "" leaves it out
	Tabs       []Tab         // the customer's pages
}

// Tab is one of a customer's pages.
type Tab struct {
	Label   string
	Href    templ.SafeURL
	Count   string // "412", "4,500+"; "": not read
	Current bool
	Go      string // the letter that leads there after g; "": none
}

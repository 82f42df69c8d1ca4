package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// Tool is a link that opens a panel over the list, and without script a page
// with the panel on it.
type Tool struct {
	Name  string // of the panel: "columns"
	Label string // "Columns"
	Icon  string
	Href  templ.SafeURL
	Bare  bool // only the icon is shown
}

// ColumnsPanel chooses columns and their order.
type ColumnsPanel struct {
	Path    templ.SafeURL // the list's
	Hidden  []Hidden      // the rest of what it asks for
	Columns []ColumnChoice
	Order   string        // all columns as they stand here, for the buttons that move one
	Reset   templ.SafeURL // the list with the usual columns
	Keep    templ.SafeURL // where "as my default" posts
	Default bool          // what is chosen is the person's default
}

// ColumnChoice is a column to show or not.
type ColumnChoice struct {
	Key      string // "licenses"
	Label    string
	On       bool
	Withheld string // why it can't be shown; "": it can
}

// ViewsPanel lists the saved views and saves one.
type ViewsPanel struct {
	Path     templ.SafeURL // where its forms post
	Here     templ.SafeURL // the list as it is
	Query    string        // what a new view keeps
	Customer string        // by name
	Views    []ViewLink
	Plain    templ.SafeURL // the list with nothing asked for
	Mistake  string
	Name     string // as typed, where there is a mistake
	Settings templ.SafeURL
}

// ViewLink is a saved view.
type ViewLink struct {
	ID      string
	Name    string
	Href    templ.SafeURL
	Note    string // "For all customers, shared by Ann"
	On      bool   // it is what is shown
	Default bool   // lists here open with it
}

// CommandPanel is the list on screen as a line to type.
type CommandPanel struct {
	Commands []Command
	Left     string // what of the view a line can't say
}

// Command is one line.
type Command struct {
	ID    string // "rollcall"
	Label string // "With rollcall"
	Note  string
	Line  string
}

// ListPanel takes a pasted list of users to select.
type ListPanel struct {
	Path templ.SafeURL
	Here templ.SafeURL
	Text string
}

// NamesPanel has the UPNs of the selected users, to copy.
type NamesPanel struct {
	Count int
	Text  string // one a line
	Gone  int    // selected, but no longer there
}

func tallness(n int) string { return strconv.Itoa(min(max(n, 2), 10)) }

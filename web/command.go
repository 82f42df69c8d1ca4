package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// listCommand is a list on screen as lines for a shell.
type listCommand struct {
	directory.Query
	customerID string
	deleted    bool
	columns    string   // as the command line names them; "" for those that it writes by itself
	ids        []string // those users alone
	left       []string // what of the view no line can say
}

// commandPanel has the list on screen as lines for a shell.
func (l usersList) commandPanel(customer views.CustomerHead, cfg Config) views.CommandPanel {
	return l.command(customer.ID).panel(cfg)
}

func (l usersList) command(customerID string) listCommand {
	c := listCommand{Query: l.ask.Query, customerID: customerID}
	if !slices.Equal(l.ask.columns, usualColumns) {
		c.columns = commandColumnsOf(l.ask.columns)
	}
	if l.ask.only {
		switch c.ids = l.selected.IDs(); {
		case len(c.ids) == 0:
			c.left = append(c.left, "that nobody is selected")
		case len(c.ids) > mostIDs:
			c.ids = nil
			c.left = append(c.left, "who is selected: "+views.Number(l.selected.Len())+" users are too many to name")
		}
	}
	return c
}

// mostIDs is how many selected users a line names.
const mostIDs = 100

// commandPanel has the deleted users on screen as lines for a shell.
func (l deletedList) commandPanel(customerID string, cfg Config) views.CommandPanel {
	return listCommand{Query: l.query, customerID: customerID, deleted: true}.panel(cfg)
}

func (c listCommand) panel(cfg Config) views.CommandPanel {
	about := "Lists all of them, as far as you may see them with your own sign-in: rollcall login."
	if c.columns == "" && !c.deleted {
		about += " It writes user principal name, name and usage location; --columns names others, of which licenses take one call to Partner Center for each user."
	}
	users := "all users"
	if c.deleted {
		users = "the deleted users"
	}
	p := views.CommandPanel{Commands: []views.Command{
		{ID: "rollcall", Label: "With rollcall", Line: c.rollcall(), Note: about},
		{ID: "curl", Label: "With curl", Line: c.curl(cmp.Or(cfg.API, partnercenter.Global.APIURL)),
			Note: "Partner Center can neither search nor filter: this is the first page of " + users + ", by name. TOKEN is an access token of yours."},
	}}
	if cfg.DemoShell != "" {
		p.Commands = append([]views.Command{{ID: "demo", Label: "First, once in a terminal", Line: cfg.DemoShell,
			Note: "Points the lines below at this demo's Partner Center, as an admin agent."}}, p.Commands...)
	}
	if len(c.left) > 0 {
		p.Left = "What the rollcall line can't say: " + strings.Join(c.left, ", ") + "."
	}
	return p
}

// commandColumns are columns as the command line names them.
var commandColumns = map[views.UserColumnKind][]string{
	views.ColumnLicenses: {"licenses"}, views.ColumnRoles: {"roles"}, views.ColumnLocation: {"location"}, views.ColumnDomainType: {"domain"},
	views.ColumnSynced: {"synced"}, views.ColumnLastSynced: {"synced"}, views.ColumnNames: {"firstName", "lastName"},
	views.ColumnPhone: {"phone"}, views.ColumnID: {"id"},
}

func commandColumnsOf(kinds []views.UserColumnKind) string {
	columns := []string{"upn", "name"}
	for _, kind := range kinds {
		for _, name := range commandColumns[kind] {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return strings.Join(columns, ",")
}

// rollcall is the command that lists the same users in the same order; by name
// in the order that is Partner Center's.
func (c listCommand) rollcall() string {
	words := []string{"rollcall", "users", "list", c.customerID}
	flag := func(name string, values ...string) {
		for _, v := range values {
			words = append(words, "--"+name, quoted(v))
		}
	}
	answer := func(name string, a directory.Answer) {
		switch a {
		case directory.Yes:
			words = append(words, "--"+name)
		case directory.No:
			words = append(words, "--"+name+"=false")
		}
	}
	if c.deleted {
		words = append(words, "--deleted")
	}
	if c.Text != "" {
		flag("search", c.Text)
	}
	answer("synced", c.Synced)
	answer("guest", c.Guest)
	if len(c.Licenses) == 1 && c.Licenses[0] == directory.NoLicense {
		words = append(words, "--unlicensed")
	} else {
		flag("license", c.Licenses...)
	}
	flag("plan", c.Plans...)
	flag("location", c.Locations...)
	flag("domain", c.Domains...)
	flag("role", c.Roles...)
	flag("id", c.ids...)
	flag("sort", c.Sort.String())
	if c.columns != "" {
		flag("columns", c.columns)
	}
	return strings.Join(words, " ")
}

// curl asks Partner Center for the first page of the users.
func (c listCommand) curl(api string) string {
	direction := partnercenter.Ascending
	if c.Sort.By == directory.ByName && c.Sort.Descending {
		direction = partnercenter.Descending
	}
	query := "size=500"
	if c.deleted { // source: API facts 9.1
		query += "&filter=" + url.PathEscape(`{"Field":"UserState","Value":"Inactive","Operator":"equals"}`)
	}
	query += "&sortField=" + string(partnercenter.SortByDisplayName) + "&sortDirection=" + string(direction)
	return `curl --fail-with-body --header "Authorization: Bearer $TOKEN" --header 'Accept: application/json' ` +
		quoted(api+"/v1/customers/"+url.PathEscape(c.customerID)+"/users?"+query)
}

// quoted is a word as a POSIX shell reads it back: as it is where nothing in it
// means anything to a shell, else in single quotes.
func quoted(word string) string {
	if word != "" && word[0] != '-' && strings.IndexFunc(word, special) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func special(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("@%+=:,./-_", r)
}

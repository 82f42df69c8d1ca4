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

// commandPanel has the list on screen as lines for a shell. api is where
// Partner Center answers.
func (l usersList) commandPanel(customer views.CustomerHead, api string) views.CommandPanel {
	line, left := l.rollcallLine(customer.ID)
	p := views.CommandPanel{Commands: []views.Command{
		{ID: "rollcall", Label: "With rollcall", Line: line, Note: "Lists all of them, as far as you may see them with your own sign-in: rollcall login."},
		{ID: "curl", Label: "With curl", Line: l.curlLine(customer.ID, cmp.Or(api, partnercenter.Global.APIURL)),
			Note: "Partner Center can neither search nor filter: this is the first page of all users, by name. TOKEN is an access token of yours."},
	}}
	if len(left) > 0 {
		p.Left = "What the rollcall line can't say: " + strings.Join(left, ", ") + "."
	}
	return p
}

// commandColumns are columns as the command line names them; roles it does not
// know.
var commandColumns = map[views.UserColumnKind]string{
	views.ColumnLicenses: "licenses", views.ColumnLocation: "location", views.ColumnDomainType: "domain", views.ColumnSynced: "synced",
	views.ColumnLastSynced: "synced", views.ColumnNames: "firstName,lastName", views.ColumnPhone: "phone", views.ColumnID: "id",
}

// rollcallLine is the command that lists the same users in the same order, and
// what of the view it can't say.
func (l usersList) rollcallLine(customerID string) (line string, left []string) {
	q := l.ask.Query
	words := []string{"rollcall", "users", "list", customerID}
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
	if q.Text != "" {
		flag("search", q.Text)
	}
	answer("synced", q.Synced)
	answer("guest", q.Guest)
	switch {
	case len(q.Licenses) == 1 && q.Licenses[0] == directory.NoLicense:
		words = append(words, "--unlicensed")
	case len(q.Licenses) == 1:
		flag("license", q.Licenses[0])
	case len(q.Licenses) > 1:
		left = append(left, "several licenses at once")
	}
	if len(q.Plans) > 0 {
		left = append(left, "service plans")
	}
	flag("location", q.Locations...)
	flag("domain", q.Domains...)
	if len(q.Roles) > 0 {
		left = append(left, "roles")
	}
	if l.ask.only {
		left = append(left, "who is selected")
	}
	switch q.Sort.By {
	case directory.ByLicenses, directory.ByRoles:
		left = append(left, "the order by "+string(q.Sort.By))
	default:
		flag("sort", q.Sort.String())
	}
	if !slices.Equal(l.ask.columns, usualColumns) {
		columns := []string{"upn", "name"}
		for _, kind := range l.ask.columns {
			if name := commandColumns[kind]; name != "" && !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
		flag("columns", strings.Join(columns, ","))
		if slices.Contains(l.ask.columns, views.ColumnRoles) {
			left = append(left, "the column of roles")
		}
	}
	return strings.Join(words, " "), left
}

// curlLine asks Partner Center for the first page of the users.
func (l usersList) curlLine(customerID, api string) string {
	direction := partnercenter.Ascending
	if l.ask.Sort.By == directory.ByName && l.ask.Sort.Descending {
		direction = partnercenter.Descending
	}
	query := "size=500&sortField=" + string(partnercenter.SortByDisplayName) + "&sortDirection=" + string(direction)
	return `curl --fail-with-body --header "Authorization: Bearer $TOKEN" --header 'Accept: application/json' ` +
		quoted(api+"/v1/customers/"+url.PathEscape(customerID)+"/users?"+query)
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

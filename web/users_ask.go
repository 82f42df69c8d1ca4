package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// usersAsk is what an address of the users list asks for: which users, and how
// they are shown.
//
// An address that asks for anything shows everybody the same rows and columns:
// what it does not name is as everybody starts. Only the bare address is each
// person's own; it leads to one that says the columns and the page size they
// have by default. How dense the rows are is the person's, as the theme is.
type usersAsk struct {
	directory.Query
	columns []views.UserColumnKind // besides the user, which is always first
	density string
	only    bool // the selected users alone
	plain   bool // all users as everybody starts, although the bare address leads elsewhere

	own usersLook // the person's defaults
}

// usersLook is how the list is shown at its bare address.
type usersLook struct {
	columns []views.UserColumnKind
	size    int
	density string // at other addresses too
	opens   bool   // it opens with a view
}

// elsewhere reports whether the bare address shows the person anything but all
// users as everybody starts.
func (l usersLook) elsewhere() bool {
	return l.opens || l.size != directory.DefaultSize || !slices.Equal(l.columns, usualColumns)
}

// columnKeys are the columns as addresses name them.
var columnKeys = map[views.UserColumnKind]string{
	views.ColumnLicenses: "licenses", views.ColumnRoles: "roles",
	views.ColumnLocation: "location", views.ColumnDomainType: "domain", views.ColumnSynced: "synced",
	views.ColumnLastSynced: "last-synced", views.ColumnNames: "names", views.ColumnPhone: "phone", views.ColumnID: "id",
}

// usualColumns are what everybody starts with, in their order; otherColumns
// are those that can be added.
var (
	usualColumns = []views.UserColumnKind{views.ColumnLicenses, views.ColumnLocation, views.ColumnDomainType, views.ColumnSynced, views.ColumnRoles}
	otherColumns = []views.UserColumnKind{views.ColumnLastSynced, views.ColumnNames, views.ColumnPhone, views.ColumnID}
)

// noColumns is how an address says that there are no columns but the user's.
const noColumns = "user"

// usersAsk reads what the request asks for. It never fails: what is unknown
// falls back to the default.
func (s *server) usersAsk(c echo.Context, customerID string) usersAsk {
	return parseUsersAsk(c.QueryParams(), s.usersLook(c, customerID))
}

// usersLook is how the person's list of the customer begins.
func (s *server) usersLook(c echo.Context, customerID string) usersLook {
	look := lookOf(s.settings(c))
	look.opens = s.opensWithView(c, customerID)
	return look
}

// lookOf are the person's defaults.
func lookOf(set preferences.Settings) usersLook {
	look := usersLook{columns: usualColumns, size: directory.DefaultSize, density: set.Density}
	if set.Columns != "" {
		look.columns = parseColumns([]string{set.Columns})
	}
	if set.PageSize != 0 {
		look.size = set.PageSize
	}
	return look
}

func parseUsersAsk(v url.Values, own usersLook) usersAsk {
	ask := usersAsk{Query: directory.ParseQuery(v), columns: usualColumns, density: own.density, own: own, plain: own.elsewhere()}
	if len(v) == 0 {
		ask.columns, ask.Size, ask.plain = own.columns, own.size, false
	}
	if strings.Join(v["columns"], "") != "" {
		ask.columns = parseColumns(v["columns"])
	}
	switch v.Get("density") {
	case "compact":
		ask.density = views.DensityCompact
	case "comfortable":
		ask.density = views.DensityComfortable
	}
	ask.only = v.Get("only") == "selected"
	ask.plain = ask.plain || v.Get("view") == "none"
	return ask
}

// parseColumns reads columns as an address has them, in one field or several.
func parseColumns(fields []string) []views.UserColumnKind {
	columns := []views.UserColumnKind{}
	for _, field := range fields {
		for name := range strings.SplitSeq(field, ",") {
			for kind, key := range columnKeys {
				if key == name && !slices.Contains(columns, kind) {
					columns = append(columns, kind)
				}
			}
		}
	}
	return columns
}

// formatColumns is the columns as an address has them.
func formatColumns(columns []views.UserColumnKind) string {
	names := make([]string, len(columns))
	for i, kind := range columns {
		names[i] = columnKeys[kind]
	}
	if len(names) == 0 {
		return noColumns
	}
	return strings.Join(names, ",")
}

// Encode writes what is asked for as an address has it: the query in its own
// order, then how it is shown.
func (a usersAsk) Encode() string {
	fields := []string{}
	if encoded := a.Query.Encode(); encoded != "" {
		fields = append(fields, encoded)
	}
	if !slices.Equal(a.columns, usualColumns) {
		fields = append(fields, "columns="+formatColumns(a.columns))
	}
	switch {
	case a.density == a.own.density && a.density == views.DensityComfortable:
	case a.density == views.DensityCompact && a.own.density == views.DensityCompact:
	case a.density == views.DensityCompact:
		fields = append(fields, "density=compact")
	default:
		fields = append(fields, "density=comfortable")
	}
	if a.only {
		fields = append(fields, "only=selected")
	}
	if a.plain && len(fields) == 0 {
		fields = append(fields, "view=none")
	}
	return strings.Join(fields, "&")
}

// askFields are the fields of an address that the list itself reads, and the
// chooser of columns leaves behind. Others, such as the panel that is open, are
// left alone.
var askFields = []string{"q", "synced", "guest", "license", "plan", "location", "domain", "role", "sort", "page", "size", "columns", "density", "only", "view", "order"}

// canonical is the encoding, and whether v was in that form already.
func (a usersAsk) canonical(v url.Values) (encoded string, ok bool) {
	encoded = a.Encode()
	want, err := url.ParseQuery(encoded)
	if err != nil {
		return encoded, false
	}
	for _, f := range askFields {
		if !slices.Equal(v[f], want[f]) {
			return encoded, false
		}
	}
	return encoded, true
}

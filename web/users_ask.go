package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// usersAsk is what an address of the users list asks for: which users, and how
// they are shown. What it does not name is as the person has it by default.
//
// An address spells out what differs from what everybody starts with, so that
// it shows a colleague the same; a person with defaults of their own is sent
// to an address that says them.
type usersAsk struct {
	directory.Query
	columns []views.UserColumnKind // besides the user, which is always first
	density string
	only    bool // the selected users alone
	plain   bool // all users, although the list opens with a view

	own usersLook // the person's defaults
}

// usersLook is how the list is shown where the address does not say.
type usersLook struct {
	columns []views.UserColumnKind
	size    int
	density string
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
func (s *server) usersAsk(c echo.Context) usersAsk {
	return parseUsersAsk(c.QueryParams(), lookOf(s.settings(c)))
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
	ask := usersAsk{Query: directory.ParseQuery(v), columns: own.columns, density: own.density, own: own}
	if !v.Has("size") {
		ask.Size = own.size
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
	ask.plain = v.Get("view") == "none"
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
	if a.Size == directory.DefaultSize && a.own.size != a.Size { // what the query leaves out
		fields = append(fields, "size="+strconv.Itoa(a.Size))
	}
	if !slices.Equal(a.columns, usualColumns) || !slices.Equal(a.columns, a.own.columns) {
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

// bare reports whether nothing is asked for but all users, from their start.
func (a usersAsk) bare() bool { return a.Query.Encode() == sizeOnly(a.Size) && !a.only }

func sizeOnly(size int) string { return directory.Query{Size: size}.Encode() }

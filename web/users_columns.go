package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

// sortOf is what each column is sorted by; those without can't be.
var sortOf = map[views.UserColumnKind]directory.Column{
	views.ColumnLocation: directory.ByLocation, views.ColumnDomainType: directory.ByDomainType,
	views.ColumnLicenses: directory.ByLicenses, views.ColumnRoles: directory.ByRoles,
	views.ColumnSynced: directory.BySynced, views.ColumnLastSynced: directory.BySynced,
}

// kindsShown are the columns asked for. A search by phone shows the phone as
// well, so that one sees why a user is there.
func (a usersAsk) kindsShown() []views.UserColumnKind {
	if hasDigits(a.Text) && !slices.Contains(a.columns, views.ColumnPhone) {
		return append(slices.Clip(a.columns), views.ColumnPhone)
	}
	return a.columns
}

// columns are those shown.
func (l usersList) columns() []views.UserColumn {
	kinds := l.ask.kindsShown()
	out := make([]views.UserColumn, 0, len(kinds))
	for _, kind := range kinds {
		if !l.shows(kind) {
			continue
		}
		column := views.UserColumn{Kind: kind}
		if by, ok := sortOf[kind]; ok {
			column.Head = l.head(by)
		}
		out = append(out, column)
	}
	return out
}

// head is the head of what can be sorted by.
func (l usersList) head(by directory.Column) views.Column {
	col := views.Column{}
	descending := false
	if l.ask.Sort.By == by {
		col.Sort = direction(l.ask.Sort.Descending)
		descending = !l.ask.Sort.Descending
	}
	col.Href = l.with(func(a *usersAsk) { a.Sort = directory.Sort{By: by, Descending: descending} })
	return col
}

func (l usersList) sorts() []views.SortOption {
	var out []views.SortOption
	for _, choice := range []struct {
		by       directory.Column
		up, down string
	}{
		{directory.ByName, "Name, A to Z", "Name, Z to A"},
		{directory.ByUPN, "User principal name, A to Z", "User principal name, Z to A"},
		{directory.ByLicenses, "Licenses, fewest first", "Licenses, most first"},
		{directory.ByLocation, "Usage location, A to Z", "Usage location, Z to A"},
		{directory.ByDomainType, "Domain type, A to Z", "Domain type, Z to A"},
		{directory.ByRoles, "Roles, A to Z", "Roles, Z to A"},
		{directory.BySynced, "Synced, longest ago first", "Synced, latest first"},
	} {
		if choice.by == directory.ByLicenses && !l.shows(views.ColumnLicenses) || choice.by == directory.ByRoles && !l.shows(views.ColumnRoles) {
			continue
		}
		for _, descending := range []bool{false, true} {
			sort := directory.Sort{By: choice.by, Descending: descending}
			label := choice.up
			if descending {
				label = choice.down
			}
			out = append(out, views.SortOption{Value: sort.String(), Label: label, On: sort == l.ask.Sort})
		}
	}
	return out
}

// columnsPanel is the chooser. Its form carries the order of all columns
// along, so that its buttons move them without anything being kept.
func (l usersList) columnsPanel(v url.Values) views.ColumnsPanel {
	order := parseColumns(v["order"])
	if len(order) == 0 {
		order = slices.Clone(l.ask.columns)
	}
	for _, kind := range slices.Concat(usualColumns, otherColumns) {
		if !slices.Contains(order, kind) {
			order = append(order, kind)
		}
	}
	moveColumn(order, v.Get("up"), -1)
	moveColumn(order, v.Get("down"), 1)

	p := views.ColumnsPanel{
		Path: templ.SafeURL(l.path), Keep: templ.SafeURL("/settings?return_to=" + url.QueryEscape(string(l.with(func(a *usersAsk) { a.columns = usualColumns })))), Order: formatColumns(order),
		Hidden:  l.fields(func(name string) bool { return name == "columns" || name == "page" }),
		Reset:   l.with(func(a *usersAsk) { a.columns = usualColumns }),
		Default: slices.Equal(l.ask.columns, l.ask.own.columns),
	}
	for _, kind := range order {
		choice := views.ColumnChoice{Key: columnKeys[kind], Label: kind.Label(), On: slices.Contains(l.ask.columns, kind)}
		if !l.shows(kind) {
			choice.Withheld = "You may not see them at this customer."
		}
		p.Columns = append(p.Columns, choice)
	}
	return p
}

// defaultColumns are a chooser's columns as a person's default; "" where they
// are the usual ones.
func defaultColumns(fields []string) string {
	columns := parseColumns(fields)
	if slices.Equal(columns, usualColumns) {
		return ""
	}
	return formatColumns(columns)
}

// withColumns is the address of a list with other columns than it names.
func withColumns(address string, fields []string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	query.Set("columns", formatColumns(parseColumns(fields)))
	u.RawQuery = query.Encode()
	return u.String()
}

// columnWords are a person's default columns in words.
func columnWords(columns string) string {
	if columns == "" {
		return ""
	}
	words := []string{"User"}
	for _, kind := range parseColumns([]string{columns}) {
		words = append(words, kind.Label())
	}
	return strings.Join(words, ", ")
}

// moveColumn moves a column one place up or down, if it has one there.
func moveColumn(order []views.UserColumnKind, key string, by int) {
	for i, kind := range order {
		if columnKeys[kind] == key && i+by >= 0 && i+by < len(order) {
			order[i], order[i+by] = order[i+by], order[i]
			return
		}
	}
}

package web

import (
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
)

// userColumn is a column of a file of users: its head, and what a user has in
// it. Names are those of rollcall users list, so that either is read alike.
type userColumn struct {
	export.Column
	of func(*directory.UserRow) export.Value
}

var (
	columnDisplayName = userColumn{export.Column{Name: "displayName", Title: "Display name", Width: 30}, func(r *directory.UserRow) export.Value { return export.Text(r.DisplayName) }}
	columnUPN         = userColumn{export.Column{Name: "userPrincipalName", Title: "User principal name", Width: 40}, func(r *directory.UserRow) export.Value { return export.Text(r.UPN) }}
	columnID          = userColumn{export.Column{Name: "id", Title: "ID", Width: 38}, func(r *directory.UserRow) export.Value { return export.Text(r.ID) }}
	columnSynced      = userColumn{export.Column{Name: "lastDirectorySyncTime", Title: "Last directory sync time", Width: 22}, func(r *directory.UserRow) export.Value { return export.Time(r.Synced) }}
	columnFirstName   = userColumn{export.Column{Name: "firstName", Title: "First name", Width: 18}, func(r *directory.UserRow) export.Value { return export.Text(r.FirstName) }}
	columnLastName    = userColumn{export.Column{Name: "lastName", Title: "Last name", Width: 22}, func(r *directory.UserRow) export.Value { return export.Text(r.LastName) }}
	columnPhone       = userColumn{export.Column{Name: "phoneNumber", Title: "Phone number", Width: 20}, func(r *directory.UserRow) export.Value { return export.Text(r.Phone) }}
	columnLocation    = userColumn{export.Column{Name: "usageLocation", Title: "Usage location", Width: 15}, func(r *directory.UserRow) export.Value { return export.Text(r.Location) }}
	columnDomainType  = userColumn{export.Column{Name: "userDomainType", Title: "User domain type", Width: 17}, func(r *directory.UserRow) export.Value { return export.Text(r.DomainType) }}
	columnDeleted     = userColumn{export.Column{Name: "softDeletionTime", Title: "Soft deletion time", Width: 20}, func(r *directory.UserRow) export.Value { return export.Time(r.Deleted) }}
)

// plainColumns are those that need nothing but the user, as an address names them.
var plainColumns = map[string][]userColumn{
	"location": {columnLocation}, "domain": {columnDomainType}, "synced": {columnSynced}, "last-synced": {columnSynced},
	"names": {columnFirstName, columnLastName}, "phone": {columnPhone}, "id": {columnID},
}

// columns are those of the file, in the list's order. The ID comes last where
// the list does not show it, so that the file can be read in again; a file for
// the customer has none.
func (e *usersExport) columns(view directory.UsersView) []userColumn {
	columns := []userColumn{columnDisplayName, columnUPN}
	add := func(more ...userColumn) {
		for _, column := range more {
			if !slices.ContainsFunc(columns, func(c userColumn) bool { return c.Name == column.Name }) {
				columns = append(columns, column)
			}
		}
	}
	for _, key := range e.list.columns {
		switch {
		case key == "id":
			if !e.ask.customer {
				add(columnID)
			}
		case key == "licenses":
			if view.Licenses.Asked && view.Licenses.Withheld == nil && e.ask.licenses != licensesNone {
				add(e.licenseColumns(view.Names)...)
			}
		case key == "roles":
			if view.Roles.Asked && view.Roles.Withheld == nil {
				add(e.roleColumn(view.Names))
			}
		default:
			add(plainColumns[key]...)
		}
	}
	if !e.ask.customer {
		add(columnID)
	}
	return columns
}

// notRead stands in a cell whose value was not read; an empty one would say
// that there is nothing.
const notRead = "not read"

// licenseColumns are the products of a user by name, and their part numbers; in
// JSON both are one field.
func (e *usersExport) licenseColumns(names map[string]directory.Name) []userColumn {
	if e.format == export.JSON {
		return []userColumn{{export.Column{Name: "licenses"}, func(r *directory.UserRow) export.Value {
			if !r.LicensesRead {
				return export.Value{}
			}
			return export.Raw(e.licensesJSON(r.Licenses, names))
		}}}
	}
	text := func(separator string, of func(directory.Name) string) func(*directory.UserRow) export.Value {
		written := map[*string]string{} // many users share one list of licenses
		return func(r *directory.UserRow) export.Value {
			switch {
			case !r.LicensesRead:
				return export.Text(notRead)
			case len(r.Licenses) == 0:
				return export.Text("")
			}
			joined, ok := written[&r.Licenses[0]]
			if !ok {
				texts := make([]string, len(r.Licenses))
				for i, id := range r.Licenses {
					texts[i] = of(names[id])
				}
				if joined = strings.Join(texts, separator); len(written) < mostWritten {
					written[&r.Licenses[0]] = joined
				}
			}
			return export.Text(joined)
		}
	}
	columns := []userColumn{{export.Column{Name: "products", Title: "Products", Width: 44}, text("; ", func(n directory.Name) string { return productName(n.Name, n.PartNumber) })}}
	if !e.ask.customer {
		columns = append(columns, userColumn{export.Column{Name: "licenses", Title: "Licenses", Width: 24}, text(" ", func(n directory.Name) string { return n.PartNumber })})
	}
	return columns
}

// mostWritten bounds how many different cells are remembered.
const mostWritten = 4096

// licensesJSON is as rollcall users list has it.
func (e *usersExport) licensesJSON(ids []string, names map[string]directory.Name) []byte {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if !e.ask.customer {
			b = append(export.AppendJSON(append(b, `"skuId":`...), id), `,"skuPartNumber":`...)
			b = append(export.AppendJSON(b, names[id].PartNumber), ',')
		}
		b = append(export.AppendJSON(append(b, `"name":`...), names[id].Name), '}')
	}
	return append(b, ']')
}

// roleColumn is the roles of a user; in JSON with their IDs.
func (e *usersExport) roleColumn(names map[string]directory.Name) userColumn {
	return userColumn{export.Column{Name: "roles", Title: "Roles", Width: 30}, func(r *directory.UserRow) export.Value {
		if e.format != export.JSON {
			texts := make([]string, len(r.Roles))
			for i, id := range r.Roles {
				texts[i] = roleName(names[id].Name)
			}
			return export.Text(strings.Join(texts, "; "))
		}
		b := []byte{'['}
		for i, id := range r.Roles {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '{')
			if !e.ask.customer {
				b = append(export.AppendJSON(append(b, `"id":`...), id), ',')
			}
			b = append(export.AppendJSON(append(b, `"name":`...), roleName(names[id].Name)), '}')
		}
		return export.Raw(append(b, ']'))
	}}
}

// heads are the columns without what is in them.
func heads(columns []userColumn) []export.Column {
	out := make([]export.Column, len(columns))
	for i, c := range columns {
		out[i] = c.Column
	}
	return out
}

// valuesOf are the rows as a file has them. A row holds until the next.
func valuesOf(rows iter.Seq[directory.UserRow], columns []userColumn) iter.Seq[[]export.Value] {
	return func(yield func([]export.Value) bool) {
		values := make([]export.Value, len(columns))
		for row := range rows {
			for i := range columns {
				values[i] = columns[i].of(&row)
			}
			if !yield(values) {
				return
			}
		}
	}
}

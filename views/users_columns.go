package views

// UserColumn is a column of the users table besides the user's own, which is
// always there and first.
type UserColumn struct {
	Kind UserColumnKind
	Head Column
}

// UserColumnKind says what a column shows.
type UserColumnKind byte

// The columns there are.
const (
	ColumnLicenses UserColumnKind = iota
	ColumnLocation
	ColumnDomainType
	ColumnSynced
	ColumnRoles
	ColumnLastSynced
	ColumnNames
	ColumnPhone
	ColumnID
	columnKinds
)

var columnLabels = [columnKinds]string{
	"Licenses", "Usage location", "Domain type", "Synced", "Roles", "Last synced", "First and last name", "Phone", "ID",
}

var columnClasses = [columnKinds]string{
	ColumnLicenses: "c-licenses", ColumnDomainType: "c-short", ColumnSynced: "c-short", ColumnID: "c-id",
}

// Label is the column's head, and the word beside a cell of a card.
func (k UserColumnKind) Label() string { return columnLabels[k] }

// tableWide is how wide a table of so many columns is at least: a class of
// widths, of which the least has no name.
func tableWide(columns int) string {
	switch {
	case columns >= 8:
		return "3"
	case columns >= 6:
		return "2"
	case columns >= 5:
		return "1"
	}
	return ""
}

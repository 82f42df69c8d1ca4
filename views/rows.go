package views

import (
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

// The rows of the users table are the hot part of the hottest page, so they
// are appended by hand to a pooled buffer. TestRowsEqualPlainRows holds them
// to what templ makes of plainRows.

// rowBuffers keep what a page of rows needs; much larger ones are let go.
var rowBuffers = sync.Pool{New: func() any { return new([]byte) }}

const largestRowBuffer = 256 << 10

// The markup between the values.
const (
	rowStart     = `<tr role="row" id="u-`
	rowTicks     = `" data-ticked`
	rowTick      = `><td role="cell" class="pick"><label><input type="checkbox" name="user" value="`
	rowTicked    = `" checked aria-label="Select `
	rowUnticked  = `" aria-label="Select `
	rowTickEnd   = `"></label> `
	rowWas       = `<input type="hidden" name="was" value="`
	rowWasEnd    = `">`
	rowHead      = `</td><th scope="row" role="rowheader"><span class="person">`
	rowFace      = `<span class="avatar a`
	rowFaceText  = `" aria-hidden="true">`
	rowWho       = `</span> <span class="who">`
	rowName      = `<a class="name" href="`
	rowNameText  = `"><bdi>`
	rowNameEnd   = `</bdi></a> `
	rowNoName    = `<a class="name unset" href="`
	rowNoNameEnd = `">No display name</a> `
	rowUPN       = `<bdi class="upn">`
	rowUPNEnd    = `</bdi></span> `
	rowGuest     = `<span class="pill">Guest</span>`
	rowHeadEnd   = `</span></th>`
	rowCell      = `<td role="cell"><span class="cell-label">`
	rowCellText  = `</span> `
	rowCellEnd   = `</td>`
	rowNotRead   = `<span class="unset" data-unread>Not read</span>`
	rowNoLicense = `<span class="unset">Unlicensed</span>`
	rowLicenses  = `<span class="licenses">`
	rowLicense   = `<span class="pill" title="`
	rowLicenseIn = `">`
	rowPillEnd   = `</span>`
	rowMore      = `">+`
	rowMoreNames = `<span class="sr">: `
	rowMoreEnd   = `</span></span>`
	rowUnknown   = `<span class="unset">Not told</span>`
	rowTime      = `<time datetime="`
	rowTimeExact = `" title="`
	rowTimeText  = `">`
	rowTimeEnd   = `</time>`
	rowNone      = `<span class="unset">None</span>`
	rowNever     = `<span class="unset">Never</span>`
	rowEnd       = `</tr>`
)

// mostPills is how many licenses a row names; the others are counted, and
// named where the pointer rests.
const mostPills = 2

// The same with addresses of icons in them.
var (
	rowNoFace   = `<span class="avatar none" aria-hidden="true"><svg class="icon" aria-hidden="true"><use href="` + sprite + `user"></use></svg>`
	rowNotSet   = `<span class="with-icon attention"><svg class="icon" aria-hidden="true"><use href="` + sprite + `triangle-alert"></use></svg>Not set</span>`
	rowCloud    = `<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="` + sprite + `cloud"></use></svg>Cloud only</span>`
	rowSyncIcon = `<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="` + sprite + `folder-sync"></use></svg>`
)

// usersRows are the rows of the users table.
func usersRows(path templ.SafeURL, rows []UserRow, columns []UserColumn) templ.Component {
	return appended(func(b []byte) []byte {
		for i := range rows {
			b = appendRow(b, string(path), &rows[i], columns)
		}
		return b
	})
}

func appendRow(b []byte, path string, r *UserRow, columns []UserColumn) []byte {
	b = append(b, rowStart...)
	b = appendEscaped(b, r.ID)
	if r.Ticked {
		b = append(b, rowTicks...)
	} else {
		b = append(b, '"')
	}
	b = append(b, rowTick...)
	b = appendEscaped(b, r.ID)
	if r.Ticked {
		b = append(b, rowTicked...)
	} else {
		b = append(b, rowUnticked...)
	}
	if r.DisplayName == "" {
		b = appendEscaped(b, r.UPN)
	} else {
		b = appendEscaped(b, r.DisplayName)
	}
	b = append(b, rowTickEnd...)
	if r.Ticked {
		b = append(b, rowWas...)
		b = appendEscaped(b, r.ID)
		b = append(b, rowWasEnd...)
	}
	b = append(b, rowHead...)
	if r.DisplayName == "" {
		b = append(b, rowNoFace...)
		b = append(b, rowWho...)
		b = append(b, rowNoName...)
		b = appendAddress(b, path, r.ID)
		b = append(b, rowNoNameEnd...)
	} else {
		b = append(b, rowFace...)
		b = append(b, tint(r.ID))
		b = append(b, rowFaceText...)
		b = appendInitials(b, r.DisplayName)
		b = append(b, rowWho...)
		b = append(b, rowName...)
		b = appendAddress(b, path, r.ID)
		b = append(b, rowNameText...)
		b = appendMatched(b, r.DisplayName, r.NameMarks)
		b = append(b, rowNameEnd...)
	}
	b = append(b, rowUPN...)
	b = appendMatched(b, r.UPN, r.UPNMarks)
	b = append(b, rowUPNEnd...)
	if r.Guest {
		b = append(b, rowGuest...)
	}
	b = append(b, rowHeadEnd...)
	for i := range columns {
		b = appendCell(b, r, columns[i].Kind)
	}
	return append(b, rowEnd...)
}

// appendCell appends what a row has in a column.
func appendCell(b []byte, r *UserRow, kind UserColumnKind) []byte {
	b = append(b, rowCell...)
	b = append(b, columnLabels[kind]...)
	b = append(b, rowCellText...)
	switch kind {
	case ColumnLicenses:
		if r.LicensesRead {
			b = appendLicenses(b, r.Licenses)
		} else { // the poll finds it by that attribute
			b = append(b, rowNotRead...)
		}
	case ColumnLocation:
		if r.Location == "" {
			b = append(b, rowNotSet...)
		} else {
			b = appendEscaped(b, r.Location)
		}
	case ColumnDomainType:
		b = appendOr(b, r.DomainType, rowUnknown)
	case ColumnSynced:
		if r.Synced.IsZero() {
			b = append(b, rowCloud...)
		} else {
			b = append(b, rowSyncIcon...)
			b = appendTime(b, r.Synced.Machine, r.Synced.Exact, r.Synced.Text)
			b = append(b, rowPillEnd...)
		}
	case ColumnRoles:
		if len(r.Roles) == 0 {
			b = append(b, rowNone...)
			break
		}
		b = appendEscaped(b, r.Roles[0])
		b = append(b, ' ')
		if more := r.Roles[1:]; len(more) > 0 {
			b = appendMore(b, len(more), func(b []byte, i int) []byte { return appendEscaped(b, more[i]) })
		}
	case ColumnLastSynced:
		if r.Synced.IsZero() {
			b = append(b, rowNever...)
		} else {
			b = appendTime(b, r.Synced.Machine, r.Synced.Text, r.Synced.Exact)
		}
	case ColumnNames:
		if r.FirstName == "" && r.LastName == "" {
			b = append(b, rowNone...)
			break
		}
		b = append(b, "<bdi>"...)
		b = appendEscaped(b, r.FirstName)
		if r.FirstName != "" && r.LastName != "" {
			b = append(b, ' ')
		}
		b = appendEscaped(b, r.LastName)
		b = append(b, "</bdi>"...)
	case ColumnPhone:
		if r.Phone == "" {
			b = append(b, rowNone...)
			break
		}
		b = append(b, "<bdi>"...)
		b = appendEscaped(b, r.Phone)
		b = append(b, "</bdi>"...)
	case ColumnID:
		b = append(b, "<code>"...)
		b = appendEscaped(b, r.ID)
		b = append(b, "</code>"...)
	}
	return append(b, rowCellEnd...)
}

func appendOr(b []byte, text, otherwise string) []byte {
	if text == "" {
		return append(b, otherwise...)
	}
	return appendEscaped(b, text)
}

func appendTime(b []byte, machine, title, text string) []byte {
	b = append(b, rowTime...)
	b = appendEscaped(b, machine)
	b = append(b, rowTimeExact...)
	b = appendEscaped(b, title)
	b = append(b, rowTimeText...)
	b = appendEscaped(b, text)
	return append(b, rowTimeEnd...)
}

// appendLicenses appends the first licenses by name, and how many more there are.
func appendLicenses(b []byte, licenses []LicenseTag) []byte {
	if len(licenses) == 0 {
		return append(b, rowNoLicense...)
	}
	b = append(b, rowLicenses...)
	named := min(len(licenses), mostPills)
	for _, l := range licenses[:named] {
		b = append(b, rowLicense...)
		b = appendEscaped(b, l.PartNumber)
		b = append(b, rowLicenseIn...)
		b = appendEscaped(b, l.Name)
		b = append(b, rowPillEnd...)
		b = append(b, ' ')
	}
	if more := licenses[named:]; len(more) > 0 {
		b = appendMore(b, len(more), func(b []byte, i int) []byte { return appendEscaped(b, more[i].Name) })
	}
	return append(b, rowPillEnd...)
}

// appendMore appends how many more there are, with their names behind.
func appendMore(b []byte, n int, name func(b []byte, i int) []byte) []byte {
	names := func(b []byte) []byte {
		for i := range n {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = name(b, i)
		}
		return b
	}
	b = append(b, rowLicense...)
	b = names(b)
	b = append(b, rowMore...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, rowMoreNames...)
	b = names(b)
	return append(b, rowMoreEnd...)
}

// licensesCell is what stands in a cell whose licenses were read since the row
// was painted.
func licensesCell(r UserRow) templ.Component {
	return appended(func(b []byte) []byte {
		return appendLicenses(b, r.Licenses)
	})
}

func appendAddress(b []byte, path, id string) []byte {
	b = appendEscaped(b, path)
	b = append(b, '/')
	return appendEscaped(b, id)
}

func appendMatched(b []byte, plain string, marks []Segment) []byte {
	if len(marks) == 0 {
		return appendEscaped(b, plain)
	}
	for _, s := range marks {
		if s.Mark {
			b = append(b, "<mark>"...)
			b = appendEscaped(b, s.Text)
			b = append(b, "</mark>"...)
		} else {
			b = appendEscaped(b, s.Text)
		}
	}
	return b
}

// appendEscaped appends text as templ.EscapeString writes it; most names need
// nothing and are copied whole.
func appendEscaped(b []byte, text string) []byte {
	for {
		i := strings.IndexAny(text, `&'<>"`)
		if i < 0 {
			return append(b, text...)
		}
		b = append(b, text[:i]...)
		switch text[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '\'':
			b = append(b, "&#39;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&#34;"...)
		}
		text = text[i+1:]
	}
}

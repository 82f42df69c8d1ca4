package views

import (
	"context"
	"io"
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
	rowHead      = `"><th scope="row" role="rowheader"><span class="person">`
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
	rowLocation  = `</span></th><td role="cell"><span class="cell-label">Usage location</span> `
	rowDomain    = `</td><td role="cell"><span class="cell-label">Domain type</span> `
	rowUnknown   = `<span class="unset">Not told</span>`
	rowSynced    = `</td><td role="cell"><span class="cell-label">Synced</span> `
	rowTime      = `<time datetime="`
	rowTimeExact = `" title="`
	rowTimeText  = `">`
	rowTimeEnd   = `</time></span>`
	rowPhone     = `</td><td role="cell"><span class="cell-label">Phone</span> `
	rowNoPhone   = `<span class="unset">None</span>`
	rowEnd       = `</td></tr>`
)

// The same with addresses of icons in them.
var (
	rowNoFace   = `<span class="avatar none" aria-hidden="true"><svg class="icon" aria-hidden="true"><use href="` + sprite + `user"></use></svg>`
	rowNotSet   = `<span class="with-icon attention"><svg class="icon" aria-hidden="true"><use href="` + sprite + `triangle-alert"></use></svg>Not set</span>`
	rowCloud    = `<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="` + sprite + `cloud"></use></svg>Cloud only</span>`
	rowSyncIcon = `<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="` + sprite + `folder-sync"></use></svg>`
)

// usersRows are the rows of the users table.
func usersRows(path templ.SafeURL, rows []UserRow, phone bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := rowBuffers.Get().(*[]byte)
		defer func() {
			if cap(*b) <= largestRowBuffer {
				rowBuffers.Put(b)
			}
		}()
		*b = (*b)[:0]
		for i := range rows {
			*b = appendRow(*b, string(path), &rows[i], phone)
		}
		_, err := w.Write(*b)
		return err
	})
}

func appendRow(b []byte, path string, r *UserRow, phone bool) []byte {
	b = append(b, rowStart...)
	b = appendEscaped(b, r.ID)
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
	b = append(b, rowLocation...)
	if r.Location == "" {
		b = append(b, rowNotSet...)
	} else {
		b = appendEscaped(b, r.Location)
	}
	b = append(b, rowDomain...)
	if r.DomainType == "" {
		b = append(b, rowUnknown...)
	} else {
		b = appendEscaped(b, r.DomainType)
	}
	b = append(b, rowSynced...)
	if r.Synced.IsZero() {
		b = append(b, rowCloud...)
	} else {
		b = append(b, rowSyncIcon...)
		b = append(b, rowTime...)
		b = appendEscaped(b, r.Synced.Machine)
		b = append(b, rowTimeExact...)
		b = appendEscaped(b, r.Synced.Exact)
		b = append(b, rowTimeText...)
		b = appendEscaped(b, r.Synced.Text)
		b = append(b, rowTimeEnd...)
	}
	if phone {
		b = append(b, rowPhone...)
		if r.Phone == "" {
			b = append(b, rowNoPhone...)
		} else {
			b = append(b, "<bdi>"...)
			b = appendEscaped(b, r.Phone)
			b = append(b, "</bdi>"...)
		}
	}
	return append(b, rowEnd...)
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

package web

import (
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/views"
)

// exportDeleted answers GET /customers/:customer/users/deleted.csv, .xlsx and
// .json: the deleted users that the list at the same query shows.
func (s *server) exportDeleted(format export.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		customerID, path, err := s.exportPath(c, "users/deleted", format)
		if customerID == "" || err != nil {
			return err
		}
		query, ask, poll := firstPage(directory.ParseDeletedQuery(c.QueryParams())), parseExportAsk(c.QueryParams()), target(c.Request()) == exportTarget
		ask.licenses = licensesAll
		here := address(path, ask.encode(query.EncodeDeleted()))
		if here != c.Request().URL.RequestURI() && !poll {
			return c.Redirect(http.StatusSeeOther, here)
		}
		ctx, cancel := prepares(c)
		defer cancel()
		view, rows, err := s.directory.AllDeleted(ctx, s.viewer(c), customerID, query)
		if err != nil {
			return s.usersRefused(c, customerID, err)
		}
		customer, err := s.customerHead(c, customerID)
		if err != nil {
			return err
		}
		clock, list := s.clock(c), templ.SafeURL(address(string(customer.Path)+"/deleted", query.EncodeDeleted()))
		if tooOld(view.Reading) {
			return noExport(customer, list, view.Reading, clock)
		}
		f := &file{
			customer: customer, what: "deleted-users", format: format, count: view.Matching, ask: ask, clock: clock,
			part: !view.Complete(), query: deletedWords(query),
		}
		if f.part && !ask.part {
			ask.part = true
			goOn := views.Action{Label: "Read the rest first", Href: customer.Path + "/deleted/reading",
				Post: []views.Hidden{{Name: "do", Value: "go-on"}, {Name: "return_to", Value: here}}}
			return s.askFirst(c, f, "Export deleted users", list, unread(view.Reading, customer, goOn, templ.SafeURL(address(path, ask.encode(query.EncodeDeleted()))), here))
		}
		if poll {
			return s.askFirst(c, f, "Export deleted users", list, ready(here))
		}
		columns := deletedColumns(clock.now, ask)
		f.sheet = export.Sheet{Name: "Deleted users", Zone: clock.zone, Columns: heads(columns)}
		f.sheet.Facts = s.facts(c, f, f.query, readWords(view.Reading, customer, "deleted users", clock))
		f.rows = valuesOf(rows, columns)
		return s.sendFile(c, f)
	}
}

// firstPage is a query without pages: a file has all of them.
func firstPage(q directory.Query) directory.Query {
	q.Page, q.Size = 1, directory.DefaultSize
	return q
}

func deletedColumns(now time.Time, ask exportAsk) []userColumn {
	daysLeft := userColumn{export.Column{Name: "daysLeft", Title: "Days left", Width: 10}, func(r *directory.UserRow) export.Value {
		if r.Deleted.IsZero() {
			return export.Value{}
		}
		return export.Number(max(0, int((restorable-now.Sub(r.Deleted))/(24*time.Hour))))
	}}
	columns := []userColumn{columnDisplayName, columnUPN, columnDeleted, daysLeft, columnLocation, columnDomainType, columnSynced}
	if !ask.customer {
		columns = append(columns, columnID)
	}
	return columns
}

func deletedWords(q directory.Query) string {
	if q.Sort.By == directory.ByDeleted && !q.Sort.Descending {
		q.Sort = directory.Sort{}
	}
	return "Deleted: " + queryWords(q, nil)
}

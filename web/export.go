package web

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/views"
)

// exportTarget is the element that fills itself while a file waits for what is
// being read.
const exportTarget = "export-status"

// exportAsk is what an address asks of a file beyond the list that it is of.
type exportAsk struct {
	customer bool           // for the customer: without IDs
	licenses exportLicenses // whose licenses
	part     bool           // what is read so far will do
}

// exportLicenses says whether a file has licenses, as the address has it.
type exportLicenses string

const (
	licensesAll  exportLicenses = ""     // as the list shows them, all of them
	licensesRead exportLicenses = "read" // those that are read
	licensesNone exportLicenses = "none" // although the list shows them
)

func parseExportAsk(v url.Values) exportAsk {
	ask := exportAsk{customer: v.Get("for") == "customer", licenses: exportLicenses(v.Get("licenses")), part: v.Get("part") == "yes"}
	if ask.licenses != licensesRead && ask.licenses != licensesNone {
		ask.licenses = licensesAll
	}
	return ask
}

// encode appends the fields, in their order, to the list's own.
func (a exportAsk) encode(list string) string {
	fields := []string{}
	if list != "" {
		fields = append(fields, list)
	}
	if a.customer {
		fields = append(fields, "for=customer")
	}
	if a.licenses != licensesAll {
		fields = append(fields, "licenses="+string(a.licenses))
	}
	if a.part {
		fields = append(fields, "part=yes")
	}
	return strings.Join(fields, "&")
}

// file is a list on its way out.
type file struct {
	customer views.CustomerHead
	what     string // in the file's name and on the trail: "users"
	format   export.Format
	sheet    export.Sheet
	rows     iter.Seq[[]export.Value]
	count    int
	part     bool // there is more than the file has
	query    string
	ask      exportAsk
	clock    clock
}

// name is the file's: contoso.com-users-2026-06-16-1403.xlsx.
func (f *file) name() string {
	whose := f.customer.Domain
	if whose == "" {
		whose = f.customer.ID
	}
	name := safeName(whose) + "-" + f.what + "-" + f.clock.now.In(f.clock.zone).Format("2006-01-02-1504")
	if f.part {
		name += "-part"
	}
	return name + "." + string(f.format)
}

// safeName is a text of letters, digits, dots and hyphens, which no system and
// no header takes for anything else.
func safeName(s string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		case 'A' <= r && r <= 'Z':
			return r | 0x20
		}
		return '-'
	}, s)
	if safe = strings.Trim(safe, ".-"); safe == "" {
		return "customer"
	}
	return safe
}

// writePatience is how long a reader of a file may take for a piece of it.
const writePatience = time.Minute

// send puts the export on the trail, and then the file into the answer, a
// piece at a time: nothing is held, nothing is compressed on the way, and no
// deadline of the whole ends it. A file that breaks off midway is no whole
// answer, so that no browser takes it for one.
func (s *server) sendFile(c echo.Context, f *file) error {
	if f.format == export.XLSX && f.count > export.MaxRows {
		return tooManyRows(f)
	}
	entry := s.entry(c, audit.KindExport, f.customer.ID, "")
	entry.Detail = map[string]string{"list": f.what, "format": string(f.format), "count": strconv.Itoa(f.count), "query": f.query}
	if f.ask.customer {
		entry.Detail["for"] = "customer"
	}
	if f.ask.licenses != licensesAll {
		entry.Detail["licenses"] = string(f.ask.licenses)
	}
	if f.part {
		entry.Detail["part"] = "yes"
	}
	if _, err := s.trail.Append(c.Request().Context(), entry); err != nil {
		return trailTrouble(err)
	}

	h := c.Response().Header()
	h.Set(echo.HeaderContentType, f.format.ContentType())
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+f.name()+`"`)
	c.Response().WriteHeader(http.StatusOK)
	if err := f.write(slowWriter{c.Response(), http.NewResponseController(c.Response())}); err != nil {
		s.log.LogAttrs(c.Request().Context(), slog.LevelInfo, "export broke off",
			slog.String("correlation_id", correlationID(c)), slog.String("customer", f.customer.ID), slog.String("error", err.Error()))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// askFirst answers with the page that stands before a file, or with its part
// that asks again by itself. It is no file: programs are told by its status.
func (s *server) askFirst(c echo.Context, f *file, heading string, list templ.SafeURL, status views.ExportStatusLine) error {
	page := views.ExportPage{
		Chrome: s.chrome(c, views.NavCustomers, f.customer.Name+" · "+heading), Customer: f.customer, Heading: heading,
		File: f.name(), List: list, Status: status,
	}
	page.At, page.Icon = views.JumpPlace{CustomerID: f.customer.ID, Name: f.customer.Name}, iconPath(f.customer.ID)
	if target(c.Request()) == exportTarget {
		return renderStatus(c, http.StatusOK, views.ExportStatus(page))
	}
	return renderStatus(c, http.StatusConflict, views.Export(page))
}

func (f *file) write(to io.Writer) error {
	w, err := export.New(f.format, to, f.sheet)
	if err != nil {
		return err
	}
	for row := range f.rows {
		if err := w.Row(row); err != nil {
			return err
		}
	}
	return w.Close()
}

// slowWriter gives a reader time for each piece, however long all of it takes.
type slowWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (w slowWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(writePatience)) // a writer that has none needs none
	return w.ResponseWriter.Write(p)
}

// tooManyRows is the answer where no sheet holds the list.
func tooManyRows(f *file) *Trouble {
	return &Trouble{Status: http.StatusConflict, Customer: &f.customer, Problem: views.Problem{
		Kind: views.ProblemRequest, What: "Excel holds at most " + views.Number(export.MaxRows) + " rows; the list has " + views.Number(f.count) + ".",
		Means: "No file was made.", Next: "Export it as CSV, or narrow the list first.",
	}}
}

// noExport is the answer while Partner Center does not answer: what is held
// may be read, not taken away.
func noExport(customer views.CustomerHead, list templ.SafeURL, r directory.Reading, clock clock) *Trouble {
	return &Trouble{Status: http.StatusServiceUnavailable, Customer: &customer, err: r.Err, Problem: views.Problem{
		Kind: views.ProblemDown, What: "Partner Center doesn't answer, so nothing can be exported.",
		Means: "Whether you may still take this list away can't be confirmed. It can be read as it was at " + clock.at(r.ReadAt).Text + ".",
		Next:  "Try again in a minute.", CorrelationID: r.CorrelationID,
		Actions: []views.Action{{Label: "Back to the list", Href: list, Primary: true}},
	}}
}

// prepares gives an export the time that a page has, for all that comes before
// the first byte of the file.
func prepares(c echo.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request().Context(), requestTimeout)
}

// isExport reports whether a route answers with a file, whose time is its
// reader's.
func isExport(c echo.Context) bool {
	path := c.Path()
	return strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".xlsx") || strings.HasSuffix(path, ".json")
}

// exportMenu are the ways to have a list as a file, the one most wanted first.
func exportMenu(path, query string) views.ExportMenu {
	href := func(format export.Format, ask exportAsk) templ.SafeURL {
		return templ.SafeURL(address(path+"."+string(format), ask.encode(query)))
	}
	return views.ExportMenu{Files: []views.ExportFile{
		{Label: "Excel", Href: href(export.XLSX, exportAsk{})},
		{Label: "Excel for the customer, without IDs", Href: href(export.XLSX, exportAsk{customer: true})},
		{Label: "CSV", Href: href(export.CSV, exportAsk{})},
		{Label: "CSV for the customer, without IDs", Href: href(export.CSV, exportAsk{customer: true})},
		{Label: "JSON", Href: href(export.JSON, exportAsk{})},
	}}
}

// facts are what a sheet says about its list, whatever it is of.
func (s *server) facts(c echo.Context, f *file, list, read string) []export.Fact {
	facts := []export.Fact{{Label: "Customer", Value: export.Text(f.customer.Name)}}
	if f.customer.Domain != "" {
		facts = append(facts, export.Fact{Label: "Domain", Value: export.Text(f.customer.Domain)})
	}
	if !f.ask.customer {
		facts = append(facts, export.Fact{Label: "Customer ID", Value: export.Text(f.customer.ID)})
	}
	return append(facts,
		export.Fact{Label: "List", Value: export.Text(list)},
		export.Fact{Label: "Rows", Value: export.Number(f.count)},
		export.Fact{Label: "Read", Value: export.Text(read)},
		export.Fact{Label: "Exported", Value: export.Time(f.clock.now)},
		export.Fact{Label: "Time zone", Value: export.Text(f.clock.zone.String())},
		export.Fact{Label: "Exported by", Value: export.Text(principal(c).Name)},
	)
}

// tooOld reports whether a list may be read but not taken away.
func tooOld(r directory.Reading) bool {
	return r.Stale || r.State == directory.StateStale || r.Age > hardAge
}

// hardAge is how old a list may be that is taken away.
const hardAge = 30 * time.Minute

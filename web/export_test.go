package web

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	northwind = "/customers/" + emulator.NorthwindID
	hostile   = "/customers/" + emulator.HostileCustomerID
)

// readAll has the person read all users of a customer.
func (b *browser) readAll(customer string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for strings.Contains(b.get(customer+"/users?columns=user").body, "data-poll") {
		if time.Now().After(deadline) {
			b.t.Fatalf("the users of %s are never all read", customer)
		}
		time.Sleep(time.Millisecond)
	}
}

// everyone is what the directory shows a person on all pages of a query.
func (b *browser) everyone(person, customerID, query string) []directory.UserRow {
	b.t.Helper()
	values, err := url.ParseQuery(query)
	must(b.t, err)
	q := directory.ParseQuery(values)
	q.Size = 250
	d := b.portal.server.directory
	var rows []directory.UserRow
	for q.Page = 1; ; q.Page++ {
		view, err := d.Users(b.t.Context(), directory.Viewer{Key: emulator.PartnerTenantID + "/" + person, PartnerTenantID: emulator.PartnerTenantID}, customerID, q)
		must(b.t, err)
		rows = append(rows, view.Rows...)
		if q.Page >= view.Pages {
			return rows
		}
	}
}

// records are the rows of a file by the names of its columns; a name in words is the same name.
func records(t *testing.T, format export.Format, body string) (head []string, rows []map[string]string) {
	t.Helper()
	var table [][]string
	switch format {
	case export.CSV:
		text, ok := strings.CutPrefix(body, "\ufeff")
		if !ok {
			t.Error("no byte order mark")
		}
		var err error
		table, err = csv.NewReader(strings.NewReader(text)).ReadAll()
		must(t, err)
		for _, row := range table {
			for i := range row {
				row[i] = export.Unguard(row[i])
			}
		}
	case export.XLSX:
		book, err := excelize.OpenReader(strings.NewReader(body))
		must(t, err)
		defer book.Close()
		table, err = book.GetRows(book.GetSheetName(0))
		must(t, err)
		for i, row := range table {
			table[i] = append(row, make([]string, len(table[0])-len(row))...)
		}
	case export.JSON:
		var objects []map[string]any
		must(t, json.Unmarshal([]byte(body), &objects))
		for _, o := range objects {
			row := map[string]string{}
			for name, value := range o {
				text, ok := value.(string)
				if !ok {
					b, err := json.Marshal(value)
					must(t, err)
					text = string(b)
				}
				row[strings.ToLower(name)] = text
			}
			rows = append(rows, row)
		}
		return nil, rows
	}
	for _, name := range table[0] {
		head = append(head, strings.ToLower(strings.ReplaceAll(name, " ", "")))
	}
	for _, cells := range table[1:] {
		row := map[string]string{}
		for i, name := range head {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return head, rows
}

var fileName = regexp.MustCompile(`^attachment; filename="[a-z0-9.-]+-(users|deleted-users|licenses)-\d{4}-\d\d-\d\d-\d{4}(-part)?\.(csv|xlsx|json)"$`)

var aGUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestExportIsWhatTheViewShows: the file has the view's rows on all its pages,
// in its order, with its columns, and reads back to the same values.
func TestExportIsWhatTheViewShows(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	for _, customer := range []string{northwind, hostile} {
		b.readAll(customer)
	}
	for _, tt := range []struct {
		customer, query string
		columns         []string // those of the file
	}{
		{northwind, "columns=location,domain,synced", []string{"displayname", "userprincipalname", "usagelocation", "userdomaintype", "lastdirectorysynctime", "id"}},
		{northwind, "q=a&synced=yes&sort=-upn&columns=id,phone,names", []string{"displayname", "userprincipalname", "id", "phonenumber", "firstname", "lastname"}},
		{northwind, "location=none&sort=-synced&columns=last-synced,synced", []string{"displayname", "userprincipalname", "lastdirectorysynctime", "id"}},
		{hostile, "columns=names,phone", []string{"displayname", "userprincipalname", "firstname", "lastname", "phonenumber", "id"}},
		{northwind, "q=nobody-of-this-name&columns=id", []string{"displayname", "userprincipalname", "id"}},
	} {
		want := b.everyone(priya, strings.TrimPrefix(tt.customer, "/customers/"), tt.query)
		for _, format := range []export.Format{export.CSV, export.XLSX, export.JSON} {
			a := b.get(tt.customer+"/users."+string(format)+"?"+tt.query, with{"Accept-Encoding", "gzip"})
			if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != format.ContentType() {
				t.Fatalf("%s of %s: %d %v", format, tt.query, a.status, a.header)
			}
			if name := a.header.Get("Content-Disposition"); !fileName.MatchString(name) || strings.Contains(name, "-part") {
				t.Errorf("the file is called %q", name)
			}
			head, rows := records(t, format, a.body)
			if format != export.JSON {
				if diff := cmp.Diff(tt.columns, head); diff != "" {
					t.Errorf("%s of %s: columns (-want +got):\n%s", format, tt.query, diff)
				}
			}
			if len(rows) != len(want) {
				t.Fatalf("%s of %s has %d rows, the view %d", format, tt.query, len(rows), len(want))
			}
			for i, u := range want {
				synced := ""
				switch {
				case u.Synced.IsZero():
				case format == export.XLSX:
					synced = u.Synced.UTC().Format("2006-01-02 15:04")
				default:
					synced = u.Synced.UTC().Format(time.RFC3339)
				}
				whole := map[string]string{
					"displayname": u.DisplayName, "userprincipalname": u.UPN, "id": u.ID, "usagelocation": u.Location, "userdomaintype": u.DomainType,
					"firstname": u.FirstName, "lastname": u.LastName, "phonenumber": u.Phone, "lastdirectorysynctime": synced,
				}
				for _, column := range tt.columns {
					want := whole[column]
					if format == export.CSV { // encoding/csv reads \r\n inside quotes as \n
						want = strings.ReplaceAll(want, "\r\n", "\n")
					}
					if got := rows[i][column]; got != want {
						t.Fatalf("%s of %s, row %d, %s: %q, want %q", format, tt.query, i, column, got, want)
					}
				}
				if len(rows[i]) > len(tt.columns) {
					t.Fatalf("%s of %s has more than the view shows: %v", format, tt.query, rows[i])
				}
			}
		}
	}
}

// TestExportForTheCustomer: no ID of anything is in the file, in its sheet
// about it, or in its name.
func TestExportForTheCustomer(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(contoso)
	b.readLicenses(contoso)
	for _, list := range []string{"/users", "/users/deleted", "/licenses"} {
		for _, format := range []export.Format{export.CSV, export.XLSX, export.JSON} {
			query := "?for=customer"
			if list == "/users" {
				query = "?columns=licenses,roles,id&for=customer"
			}
			a := b.get(contoso + list + "." + string(format) + query)
			if a.status != http.StatusOK {
				t.Fatalf("%s.%s: %d %s", list, format, a.status, a.text())
			}
			text := a.body
			if format == export.XLSX {
				book, err := excelize.OpenReader(strings.NewReader(a.body))
				must(t, err)
				text = ""
				for _, sheet := range book.GetSheetList() {
					rows, err := book.GetRows(sheet)
					must(t, err)
					for _, row := range rows {
						text += strings.Join(row, "\t") + "\n"
					}
				}
			}
			if id := aGUID.FindString(text + a.header.Get("Content-Disposition")); id != "" {
				t.Errorf("%s.%s has the ID %s", list, format, id)
			}
		}
	}
}

// readLicenses has the person read all licenses of a customer's users.
func (b *browser) readLicenses(customer string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		a := b.get(customer + "/users.csv?columns=licenses")
		if a.status == http.StatusOK {
			return
		}
		if a.status != http.StatusConflict || time.Now().After(deadline) {
			b.t.Fatalf("the licenses of %s are never all read: %d %.300s", customer, a.status, a.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestExportOfLicenses: a file with licenses waits until all are read, or is
// asked for with those that are; then a cell says that it was not read.
func TestExportOfLicenses(t *testing.T) {
	release := make(chan struct{})
	held := newGate(release, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/licenses") })
	r := newRig(t, rigOptions{upstream: held.wrap})
	b := r.signedIn(t, priya)
	b.readAll(contoso)
	held.let(20)
	address := contoso + "/users.csv?columns=licenses"
	var asked *answer
	seen := regexp.MustCompile(`Licenses of (\d+) of `)
	read := func() (n int) {
		asked = b.get(address)
		if m := seen.FindStringSubmatch(asked.text()); m != nil {
			n, _ = strconv.Atoi(m[1])
		}
		return n
	}
	waitFor(t, "some users' licenses", func() bool { return read() >= 15 && len(held.free) == 0 }) // the call that is the proof is none of them
	if asked.status != http.StatusConflict {
		t.Errorf("a file that isn't whole answers %d", asked.status)
	}
	for _, want := range []string{"Export users", "Export with what is read", "Export without licenses", "Stop", "When all are read, the whole file comes by itself."} {
		if !strings.Contains(asked.text(), want) {
			t.Errorf("reads %q, want %q in it", asked.text(), want)
		}
	}
	poll := func() *answer {
		return b.get(address, append([]with{{"HX-Target", "div#" + exportTarget}}, fragment...)...)
	}
	if a := poll(); a.status != http.StatusOK || !strings.Contains(a.body, "<progress") || strings.Contains(a.body, "data-download") {
		t.Errorf("the poll while reading: %d %s", a.status, a.body)
	}

	without := b.get(address + "&licenses=none")
	if head, rows := records(t, export.CSV, without.body); without.status != http.StatusOK || slices.Contains(head, "licenses") || len(rows) == 0 {
		t.Errorf("without licenses: %d with %v", without.status, head)
	}
	var part *answer
	known := 0
	waitFor(t, "a moment in which none comes", func() bool {
		known = read()
		part = b.get(address + "&licenses=read")
		return known == read()
	})
	if !strings.Contains(part.header.Get("Content-Disposition"), `-part.csv"`) {
		t.Errorf("a file in part is called %q", part.header.Get("Content-Disposition"))
	}
	_, rows := records(t, export.CSV, part.body)
	unread := 0
	for _, row := range rows {
		if row["licenses"] == notRead && row["products"] == notRead {
			unread++
		}
	}
	if unread != len(rows)-known {
		t.Errorf("%d of %d rows say that nothing was read", unread, len(rows))
	}

	close(release)
	waitFor(t, "the file", func() bool {
		a := poll()
		return strings.Contains(a.body, `data-download`) && strings.Contains(a.body, `href="`+address+`"`) && !strings.Contains(a.body, "data-poll")
	})
	whole := b.get(address)
	if whole.status != http.StatusOK || strings.Contains(whole.body, notRead) {
		t.Errorf("the whole file: %d", whole.status)
	}
	_, rows = records(t, export.CSV, whole.body)
	licensed := 0
	for _, row := range rows {
		if (row["licenses"] == "") != (row["products"] == "") {
			t.Errorf("%q and %q", row["licenses"], row["products"])
		}
		if row["licenses"] != "" {
			licensed++
		}
	}
	if licensed == 0 || licensed == len(rows) {
		t.Errorf("%d of %d have licenses", licensed, len(rows))
	}
}

// TestExportOfAPart: while users are being read there is a page that says so;
// the file comes when asked for, and says so too.
func TestExportOfAPart(t *testing.T) {
	release := make(chan struct{})
	held := newGate(release, func(r *http.Request) bool { return r.Header.Get("MS-ContinuationToken") != "" })
	r := newRig(t, rigOptions{upstream: held.wrap})
	b := r.signedIn(t, priya)
	address := northwind + "/users.xlsx?columns=id"
	asked := b.get(address)
	for _, want := range []string{"500 users are read so far", "Export what is read", "its name ends in -part"} {
		if !strings.Contains(asked.text(), want) {
			t.Errorf("reads %q, want %q in it", asked.text(), want)
		}
	}
	if asked.status != http.StatusConflict || !strings.Contains(asked.body, "data-poll") {
		t.Errorf("it answers %d", asked.status)
	}
	part := b.get(address + "&part=yes")
	if part.status != http.StatusOK || !strings.Contains(part.header.Get("Content-Disposition"), `-part.xlsx"`) {
		t.Fatalf("the part: %d %q", part.status, part.header.Get("Content-Disposition"))
	}
	if _, rows := records(t, export.XLSX, part.body); len(rows) != 500 {
		t.Errorf("it has %d rows", len(rows))
	}
	if about := aboutOf(t, part.body); !strings.Contains(about["Read"], "500 users, as read at ") || !strings.Contains(about["Read"], "has more") {
		t.Errorf("the sheet says %q", about["Read"])
	}
	close(release)
	waitFor(t, "the whole", func() bool {
		a := b.get(address)
		rows := 0
		if a.status == http.StatusOK {
			_, all := records(t, export.XLSX, a.body)
			rows = len(all)
		}
		return rows == 1200
	})
}

func aboutOf(t *testing.T, body string) map[string]string {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(body))
	must(t, err)
	defer book.Close()
	rows, err := book.GetRows("About this list")
	must(t, err)
	about := map[string]string{}
	for _, row := range rows {
		about[row[0]] = row[1]
	}
	return about
}

// TestExportSaysWhatItIs: the second sheet, and the trail.
func TestExportSaysWhatItIs(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(northwind)
	a := b.get(northwind + "/users.xlsx?q=a&synced=yes&location=none&sort=-upn&columns=id")
	about := aboutOf(t, a.body)
	count := len(b.everyone(priya, emulator.NorthwindID, "q=a&synced=yes&location=none"))
	for label, want := range map[string]string{
		"Customer ID": emulator.NorthwindID, "Domain": emulator.NorthwindDomain, "Exported by": "Priya Nair", "Time zone": "UTC", "Rows": strconv.Itoa(count),
		"List": "Users matching “a”; Synced; Usage location not set; sorted by user principal name, descending",
	} {
		if about[label] != want {
			t.Errorf("%s: %q, want %q", label, about[label], want)
		}
	}
	if !strings.HasPrefix(about["Read"], "All 1,200 users, as read at ") {
		t.Errorf("Read: %q", about["Read"])
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindExport}})
	must(t, err)
	if len(rows) != 1 {
		t.Fatalf("%d rows on the trail", len(rows))
	}
	got := rows[0]
	want := map[string]string{"list": "users", "format": "xlsx", "count": strconv.Itoa(count), "query": about["List"]}
	if diff := cmp.Diff(want, got.Detail); diff != "" || got.CustomerID != emulator.NorthwindID || got.PersonName != "Priya Nair" || got.CorrelationID == "" {
		t.Errorf("the trail: %+v (-want +got):\n%s", got, diff)
	}
}

// TestExportNeedsTheTrail: what can't be recorded is not given.
func TestExportNeedsTheTrail(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(contoso)
	r.breakTrail(t)
	for _, file := range []string{"/users.csv?columns=location", "/users/deleted.json", "/licenses.xlsx"} {
		a := b.get(contoso + file)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Content-Disposition") != "" || !strings.Contains(a.text(), "Rollcall can't write its record") {
			t.Errorf("%s: %d %.200q", file, a.status, a.text())
		}
	}
}

// breakTrail leaves the portal without a trail that can be written.
func (r *rig) breakTrail(t *testing.T) {
	t.Helper()
	broken := storetest.Open(t, store.Options{DSN: storetest.Memory})
	trail, err := audit.New(broken, []byte(strings.Repeat("k", 32)), audit.Options{})
	must(t, err)
	must(t, broken.Close())
	r.portal.server.trail = trail
}

// TestExportWithheld: what the person may not see is not in the file, and the
// sheet says so; a file narrowed by it is refused.
func TestExportWithheld(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, carsten)
	at := "/customers/" + emulator.GlobalReaderCustomerID
	b.readAll(at)
	a := b.get(at + "/users.xlsx?columns=licenses,location")
	head, rows := records(t, export.XLSX, a.body)
	if a.status != http.StatusOK || len(rows) == 0 || !slices.Equal(head, []string{"displayname", "userprincipalname", "usagelocation", "id"}) {
		t.Errorf("%d with %v", a.status, head)
	}
	if about := aboutOf(t, a.body); about["Licenses"] != "Left out: not yours to see at this customer" {
		t.Errorf("the sheet says %q", about["Licenses"])
	}
	if a := b.get(at + "/users.csv?license=none&columns=location"); a.status != http.StatusForbidden || a.header.Get("Content-Disposition") != "" {
		t.Errorf("narrowed by licenses: %d %s", a.status, a.text())
	}
}

// TestExportAddress: a file has one address; the customer's domain leads to it.
func TestExportAddress(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	b.readAll(contoso)
	for from, to := range map[string]string{
		contoso + "/users.csv?page=3&size=100&columns=id":                     contoso + "/users.csv?columns=id",
		contoso + "/users.csv?part=no&for=me&licenses=some&columns=id":        contoso + "/users.csv?columns=id",
		contoso + "/users.csv?for=customer&synced=yes&columns=id":             contoso + "/users.csv?synced=yes&columns=id&for=customer",
		contoso + "/licenses.json?licenses=none&sort=nothing":                 contoso + "/licenses.json",
		contoso + "/users/deleted.csv?sort=deleted":                           contoso + "/users/deleted.csv",
		"/customers/" + emulator.ContosoDomain + "/users.json?q=a&columns=id": contoso + "/users.json?columns=id&q=a",
	} {
		if a := b.get(from); a.status != http.StatusSeeOther || a.to() != to {
			t.Errorf("%s: %d to %q, want %q", from, a.status, a.to(), to)
		}
	}
}

// TestExportOfSelected: the selected alone, as far as they match.
func TestExportOfSelected(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(northwind)
	all := b.everyone(priya, emulator.NorthwindID, "sort=-upn")
	picked := []string{all[700].ID, all[3].ID, all[44].ID}
	_, err := r.portal.server.prefs.Select(t.Context(), emulator.PartnerTenantID+"/"+priya, emulator.NorthwindID, preferences.ListUsers, picked, nil)
	must(t, err)
	a := b.get(northwind + "/users.csv?sort=-upn&columns=id&only=selected")
	_, rows := records(t, export.CSV, a.body)
	var got []string
	for _, row := range rows {
		got = append(got, row["id"])
	}
	if diff := cmp.Diff([]string{all[3].ID, all[44].ID, all[700].ID}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTooOldToExport: what may be read while Partner Center does not answer
// may not be taken away.
func TestTooOldToExport(t *testing.T) {
	for _, tt := range []struct {
		reading directory.Reading
		want    bool
	}{
		{directory.Reading{State: directory.StateComplete, Age: time.Minute}, false},
		{directory.Reading{State: directory.StateGrowing}, false},
		{directory.Reading{State: directory.StateComplete, Stale: true}, true},
		{directory.Reading{State: directory.StateStale}, true},
		{directory.Reading{State: directory.StateComplete, Age: 31 * time.Minute}, true},
	} {
		if got := tooOld(tt.reading); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.reading, got, tt.want)
		}
	}
}

// brokenReader is a client that goes away after some bytes.
type brokenReader struct {
	http.ResponseWriter
	left int
}

func (w *brokenReader) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("gone")
	}
	return w.ResponseWriter.Write(p)
}

// TestExportBreaksOff: a file that can't be written to its end is no answer, so
// that no program takes it for a whole one.
func TestExportBreaksOff(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(northwind)
	for _, format := range []string{"csv", "json", "xlsx"} {
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%s: %v, want the connection to be cut", format, got)
				}
			}()
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, b.base+northwind+"/users."+format+"?columns=location", nil)
			req.AddCookie(b.cookies["__Host-rollcall"])
			b.portal.ServeHTTP(&brokenReader{httptest.NewRecorder(), 20_000}, req)
		}()
	}
	if !strings.Contains(r.log.String(), "export broke off") {
		t.Error("nothing is logged")
	}
	for _, format := range []string{"csv", "json", "xlsx"} {
		if n := len(regexp.MustCompile(`msg=request .* route=/customers/:customer/users\.`+format+` .* broke_off=true`).FindAllString(r.log.String(), -1)); n != 1 {
			t.Errorf("%s: %d lines of the access log", format, n)
		}
	}
	if n := strings.Count(r.log.String(), "broke_off"); n != 3 {
		t.Errorf("%d answers broke off, says the log", n)
	}
}

// gate holds back calls to Partner Center.
type gate struct {
	release <-chan struct{}
	holds   func(*http.Request) bool
	free    chan struct{} // one for each that may pass before the release
}

func newGate(release <-chan struct{}, holds func(*http.Request) bool) *gate {
	return &gate{release: release, holds: holds, free: make(chan struct{}, 1000)}
}

// let lets some pass.
func (g *gate) let(n int) {
	for range n {
		g.free <- struct{}{}
	}
}

func (g *gate) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.holds(r) {
			select {
			case <-g.free:
			case <-g.release:
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// waitFor asks again and again until it is so.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// TestSafeName: whatever a customer's domain is, the name of the file is one
// that a header and a disk take.
func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"contoso.com": "contoso.com", "Contoso.COM": "contoso.com", "a\"b\r\n/..\\c": "a-b---..-c", "": "customer", "…": "customer", "../..": "customer", "мир.example": "example",
	} {
		if got := safeName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

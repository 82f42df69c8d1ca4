package views

import (
	"bytes"
	"html/template"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var usual = sampleColumns(func(string) templ.SafeURL { return "" })

func TestRowsEqualPlainRows(t *testing.T) {
	hostile := sampleUsers(0)
	hostileUsers(&hostile)
	marked := sampleRows(3)
	marked[0].NameMarks = []Segment{{"Ah", true}, {"med Al-Farsi", false}}
	marked[0].UPNMarks = []Segment{{"a.", false}, {"alfarsi", true}, {"@contoso.example", false}}
	ticked := sampleRows(2)
	ticked[0].Ticked, ticked[1].Ticked, ticked[1].DisplayName = true, true, ""
	tests := map[string]struct {
		path    templ.SafeURL
		rows    []UserRow
		columns []UserColumn
	}{
		"none":        {"/customers/x/users", nil, usual},
		"one":         {"/customers/x/users", sampleRows(1), usual},
		"many":        {"/customers/x/users", sampleRows(250), usual},
		"all columns": {"/customers/x/users", sampleRows(50), everyColumn()},
		"no columns":  {"/customers/x/users", sampleRows(50), nil},
		"marked":      {"/customers/x/users", marked, usual},
		"ticked":      {"/customers/x/users", ticked, usual},
		"hostile":     {`/customers/"><script>`, hostile.Rows, everyColumn()},
		"zero value":  {"", []UserRow{{}}, everyColumn()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := render(t, plainRows(tt.path, tt.rows, tt.columns))
			got := render(t, usersRows(tt.path, tt.rows, tt.columns))
			if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
				t.Errorf("rows (-plain +fast):\n%s", diff)
			}
		})
	}
}

// lines puts a tag on each line, so that differences read.
func lines(markup string) string { return strings.ReplaceAll(markup, "><", ">\n<") }

func TestRowsEqualPlainRowsWhateverIsInThem(t *testing.T) {
	text := rapid.StringN(0, 12, -1)
	marks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Segment {
		return Segment{Text: text.Draw(t, "text"), Mark: rapid.Bool().Draw(t, "mark")}
	}), 0, 3)
	licenses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) LicenseTag {
		return LicenseTag{Name: text.Draw(t, "product"), PartNumber: text.Draw(t, "part number")}
	}), 0, 4)
	columns := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) UserColumn {
		return UserColumn{Kind: UserColumnKind(rapid.IntRange(0, int(columnKinds)-1).Draw(t, "kind"))}
	}), 0, 5)
	row := rapid.Custom(func(t *rapid.T) UserRow {
		return UserRow{
			ID: text.Draw(t, "id"), DisplayName: text.Draw(t, "name"), NameMarks: marks.Draw(t, "name marks"), UPN: text.Draw(t, "upn"), UPNMarks: marks.Draw(t, "upn marks"),
			FirstName: text.Draw(t, "first name"), LastName: text.Draw(t, "last name"), Ticked: rapid.Bool().Draw(t, "ticked"), Roles: rapid.SliceOfN(text, 0, 3).Draw(t, "roles"),
			LicensesRead: rapid.Bool().Draw(t, "licenses read"), Licenses: licenses.Draw(t, "licenses"),
			Location: text.Draw(t, "location"), DomainType: text.Draw(t, "domain"), Guest: rapid.Bool().Draw(t, "guest"), Phone: text.Draw(t, "phone"),
			Synced: Time{Machine: text.Draw(t, "machine"), Text: text.Draw(t, "time"), Exact: text.Draw(t, "exact")},
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		path, rows, shown := templ.SafeURL(text.Draw(rt, "path")), rapid.SliceOfN(row, 0, 3).Draw(rt, "rows"), columns.Draw(rt, "columns")
		want, got := render(t, plainRows(path, rows, shown)), render(t, usersRows(path, rows, shown))
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			rt.Fatalf("rows (-plain +fast):\n%s", diff)
		}
	})
}

func FuzzEscapeAgainstTempl(f *testing.F) {
	for _, seed := range []string{"", "Ahmed Al-Farsi", `<img src=x onerror="a('b')">&amp;`, "\x00\xff\xfe", "\u202e\u0710", "''''", strings.Repeat("&", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := string(appendEscaped([]byte("before"), text)), "before"+templ.EscapeString(text); got != want {
			t.Errorf("appendEscaped(%q) = %q, templ writes %q", text, got, want)
		}
	})
}

func TestRowsAllocate(t *testing.T) {
	rows := sampleRows(100)
	c := usersRows("/customers/x/users", rows, usual)
	if n := testing.AllocsPerRun(50, func() {
		if err := c.Render(t.Context(), io.Discard); err != nil {
			t.Fatal(err)
		}
	}); n > 20 {
		t.Errorf("100 rows allocate %v times, want at most 20", n)
	}
}

func TestInitials(t *testing.T) {
	tests := map[string]string{
		"":                               "",
		"Ahmed Al-Farsi":                 "AA",
		"jürgen müller-lüdenscheidt":     "JM",
		"Contoso Deutschland GmbH & Co.": "CG",
		"Dana (Partner)":                 "D",
		"Gerard 't Hooft":                "GH",
		"'t Hooft":                       "H",
		"’t Hooft":                       "H",
		"D'Arcy O'Neill":                 "DO",
		"Dr. Anna Müller":                "AM",
		"Prof. Dr. med. Anna Müller":     "AM",
		"Prof Anna Müller":               "AM",
		"J. Smith":                       "JS",
		"A. Datum Corporation":           "AC",
		"Dr.":                            "D",
		"عائشة الهاشمي":                  "ع",
		"佐藤 健":                           "佐",
		"Proseware":                      "P",
		"3M Company":                     "MC",
		"12345":                          "",
		"ßharp ǆ":                        "ßǄ",
		"<b> & \"":                       "B",
		"\xff\xfe":                       "",
	}
	for name, want := range tests {
		if got := Initials(name); got != want {
			t.Errorf("Initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12034: "12,034", 1234567: "1,234,567", -1: "−1", -1000: "−1,000"}
	for n, want := range tests {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

// BenchmarkUsersTable renders 100 rows four ways: by hand into a fixed
// buffer, which is the floor, as the page does, as templ alone would, and with
// html/template.
func BenchmarkUsersTable(b *testing.B) {
	const path = "/customers/9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916/users"
	rows := sampleRows(100)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var out bytes.Buffer
	out.Grow(1 << 20)
	b.Run("way=hand-append", func(b *testing.B) {
		b.ReportAllocs()
		buffer := make([]byte, 0, 1<<20)
		for b.Loop() {
			buffer = buffer[:0]
			for i := range rows {
				buffer = appendRow(buffer, path, &rows[i], usual)
			}
		}
	})
	ways := map[string]templ.Component{"way=page": usersRows(path, rows, usual), "way=templ": plainRows(path, rows, usual), "way=html-template": stdRows(path, rows)}
	for _, way := range []string{"way=page", "way=templ", "way=html-template"} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := ways[way].Render(b.Context(), &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestPeerWritesTheSameRows(t *testing.T) {
	rows := sampleRows(100)
	tight := func(markup string) string { return strings.ReplaceAll(markup, "> <", "><") }
	want, got := render(t, usersRows("/customers/x/users", rows, usual)), render(t, stdRows("/customers/x/users", rows))
	if diff := cmp.Diff(lines(tight(want)), lines(tight(got))); diff != "" {
		t.Errorf("the benchmark compares unlike things (-page +html/template):\n%s", diff)
	}
}

// stdRows are the rows in the standard library's template, the peer.
func stdRows(path string, rows []UserRow) templ.Component {
	return templ.FromGoHTML(stdTemplate, struct {
		Path string
		Rows []UserRow
	}{path, rows})
}

var stdTemplate = template.Must(template.New("rows").Funcs(template.FuncMap{
	"initials": Initials, "tint": func(id string) string { return string(tint(id)) }, "icon": func(name string) string { return string(iconHref(name)) },
	"named": func(all []LicenseTag) []LicenseTag { return all[:min(len(all), mostPills)] }, "more": func(all []LicenseTag) []LicenseTag { return all[min(len(all), mostPills):] }, "names": func(all []LicenseTag) string { return strings.Join(tagNames(all), ", ") }, "join": func(all []string) string { return strings.Join(all, ", ") },
}).Parse(`{{range .Rows}}<tr role="row" id="u-{{.ID}}"{{if .Ticked}} data-ticked{{end}}><td role="cell" class="pick"><label><input type="checkbox" name="user" value="{{.ID}}"{{if .Ticked}} checked{{end}} aria-label="Select {{if .DisplayName}}{{.DisplayName}}{{else}}{{.UPN}}{{end}}"></label>{{if .Ticked}}<input type="hidden" name="was" value="{{.ID}}">{{end}}</td><th scope="row" role="rowheader"><span class="person">` +
	`{{if .DisplayName}}<span class="avatar a{{tint .ID}}" aria-hidden="true">{{initials .DisplayName}}</span>{{else}}<span class="avatar none" aria-hidden="true"><svg class="icon" aria-hidden="true"><use href="{{icon "user"}}"></use></svg></span>{{end}}` +
	`<span class="who">{{if .DisplayName}}<a class="name" href="{{$.Path}}/{{.ID}}"><bdi>{{if .NameMarks}}{{range .NameMarks}}{{if .Mark}}<mark>{{.Text}}</mark>{{else}}{{.Text}}{{end}}{{end}}{{else}}{{.DisplayName}}{{end}}</bdi></a>{{else}}<a class="name unset" href="{{$.Path}}/{{.ID}}">No display name</a>{{end}}` +
	`<bdi class="upn">{{if .UPNMarks}}{{range .UPNMarks}}{{if .Mark}}<mark>{{.Text}}</mark>{{else}}{{.Text}}{{end}}{{end}}{{else}}{{.UPN}}{{end}}</bdi></span>{{if .Guest}} <span class="pill">Guest</span>{{end}}</span></th>` +
	`{{if .LicensesRead}}<td role="cell"><span class="cell-label">Licenses</span> {{if .Licenses}}<span class="licenses">{{range named .Licenses}}<span class="pill" title="{{.PartNumber}}">{{.Name}}</span>{{end}}{{with more .Licenses}}<span class="pill" title="{{names .}}">+{{len .}}<span class="sr">: {{names .}}</span></span>{{end}}</span>{{else}}<span class="unset">Unlicensed</span>{{end}}</td>` +
	`{{else}}<td role="cell"><span class="cell-label">Licenses</span> <span class="unset" data-unread>Not read</span></td>{{end}}` +
	`<td role="cell"><span class="cell-label">Usage location</span> {{if .Location}}{{.Location}}{{else}}<span class="with-icon attention"><svg class="icon" aria-hidden="true"><use href="{{icon "triangle-alert"}}"></use></svg>Not set</span>{{end}}</td>` +
	`<td role="cell"><span class="cell-label">Domain type</span> {{if .DomainType}}{{.DomainType}}{{else}}<span class="unset">Not told</span>{{end}}</td>` +
	`<td role="cell"><span class="cell-label">Synced</span> {{if .Synced.Machine}}<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="{{icon "folder-sync"}}"></use></svg><time datetime="{{.Synced.Machine}}" title="{{.Synced.Exact}}">{{.Synced.Text}}</time></span>{{else}}<span class="with-icon"><svg class="icon" aria-hidden="true"><use href="{{icon "cloud"}}"></use></svg>Cloud only</span>{{end}}</td>` +
	`<td role="cell"><span class="cell-label">Roles</span> {{if .Roles}}{{index .Roles 0}} {{with slice .Roles 1}}{{if .}}<span class="pill" title="{{join .}}">+{{len .}}<span class="sr">: {{join .}}</span></span>{{end}}{{end}}{{else}}<span class="unset">None</span>{{end}}</td></tr>{{end}}`))

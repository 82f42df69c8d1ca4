package views

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

// BenchmarkCustomersTable renders 50 customers as the page does, with templ,
// and with html/template, the peer for the pages that are not hot.
func BenchmarkCustomersTable(b *testing.B) {
	p := sampleCustomers(50)
	ways := map[string]templ.Component{"way=page": templRows(p), "way=html-template": templ.FromGoHTML(stdCustomers, p)}
	var out bytes.Buffer
	for _, way := range []string{"way=page", "way=html-template"} {
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

func templRows(p CustomersPage) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, r := range p.Rows {
			if err := customerRow(r, string(p.Here)).Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestPeerWritesTheSameCustomers(t *testing.T) {
	p := sampleCustomers(50)
	tight := func(markup string) string {
		return strings.NewReplacer("> <", "><", " </", "</", "> ", ">", "&#43;", "+").Replace(markup)
	}
	want, got := render(t, templRows(p)), render(t, templ.FromGoHTML(stdCustomers, p))
	if diff := cmp.Diff(lines(tight(want)), lines(tight(got))); diff != "" {
		t.Errorf("the benchmark compares unlike things (-page +html/template):\n%s", diff)
	}
}

var stdCustomers = template.Must(template.New("customers").Funcs(template.FuncMap{
	"initials": Initials, "tint": func(id string) string { return string(tint(id)) }, "short": shortID, "icon": func(name string) string { return string(iconHref(name)) },
}).Parse(`{{$here := .Here}}{{range .Rows}}<tr role="row" id="c-{{.ID}}"><th scope="row" role="rowheader"><span class="person"><span class="avatar tile a{{tint .ID}}" aria-hidden="true">{{initials .Name}}</span>` +
	`<span class="who"><a class="name" href="{{.Href}}"><bdi>{{if .NameMarks}}{{range .NameMarks}}{{if .Mark}}<mark>{{.Text}}</mark>{{else}}{{.Text}}{{end}}{{end}}{{else}}{{.Name}}{{end}}</bdi></a><bdi class="upn">{{if .DomainMarks}}{{range .DomainMarks}}{{if .Mark}}<mark>{{.Text}}</mark>{{else}}{{.Text}}{{end}}{{end}}{{else}}{{.Domain}}{{end}}</bdi>` +
	`{{if .NoAccess.Machine}}<small class="with-icon attention"><svg class="icon" aria-hidden="true"><use href="{{icon "lock"}}"></use></svg><span>No access when last opened, <time datetime="{{.NoAccess.Machine}}" title="{{.NoAccess.Exact}}">{{.NoAccess.Text}}</time></span></small>{{end}}</span></span></th>` +
	`<td role="cell"><span class="cell-label">Customer ID</span><span class="row tight keep"><code class="faint" title="{{.ID}}">{{short .ID}}</code>` +
	`<button type="button" class="button ghost copy needs-script" data-copy="{{.ID}}" aria-label="Copy customer ID of {{.Name}}"><svg class="icon" aria-hidden="true"><use href="{{icon "copy"}}"></use></svg></button></span></td>` +
	`<td role="cell"><span class="cell-label">Relationship</span>{{.Relationship}}</td>` +
	`{{if .Users}}<td role="cell"><span class="cell-label">Users</span>{{.Users}}</td>{{else}}<td role="cell" class="unset" aria-label="Not known">–</td>{{end}}` +
	`{{if .Seats}}<td role="cell"><span class="cell-label">Seats</span>{{.Seats}}</td>{{else}}<td role="cell" class="unset" aria-label="Not known">–</td>{{end}}` +
	`{{if .Read.Machine}}<td role="cell"><span class="cell-label">Users read</span><time datetime="{{.Read.Machine}}" title="{{.Read.Exact}}">{{.Read.Text}}</time></td>{{else}}<td role="cell" class="unset" aria-label="Not read">–</td>{{end}}` +
	`<td role="cell"><span class="cell-label">Opened</span>{{if .Opened.Machine}}<time datetime="{{.Opened.Machine}}" title="{{.Opened.Exact}}">{{.Opened.Text}}</time>{{else}}<span class="unset">Never</span>{{end}}</td>` +
	`<td role="cell" class="star-cell">{{if .Star}}<form method="post" action="{{.Star}}" hx-post="{{.Star}}" hx-target="this" hx-swap="none" data-star="{{.Star}}"><input type="hidden" name="return_to" value="{{$here}}">` +
	`{{if .Starred}}<button class="button ghost small square star" name="on" value="0" aria-pressed="true" aria-label="Starred: {{.Name}}">{{else}}<button class="button ghost small square star" name="on" value="1" aria-pressed="false" aria-label="Starred: {{.Name}}">{{end}}` +
	`<svg class="icon" aria-hidden="true"><use href="{{icon "star"}}"></use></svg></button></form>{{end}}</td></tr>{{end}}`))

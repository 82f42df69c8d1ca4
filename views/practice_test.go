//go:build browser

package views

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/static"
)

// practice is a small portal with one customer, for trying what the script
// does: it searches, pages, grows and jumps, from canned rows.
type practice struct {
	t    *testing.T
	rows []UserRow

	mu    sync.Mutex
	gone  map[string]chan struct{} // closed when the browser let go of that search
	asked []string                 // the partial requests so far, as path and query
	delay map[string]time.Duration // by what is searched
	down  bool                     // drops every connection
	read  int                      // users read so far; 0: all, -1: the first page is on its way
	again bool                     // the whole list is read anew behind what is shown
	idle  int
	keys  string
}

func newPractice(t *testing.T) (*practice, *httptest.Server) {
	p := &practice{t: t, rows: sampleRows(120), delay: map[string]time.Duration{}, gone: map[string]chan struct{}{}}
	for i := range p.rows {
		if p.rows[i].DisplayName == "" {
			p.rows[i].DisplayName = fmt.Sprintf("Service %d", i)
		}
	}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return p, s
}

// with changes the portal's ways.
func (p *practice) with(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *practice) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// goneOf is closed when the browser let go of a search before its answer.
func (p *practice) goneOf(query string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone[query] == nil {
		p.gone[query] = make(chan struct{})
	}
	return p.gone[query]
}

func (p *practice) waitGone(query string) {
	p.t.Helper()
	select {
	case <-p.goneOf(query):
	case <-time.After(10 * time.Second):
		p.t.Fatalf("the browser waits for the answer to %q still", query)
	}
}

const practicePath = templ.SafeURL("/customers/" + contosoID + "/users")

func (p *practice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, static.Prefix) {
		static.Handler().ServeHTTP(w, r)
		return
	}
	partial := r.Header.Get("HX-Request-Type") == "partial" && r.Header.Get("HX-History-Restore-Request") == ""
	query := r.URL.Query().Get("q")
	p.mu.Lock()
	if partial {
		p.asked = append(p.asked, r.URL.RequestURI())
	}
	delay, down := p.delay[query], p.down
	users := p.users(r.URL)
	p.mu.Unlock()
	if down {
		panic(http.ErrAbortHandler)
	}
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		close(p.goneOf(query))
		return
	}
	var c templ.Component
	switch {
	case r.URL.Path == "/jump" && partial:
		c = JumpFragment(p.jump(query))
	case r.URL.Path == "/jump":
		c = Jump(p.jump(query))
	case r.URL.Path == "/customers":
		c = Customers(sampleCustomers(12))
	case r.URL.Path == "/help" && partial:
		c = HelpKeys()
	case r.URL.Path == "/help":
		c = Help(HelpPage{Chrome: sampleChrome("Help", "/help")})
	case r.URL.Path == "/settings":
		w.WriteHeader(http.StatusNoContent)
		return
	case r.URL.Path != string(practicePath) && strings.HasPrefix(r.URL.Path, string(practicePath)):
		c = User(sampleUser())
	case partial && r.Header.Get("HX-Target") == "div#users-status":
		c = UsersStatus(users)
	case partial:
		c = UsersFragment(users)
	default:
		c = Users(users)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "HX-Request-Type, HX-History-Restore-Request, HX-Target")
	if err := c.Render(r.Context(), w); err != nil && r.Context().Err() == nil {
		p.t.Error(err)
	}
}

// users are the page at an address.
func (p *practice) users(u *url.URL) UsersPage {
	q := u.Query()
	page := sampleUsers(0)
	page.Here, page.Query, page.Keys = templ.SafeURL(u.RequestURI()), q.Get("q"), p.keys
	page.IdleSeconds = p.idle
	link := func(key, value string) templ.SafeURL {
		next := url.Values{}
		for k, v := range q {
			next[k] = v
		}
		next.Del("page")
		next.Set(key, value)
		if value == "" {
			next.Del(key)
		}
		return templ.SafeURL(strings.TrimSuffix(string(practicePath)+"?"+next.Encode(), "?"))
	}
	var found []UserRow
	for _, r := range p.rows {
		synced := !r.Synced.IsZero()
		if strings.Contains(strings.ToLower(r.DisplayName+" "+r.UPN), strings.ToLower(page.Query)) &&
			(q.Get("synced") == "" || synced == (q.Get("synced") == "yes")) && (q.Get("location") == "" || r.Location == "Germany") {
			found = append(found, r)
		}
	}
	page.Total, page.Shown = len(p.rows), len(found)
	switch {
	case p.read < 0:
		loading(&page)
	case p.read > 0:
		page.Part, page.Total, page.Shown = true, p.read, p.read
	}
	poll := q.Has("read")
	painted, _ := strconv.Atoi(q.Get("read"))
	q.Del("read")
	q.Del("pending") // the cells that wait
	here := templ.SafeURL(strings.TrimSuffix(string(practicePath)+"?"+q.Encode(), "?"))
	page.Status = UsersStatusLine{Reading: p.read != 0 || p.again, Loading: p.read < 0, Read: page.Total, Show: here, Poll: here, Finish: read1402}
	if poll {
		page.Status.More, page.Status.Done = page.Total-painted, !page.Status.Reading
	}
	if p.read < 0 {
		return page
	}
	number, _ := strconv.Atoi(q.Get("page"))
	number = max(number, 1)
	from := min((number-1)*25, len(found))
	page.Rows = found[from:min(from+25, len(found))]
	page.Pager = Pager{From: from + 1, To: from + len(page.Rows), Of: page.Shown, Part: page.Part, Sizes: page.Pager.Sizes}
	for n := 1; (n-1)*25 < len(found); n++ {
		page.Pager.Pages = append(page.Pager.Pages, PageLink{Number: n, Href: link("page", strconv.Itoa(n)), Current: n == number})
	}
	if len(q) > 0 {
		page.Clear = practicePath
	}
	page.Chips = []Chip{{Label: "Synced", Count: 60, Href: link("synced", "yes"), On: q.Get("synced") == "yes"}}
	if page.Chips[0].On {
		page.Chips[0].Href = link("synced", "")
		page.Hidden = []Hidden{{"synced", "yes"}}
	}
	page.Filters = page.Filters[:1]
	if q.Get("location") != "" {
		page.Filters[0].Applied, page.Filters[0].Options[1].On = 1, true
	}
	page.Exact = page.Query != "" && (len(found) == 1 || len(found) > 0 && strings.EqualFold(found[0].UPN, page.Query))
	page.Tell = fmt.Sprintf("%d of %d users match", len(found), len(p.rows))
	if len(found) == 0 {
		page.Empty = &Nothing{Title: "No user matches.", Text: "All were searched."}
	}
	return page
}

func (p *practice) jump(query string) JumpResults {
	results := JumpResults{Chrome: sampleChrome("Search or jump to", "/jump"), Query: query, Tell: "results for " + query}
	if query == "zzz" {
		return results
	}
	for i, name := range []string{"First", "Second", "Third"} {
		results.Groups = append(results.Groups, JumpGroup{Label: name + " group", Items: []JumpItem{
			{Kind: JumpUser, Href: practicePath + templ.SafeURL(fmt.Sprintf("/%s-%d", url.PathEscape(query), i)), Name: name + " " + query, Where: "x@contoso.example"}}})
	}
	return results
}

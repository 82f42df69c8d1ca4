package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// canned is a service that has its pages ready, as bytes, and after a latency
// gives each at once: what is measured is ours.
type canned struct {
	pages   [][]byte
	latency time.Duration
}

func newCanned(all []person) *canned {
	c := &canned{}
	for from := 0; from < len(all); from += pageSize {
		c.pages = append(c.pages, wirePage(all[from:min(from+pageSize, len(all))], from/pageSize, from+pageSize < len(all)))
	}
	return c
}

// wirePage is a page of users as Partner Center writes it, BOM and all.
func wirePage(all []person, number int, more bool) []byte {
	var b bytes.Buffer
	text := func(s string) string { j, _ := json.Marshal(s); return string(j) }
	b.WriteString("\xef\xbb\xbf" + `{"totalCount":` + strconv.Itoa(len(all)) + `,"items":[`)
	for i, p := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		if p.location != "" {
			fmt.Fprintf(&b, `"usageLocation":%s,`, text(p.location))
		}
		fmt.Fprintf(&b, `"id":"%s","userPrincipalName":%s,`, p.id, text(p.upn))
		for _, f := range [][2]string{{"firstName", p.first}, {"lastName", p.last}, {"displayName", p.display}, {"phoneNumber", p.phone}, {"lastDirectorySyncTime", p.synced}} {
			if f[1] != "" {
				fmt.Fprintf(&b, `"%s":%s,`, f[0], text(f[1]))
			}
		}
		fmt.Fprintf(&b, `"userDomainType":"managed","state":"active","links":{"self":{"uri":"/customers/%s/users/%s","method":"GET","headers":[]}},"attributes":{"objectType":"CustomerUser"}}`, bigCustomer, p.id)
	}
	b.WriteString(`],"links":{`)
	if more {
		fmt.Fprintf(&b, `"next":{"uri":"/customers/%s/users?size=500&seekOperation=Next","method":"GET","headers":[{"key":"MS-ContinuationToken","value":"%d"}]}`, bigCustomer, number+1)
	}
	b.WriteString(`},"attributes":{"objectType":"Collection"}}`)
	return b.Bytes()
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	number := 0
	if token := r.Header["MS-ContinuationToken"]; len(token) > 0 {
		number, _ = strconv.Atoi(token[0])
	}
	time.Sleep(c.latency)
	body := c.pages[number]
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

func (c *canned) viewer(tb testing.TB) Viewer {
	client, err := partnercenter.New(partnercenter.StaticToken("t"), partnercenter.Options{BaseURL: "https://partner-center.example", Transport: c})
	if err != nil {
		tb.Fatal(err)
	}
	return Viewer{Key: "somebody", PartnerTenantID: "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", Client: client}
}

// plainUser is a user as whoever needs no columns decodes one.
type plainUser struct {
	ID, UserPrincipalName, DisplayName, FirstName, LastName, PhoneNumber, UsageLocation, UserDomainType, State string
	LastDirectorySyncTime                                                                                      string
	Links                                                                                                      struct {
		Self struct {
			URI, Method string
			Headers     []struct{ Key, Value string }
		}
	}
	Attributes struct{ ObjectType string }
}

type plainPage struct {
	TotalCount int
	Items      []plainUser
	Links      struct {
		Next struct {
			URI     string
			Headers []struct{ Key, Value string }
		}
	}
}

// fetchPlainly is the simple way to have all users: page by page into structs.
func (c *canned) fetchPlainly() (users []plainUser) {
	token := ""
	for {
		r, _ := http.NewRequest(http.MethodGet, "https://partner-center.example/v1/customers/"+bigCustomer+"/users?size=500", nil)
		if token != "" {
			r.Header["MS-ContinuationToken"] = []string{token}
		}
		resp, _ := c.RoundTrip(r)
		body, _ := io.ReadAll(resp.Body)
		var page plainPage
		if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &page); err != nil {
			panic(err)
		}
		users = append(users, page.Items...)
		if len(page.Links.Next.Headers) == 0 {
			return users
		}
		token = page.Links.Next.Headers[0].Value
	}
}

// loadAll reads the list to its end by the load's own code.
func loadAll(tb testing.TB, d *Directory, v Viewer) {
	view, err := d.Users(tb.Context(), v, bigCustomer, Query{})
	if err != nil {
		tb.Fatal(err)
	}
	for l, _ := d.usersOf(v, bigCustomer); !view.Complete(); {
		ed := l.shown.Load()
		if ed != nil && ed.complete {
			return
		}
		l.mu.Lock()
		ld := l.load
		l.mu.Unlock()
		if ld != nil {
			<-ld.done
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	c := newCanned(plainPeople(benchUsers, 7))
	v := c.viewer(b)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		c.latency = latency
		b.Run(fmt.Sprintf("latency %v/directory", latency), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d := New(Options{})
				loadAll(b, d, v)
				d.Close()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Duration(len(c.pages))*max(latency, 1)), "x-latency")
		})
		b.Run(fmt.Sprintf("latency %v/simple Go", latency), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.fetchPlainly()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Duration(len(c.pages))*max(latency, 1)), "x-latency")
		})
	}
}

// BenchmarkPage takes one page from bytes to columns.
func BenchmarkPage(b *testing.B) {
	c := newCanned(plainPeople(pageSize, 7))
	v := c.viewer(b)
	body := bytes.TrimPrefix(c.pages[0], []byte("\xef\xbb\xbf"))
	b.Run("columns", func(b *testing.B) {
		page, err := v.Client.Customer(bigCustomer).Users().ListRaw(b.Context(), partnercenter.UsersOptions{PageSize: pageSize}, "")
		if err != nil {
			b.Fatal(err)
		}
		to := newBuilder()
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			clear(to.seen)
			to.chunks = to.chunks[:0]
			if n, err := to.addPage(page); err != nil || n != pageSize {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("encoding/json, whole shape", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var page plainPage
			if err := json.Unmarshal(body, &page); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if !json.Valid(body) {
				b.Fatal("not JSON")
			}
		}
	})
}

// BenchmarkCollect is what a held list costs the garbage collector.
func BenchmarkCollect(b *testing.B) {
	all := plainPeople(benchUsers, 7)
	users := asUsers(all)
	s := grown(all, pageSize, collation{}).finished()
	for i := range users { // texts of their own, as decoding makes them
		u := &users[i]
		for _, text := range []*string{&u.ID, &u.UserPrincipalName, &u.DisplayName, &u.FirstName, &u.LastName, &u.PhoneNumber} {
			*text = string(append([]byte(nil), *text...))
		}
	}
	all = nil
	collect := func(b *testing.B) {
		for b.Loop() {
			runtime.GC()
		}
	}
	hold := []any{users, s}
	b.Run("both", collect)
	users, hold[0] = nil, nil
	b.Run("columns", collect)
	runtime.KeepAlive(hold)
	s, hold = nil, nil
	b.Run("nothing", collect)
}

// BenchmarkUsers is a request for a page of a list that is here: look, search,
// filter, sort, page, rows.
func BenchmarkUsers(b *testing.B) {
	c := newCanned(plainPeople(benchUsers, 7))
	v := c.viewer(b)
	d := New(Options{})
	defer d.Close()
	loadAll(b, d, v)
	for name, q := range map[string]Query{
		"first page":      {},
		"searched":        {Text: "mul"},
		"searched, sort":  {Text: "mul", Sort: Sort{By: ByUPN}},
		"filtered":        {Synced: Yes, Locations: []string{"DE"}},
		"one hit":         {Text: "svc-backup-001"},
		"100 rows a page": {Size: 100, Page: 300},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Users(b.Context(), v, bigCustomer, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

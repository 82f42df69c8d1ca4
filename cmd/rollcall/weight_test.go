package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// Budgets, in bytes as they go over the line.
const (
	mostPage      = 11_000 // the users page with 50 rows
	mostFragment  = 8_000  // its rows alone
	mostScript    = 25_000
	mostStyle     = 10_000
	mostIcons     = 4_000
	mostFont      = 35_000
	mostFirstLoad = 85_000 // with Latin names
	mostMoreFont  = 20_000 // on demand: the font for further Latin letters
	mostNextPage  = 12_000
	mostElements  = 2_000
)

// weigh is how many bytes an answer has on the line, compressed as gzip at most.
func weigh(t *testing.T, client *http.Client, address string, header map[string]string) (bytes int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	body = fetchRequest(t, client, r)
	r.Header.Set("Accept-Encoding", "gzip")
	return len(fetchRequest(t, client, r)), body
}

func fetchRequest(t *testing.T, client *http.Client, r *http.Request) string {
	t.Helper()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s", r.URL, answer.Status)
	}
	var b strings.Builder
	if err := answer.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return body
}

// TestWeight holds what goes over the line to the budgets.
func TestWeight(t *testing.T) {
	t.Parallel()
	d := quietDemo(t, 2_000, func(o *demoOptions) { o.pace = 1e6 })
	client := d.signedIn(t, priya)
	list := d.users(emulator.NorthwindID, "") // names of the whole world

	t.Run("answers", func(t *testing.T) {
		waitUntil(t, "all is read, with licenses it is heaviest", func() bool { return !strings.Contains(fetch(t, client, list), "data-poll") })
		page, html := weigh(t, client, list, nil)
		partial := map[string]string{"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#users-results"}
		fragment, rows := weigh(t, client, list+"?page=2", partial)
		if n := strings.Count(rows, `<tr role="row" id="u-`); n != 50 {
			t.Errorf("%d rows in the fragment", n)
		}
		within(t, "the users page", page, mostPage)
		within(t, "the rows", fragment, mostFragment)
		for kind, most := range map[string]int{`\.js`: mostScript, `\.css`: mostStyle, `icons[^"]*\.svg`: mostIcons, `\.woff2`: mostFont} {
			files := slices.Compact(slices.Sorted(slices.Values(regexp.MustCompile(`/static/[^"#]*`+kind).FindAllString(html, -1))))
			if len(files) != 1 {
				t.Errorf("the page refers to %q, want one file like %s", files, kind)
				continue
			}
			bytes, _ := weigh(t, client, d.url+files[0], nil)
			within(t, files[0], bytes, most)
		}
	})

	t.Run("loads", func(t *testing.T) {
		b := openTab(t, desktop)
		b.signIn(d.url, priya)
		for _, first := range []struct {
			names           string
			customer        string
			bytes, requests int
		}{{"Latin", users51, mostFirstLoad, 6}, {"further Latin", users99, mostFirstLoad + mostMoreFont, 7}} {
			if _, err := chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
				t.Fatal(err)
			}
			b.open(d.users(first.customer, ""))
			sent := b.traffic()
			within(t, "bytes of a first load, "+first.names+" names", sent.bytes(), first.bytes)
			within(t, "requests of a first load, "+first.names+" names", len(sent), first.requests)
		}

		b.clickAndLoad(".users-table tbody a.name")
		next := b.traffic()
		within(t, "bytes of the next page", next.bytes(), mostNextPage)
		within(t, "requests of the next page", len(next), 2)

		b.open(list)
		b.waitFor(rowsShown + " === 50")
		within(t, "elements at 50 rows", get(b, chromedp.Evaluate[int](`document.querySelectorAll("*").length`)), mostElements)
		for _, path := range []string{"/customers", "/settings", "/help", "/jump?q=con", "/sign-in"} {
			b.open(d.url + path)
			within(t, "elements of "+path, get(b, chromedp.Evaluate[int](`document.querySelectorAll("*").length`)), mostElements)
			for _, r := range b.traffic() {
				if !strings.HasPrefix(r.Name, d.url+"/") {
					t.Errorf("%s asks %s", path, r.Name)
				}
			}
		}
	})
}

func within(t *testing.T, what string, got, most int) {
	t.Helper()
	t.Logf("%s: %d of %d", what, got, most)
	if got > most {
		t.Errorf("%s: %d, at most %d", what, got, most)
	}
}

// asking is one request of a page: its address, and the bytes of the answer
// that came over the line, none if it was in the cache.
type asking struct {
	Name  string
	Bytes int
}

type traffic []asking

func (t traffic) bytes() int {
	sum := 0
	for _, r := range t {
		sum += r.Bytes
	}
	return sum
}

// traffic is what the page on screen asked for, once it is at rest.
func (b *tab) traffic() traffic {
	b.t.Helper()
	b.waitFor(`document.readyState === "complete" && document.fonts.status === "loaded"`)
	b.rest("100")
	var all traffic
	text := b.ask(`JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
		.filter(e => e.transferSize > 0)
		.map(e => ({Name: e.name, Bytes: e.encodedBodySize})))`)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		b.t.Fatal(err)
	}
	return all
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestPaths: an address is what it says or nothing: no trick of slashes, dots
// or escapes reaches a page, and none makes the portal stumble.
func TestPaths(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	upper := "/customers/" + strings.ToUpper(emulator.ContosoID)
	for path, want := range map[string]struct {
		status int
		to     string
	}{
		// put right
		upper:                        {303, contoso + "/users"},
		upper + "/users":             {303, contoso + "/users"},
		upper + "/users?q=a":         {303, contoso + "/users?q=a"},
		"/customers/contoso.example": {303, contoso + "/users"},
		"/customers/contoso.example/users?q=a&sort=-name":                {303, contoso + "/users?q=a&sort=-name"},
		"/customers/contoso.example" + oneUser[len(contoso):]:            {303, oneUser},
		contoso + strings.ToUpper(oneUser[len(contoso):]):                {404, ""}, // USERS is no word of ours either
		"/customers/CONTOSO.example":                                     {303, contoso + "/users"},
		"/%63ustomers":                                                   {404, ""},
		"/customers/contoso%2Eexample":                                   {404, ""}, // a domain needs no escapes
		strings.ToUpper(oneUser[:len(contoso)]) + oneUser[len(contoso):]: {404, ""}, // CUSTOMERS is no word of ours

		// slashes
		"//":                 {404, ""},
		"//customers":        {404, ""},
		"///customers":       {404, ""},
		"/customers/":        {308, "/customers"},
		"/customers//":       {308, "/customers"},
		"/customers//users":  {404, ""},
		contoso + "/":        {308, contoso},
		contoso + "//users":  {404, ""},
		contoso + "/users/":  {308, contoso + "/users"},
		oneUser + "/":        {308, oneUser},
		oneUser + "/x":       {404, ""},
		contoso + "%2fusers": {404, ""},
		"/customers%2f" + emulator.ContosoID + "/users":  {404, ""},
		contoso + "/users%2f" + oneUser[len(contoso)+7:]: {404, ""},
		"/settings/":             {308, "/settings"},
		`/\settings`:             {404, ""},
		`/customers\..\settings`: {404, ""},

		// dots
		"/./customers":                       {404, ""},
		"/customers/.":                       {404, ""},
		"/customers/..":                      {404, ""},
		"/customers/../settings":             {404, ""},
		"/help/../settings":                  {404, ""},
		"/customers/%2e%2e/settings":         {404, ""},
		"/customers/%2e%2e%2fsettings":       {404, ""},
		contoso + "/users/../../../settings": {404, ""},
		contoso + "/users/..%2f..%2f..":      {404, ""},
		contoso + "/users/..":                {404, ""},
		"/customers/.%00./users":             {404, ""},

		// what is no ID
		"/customers/" + emulator.ContosoID[:35] + "/users":         {404, ""},
		"/customers/" + emulator.ContosoID + "0/users":             {404, ""},
		"/customers/{" + emulator.ContosoID + "}/users":            {404, ""},
		"/customers/" + emulator.ContosoID + "%20/users":           {404, ""},
		"/customers/" + emulator.ContosoID + "%0a/users":           {404, ""},
		"/customers/" + emulator.ContosoID + ";a=b/users":          {404, ""},
		"/customers/*/users":                                       {404, ""},
		"/customers/:customer/users":                               {404, ""},
		"/customers/%25/users":                                     {404, ""},
		"/customers/%ff%fe/users":                                  {404, ""},
		"/customers/" + strings.Repeat("a", 5000) + "/users":       {404, ""},
		"/customers/contoso":                                       {404, ""},
		"/customers/contoso.example.":                              {404, ""},
		"/customers/contoso.example%0d%0aSet-Cookie:%20a=b":        {404, ""},
		`/customers/%22,%22Field%22:%22x`:                          {404, ""},
		contoso + "/users/" + strings.Repeat("%2e%2e%2f", 500):     {404, ""},
		contoso + "/users/x%0d%0aLocation:%20https://evil.example": {404, ""},

		// files
		"/static/":                            {404, ""},
		"/static/..":                          {404, ""},
		"/static/../customers":                {404, ""},
		"/static/..%2f..%2f..%2fetc%2fpasswd": {404, ""},
		"/static/%2e%2e/%2e%2e/etc/passwd":    {404, ""},
		"/static//etc/passwd":                 {404, ""},
		"/static/dist/app.css":                {404, ""},
		"/static/app.css%00.svg":              {404, ""},
		"/static/.git/config":                 {404, ""},
		"/STATIC/app.css":                     {404, ""},
	} {
		a := b.raw("GET " + path + " HTTP/1.1\r\nHost: rollcall.example\r\n\r\n")
		if a.status != want.status || a.to() != want.to || len(a.cookies) > 0 {
			t.Errorf("%q: %d to %q, want %d to %q", path, a.status, a.to(), want.status, want.to)
		}
	}
	for _, c := range r.emulator.Calls() {
		if strings.Contains(c.Path, "..") || strings.Contains(c.Path, "%") || !strings.HasPrefix(c.Path, "/v1/customers") {
			t.Errorf("a call upstream for %s", c.Path)
		}
	}
}

// one rig for all rounds of a fuzz test.
var fuzzed struct {
	once    sync.Once
	browser *browser
}

// FuzzQuery: from whatever query one arrives at a page that stays, within two
// steps, and the page's own query is canonical.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "q=a", "q=+a++b+", "page=1", "page=2&q=x", "page=-1", "page=99999999999999999999", "size=50", "size=51", "size=", "sort=", "sort=-", "sort=--name", "sort=name", "sort=-name",
		"synced=yes&synced=no", "synced=maybe", "guest=YES", "location=de", "location=none&location=NONE", "location=zz&location=AA&location=zz", "domain=B.example&domain=a.example", "domain=a%20b",
		"q=%ff", "q=%00", "q=%0d%0aLocation:x", "q=%e2%80%ae", "%zz", "a;b", "q=a;b", "q", "=a", "&&&", "Q=a", "q[]=a", "ticket=T-1", "ticket=&q=a", "ticket=T-1&page=1&sort=-", "read=1", "unknown=1&q=a",
		"q=" + strings.Repeat("x", 3000), strings.Repeat("location=DE&", 200), "q=a#b", "q=%F0%9F%98%80", "q=\u00e9", "sort=opened", "sort=-opened", "sort=relationship", "return_to=//evil.example", "q=%2525",
		"license=NONE&license=6FD2C87F-B296-42F0-B197-1E91E994B900&license=none", "plan=efb87545-963c-4e0d-99df-69c6916d9eb0&plan=x", "role=729827e3-9c14-49f7-bb1b-9608f156bbb8", "sort=-licenses", "sort=roles&license=",
	} {
		f.Add(seed)
	}
	fuzzed.once.Do(func() { fuzzed.browser = newRig(f, rigOptions{users: 50}).signedIn(f, priya) })
	f.Fuzz(func(t *testing.T, query string) {
		for i := range len(query) { // what no client can put into a request's first line
			if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
				return
			}
		}
		b := fuzzed.browser
		b.t = t
		for _, path := range []string{"/customers", contoso + "/users"} {
			at := path + "?" + query
			for step := 0; ; step++ {
				a := b.raw("GET " + at + " HTTP/1.1\r\nHost: rollcall.example\r\n\r\n")
				if a.status == http.StatusOK {
					break
				}
				to, err := url.Parse(a.to())
				if a.status != http.StatusSeeOther || err != nil || to.Host != "" || to.Path != path || step > 1 {
					t.Fatalf("step %d, %q: %d to %q", step, at, a.status, a.to())
				}
				at = a.to()
			}
			_, query, _ := strings.Cut(at, "?")
			values, _ := url.ParseQuery(query)
			if _, ok := directory.Canonical(values); path != "/customers" && !ok {
				t.Fatalf("%q stays, and is not canonical", at)
			}
			part := b.raw("GET " + path + "?" + query + " HTTP/1.1\r\nHost: rollcall.example\r\nHX-Request: true\r\nHX-Request-Type: partial\r\n\r\n")
			if replace := part.header.Get("HX-Replace-Url"); part.status != http.StatusOK || replace != "" {
				t.Fatalf("%q as a part: %d, to be replaced by %q", at, part.status, replace)
			}
		}
	})
}

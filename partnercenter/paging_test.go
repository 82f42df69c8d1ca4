package partnercenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// link is a next link as JSON.
func link(uri, token string) string {
	headers := "[]"
	if token != "" {
		headers = string(compact([]wireHeader{{"MS-ContinuationToken", token}}))
	}
	return fmt.Sprintf(`{"uri":%s,"method":"GET","headers":%s}`, compact(uri), headers)
}

// page is a users page with the users of those IDs and a next link, as JSON.
func page(next string, ids ...string) string {
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"id":%q}`, id))
	}
	links := `{}`
	if next != "" {
		links = `{"next":` + next + `}`
	}
	return fmt.Sprintf(`{"totalCount":%d,"items":[%s],"links":%s,"attributes":{"objectType":"Collection"}}`, len(ids), strings.Join(items, ","), links)
}

// numbered is the n-th of many GUIDs.
func numbered(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

const usersPath = "/customers/" + testCustomer + "/users"

// Next links as the service has written them over the years all lead to the
// same request: the list's own path, the link's query as it stands.
func TestNextLinksThatAreFollowed(t *testing.T) {
	tests := map[string]struct{ uri, query string }{
		"without the version":        {usersPath + "?size=500&seekOperation=Next", "size=500&seekOperation=Next"},
		"with the version":           {"/v1" + usersPath + "?seekOperation=Next", "seekOperation=Next"},
		"two slashes":                {"/v1/" + usersPath + "?seekOperation=Next", "seekOperation=Next"},
		"two slashes, no version":    {"/" + usersPath + "?seekOperation=Next", "seekOperation=Next"},
		"a slash behind":             {usersPath + "/?seekOperation=Next", "seekOperation=Next"},
		"no slash in front":          {usersPath[1:] + "?seekOperation=Next", "seekOperation=Next"},
		"an escaped letter":          {"/customers/%34" + testCustomer[1:] + "/users?seekOperation=Next", "seekOperation=Next"},
		"dots":                       {"/customers/x/../" + testCustomer + "/./users?seekOperation=Next", "seekOperation=Next"},
		"another case":               {"/Customers/" + strings.ToUpper(testCustomer) + "/Users?seekOperation=Next", "seekOperation=Next"},
		"no query":                   {usersPath, ""},
		"a query that needs keeping": {usersPath + "?size=0&filter=%7B%22Field%22%3A%22UserState%22%7D&a=b+c?d", "size=0&filter=%7B%22Field%22%3A%22UserState%22%7D&a=b+c?d"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rt := &answers{list: []any{
				response(200, page(link(tt.uri, "AQAAAA=="), numbered(1))),
				response(200, page("", numbered(2))),
			}}
			users := clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users()
			first, err := users.List(t.Context(), UsersOptions{PageSize: 1}, "")
			if err != nil {
				t.Fatal(err)
			}
			second, err := users.List(t.Context(), UsersOptions{PageSize: 1}, first.Next)
			if err != nil || second.Next != "" || len(second.Items) != 1 {
				t.Fatalf("%v, %+v", err, second)
			}
			asked := rt.asked[1]
			if asked.URL.Host != "api.partnercenter.microsoft.com" || asked.URL.Path != "/v1"+usersPath || asked.URL.RawQuery != tt.query {
				t.Errorf("the second page was asked from %s", asked.URL)
			}
			if got := asked.Header["MS-ContinuationToken"]; !cmp.Equal(got, []string{"AQAAAA=="}) {
				t.Errorf("its token is %q", got)
			}
		})
	}
}

// Of a link nothing is taken but query and token.
func TestOfALinksHeadersOnlyTheTokenIsTaken(t *testing.T) {
	next := fmt.Sprintf(`{"uri":"%s?seekOperation=Next","method":"get","body":"x","headers":[{"key":"Authorization","value":"Bearer evil"},`+
		`{"key":"ms-continuationTOKEN","value":"AQ"},{"key":"Host","value":"evil.example"},{"key":"X-Locale","value":"xx"}]}`, usersPath)
	rt := &answers{list: []any{response(200, page(next, numbered(1))), response(200, page("", numbered(2)))}}
	users := clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users()
	if err := last(users.All(t.Context(), UsersOptions{})); err != nil {
		t.Fatal(err)
	}
	asked := rt.asked[1]
	if got := asked.Header["Authorization"]; !cmp.Equal(got, []string{"Bearer token-of-the-test"}) {
		t.Errorf("Authorization: %q", got)
	}
	if asked.Method != "GET" || asked.Body != nil || asked.Host != "api.partnercenter.microsoft.com" || asked.Header["X-Locale"] != nil {
		t.Errorf("the link changed the request: %+v", asked)
	}
	if got := asked.Header["MS-ContinuationToken"]; !cmp.Equal(got, []string{"AQ"}) {
		t.Errorf("MS-ContinuationToken: %q", got)
	}
}

func TestHostileNextLinksAreRefused(t *testing.T) {
	good := usersPath + "?seekOperation=Next"
	tests := map[string]string{
		"another host":               link("https://evil.example/v1"+good, "AQ"),
		"our host in full":           link("https://api.partnercenter.microsoft.com/v1"+good, "AQ"),
		"another host, no scheme":    link("//evil.example/v1"+good, "AQ"),
		"another host, backslashes":  link(`\\evil.example\v1`+good, "AQ"),
		"a user before the host":     link("@evil.example"+good, "AQ"),
		"another customer":           link("/customers/"+otherID+"/users?seekOperation=Next", "AQ"),
		"another list":               link("/customers/"+testCustomer+"/directoryroles?seekOperation=Next", "AQ"),
		"up and to another customer": link("/customers/"+testCustomer+"/users/../../"+otherID+"/users?x", "AQ"),
		"the same, escaped":          link("/customers/"+testCustomer+"/users/%2e%2e/%2E%2E/"+otherID+"/users?x", "AQ"),
		"a slash, escaped":           link("/customers/"+otherID+"%2f..%2f"+otherID+"/users?x", "AQ"),
		"escaped twice":              link("/customers/%2534"+testCustomer[1:]+"/users?x", "AQ"),
		"a bad escape":               link("/customers/%zz"+testCustomer[1:]+"/users?x", "AQ"),
		"below the list":             link(usersPath+"/"+otherID+"?x", "AQ"),
		"above the list":             link("/customers?x", "AQ"),
		"the version twice":          link("/v1/v1"+good, "AQ"),
		"another version":            link("/v2"+good, "AQ"),
		"a matrix parameter":         link(usersPath+";x=1?seekOperation=Next", "AQ"),
		"a fragment":                 link(good+"#x", "AQ"),
		"a line break":               link(good+"\r\nX-Evil: 1", "AQ"),
		"a blank":                    link(good+" HTTP/1.1", "AQ"),
		"a letter that folds to K":   link(strings.Replace(usersPath, "users", "uſers", 1)+"?x", "AQ"),
		"endless":                    link(good+"&x="+strings.Repeat("a", 8<<10), "AQ"),
		"a POST":                     strings.Replace(link(good, "AQ"), `"GET"`, `"POST"`, 1),
		"a token too long":           link(good, strings.Repeat("a", 8<<10+1)),
		"a token with a line break":  link(good, "AQ\r\nX-Evil: 1"),
		"a token with a blank":       link(good, "A Q"),
		"two tokens":                 strings.Replace(link(good, "AQ"), `[{`, `[{"key":"ms-continuationtoken","value":"AR"},{`, 1),
		"the address twice":          strings.Replace(link(good, "AQ"), `{"uri"`, `{"uri":"`+good+`","uri"`, 1),
		"headers twice":              strings.Replace(link(good, "AQ"), `"headers"`, `"Headers":[],"headers"`, 1),
		"an address of numbers":      `{"uri":5}`,
		"no object":                  `"` + good + `"`,
	}
	for name, next := range tests {
		t.Run(name, func(t *testing.T) {
			body := page(next, numbered(1))
			rt := &answers{list: []any{response(200, body), response(200, body), response(200, body), response(200, strings.ReplaceAll(body, usersPath, "/customers"))}}
			client := clientOf(t, Options{Transport: rt})
			users := client.Customer(testCustomer).Users()
			if _, err := users.List(t.Context(), UsersOptions{}, ""); !errors.Is(err, ErrBadResponse) {
				t.Errorf("List: %v, want ErrBadResponse", err)
			}
			if _, err := users.ListRaw(t.Context(), UsersOptions{}, ""); !errors.Is(err, ErrBadResponse) {
				t.Errorf("ListRaw: %v, want ErrBadResponse", err)
			}
			if err := last(users.All(t.Context(), UsersOptions{})); !errors.Is(err, ErrBadResponse) {
				t.Errorf("All: %v, want ErrBadResponse", err)
			}
			if len(rt.asked) != 3 {
				t.Errorf("the link was followed: %d calls", len(rt.asked))
			}
			if name != "above the list" { // which the customers' list is
				if _, err := client.Customers().List(t.Context(), CustomersOptions{}, ""); !errors.Is(err, ErrBadResponse) {
					t.Errorf("Customers.List: %v, want ErrBadResponse", err)
				}
			}
		})
	}
}

// The longest token is taken.
func TestTokensUpToEightKiB(t *testing.T) {
	token := strings.Repeat("a", 8<<10)
	rt := &answers{list: []any{response(200, page(link(usersPath+"?x", token), numbered(1))), response(200, page(""))}}
	if err := last(clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users().All(t.Context(), UsersOptions{})); err != nil {
		t.Fatal(err)
	}
	if got := rt.asked[1].Header.Get("MS-ContinuationToken"); got == token {
		t.Error("Get found the token: the header is not in the documented spelling")
	}
	if got := rt.asked[1].Header["MS-ContinuationToken"][0]; got != token {
		t.Errorf("a token of %d bytes was sent", len(got))
	}
}

func TestATokenInTheBodyServesALinkWithoutOne(t *testing.T) {
	body := strings.Replace(page(link(usersPath+"?seekOperation=Next", ""), numbered(1)), `{`, `{"continuationToken":"AQAAAA==",`, 1)
	rt := &answers{list: []any{response(200, body), response(200, page("", numbered(2)))}}
	if err := last(clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users().All(t.Context(), UsersOptions{})); err != nil {
		t.Fatal(err)
	}
	if got := rt.asked[1].Header["MS-ContinuationToken"]; !cmp.Equal(got, []string{"AQAAAA=="}) {
		t.Errorf("the second page was asked for with %q", got)
	}
	// Without a next link it is the last page, whatever the body holds.
	rt = &answers{list: []any{response(200, strings.Replace(page("", numbered(1)), `{`, `{"continuationToken":"AQAAAA==",`, 1))}}
	if err := last(clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users().All(t.Context(), UsersOptions{})); err != nil {
		t.Fatal(err)
	}
}

// pages is a service whose n-th page, from 0, is f(n).
func pages(t *testing.T, f func(n int) string) (*Users, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	rt := roundTripper(func(*http.Request) (*http.Response, error) {
		return response(200, f(int(asked.Add(1))-1)), nil
	})
	return clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users(), &asked
}

func next(token string) string { return link(usersPath+"?seekOperation=Next", token) }

func TestListsThatDoNotEndAreEnded(t *testing.T) {
	tests := map[string]struct {
		page func(n int) string
		most int32 // calls by page and continuation
		all  int32 // calls by All, which sees the users as well
	}{
		"the same token again":       {func(n int) string { return page(next("AQ"), numbered(n)) }, 2, 2},
		"two tokens in turn":         {func(n int) string { return page(next(fmt.Sprint("t", n%2)), numbered(n)) }, 4, 5},
		"a circle of ten":            {func(n int) string { return page(next(fmt.Sprint("t", n%10)), numbered(n)) }, 40, 41},
		"a circle after a while":     {func(n int) string { return page(next(fmt.Sprint("t", min(n, 100+n%7))), numbered(n)) }, 300, 301},
		"a token for ever":           {func(n int) string { return page(next(fmt.Sprint("t", min(n, 20))), numbered(n)) }, 22, 23},
		"no users, but a next link":  {func(n int) string { return page(next(fmt.Sprint("t", n))) }, 4000, 2},
		"the same users again":       {func(n int) string { return page(next(fmt.Sprint("t", n)), numbered(1), numbered(2)) }, 4000, 3},
		"earlier users, mixed anew":  {func(n int) string { return page(next(fmt.Sprint("t", n)), numbered(n%50), numbered(n*3%50)) }, 4000, 52},
		"more than 4,000 real pages": {func(n int) string { return page(next(fmt.Sprint("t", n)), numbered(n)) }, 4000, 4001},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			users, asked := pages(t, tt.page)
			var after Continuation
			var err error
			for err == nil {
				var page UserPage
				if page, err = users.List(t.Context(), UsersOptions{}, after); err == nil {
					after = page.Next
				}
				if asked.Load() > 5000 {
					t.Fatal("it went on and on")
				}
			}
			if !errors.Is(err, ErrBadResponse) {
				t.Errorf("List: %v, want ErrBadResponse", err)
			}
			if got := asked.Load(); got > tt.most {
				t.Errorf("List: ended after %d pages, want at most %d", got, tt.most)
			}

			users, asked = pages(t, tt.page)
			if err := last(users.All(t.Context(), UsersOptions{})); !errors.Is(err, ErrBadResponse) {
				t.Errorf("All: %v, want ErrBadResponse", err)
			}
			if got := asked.Load(); got > tt.all {
				t.Errorf("All: ended after %d pages, want at most %d", got, tt.all)
			}
		})
	}
}

// 4,000 pages are read, and nobody twice or not at all.
func TestALongList(t *testing.T) {
	users, asked := pages(t, func(n int) string {
		ids := []string{numbered(2 * n), numbered(2*n + 1)}
		if n == 3999 {
			return page("", ids...)
		}
		return page(next(fmt.Sprint("t", n)), ids...)
	})
	n := 0
	for user, err := range users.All(t.Context(), UsersOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if user.ID != numbered(n) {
			t.Fatalf("user %d is %s", n, user.ID)
		}
		n++
	}
	if n != 8000 || asked.Load() != 4000 {
		t.Errorf("%d users of %d pages", n, asked.Load())
	}
}

func TestLeavingTheLoopStopsTheAsking(t *testing.T) {
	users, asked := pages(t, func(n int) string { return page(next(fmt.Sprint("t", n)), numbered(2*n), numbered(2*n+1)) })
	for user, err := range users.All(t.Context(), UsersOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if user.ID == numbered(3) {
			break
		}
	}
	if got := asked.Load(); got > 3 { // two pages and the one ahead
		t.Errorf("asked for %d pages", got)
	}
	before := asked.Load()
	func() { // and so does a panic in it
		defer func() { _ = recover() }()
		for range users.All(t.Context(), UsersOptions{}) {
			panic("x")
		}
	}()
	if got := asked.Load() - before; got > 2 {
		t.Errorf("asked for %d pages", got)
	}
}

func TestLeavingTheLoopEndsTheCallUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: []any{response(200, page(next("AQ"), numbered(1))), hangs}}
		start := time.Now()
		for range clientOf(t, Options{Transport: rt}).Customer(testCustomer).Users().All(t.Context(), UsersOptions{}) {
			break
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("leaving took %v", took)
		}
	})
}

// Customers and members are asked for as the loop needs them.
func TestOtherListsAreNotReadAhead(t *testing.T) {
	rt := &answers{}
	for n := range 3 {
		body := page(next(fmt.Sprint("t", n)), numbered(n))
		rt.list = append(rt.list, response(200, strings.ReplaceAll(body, usersPath, "/customers/"+testCustomer+"/directoryroles/"+otherID+"/usermembers")))
	}
	for range clientOf(t, Options{Transport: rt}).Customer(testCustomer).Role(otherID).Members().All(t.Context(), RoleMembersOptions{}) {
		break
	}
	if len(rt.asked) != 1 {
		t.Errorf("asked %d times", len(rt.asked))
	}
	if got := rt.asked[0].URL.RawQuery; got != "size=500" {
		t.Errorf("asked for %s", got)
	}
}

func TestContinuationsAreCheckedWhenUsed(t *testing.T) {
	rt := &answers{}
	client := clientOf(t, Options{Transport: rt})
	users := client.Customer(testCustomer).Users()
	good := cursor{path: usersPath, query: "seekOperation=Next", token: "AQ", page: 2}
	change := func(f func(c *cursor)) Continuation {
		c := good
		f(&c)
		return c.pack()
	}
	tests := map[string]Continuation{
		"another customer's": change(func(c *cursor) { c.path = "/customers/" + otherID + "/users" }),
		"another list's":     change(func(c *cursor) { c.path = "/customers" }),
		"a line break":       change(func(c *cursor) { c.query += "\r\nX: y" }),
		"a token's break":    change(func(c *cursor) { c.token += "\r\nX: y" }),
		"a token too long":   change(func(c *cursor) { c.token = strings.Repeat("a", 8<<10+1) }),
		"a query too long":   change(func(c *cursor) { c.query = strings.Repeat("a", 8<<10+1) }),
		"page 1":             change(func(c *cursor) { c.page = 1 }),
		"page 4,001":         change(func(c *cursor) { c.page = 4001 }),
		"a URL":              Continuation(usersPath + "?seekOperation=Next"),
		"cut":                good.pack()[:12],
		"cut after the page": good.pack()[:4],
		"changed":            good.pack() + "!",
		"endless":            Continuation(continuationTag + strings.Repeat("A", 1<<20)),
		"the tag alone":      continuationTag,
	}
	for name, after := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := users.List(t.Context(), UsersOptions{}, after); !errors.Is(err, ErrBadRequest) {
				t.Errorf("%v, want ErrBadRequest", err)
			}
		})
	}
	if _, err := client.Customers().List(t.Context(), CustomersOptions{}, good.pack()); !errors.Is(err, ErrBadRequest) {
		t.Errorf("users' continuation for customers: %v, want ErrBadRequest", err)
	}
	if len(rt.asked) > 0 {
		t.Errorf("%d calls were sent", len(rt.asked))
	}
}

func FuzzContinuation(f *testing.F) {
	f.Add(string(cursor{path: usersPath, query: "seekOperation=Next", token: "AQ", page: 2}.pack()))
	f.Add(continuationTag + "AgAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Continuation(text).unpack(usersPath)
		if err != nil {
			return
		}
		if c.path != usersPath || c.page < 2 || c.page > maxPages || len(c.token) > maxToken || !printable(c.token+c.query, '!') {
			t.Errorf("%q was taken: %+v", text, c)
		}
		if again, err := c.pack().unpack(usersPath); err != nil || again != c {
			t.Errorf("%+v packed and unpacked is %+v, %v", c, again, err)
		}
	})
}

// Whatever link is accepted means the list's own path to everybody: to a
// server that cleans paths and to one that resolves against the base address.
func FuzzNextLink(f *testing.F) {
	for _, uri := range []string{
		usersPath + "?seekOperation=Next", "/v1//customers/" + testCustomer + "/users?x", "//evil.example/", "/customers/%2e%2e/x", "https://evil.example/",
		"/v1/../customers/" + testCustomer + "/users", `\\x`, "/customers/" + testCustomer + "/users#x",
	} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		query, err := checkURI(uri, usersPath)
		if err != nil {
			return
		}
		if !strings.HasSuffix(uri, query) || !printable(query, '!') || strings.ContainsAny(query, "#") {
			t.Errorf("%q: query %q", uri, query)
		}
		given, _, _ := strings.Cut(uri, "?")
		plain, err := url.PathUnescape(given)
		if err != nil {
			t.Fatalf("%q: %v", uri, err)
		}
		clean := strings.TrimPrefix(path.Clean("/"+plain), "/v1")
		if !strings.EqualFold(clean, usersPath) {
			t.Errorf("%q was taken for the list, it leads to %s", uri, clean)
		}
		ref := &http.Request{URL: &url.URL{Scheme: "https", Host: "h", Path: "/v1" + usersPath, RawQuery: query}}
		if back, err := url.Parse(ref.URL.String()); err != nil || back.Path != "/v1"+usersPath || back.Host != "h" || back.Fragment != "" {
			t.Errorf("%q makes the request %s", uri, ref.URL)
		}
	})
}

// An item whose self link names another customer refuses the page.
func TestItemsOfAnotherCustomerAreRefused(t *testing.T) {
	const user = "a9ef48bb-8758-4590-a312-d4a47bfaded4"
	self := func(uri string) string {
		return fmt.Sprintf(`"links":{"self":{"uri":%s,"method":"GET","headers":[]}}`, compact(uri))
	}
	tests := map[string]struct {
		uri     string
		refused bool
	}{
		"its own":                {usersPath + "/" + user, false},
		"its own, versioned":     {"/v1" + usersPath + "/" + user, false},
		"its own, two slashes":   {"/v1/" + usersPath + "/" + user, false},
		"its own, in capitals":   {strings.ToUpper(usersPath) + "/" + user, false},
		"its own, in full":       {"https://api.partnercenter.microsoft.com/v1" + usersPath + "/" + user, false},
		"its own, escaped":       {"/customers/%34" + testCustomer[1:] + "/users/" + user, false},
		"none":                   {"", false},
		"no customer in it":      {"/users/" + user, false},
		"another":                {"/customers/" + otherID + "/users/" + user, true},
		"another, versioned":     {"/v1/customers/" + otherID + "/users/" + user, true},
		"another, two slashes":   {"/v1//customers//" + otherID + "/users/" + user, true},
		"another, in full":       {"https://evil.example/customers/" + otherID, true},
		"another, escaped":       {"/c%75stomers/" + otherID + "/users/" + user, true},
		"another behind dots":    {usersPath + "/../../" + otherID + "/users/" + user, true},
		"another as a second":    {usersPath + "/customers/" + otherID, true},
		"escaped beyond telling": {"/customers/%zz/users/" + user, true},
		"escaped twice":          {"/c%2575stomers/" + otherID, true},
		"a longer ID":            {"/customers/" + testCustomer + "0/users/" + user, true},
		"no ID at all":           {"/customers//", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			item := fmt.Sprintf(`{"id":%q,%s}`, user, self(tt.uri))
			check := func(call string, err error) {
				t.Helper()
				if refused := errors.Is(err, ErrBadResponse); refused != tt.refused || err != nil && !refused {
					t.Errorf("%s: %v, want refused %v", call, err, tt.refused)
				}
			}
			customer := func(body string) *CustomerRef {
				return clientOf(t, Options{Transport: &answers{list: []any{response(200, body)}}}).Customer(testCustomer)
			}
			collection := `{"items":[{"id":"` + numbered(1) + `"},` + item + `]}`
			_, err := customer(collection).Users().List(t.Context(), UsersOptions{}, "")
			check("Users.List", err)
			raw, err := customer(collection).Users().ListRaw(t.Context(), UsersOptions{}, "")
			if err == nil {
				err = raw.Each(func(*RawUser) error { return nil })
			}
			check("Users.ListRaw", err)
			_, err = customer(item).User(user).Get(t.Context())
			check("User.Get", err)
			_, err = customer(collection).Role(otherID).Members().List(t.Context(), RoleMembersOptions{}, "")
			check("Members.List", err)
			_, err = customer(fmt.Sprintf(`{"id":%q,%s}`, testCustomer, self(tt.uri))).Get(t.Context())
			check("Customer.Get", err)
			_, err = customer(fmt.Sprintf(`{"items":[{"id":%q,%s}]}`, testCustomer, self(tt.uri))).client.Customers().List(t.Context(), CustomersOptions{}, "")
			check("Customers.List", err)
			_, err = customer(fmt.Sprintf(`{"tenantId":%q,%s}`, testCustomer, self(tt.uri))).CompanyProfile(t.Context())
			check("CompanyProfile", err)
		})
	}
}

func TestAnswersForSomebodyElseAreRefused(t *testing.T) {
	customer := func(body string) *CustomerRef {
		return clientOf(t, Options{Transport: &answers{list: []any{response(200, body)}}}).Customer(testCustomer)
	}
	if _, err := customer(`{"id":"` + otherID + `"}`).Get(t.Context()); !errors.Is(err, ErrBadResponse) {
		t.Errorf("Customer.Get: %v, want ErrBadResponse", err)
	}
	if _, err := customer(`{"tenantId":"` + otherID + `"}`).CompanyProfile(t.Context()); !errors.Is(err, ErrBadResponse) {
		t.Errorf("CompanyProfile: %v, want ErrBadResponse", err)
	}
	if _, err := customer(`{"id":"` + otherID + `"}`).User(numbered(1)).Get(t.Context()); !errors.Is(err, ErrBadResponse) {
		t.Errorf("User.Get: %v, want ErrBadResponse", err)
	}
}

func TestRawPages(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(usersPage(20, 0, "AQAAAA=="))
	}))
	t.Cleanup(server.Close)
	users := clientOf(t, Options{BaseURL: server.URL}).Customer(testCustomer).Users()
	raw, err := users.ListRaw(t.Context(), UsersOptions{}, "")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := users.List(t.Context(), UsersOptions{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if raw.Next == "" || raw.Next != whole.Next {
		t.Errorf("Next is %q, List's is %q", raw.Next, whole.Next)
	}
	for range 2 { // it can be decoded again
		var got []User
		err := raw.Each(func(u *RawUser) error {
			synced, err := ParseTime(string(u.LastDirectorySync))
			if err != nil {
				return err
			}
			got = append(got, User{
				string(u.ID), string(u.UserPrincipalName), string(u.DisplayName), string(u.FirstName), string(u.LastName),
				string(u.PhoneNumber), string(u.UsageLocation), string(u.ImmutableID), UserDomainType(u.DomainType), UserState(u.State), synced, synced,
			})
			got[len(got)-1].SoftDeletion = whole.Items[len(got)-1].SoftDeletion
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.Items, got); diff != "" {
			t.Errorf("List and Each differ:\n%s", diff)
		}
	}

	stop := errors.New("enough")
	n := 0
	if err := raw.Each(func(*RawUser) error { n++; return stop }); err != stop || n != 1 {
		t.Errorf("Each gave %v after %d users, want the function's error as it is", err, n)
	}
	raw.Release()
	raw.Release()
	if err := raw.Each(func(*RawUser) error { return nil }); err == nil {
		t.Error("a released page was decoded")
	}
}

// What the end of the page says and what the page says must agree; else the
// page is refused once it is decoded.
func TestTheTailIsProvedByThePage(t *testing.T) {
	tests := map[string]string{
		"another links key before":     `{"Links":{"next":` + next("AA") + `},"items":[],"links":{"next":` + next("AQ") + `}}`,
		"not valid before the tail":    `{"items":[{"id":"` + numbered(1) + `",}],"links":{"next":` + next("AQ") + `}}`,
		"the tail of something inside": `"items":[],"links":{"next":` + next("AQ") + `}}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			users := clientOf(t, Options{Transport: &answers{list: []any{response(200, body)}}}).Customer(testCustomer).Users()
			raw, err := users.ListRaw(t.Context(), UsersOptions{}, "")
			if err == nil {
				err = raw.Each(func(*RawUser) error { return nil })
			}
			if !errors.Is(err, ErrBadResponse) {
				t.Errorf("%v, want ErrBadResponse", err)
			}
		})
	}
}

// The next link is found from the page's end wherever the service writes it
// there, and costs no pass over the users.
func TestTheTailIsFound(t *testing.T) {
	body := usersPage(500, 0, "AQAAAA==")
	a := answerOf(body)
	found, ok := a.scan.tail(a.bytes, a.begin, a.end)
	if !ok {
		t.Fatal("not found")
	}
	var links wireLinks
	if err := json.Unmarshal(a.bytes[found.links.begin:found.links.end], &links); err != nil || links.Next.value.URI.value == "" {
		t.Errorf("%v, %+v", err, links)
	}
	for name, body := range pageSeeds { // a guess is never wrong on a page that is right
		a := answerOf([]byte(body))
		guess, ok := a.scan.tail(a.bytes, a.begin, a.end)
		proved, err := a.scan.page(a.bytes, a.begin, a.end, testCustomer, nil)
		if ok && err == nil && guess.links != proved.links {
			t.Errorf("%s: guessed %v, it is at %v", name, guess.links, proved.links)
		}
	}
}

func TestBuffersAreUsedAgainWithoutALeak(t *testing.T) {
	long, short := usersPage(300, 0, ""), usersPage(2, 9000, "")
	n := 0
	users := clientOf(t, Options{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		if n++; n%2 == 1 {
			return response(200, string(long)), nil
		}
		return response(200, string(short)), nil
	})}).Customer(testCustomer).Users()
	var kept []User
	for i := range 6 {
		page, err := users.List(t.Context(), UsersOptions{}, "")
		if err != nil {
			t.Fatal(err)
		}
		if want := []int{300, 2}[i%2]; len(page.Items) != want {
			t.Fatalf("page %d has %d users, want %d", i, len(page.Items), want)
		}
		kept = append(kept, page.Items...)
	}
	for i, user := range kept {
		if !strings.HasPrefix(user.UserPrincipalName, "user") || !ValidID(user.ID) {
			t.Fatalf("user %d was overwritten: %+v", i, user)
		}
	}
}

func TestSeenIDs(t *testing.T) {
	var seen seenIDs
	wrong := 0
	const n = 300_000
	for range n {
		if !seen.add(NewID()) {
			wrong++
		}
	}
	if wrong > n/500 {
		t.Errorf("%d of %d new IDs were taken for seen", wrong, n)
	}
	bits := 0
	for _, layer := range seen.layers {
		bits += len(layer.blocks) * 512
	}
	if bits > 60*n {
		t.Errorf("%d bits an ID", bits/n)
	}
	for i := range 1000 {
		seen.add(numbered(i))
		if seen.add(numbered(i)) {
			t.Errorf("%d was forgotten", i)
		}
	}
}

package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// The tests' own reading of the wire (API facts 7.1 and 9), so that they do not
// lean on anybody's types.
type (
	link struct {
		URI     string `json:"uri"`
		Method  string `json:"method"`
		Headers []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"headers"`
	}
	list[T any] struct {
		ContinuationToken string `json:"continuationToken"`
		TotalCount        int    `json:"totalCount"`
		Items             []T    `json:"items"`
		Links             struct{ Self, Next, Previous *link }
	}
	user struct {
		ID                    string `json:"id"`
		UserPrincipalName     string `json:"userPrincipalName"`
		DisplayName           string `json:"displayName"`
		FirstName             string `json:"firstName"`
		LastName              string `json:"lastName"`
		UsageLocation         string `json:"usageLocation"`
		ImmutableID           string `json:"immutableId"`
		PhoneNumber           string `json:"phoneNumber"`
		UserDomainType        string `json:"userDomainType"`
		State                 string `json:"state"`
		LastDirectorySyncTime string `json:"lastDirectorySyncTime"`
		SoftDeletionTime      string `json:"softDeletionTime"`
	}
	users = list[user]
)

func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	if a.status != 200 && a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var v T
	if err := json.Unmarshal([]byte(strings.TrimPrefix(a.body, bom)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// follow reads a list to its end by links.next, as it stands.
func follow[T any](t testing.TB, s service, word, path string) (pages [][]T) {
	t.Helper()
	var headers []string
	for {
		page := decode[list[T]](t, s.ask(t, word, "GET", path, headers...))
		pages = append(pages, page.Items)
		next := page.Links.Next
		if next == nil {
			return pages
		}
		path, headers = "/v1"+next.URI, nil
		for _, h := range next.Headers {
			headers = append(headers, h.Key, h.Value)
		}
	}
}

func all[T any](t testing.TB, s service, path string) []T {
	t.Helper()
	return slices.Concat(follow[T](t, s, "admin-agent", path)...)
}

func ids(list []user) []string {
	var out []string
	for _, u := range list {
		out = append(out, u.ID)
	}
	return out
}

const contoso = "/v1/customers/" + emulator.ContosoID

func TestPageSizes(t *testing.T) {
	s := start(t, emulator.Options{})
	tests := map[string]struct {
		path string
		want []int // items of each page
	}{
		"users, none asked":          {contoso + "/users", []int{100, 100, 100, 100, 12}},
		"users, left to the service": {contoso + "/users?size=0", []int{100, 100, 100, 100, 12}},
		"users, the most":            {contoso + "/users?size=500", []int{412}},
		"users, name in capitals":    {contoso + "/users?SIZE=206", []int{206, 206}},
		"users, none there":          {"/v1/customers/" + emulator.EmptyCustomerID + "/users", []int{0}},
		"customers, none asked":      {"/v1/customers", []int{63}},
		"customers, 40 a page":       {"/v1/customers?size=40", []int{40, 23}},
		"members, none asked":        {"/v1/customers/" + emulator.NorthwindID + "/directoryroles/fe930be7-5e62-47db-91af-98c3a49a38b1/usermembers", []int{100, 30}},
		"members, 50 a page":         {"/v1/customers/" + emulator.NorthwindID + "/directoryroles/fe930be7-5e62-47db-91af-98c3a49a38b1/usermembers?size=50", []int{50, 50, 30}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			seen := map[string]bool{}
			for _, page := range follow[user](t, s, "admin-agent", tt.path) {
				got = append(got, len(page))
				for _, item := range page {
					if seen[item.ID] {
						t.Errorf("%s came twice", item.ID)
					}
					seen[item.ID] = true
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("page sizes (-want +got):\n%s", diff)
			}
		})
	}
}

// A page in the middle, key by key: the count is the page's, the token stands
// in the body and in both links, the links carry the size and nothing else.
func TestAPageInTheMiddle(t *testing.T) {
	s := start(t, emulator.Options{})
	const path = contoso + "/users?size=150&sortField=DisplayName&sortDirection=Descending"
	first := decode[users](t, s.get(t, path))
	if first.Links.Previous != nil {
		t.Error("the first page has a previous one")
	}
	if want := strings.TrimPrefix(path, "/v1"); first.Links.Self.URI != want {
		t.Errorf("self %q, want %q", first.Links.Self.URI, want)
	}

	second := decode[users](t, s.get(t, contoso+"/users?seekOperation=Next", "MS-ContinuationToken", first.ContinuationToken))
	if second.TotalCount != 150 {
		t.Errorf("totalCount %d, want the page's 150", second.TotalCount)
	}
	for name, l := range map[string]*link{"Next": second.Links.Next, "Previous": second.Links.Previous} {
		if l == nil {
			t.Fatalf("no link to the %s page", name)
		}
		if want := strings.TrimPrefix(contoso, "/v1") + "/users?size=150&seekOperation=" + name; l.URI != want {
			t.Errorf("uri %q, want %q", l.URI, want)
		}
		if len(l.Headers) != 1 || l.Headers[0].Key != "MS-ContinuationToken" || l.Headers[0].Value != second.ContinuationToken || l.Method != "GET" {
			t.Errorf("%s link %+v, want GET and the token %q", name, l, second.ContinuationToken)
		}
	}

	third := decode[users](t, s.get(t, contoso+"/users?seekOperation=Next", "MS-ContinuationToken", second.ContinuationToken))
	if third.ContinuationToken != "" || third.Links.Next != nil || third.TotalCount != 112 {
		t.Errorf("the last page has token %q, next %v, count %d", third.ContinuationToken, third.Links.Next, third.TotalCount)
	}
	back := decode[users](t, s.get(t, "/v1"+third.Links.Previous.URI, "MS-ContinuationToken", third.Links.Previous.Headers[0].Value))
	if diff := cmp.Diff(ids(second.Items), ids(back.Items)); diff != "" {
		t.Errorf("back from the third page (-second +got):\n%s", diff)
	}
}

func TestBothWaysOfFollowingGiveTheSame(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, query := range []string{"size=60", "size=60&sortField=DisplayName", "sortfield=displayname&SORTDIRECTION=descending&size=60",
		"size=4&filter=" + url.QueryEscape(`{"Field":"UserState","Value":"Inactive","Operator":"equals"}`)} {
		byLink := ids(all[user](t, s, contoso+"/users?"+query))
		var bySeek []string
		page := decode[users](t, s.get(t, contoso+"/users?"+query))
		for {
			bySeek = append(bySeek, ids(page.Items)...)
			if page.ContinuationToken == "" {
				break
			}
			page = decode[users](t, s.get(t, contoso+"/users?seekOperation=0", "MS-ContinuationToken", page.ContinuationToken))
		}
		if diff := cmp.Diff(byLink, bySeek); diff != "" {
			t.Errorf("%s (-by link +by seek):\n%s", query, diff)
		}
	}
}

func TestSeekingToTheEnds(t *testing.T) {
	s := start(t, emulator.Options{})
	everyone := ids(all[user](t, s, contoso+"/users?size=500"))
	page := decode[users](t, s.get(t, contoso+"/users?size=100"))

	last := decode[users](t, s.get(t, contoso+"/users?seekOperation=Last", "MS-ContinuationToken", page.ContinuationToken))
	if diff := cmp.Diff(everyone[400:], ids(last.Items)); diff != "" {
		t.Errorf("last (-want +got):\n%s", diff)
	}
	last = decode[users](t, s.get(t, contoso+"/users?size=100&seekOperation=3"))
	if diff := cmp.Diff(everyone[400:], ids(last.Items)); diff != "" {
		t.Errorf("last without a token (-want +got):\n%s", diff)
	}
	first := decode[users](t, s.get(t, contoso+"/users?seekOperation=First", "MS-ContinuationToken", last.Links.Previous.Headers[0].Value))
	if diff := cmp.Diff(everyone[:100], ids(first.Items)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
}

func TestVersionedLinks(t *testing.T) {
	s := start(t, emulator.Options{VersionedLinks: true})
	next := decode[users](t, s.get(t, contoso+"/users")).Links.Next
	if want := contoso + "/users?size=100&seekOperation=Next"; next.URI != want {
		t.Fatalf("next %q, want %q", next.URI, want)
	}
	if got := s.get(t, next.URI, "MS-ContinuationToken", next.Headers[0].Value); got.status != 200 {
		t.Errorf("as it stands: %d", got.status)
	}
	if got := s.get(t, "/v1/"+next.URI, "MS-ContinuationToken", next.Headers[0].Value); got.status != 404 {
		t.Errorf("behind a second version: %d, want 404", got.status)
	}
}

func TestTokensAreNobodysAndRunOut(t *testing.T) {
	var clock atomic.Int64
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return begin.Add(time.Duration(clock.Load())) }})
	token := decode[users](t, s.get(t, contoso+"/users")).ContinuationToken

	if got := s.ask(t, "reader", "GET", contoso+"/users?seekOperation=Next", "MS-ContinuationToken", token); got.status != 200 {
		t.Errorf("another person: %d, want 200", got.status)
	}
	clock.Store(int64(5 * time.Minute))
	if got := s.get(t, contoso+"/users?seekOperation=Next", "MS-ContinuationToken", token); got.status != 200 {
		t.Errorf("after 5 minutes: %d, want 200", got.status)
	}
	clock.Store(int64(5*time.Minute + time.Second))
	if got := s.get(t, contoso+"/users?seekOperation=Next", "MS-ContinuationToken", token); got.status != 400 || !strings.Contains(got.body, `"code":800002`) {
		t.Errorf("after more: %d %s, want 400 800002", got.status, got.body)
	}
}

func TestBadPageRequests(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }})
	token := decode[users](t, s.get(t, contoso+"/users?size=100")).ContinuationToken
	last := decode[users](t, s.get(t, contoso+"/users?size=100&seekOperation=Last")).Links.Previous.Headers[0].Value
	const seek = contoso + "/users?seekOperation=Next"
	tests := map[string]struct {
		path, token string
		code        int
	}{
		"no token to go on from":       {seek, "", 800002},
		"garbage":                      {seek, "AQAAAA==", 800002},
		"not base64":                   {seek, "%%%", 800002},
		"cut short":                    {seek, token[:len(token)-4], 800002},
		"one bit turned":               {seek, "B" + token[1:], 800002},
		"forged":                       {seek, emulator.ForgedToken(strings.TrimPrefix(contoso, "/v1")+"/users", 100, 0, now), 800002},
		"of another customer":          {documented + "/users?seekOperation=Next", token, 800002},
		"of another list":              {"/v1/customers?seekOperation=Next", token, 800002},
		"no operation":                 {contoso + "/users", token, 800002},
		"another size":                 {seek + "&size=50", token, 800002},
		"a sort on top":                {seek + "&sortField=DisplayName", token, 800002},
		"a filter on top":              {seek + "&filter=%7B%7D", token, 800002},
		"before the first":             {contoso + "/users?seekOperation=Previous", token, 800002},
		"after the last":               {seek, last, 800002},
		"by number of page":            {contoso + "/users?seekOperation=PageIndex", token, 900141},
		"by number of page, by number": {contoso + "/users?seekOperation=4", "", 900141},
		"by row":                       {contoso + "/users?offset=100", "", 900141},
		"unknown operation":            {contoso + "/users?seekOperation=Sideways", token, 3000},
		"size 501":                     {contoso + "/users?size=501", "", 3000},
		"size below 0":                 {contoso + "/users?size=-1", "", 3000},
		"size in words":                {contoso + "/users?size=many", "", 3000},
		"two sizes":                    {contoso + "/users?size=1&Size=2", "", 800002},
		"members, 501":                 {contoso + "/directoryroles/62e90394-69f5-4237-9190-012177145e10/usermembers?size=501", "", 3000},
		"members filtered":             {contoso + "/directoryroles/62e90394-69f5-4237-9190-012177145e10/usermembers?filter=%7B%7D", "", 3000},
		"customers sorted":             {"/v1/customers?sortField=CompanyName", "", 3000},
		"users by user name":           {contoso + "/users?sortField=UserPrincipalName", "", 3000},
		"users sideways":               {contoso + "/users?sortField=DisplayName&sortDirection=Sideways", "", 3000},
		"a direction without a field":  {contoso + "/users?sortDirection=Ascending", "", 3000},
		"filter is no JSON":            {contoso + "/users?filter=UserState", "", 800002},
		"filter with something behind": {contoso + "/users?filter=" + url.QueryEscape(`{"Field":"UserState","Value":"Inactive","Operator":"equals"} x`), "", 800002},
		"users by name":                {contoso + "/users?filter=" + url.QueryEscape(`{"Field":"DisplayName","Value":"Jan","Operator":"starts_with"}`), "", 3000},
		"another state":                {contoso + "/users?filter=" + url.QueryEscape(`{"Field":"UserState","Value":"Blocked","Operator":"equals"}`), "", 3000},
		"another operator":             {contoso + "/users?filter=" + url.QueryEscape(`{"Field":"UserState","Value":"Active","Operator":"not_equals"}`), "", 3000},
		"a compound filter":            {contoso + "/users?filter=" + url.QueryEscape(`{"LeftFilter":{},"Operator":"and","RightFilter":{}}`), "", 3000},
		"customers by a part":          {"/v1/customers?filter=" + url.QueryEscape(`{"Field":"CompanyName","Value":"tos","Operator":"substring"}`), "", 3000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var headers []string
			if tt.token != "" {
				headers = []string{"MS-ContinuationToken", tt.token}
			}
			got := s.get(t, tt.path, headers...)
			if want := fmt.Sprintf(`{"code":%d,`, tt.code); got.status != 400 || !strings.HasPrefix(got.body, want) {
				t.Errorf("%d %s, want 400 %s…", got.status, got.body, want)
			}
		})
	}
}

func TestUsersByState(t *testing.T) {
	s := start(t, emulator.Options{})
	active := ids(all[user](t, s, contoso+"/users?size=500"))
	tests := map[string]struct {
		filter string
		want   int
		state  string
	}{
		"deleted":            {`{"Field":"UserState","Value":"Inactive","Operator":"equals"}`, 6, "inactive"},
		"older field name":   {`{"Field":"UserStatus","Value":"Inactive","Operator":"equals"}`, 6, "inactive"},
		"in lower case":      {`{"field":"userstate","value":"inactive","operator":"equals"}`, 6, "inactive"},
		"in capitals":        {`{"FIELD":"USERSTATUS","VALUE":"INACTIVE","OPERATOR":"EQUALS"}`, 6, "inactive"},
		"spaces, order":      {`{ "Operator": "equals", "Value": "Inactive", "Field": "UserState" }`, 6, "inactive"},
		"active, said aloud": {`{"Field":"UserState","Value":"Active","Operator":"equals"}`, 412, "active"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := all[user](t, s, contoso+"/users?size=500&filter="+url.QueryEscape(tt.filter))
			if len(got) != tt.want {
				t.Errorf("%d users, want %d", len(got), tt.want)
			}
			for _, u := range got {
				if u.State != tt.state {
					t.Errorf("%s is %s, want %s", u.UserPrincipalName, u.State, tt.state)
				}
				if deleted := !slices.Contains(active, u.ID); deleted != (tt.state == "inactive") || deleted != (u.SoftDeletionTime != "") {
					t.Errorf("%s: state %s, deleted %q, in the plain list %v", u.UserPrincipalName, u.State, u.SoftDeletionTime, !deleted)
				}
			}
		})
	}
}

func TestCustomersByPrefix(t *testing.T) {
	type customer struct {
		ID             string
		CompanyProfile struct{ CompanyName, Domain string }
	}
	s := start(t, emulator.Options{})
	tests := map[string]struct {
		filter string
		want   []string // domains
	}{
		"name":            {`{"Field":"CompanyName","Value":"Contoso D","Operator":"starts_with"}`, []string{"contoso-dach.example", "contoso-vertrieb.example", "contoso.example"}},
		"name, any case":  {`{"Field":"CompanyName","Value":"cONTOSO d","Operator":"starts_with"}`, []string{"contoso-dach.example", "contoso-vertrieb.example", "contoso.example"}},
		"name, umlaut":    {`{"Field":"CompanyName","Value":"MÜLHEIMER S","Operator":"starts_with"}`, []string{"stadtwerke-mh.example"}},
		"name, in kanji":  {`{"Field":"CompanyName","Value":"株式会社","Operator":"starts_with"}`, []string{"sakura-seiki.example"}},
		"domain":          {`{"Field":"Domain","Value":"northwind.","Operator":"starts_with"}`, []string{"northwind.example"}},
		"not a substring": {`{"Field":"Domain","Value":"wind.example","Operator":"starts_with"}`, nil},
		"reseller":        {`{"Field":"IndirectReseller","Value":"4847383","Operator":"starts_with"}`, []string{"proseware.example", "relecloud-nordics.example", "relecloud.example"}},
		"reseller, other": {`{"Field":"IndirectCloudSolutionProvider","Value":"484","Operator":"starts_with"}`, []string{"proseware.example", "relecloud-nordics.example", "relecloud.example"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for way, path := range map[string]string{
				"plus":    "/v1/customers?size=0&filter=" + url.QueryEscape(tt.filter),
				"percent": "/v1/customers?size=2&filter=" + strings.ReplaceAll(url.QueryEscape(tt.filter), "+", "%20"),
			} {
				var got []string
				for _, c := range all[customer](t, s, path) {
					got = append(got, c.CompanyProfile.Domain)
				}
				slices.Sort(got)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

package partnercenter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// service is what TestConformance reads: the emulator or, with ROLLCALL_LIVE=1,
// whatever ROLLCALL_API_URL names, on the token in ROLLCALL_TOKEN.
type service struct {
	t        *testing.T
	url      string
	token    string
	client   *partnercenter.Client
	customer string // of which users, licenses and roles may be read
}

func theService(t *testing.T) *service {
	s := &service{t: t, token: "admin-agent", customer: emulator.ContosoID}
	switch {
	case os.Getenv("ROLLCALL_LIVE") == "1":
		s.url, s.token, s.customer = strings.TrimRight(os.Getenv("ROLLCALL_API_URL"), "/"), os.Getenv("ROLLCALL_TOKEN"), os.Getenv("ROLLCALL_LIVE_CUSTOMER")
		if s.url == "" || s.token == "" || s.customer == "" {
			t.Fatal("ROLLCALL_LIVE=1 needs ROLLCALL_API_URL (https://api.partnercenter.microsoft.com), ROLLCALL_TOKEN and ROLLCALL_LIVE_CUSTOMER (the ID of a customer with users whom you may see)")
		}
	default:
		server := httptest.NewServer(emulator.New(emulator.Options{}))
		t.Cleanup(server.Close)
		s.url = server.URL
	}
	var err error
	s.client, err = partnercenter.New(partnercenter.StaticToken(s.token), partnercenter.Options{BaseURL: s.url, Application: "Rollcall conformance"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// exchange is one answer as it came.
type exchange struct {
	status int
	header http.Header
	body   []byte // without its byte order mark
	fields map[string]json.RawMessage
}

// get reads an address below /v1 with a plain HTTP client, as a program in any
// other language does. It can read only: the method is not the caller's.
func (s *service) get(t *testing.T, path string, headers ...string) exchange {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Accept", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	e := exchange{status: answer.StatusCode, header: answer.Header, body: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))}
	if len(e.body) > 0 {
		if err := json.Unmarshal(e.body, &e.fields); err != nil {
			t.Fatalf("%s: no JSON object: %v", path, err)
		}
	}
	return e
}

// has fails for each field that is missing. What the service adds is its own.
func (e exchange) has(t *testing.T, what string, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, ok := e.fields[name]; !ok {
			t.Errorf("%s: no %q among %v", what, name, fieldNames(e.fields))
		}
	}
}

func (e exchange) items(t *testing.T) []map[string]json.RawMessage {
	t.Helper()
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(e.fields["items"], &items); err != nil {
		t.Fatalf("items: %v", err)
	}
	return items
}

func fieldNames(fields map[string]json.RawMessage) []string {
	names := []string{}
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // anything else is not the text that is looked for
	return s
}

// TestConformance asserts what Microsoft documents of the reading half of the
// API, in raw HTTP and through the SDK. It changes nothing. Without anything
// set it reads the emulator; see CONTRIBUTING.md for the real service.
//
// Sources: "Partner Center REST headers", "Get a list of all user accounts for
// a customer", "Get a user account by ID", "Get a list of licenses assigned to
// a user", "Get a list of available licenses", "Get a list of all available
// roles", "Get all user accounts with a role", "View all deleted users",
// "Error codes".
func TestConformance(t *testing.T) {
	s := theService(t)
	at := "/customers/" + s.customer
	const correlation, request = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9", "0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9"

	collection := func(t *testing.T, path string, headers ...string) exchange {
		t.Helper()
		e := s.get(t, path, headers...)
		if e.status != http.StatusOK {
			t.Fatalf("%s: %d %.300s", path, e.status, e.body)
		}
		e.has(t, path, "totalCount", "items", "attributes")
		var attributes struct {
			ObjectType string `json:"objectType"`
		}
		if err := json.Unmarshal(e.fields["attributes"], &attributes); err != nil || attributes.ObjectType != "Collection" {
			t.Errorf("%s: attributes %s", path, e.fields["attributes"])
		}
		if total := string(e.fields["totalCount"]); total != jsonNumber(len(e.items(t))) {
			t.Errorf("%s: totalCount %s, with %d items on this page", path, total, len(e.items(t)))
		}
		return e
	}

	t.Run("headers", func(t *testing.T) {
		e := s.get(t, at, "MS-CorrelationId", correlation, "MS-RequestId", request)
		if e.status != http.StatusOK || !strings.HasPrefix(e.header.Get("Content-Type"), "application/json") {
			t.Errorf("%d %q", e.status, e.header.Get("Content-Type"))
		}
		if e.header.Get("MS-CorrelationId") != correlation || e.header.Get("MS-RequestId") != request {
			t.Errorf("IDs come back as %q and %q", e.header.Get("MS-CorrelationId"), e.header.Get("MS-RequestId"))
		}
		e.has(t, "a customer", "id", "companyProfile", "links", "attributes")
		if !strings.EqualFold(text(e.fields["id"]), s.customer) {
			t.Errorf("id %s", e.fields["id"])
		}
	})
	t.Run("customers", func(t *testing.T) {
		for _, c := range collection(t, "/customers?size=2").items(t) {
			if !partnercenter.ValidID(text(c["id"])) || c["companyProfile"] == nil {
				t.Errorf("a customer is %v", fieldNames(c))
			}
		}
		customer, err := s.client.Customer(s.customer).Get(t.Context())
		if err != nil || !strings.EqualFold(customer.ID, s.customer) || customer.CompanyProfile.CompanyName == "" {
			t.Errorf("through the SDK: %v", err)
		}
	})

	var users []partnercenter.User
	t.Run("users", func(t *testing.T) {
		first := collection(t, at+"/users?size=2")
		first.has(t, "a page of users", "links")
		items := first.items(t)
		if len(items) == 0 || len(items) > 2 {
			t.Fatalf("%d users on a page of two; choose a customer who has some", len(items))
		}
		for _, u := range items {
			for _, name := range []string{"id", "userPrincipalName", "displayName", "state", "userDomainType", "attributes"} {
				if u[name] == nil {
					t.Errorf("a user has no %q, but %v", name, fieldNames(u))
				}
			}
			if text(u["state"]) != "active" {
				t.Errorf("state %s in the plain list", u["state"])
			}
		}
		page, err := s.client.Customer(s.customer).Users().List(t.Context(), partnercenter.UsersOptions{PageSize: 2}, "")
		if err != nil || len(page.Items) != len(items) || !strings.EqualFold(page.Items[0].ID, text(items[0]["id"])) {
			t.Fatalf("through the SDK: %v, %d users", err, len(page.Items))
		}
		users = page.Items

		// The next page, by its link and header as they stand.
		var links struct {
			Next *struct {
				URI     string `json:"uri"`
				Method  string `json:"method"`
				Headers []struct{ Key, Value string }
			} `json:"next"`
		}
		if err := json.Unmarshal(first.fields["links"], &links); err != nil {
			t.Fatal(err)
		}
		if links.Next == nil {
			if page.Next != "" {
				t.Error("no next link, but the SDK goes on")
			}
			return
		}
		var headers []string
		for _, h := range links.Next.Headers {
			headers = append(headers, h.Key, h.Value)
		}
		if links.Next.Method != "GET" || len(headers) == 0 || headers[0] != "MS-ContinuationToken" {
			t.Errorf("next is %+v", links.Next)
		}
		second := collection(t, strings.TrimPrefix(links.Next.URI, "/v1"), headers...)
		more, err := s.client.Customer(s.customer).Users().List(t.Context(), partnercenter.UsersOptions{PageSize: 2}, page.Next)
		if err != nil || len(more.Items) == 0 || !strings.EqualFold(more.Items[0].ID, text(second.items(t)[0]["id"])) {
			t.Errorf("the second page through the SDK: %v", err)
		}
		for _, u := range more.Items {
			if slices.ContainsFunc(users, func(seen partnercenter.User) bool { return seen.ID == u.ID }) {
				t.Errorf("%s is on both pages", u.ID)
			}
		}
	})
	if len(users) == 0 {
		t.FailNow()
	}
	user := users[0]

	t.Run("a user", func(t *testing.T) {
		e := s.get(t, at+"/users/"+user.ID)
		e.has(t, "a user", "id", "userPrincipalName", "displayName", "state", "userDomainType", "links", "attributes")
		got, err := s.client.Customer(s.customer).User(user.ID).Get(t.Context())
		if err != nil || got.ID != user.ID || got.UserPrincipalName != user.UserPrincipalName {
			t.Errorf("through the SDK: %v", err)
		}
	})
	t.Run("deleted users", func(t *testing.T) {
		filter := url.QueryEscape(`{"Field":"UserState","Value":"Inactive","Operator":"equals"}`)
		for _, u := range collection(t, at+"/users?size=5&filter="+filter).items(t) {
			if text(u["state"]) != "inactive" {
				t.Errorf("state %s among the deleted", u["state"])
			}
		}
	})
	t.Run("sorted users", func(t *testing.T) {
		var names [2]string
		for i, direction := range []string{"Ascending", "Descending"} {
			items := collection(t, at+"/users?size=1&sortField=DisplayName&sortDirection="+direction).items(t)
			if len(items) != 1 {
				t.Fatalf("%d users", len(items))
			}
			names[i] = text(items[0]["id"])
		}
		if len(users) > 1 && names[0] == names[1] {
			t.Error("the same user is first both ways round")
		}
	})
	t.Run("licenses", func(t *testing.T) {
		e := collection(t, at+"/users/"+user.ID+"/licenses")
		for _, l := range e.items(t) {
			if l["productSku"] == nil || l["servicePlans"] == nil {
				t.Errorf("a license is %v", fieldNames(l))
			}
		}
		if got, err := s.client.Customer(s.customer).User(user.ID).Licenses(t.Context()); err != nil || len(got) != len(e.items(t)) {
			t.Errorf("through the SDK: %v, %d licenses", err, len(got))
		}
	})
	t.Run("subscribed SKUs", func(t *testing.T) {
		e := collection(t, at+"/subscribedskus")
		for _, sku := range e.items(t) {
			for _, name := range []string{"availableUnits", "activeUnits", "consumedUnits", "totalUnits", "productSku", "servicePlans", "capabilityStatus"} {
				if sku[name] == nil {
					t.Errorf("a subscribed SKU has no %q, but %v", name, fieldNames(sku))
				}
			}
		}
		if got, err := s.client.Customer(s.customer).SubscribedSKUs(t.Context()); err != nil || len(got) != len(e.items(t)) {
			t.Errorf("through the SDK: %v, %d SKUs", err, len(got))
		}
	})
	t.Run("roles", func(t *testing.T) {
		roles := collection(t, at+"/directoryroles").items(t)
		if len(roles) == 0 || !partnercenter.ValidID(text(roles[0]["id"])) || text(roles[0]["name"]) == "" {
			t.Fatalf("%d roles", len(roles))
		}
		collection(t, at+"/directoryroles/"+text(roles[0]["id"])+"/usermembers")
		if _, err := s.client.Customer(s.customer).Role(text(roles[0]["id"])).Members().List(t.Context(), partnercenter.RoleMembersOptions{}, ""); err != nil {
			t.Errorf("members through the SDK: %v", err)
		}
		if _, err := s.client.Customer(s.customer).User(user.ID).Roles(t.Context()); err != nil {
			t.Errorf("a user's roles through the SDK: %v", err)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		const nobody = "11111111-2222-4333-8444-555555555555"
		if _, err := s.client.Customer(s.customer).User(nobody).Get(t.Context()); !errors.Is(err, partnercenter.ErrNotFound) {
			t.Errorf("an unknown user: %v", err)
		}
		if _, err := s.client.Customer(nobody).Users().List(t.Context(), partnercenter.UsersOptions{}, ""); !errors.Is(err, partnercenter.ErrForbidden) && !errors.Is(err, partnercenter.ErrNotFound) {
			t.Errorf("an unknown customer: %v", err)
		}
		if e := s.get(t, at+"/users/"+nobody); e.status != http.StatusNotFound || e.header.Get("MS-CorrelationId") == "" || e.fields["code"] == nil || e.fields["description"] == nil {
			t.Errorf("an unknown user: %d %.200s", e.status, e.body)
		}
		wrong, err := partnercenter.New(partnercenter.StaticToken("not-a-token"), partnercenter.Options{BaseURL: s.url})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wrong.Customer(s.customer).Get(t.Context()); !errors.Is(err, partnercenter.ErrUnauthorized) {
			t.Errorf("without a token: %v", err)
		}
	})
}

func jsonNumber(n int) string {
	b, _ := json.Marshal(n) // a number always has its form
	return string(b)
}

package partnercenter

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The documented answers, decoded; expectations are typed from the pages.
func TestDocumentedAnswers(t *testing.T) {
	const (
		daniel    = "a9ef48bb-8758-4590-a312-d4a47bfaded4"
		ferdinand = "a45f1416-3300-4f65-9e8d-f123b397a4ea"
		contoso   = "eebd1b55-5360-4438-a11d-5c06918c3014"
	)
	danielTsai := User{
		ID: daniel, UserPrincipalName: "Daniel@dtdemocspcustomer005.onmicrosoft.com", DisplayName: "Daniel Tsai",
		FirstName: "Daniel", LastName: "Tsai", UsageLocation: "US", DomainType: UserDomainNone, State: UserActive,
	}
	serves := func(name string) *Client { return service(t, sample(t, name).ServeHTTP) }
	ctx := t.Context()
	check := func(t *testing.T, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}

	t.Run("users-list", func(t *testing.T) {
		if n := len(sample(t, "users-list").wire()); n != 1030 {
			t.Errorf("the body is %d bytes, the documented Content-Length is 1030", n)
		}
		page, err := serves("users-list").Customer(testCustomer).Users().List(ctx, UsersOptions{}, "")
		check(t, page, UserPage{Items: []User{danielTsai, {
			ID: "6e668259-1f09-479d-bcb8-d9b03e826b8d", UserPrincipalName: "admin@dtdemocspcustomer005.onmicrosoft.com",
			DisplayName: "DT Demo CSP Customer 005", FirstName: "Daniel", LastName: "Tsai", DomainType: UserDomainNone, State: UserActive,
		}}}, err)
	})
	t.Run("users-list-deleted", func(t *testing.T) {
		page, err := serves("users-list-deleted").Customer(testCustomer).Users().List(ctx, UsersOptions{Deleted: true}, "")
		check(t, page, UserPage{Items: []User{{
			ID: ferdinand, UserPrincipalName: "e83763f7f2204ac384cfcd49f79f2749@dtdemocspcustomer005.onmicrosoft.com", DisplayName: "Ferdinand",
			FirstName: "Ferdinand", LastName: "Filibuster", UsageLocation: "US", DomainType: UserDomainNone, State: UserInactive,
			SoftDeletion: time.Date(2017, 1, 20, 0, 33, 34, 0, time.UTC),
		}}}, err)
	})
	t.Run("user-get", func(t *testing.T) {
		user, err := serves("user-get").Customer(testCustomer).User(daniel).Get(ctx)
		check(t, user, danielTsai, err)
	})
	t.Run("user-licenses", func(t *testing.T) {
		plan := func(name, service, id string) ServicePlan { return ServicePlan{id, name, service, "Assigned", "User"} }
		licenses, err := serves("user-licenses").Customer(testCustomer).User(daniel).Licenses(ctx)
		check(t, licenses, []License{{
			SKUID: "efccb6f7-5641-4e0e-bd10-b4976e1bf68e", Name: "Enterprise Mobility + Security E3", PartNumber: "EMS", Group: Group1,
			ServicePlans: []ServicePlan{
				plan("Azure Information Protection Premium P1", "RMS_S_PREMIUM", "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3"),
				plan("Microsoft Intune A Direct", "INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"),
				plan("Microsoft Azure Active Directory Rights", "RMS_S_ENTERPRISE", "bea4c11e-220a-4e6d-8eb8-8ea15d019f90"),
				plan("Azure Active Directory Premium P1", "AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
				plan("Microsoft Azure Multi-Factor Authentication", "MFA_PREMIUM", "8a256a2b-b617-496d-b51b-e76466e88db0"),
			},
		}}, err)
	})
	t.Run("subscribed-skus", func(t *testing.T) {
		skus, err := serves("subscribed-skus").Customer(testCustomer).SubscribedSKUs(ctx)
		if err != nil || len(skus) != 2 || len(skus[0].ServicePlans) != 5 {
			t.Fatalf("%v, %+v", err, skus)
		}
		check(t, skus[1], SubscribedSKU{
			SKUID: "f8a1db68-be16-40ed-86d5-cb42ce701560", Name: "Power BI Pro", PartNumber: "POWER_BI_PRO", TargetType: "User", Group: Group1,
			Available: 0, Active: 1, Consumed: 1, Suspended: 0, Total: 1, Warning: 0, CapabilityStatus: "Enabled",
			ServicePlans: []ServicePlan{
				{"113feb6c-3fe4-4440-bddc-54d774bf0318", "Exchange Foundation", "EXCHANGE_S_FOUNDATION", "Enabled", "Tenant"},
				{"70d33638-9c74-4d01-bfd3-562de28bd4ba", "Power BI Pro", "BI_AZURE_P2", "Enabled", "User"},
			},
		}, err)
		if sku := skus[0]; sku.Available != 4 || sku.Active != 5 || sku.Consumed != 1 || sku.Total != 5 {
			t.Errorf("%+v", sku)
		}
	})
	t.Run("subscribed-skus-empty", func(t *testing.T) {
		skus, err := serves("subscribed-skus-empty").Customer(testCustomer).SubscribedSKUs(ctx, Group2)
		check(t, skus, []SubscribedSKU{}, err)
	})
	t.Run("customers-filtered", func(t *testing.T) {
		row := func(id, domain, name string) Customer {
			return Customer{ID: id, CompanyProfile: CompanyProfile{TenantID: id, Domain: domain, CompanyName: name}, Relationship: RelationshipReseller}
		}
		page, err := serves("customers-filtered").Customers().Search(ctx, SearchOptions{Field: Domain, Prefix: "cont"}, "")
		check(t, page, CustomerPage{Items: []Customer{
			row("c5757d70-06f3-4f23-8367-5a9e55019f94", "contoso190.onmicrosoft.com", "Contoso190"),
			row("7b26b357-9ca3-48b8-a58e-4febe2662a5d", "ContosoCorpCo.onmicrosoft.com", "Contoso"),
			row("bfbd6ef0-311f-47ec-bbd7-0fcb7846661b", "contosocorpdemo.onmicrosoft.com", "Contoso"),
		}}, err)
	})
	t.Run("customer-get", func(t *testing.T) {
		customer, err := serves("customer-get").Customer(contoso).Get(ctx)
		check(t, customer, Customer{
			ID: contoso, CommerceID: "99e6a635-48e7-424d-9059-c9db944e3c54",
			CompanyProfile: CompanyProfile{
				TenantID: contoso, Domain: "abcdefgh1234.ccsctp.net", CompanyName: "1kl as kjk", Email: "a@a.com",
				Address: Address{Country: "US", Region: "wa", City: "redmond", AddressLine1: "1 ms way", PostalCode: "98052", PhoneNumber: "1234567890"},
			},
			BillingProfile: BillingProfile{
				ID: "eeada110-69d6-4cc9-b093-75feb7ca9d3f", FirstName: "d0d89d776d03471c819bf772191ed728", LastName: "kjkAJJAAAAAAAAAAAAAAAAAAAA",
				Email: "a@a.com", Culture: "en-US", Language: "en",
				CompanyName: "1kl as kjkAAAAAAAAAAAAAAAJJJJJJJJJJJAAAAAJJJJJJJJJJJAAJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJAJJJJJAJJAAAAJAJJAAAAAAAAAAAAAAAAAAAA",
				DefaultAddress: Address{
					Country: "US", City: "redmond", State: "WA", AddressLine1: "1 ms way", PostalCode: "98052",
					FirstName: "1kl as", LastName: "kjk", PhoneNumber: "1234567890",
				},
				ETag: "-4242348048554929329",
			},
			Relationship: RelationshipReseller, AllowDelegatedAccess: new(true), CustomDomains: []string{"abcdefgh1234.ccsctp.net"},
		}, err)
	})
	t.Run("customer-company-profile", func(t *testing.T) {
		profile, err := serves("customer-company-profile").Customer(testCustomer).CompanyProfile(ctx)
		check(t, profile, CompanyProfile{
			TenantID: testCustomer, Domain: "dtdemocspcustomer005.onmicrosoft.com", CompanyName: "DT Demo CSP Customer 005", Email: "daniel@hotmail.com.tw",
			Address: Address{Country: "US", Region: "WA", City: "Redmond ", AddressLine1: "1 Microsoft Way", PostalCode: "98052", PhoneNumber: "4155551212"},
		}, err)
	})
	t.Run("legal-business-profile", func(t *testing.T) {
		profile, err := serves("legal-business-profile").LegalBusiness(ctx)
		if err != nil || profile.CompanyName == "" || profile.VettingStatus != "authorized" || profile.PrimaryContact.Email == "" || profile.Address.Country == "" {
			t.Errorf("%v, %+v", err, profile)
		}
	})
	t.Run("domain-taken", func(t *testing.T) {
		taken, err := serves("domain-taken").DomainExists(ctx, "contoso.onmicrosoft.com")
		check(t, taken, true, err)
	})
}

// What each method asks for.
func TestRequests(t *testing.T) {
	const user, role = "a9ef48bb-8758-4590-a312-d4a47bfaded4", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	base := "/v1/customers/" + testCustomer
	tests := map[string]struct {
		call func(ctx context.Context, c *Client, customer *CustomerRef)
		want string
	}{
		"Customers.List": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_, _ = c.Customers().List(ctx, CustomersOptions{}, "")
		}, "GET /v1/customers"},
		"Customers.List, sized": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_, _ = c.Customers().List(ctx, CustomersOptions{PageSize: 40}, "")
		}, "GET /v1/customers?size=40"},
		"Customers.All": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_ = last(c.Customers().All(ctx, CustomersOptions{}))
		}, "GET /v1/customers?size=500"},
		"Customers.Search": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_, _ = c.Customers().Search(ctx, SearchOptions{Prefix: "cont"}, "")
		}, "GET /v1/customers?size=0&filter=%7B%22Field%22%3A%22CompanyName%22%2C%22Value%22%3A%22cont%22%2C%22Operator%22%3A%22starts_with%22%7D"},
		"Customers.Search, odd": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_, _ = c.Customers().Search(ctx, SearchOptions{Field: Domain, Prefix: `a"&+ <ü`, PageSize: 9}, "")
		}, "GET /v1/customers?size=9&filter=%7B%22Field%22%3A%22Domain%22%2C%22Value%22%3A%22a%5C%22%26%2B%20%3C%C3%BC%22%2C%22Operator%22%3A%22starts_with%22%7D"},
		"Customer.Get":            {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.Get(ctx) }, "GET " + base},
		"Customer.CompanyProfile": {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.CompanyProfile(ctx) }, "GET " + base + "/profiles/company"},
		"Users.List":              {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.Users().List(ctx, UsersOptions{}, "") }, "GET " + base + "/users"},
		"Users.List, sized": {func(ctx context.Context, _ *Client, c *CustomerRef) {
			_, _ = c.Users().List(ctx, UsersOptions{PageSize: 1}, "")
		}, "GET " + base + "/users?size=1"},
		"Users.List, sorted": {func(ctx context.Context, _ *Client, c *CustomerRef) {
			_, _ = c.Users().List(ctx, UsersOptions{SortField: SortByDisplayName}, "")
		}, "GET " + base + "/users?size=0&sortField=DisplayName&sortDirection=Ascending"},
		"Users.List, downwards": {func(ctx context.Context, _ *Client, c *CustomerRef) {
			_, _ = c.Users().ListRaw(ctx, UsersOptions{SortField: SortByDisplayName, SortDirection: Descending, PageSize: 500}, "")
		}, "GET " + base + "/users?size=500&sortField=DisplayName&sortDirection=Descending"},
		"Users.All":     {func(ctx context.Context, _ *Client, c *CustomerRef) { _ = last(c.Users().All(ctx, UsersOptions{})) }, "GET " + base + "/users?size=500"},
		"Users.Deleted": {func(ctx context.Context, _ *Client, c *CustomerRef) { _ = last(c.Users().Deleted(ctx, UsersOptions{})) }, "GET " + base + "/users?size=500&filter=%7B%22Field%22%3A%22UserState%22%2C%22Value%22%3A%22Inactive%22%2C%22Operator%22%3A%22equals%22%7D"},
		"User.Get":      {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.User(user).Get(ctx) }, "GET " + base + "/users/" + user},
		"User.Licenses": {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.User(user).Licenses(ctx) }, "GET " + base + "/users/" + user + "/licenses"},
		"User.Licenses, groups": {func(ctx context.Context, _ *Client, c *CustomerRef) {
			_, _ = c.User(user).Licenses(ctx, Group1, Group2)
		}, "GET " + base + "/users/" + user + "/licenses?licenseGroupIds=Group1&licenseGroupIds=Group2"},
		"User.Licenses, strange": {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.User(user).Licenses(ctx, "a&b") }, "GET " + base + "/users/" + user + "/licenses?licenseGroupIds=a%26b"},
		"User.Roles":             {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.User(user).Roles(ctx) }, "GET " + base + "/users/" + user + "/directoryroles"},
		"SubscribedSKUs":         {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.SubscribedSKUs(ctx, Group2) }, "GET " + base + "/subscribedskus?licenseGroupIds=Group2"},
		"Roles.List":             {func(ctx context.Context, _ *Client, c *CustomerRef) { _, _ = c.Roles().List(ctx) }, "GET " + base + "/directoryroles"},
		"Members.List": {func(ctx context.Context, _ *Client, c *CustomerRef) {
			_, _ = c.Role(role).Members().List(ctx, RoleMembersOptions{PageSize: 7}, "")
		}, "GET " + base + "/directoryroles/" + role + "/usermembers?size=7"},
		"Organization":  {func(ctx context.Context, c *Client, _ *CustomerRef) { _, _ = c.Organization(ctx) }, "GET /v1/profiles/organization"},
		"LegalBusiness": {func(ctx context.Context, c *Client, _ *CustomerRef) { _, _ = c.LegalBusiness(ctx) }, "GET /v1/profiles/legalbusiness?vettingVersion=Current"},
		"MFACompliant":  {func(ctx context.Context, c *Client, _ *CustomerRef) { _, _ = c.MFACompliant(ctx) }, "GET /v1/customers?size=1"},
		"DomainExists": {func(ctx context.Context, c *Client, _ *CustomerRef) {
			_, _ = c.DomainExists(ctx, "Contoso.onmicrosoft.com")
		}, "HEAD /v1/domains/contoso.onmicrosoft.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rt := &answers{list: []any{response(404, "")}}
			client := clientOf(t, Options{Transport: rt})
			tt.call(t.Context(), client, client.Customer(testCustomer))
			if len(rt.asked) != 1 {
				t.Fatalf("%d calls", len(rt.asked))
			}
			if got := rt.asked[0].Method + " " + rt.asked[0].URL.RequestURI(); got != tt.want {
				t.Errorf("asked  %s\nwant   %s", got, tt.want)
			}
		})
	}
}

// Values this package does not know are kept; null is as good as absent.
func TestUnknownValuesAndNulls(t *testing.T) {
	rt := &answers{list: []any{
		response(200, `{"items":[{"id":"`+numbered(1)+`","state":"paused","userDomainType":"quantum","firstName":null,"lastDirectorySyncTime":null,"softDeletionTime":""}]}`),
		response(200, `{"items":[{"productSku":{"id":"`+numbered(2)+`","licenseGroupId":"group9"},"servicePlans":null},{"productSku":{"licenseGroupId":"GROUP2"}},{"productSku":null}]}`),
		response(200, `{"items":[{"capabilityStatus":"LockedOut","availableUnits":-3,"totalUnits":null,"productSku":{"licenseGroupId":"none"}}]}`),
		response(200, `{"id":"`+testCustomer+`","relationshipToPartner":"neighbour","allowDelegatedAccess":null,"companyProfile":null,"billingProfile":null,"customDomains":null,"new":{}}`),
	}}
	customer := clientOf(t, Options{Transport: rt}).Customer(testCustomer)
	ctx := t.Context()

	page, err := customer.Users().List(ctx, UsersOptions{}, "")
	if want := (User{ID: numbered(1), State: "paused", DomainType: "quantum"}); err != nil || page.Items[0] != want {
		t.Errorf("%v, %+v", err, page)
	}
	licenses, err := customer.User(numbered(1)).Licenses(ctx)
	if want := []License{{SKUID: numbered(2), Group: "group9"}, {Group: Group2}, {}}; err != nil || !cmp.Equal(licenses, want) {
		t.Errorf("%v, %+v", err, licenses)
	}
	skus, err := customer.SubscribedSKUs(ctx)
	if want := []SubscribedSKU{{CapabilityStatus: "LockedOut", Available: -3, Group: "none"}}; err != nil || !cmp.Equal(skus, want) {
		t.Errorf("%v, %+v", err, skus)
	}
	got, err := customer.Get(ctx)
	if want := (Customer{ID: testCustomer, Relationship: "neighbour"}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestParseTime(t *testing.T) {
	good := map[string]time.Time{
		"":                               {},
		"2017-01-20T00:33:34Z":           time.Date(2017, 1, 20, 0, 33, 34, 0, time.UTC),
		"2017-01-20T00:33:34.1Z":         time.Date(2017, 1, 20, 0, 33, 34, 100_000_000, time.UTC),
		"2017-01-20T00:33:34.1234567Z":   time.Date(2017, 1, 20, 0, 33, 34, 123_456_700, time.UTC),
		"2017-01-20T00:33:34.123456789Z": time.Date(2017, 1, 20, 0, 33, 34, 123_456_789, time.UTC),
		"2017-01-20T02:33:34+02:00":      time.Date(2017, 1, 20, 0, 33, 34, 0, time.UTC),
		"2017-01-20T00:33:34":            time.Date(2017, 1, 20, 0, 33, 34, 0, time.UTC),
		"2017-01-20T00:33:34.5":          time.Date(2017, 1, 20, 0, 33, 34, 500_000_000, time.UTC),
	}
	for text, want := range good {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"null", "2017-01-20", "2017-13-20T00:33:34Z", "June 24 2016 22:00:25 PST", "2017-01-20 00:33:34Z", "1484872414", "2017-01-20T00:33:34.12345678901234567890Z"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("ParseTime(%q) = %v, want an error", text, got)
		}
	}
}

func TestMFACompliant(t *testing.T) {
	tests := map[string]struct {
		answer *http.Response
		want   bool
		is     error
	}{
		"yes":                     {response(200, noUsers, "isMfaCompliant: true"), true, nil},
		"no":                      {response(200, noUsers, "isMfaCompliant: false"), false, nil},
		"refused for it":          {response(401, `{"code":"900421","description":"x"}`), false, nil},
		"refused for it, in text": {response(401, "Authentication failed. MFA required. (10001)"), false, nil},
		"refused, but told":       {response(403, "", "isMfaCompliant: true"), true, nil},
		"refused":                 {response(403, ""), false, ErrForbidden},
		"not told":                {response(200, noUsers), false, ErrBadResponse},
		"told strangely":          {response(200, noUsers, "isMfaCompliant: maybe"), false, ErrBadResponse},
		"token refused":           {response(401, `{"code":400}`), false, ErrUnauthorized},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := clientOf(t, Options{Transport: &answers{list: []any{tt.answer}}}).MFACompliant(t.Context())
			if got != tt.want || !errors.Is(err, tt.is) {
				t.Errorf("%v, %v, want %v, %v", got, err, tt.want, tt.is)
			}
		})
	}
}

func TestDomainExists(t *testing.T) {
	for status, want := range map[int]bool{200: true, 404: false} {
		got, err := clientOf(t, Options{Transport: &answers{list: []any{response(status, "")}}}).DomainExists(t.Context(), "contoso.example")
		if got != want || err != nil {
			t.Errorf("status %d: %v, %v, want %v", status, got, err, want)
		}
	}
	if _, err := clientOf(t, Options{Transport: &answers{list: []any{response(403, "")}}}).DomainExists(t.Context(), "contoso.example"); !errors.Is(err, ErrForbidden) {
		t.Errorf("%v, want ErrForbidden", err)
	}
}

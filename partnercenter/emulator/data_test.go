package emulator_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

type (
	plan struct {
		ServiceName      string `json:"serviceName"`
		CapabilityStatus string `json:"capabilityStatus"`
	}
	product struct {
		ID             string `json:"id"`
		SKUPartNumber  string `json:"skuPartNumber"`
		TargetType     string `json:"targetType"`
		LicenseGroupID string `json:"licenseGroupId"`
	}
	license struct {
		ProductSKU   product `json:"productSku"`
		ServicePlans []plan  `json:"servicePlans"`
	}
	sku struct {
		AvailableUnits, ActiveUnits, ConsumedUnits, SuspendedUnits, TotalUnits, WarningUnits int

		ProductSKU       product `json:"productSku"`
		ServicePlans     []plan  `json:"servicePlans"`
		CapabilityStatus string  `json:"capabilityStatus"`
	}
	role   struct{ ID, Name string }
	member struct{ ID, DisplayName, UserPrincipalName, RoleID string }
)

const bothGroups = "licenseGroupIds=Group1&licenseGroupIds=Group2"

// Seats assigned are counted here one user at a time, as a client would.
func TestConsumedUnitsAreTheLicensesOfTheUsers(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, customer := range []string{contoso, documented, "/v1/customers/" + schoolID} {
		assigned := map[string]int{}
		for _, u := range all[user](t, s, customer+"/users?size=500") {
			for _, l := range decode[list[license]](t, s.get(t, customer+"/users/"+u.ID+"/licenses?"+bothGroups)).Items {
				assigned[l.ProductSKU.SKUPartNumber]++
				if u.UsageLocation == "" && customer != documented {
					t.Errorf("%s has a license and no usage location", u.UserPrincipalName)
				}
				if l.ProductSKU.TargetType != "" {
					t.Errorf("a user's license tells a target type: %+v", l.ProductSKU)
				}
			}
		}
		for _, sku := range decode[list[sku]](t, s.get(t, customer+"/subscribedskus?"+bothGroups)).Items {
			name := sku.ProductSKU.SKUPartNumber
			if sku.ConsumedUnits != assigned[name] {
				t.Errorf("%s: %d units consumed, %d users have it", name, sku.ConsumedUnits, assigned[name])
			}
			if sku.TotalUnits != sku.ActiveUnits+sku.WarningUnits || sku.AvailableUnits != sku.TotalUnits-sku.ConsumedUnits {
				t.Errorf("%s does not add up: %+v", name, sku)
			}
		}
	}
}

// schoolID is School of Fine Art, which has Minecraft.
const schoolID = "0ef2eda1-fc0e-424f-a651-f0c727a5deeb"

// Contoso's products are in every state that seats can be in.
func TestContosoHasSeatsInEveryState(t *testing.T) {
	s := start(t, emulator.Options{})
	states := map[string]func(sku) bool{
		"seats to spare":  func(u sku) bool { return u.AvailableUnits > 0 && u.CapabilityStatus == "Enabled" },
		"no seat left":    func(u sku) bool { return u.AvailableUnits == 0 && u.ConsumedUnits > 0 },
		"one over":        func(u sku) bool { return u.AvailableUnits == -1 },
		"partly in grace": func(u sku) bool { return u.WarningUnits > 0 && u.ActiveUnits > 0 && u.CapabilityStatus == "Enabled" },
		"all in grace":    func(u sku) bool { return u.WarningUnits > 0 && u.ActiveUnits == 0 && u.CapabilityStatus == "Warning" },
		"suspended": func(u sku) bool {
			return u.SuspendedUnits > 0 && u.TotalUnits == 0 && u.CapabilityStatus == "Suspended"
		},
		"for the tenant": func(u sku) bool { return u.ProductSKU.TargetType == "Tenant" && u.ConsumedUnits == 0 },
	}
	skus := decode[list[sku]](t, s.get(t, contoso+"/subscribedskus")).Items
	if len(skus) != 13 {
		t.Errorf("%d products, want 13", len(skus))
	}
	for state, is := range states {
		if !slices.ContainsFunc(skus, is) {
			t.Errorf("no product is in the state %q", state)
		}
	}
}

func TestLicenseGroups(t *testing.T) {
	s := start(t, emulator.Options{})
	school := "/v1/customers/" + schoolID
	tests := map[string]struct {
		query string
		want  []string
	}{
		"none asked is group 1": {"", []string{"group1"}},
		"group 1":               {"?licenseGroupIds=Group1", []string{"group1"}},
		"group 2":               {"?licenseGroupIds=Group2", []string{"group2"}},
		"both":                  {"?" + bothGroups, []string{"group1", "group2"}},
		"name in lower case":    {"?licensegroupids=group2", []string{"group2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, sku := range decode[list[sku]](t, s.get(t, school+"/subscribedskus"+tt.query)).Items {
				got = append(got, sku.ProductSKU.LicenseGroupID)
				if minecraft := sku.ProductSKU.LicenseGroupID == "group2"; minecraft != (len(sku.ServicePlans) == 0) {
					t.Errorf("%s has %d service plans", sku.ProductSKU.SKUPartNumber, len(sku.ServicePlans))
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, slices.Compact(got)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
	body := s.get(t, school+"/subscribedskus?licenseGroupIds=Group2").body
	if !strings.Contains(body, `"servicePlans":[],`) {
		t.Errorf("Minecraft's service plans are not []: %s", body)
	}
}

func TestSomeLicensesLackAPlan(t *testing.T) {
	s := start(t, emulator.Options{})
	statuses := map[string]int{}
	for _, u := range all[user](t, s, contoso+"/users?size=500") {
		for _, l := range decode[list[license]](t, s.get(t, contoso+"/users/"+u.ID+"/licenses")).Items {
			for _, p := range l.ServicePlans {
				statuses[p.CapabilityStatus]++
			}
		}
	}
	if statuses["Assigned"] == 0 || statuses["Disabled"] == 0 || len(statuses) != 2 {
		t.Errorf("plans by status: %v, want Assigned and some Disabled", statuses)
	}
}

func TestLicensesByUserPrincipalName(t *testing.T) {
	s := start(t, emulator.Options{})
	byID := s.get(t, daniel+"/licenses")
	byUPN := s.get(t, documented+"/users/"+url.PathEscape("DANIEL@dtdemocspcustomer005.onmicrosoft.com")+"/licenses")
	if byUPN.status != 200 || byUPN.body != byID.body {
		t.Errorf("by user principal name: %d %s", byUPN.status, byUPN.body)
	}
	guest := "renate_abels.example#EXT#@contoso.onmicrosoft.example"
	if got := s.get(t, contoso+"/users/"+url.PathEscape(guest)+"/licenses"); got.status != 200 {
		t.Errorf("a guest: %d %s", got.status, got.body)
	}
	if got := s.get(t, documented+"/users/Daniel@dtdemocspcustomer005.onmicrosoft.com"); got.status != 404 {
		t.Errorf("a user by name: %d, want 404: only licenses take it", got.status)
	}
}

func TestRolesOfUsersAndMembersOfRolesAgree(t *testing.T) {
	s := start(t, emulator.Options{BigUsers: 700})
	for _, customer := range []string{contoso, documented, "/v1/customers/" + emulator.NorthwindID} {
		roles := decode[list[role]](t, s.get(t, customer+"/directoryroles")).Items
		want := []role{
			{"62e90394-69f5-4237-9190-012177145e10", "Company Administrator"},
			{"729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"},
			{"f023fd81-a637-4b56-95fd-791ac0226033", "Service Support Administrator"},
			{"fe930be7-5e62-47db-91af-98c3a49a38b1", "User Account Administrator"},
		}
		if diff := cmp.Diff(want, roles); diff != "" {
			t.Errorf("roles (-want +got):\n%s", diff)
		}
		byMembers, byUsers := map[string][]string{}, map[string][]string{}
		for _, r := range roles {
			for _, m := range all[member](t, s, customer+"/directoryroles/"+r.ID+"/usermembers") {
				byMembers[m.ID] = append(byMembers[m.ID], r.Name)
				if m.RoleID != r.ID || m.UserPrincipalName == "" {
					t.Errorf("member %+v of %s", m, r.ID)
				}
			}
		}
		for _, u := range all[user](t, s, customer+"/users?size=500") {
			for _, r := range decode[list[role]](t, s.get(t, customer+"/users/"+u.ID+"/directoryroles")).Items {
				byUsers[u.ID] = append(byUsers[u.ID], r.Name)
			}
		}
		if len(byMembers) == 0 {
			t.Errorf("%s: no role has a member", customer)
		}
		if diff := cmp.Diff(byMembers, byUsers); diff != "" {
			t.Errorf("%s: roles (-by members +by users):\n%s", customer, diff)
		}
	}
}

// A member on the wire, typed from the documented answer to adding one.
func TestAMemberHasTheDocumentedForm(t *testing.T) {
	s := start(t, emulator.Options{})
	got := s.get(t, documented+"/directoryroles/729827e3-9c14-49f7-bb1b-9608f156bbb8/usermembers")
	const want = bom + `{"totalCount":1,"items":[{"displayName":"Daniel Tsai","userPrincipalName":"Daniel@dtdemocspcustomer005.onmicrosoft.com",` +
		`"roleId":"729827e3-9c14-49f7-bb1b-9608f156bbb8","id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","attributes":{"objectType":"UserMember"}}],` +
		`"links":{"self":{"uri":"/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/directoryroles/729827e3-9c14-49f7-bb1b-9608f156bbb8/usermembers","method":"GET","headers":[]}},` +
		`"attributes":{"objectType":"Collection"}}`
	if got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	if got := s.get(t, daniel+"/directoryroles"); got.body != bom+`{"totalCount":1,"items":[{"name":"Helpdesk Administrator","id":"729827e3-9c14-49f7-bb1b-9608f156bbb8","attributes":{"objectType":"DirectoryRole"}}],"attributes":{"objectType":"Collection"}}` {
		t.Errorf("roles of a user: %s", got.body)
	}
}

func TestWhoThePartnerIs(t *testing.T) {
	s := start(t, emulator.Options{})
	got := decode[map[string]any](t, s.get(t, "/v1/profiles/organization"))
	for key, want := range map[string]string{
		"id": "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", "tenantId": "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", "companyName": "Fabrikam Cloud Services",
		"domain": "fabrikam-cloud.example", "language": "en", "culture": "en-US", "profileType": "OrganizationProfile",
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %s", key, got[key], want)
		}
	}
	const mpn = bom + `{"mpnId":"9999999","profileType":"MpnProfile","links":{"self":{"uri":"/profiles/mpn","method":"GET","headers":[]}},"attributes":{"objectType":"MpnProfile"}}`
	if got := s.get(t, "/v1/profiles/mpn"); got.body != mpn {
		t.Errorf("MPN profile %s, want %s", got.body, mpn)
	}
	if got := s.get(t, "/v1/profiles/legalbusiness?vettingVersion=Oldest"); got.status != 400 {
		t.Errorf("unknown vetting version: %d, want 400", got.status)
	}
}

func TestCustomersOfTheDemo(t *testing.T) {
	type customer struct {
		ID                    string
		RelationshipToPartner string
		CompanyProfile        struct{ TenantID, CompanyName, Domain string }
	}
	s := start(t, emulator.Options{})
	names, domains := map[string]int{}, map[string]bool{}
	var longest string
	for _, c := range all[customer](t, s, "/v1/customers") {
		names[c.CompanyProfile.CompanyName]++
		if domains[c.CompanyProfile.Domain] {
			t.Errorf("two customers have %s", c.CompanyProfile.Domain)
		}
		domains[c.CompanyProfile.Domain] = true
		if !strings.HasSuffix(c.CompanyProfile.Domain, ".example") && c.ID != emulator.DocumentedCustomerID {
			t.Errorf("%s is somebody's real domain", c.CompanyProfile.Domain)
		}
		if c.CompanyProfile.TenantID != c.ID {
			t.Errorf("%s has the tenant %s", c.ID, c.CompanyProfile.TenantID)
		}
		if len([]rune(c.CompanyProfile.CompanyName)) > len([]rune(longest)) {
			longest = c.CompanyProfile.CompanyName
		}
	}
	for _, want := range []string{"Contoso Deutschland GmbH & Co. KG", "株式会社さくら精機製作所", "الشركة المتحدة للتجارة والتوزيع", `בית הדפוס הירושלמי בע"מ`} {
		if names[want] != 1 {
			t.Errorf("%d customers are called %s, want 1", names[want], want)
		}
	}
	if names["Contoso Deutschland GmbH"] != 2 {
		t.Errorf("%d customers are called Contoso Deutschland GmbH, want 2", names["Contoso Deutschland GmbH"])
	}
	if n := len([]rune(longest)); n < 150 {
		t.Errorf("the longest name has %d characters, want 150 or more", n)
	}
}

// Characters that HTML-minded encoders escape stand as they are.
func TestNothingIsEscapedForHTML(t *testing.T) {
	s := start(t, emulator.Options{})
	body := s.get(t, contoso+"/users?size=500").body + s.get(t, "/v1/customers/"+emulator.HostileCustomerID+"/users").body
	for _, want := range []string{`"displayName":"<b>Test</b> & \"Quote\" ; DROP TABLE"`, `"displayName":"=cmd|'/c calc'!A1"`, "\"displayName\":\"Jan \u202egnp.exe\"", `"lastName":"Großkreutz"`, `"displayName":"萩原 さくら"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestBigUsers(t *testing.T) {
	for asked, want := range map[int]int{0: 100_000, 3: 3, 1_000_000: 1_000_000, 5_000_000: 1_000_000} {
		s := start(t, emulator.Options{BigUsers: asked})
		page := decode[users](t, s.get(t, "/v1/customers/"+emulator.NorthwindID+"/users?size=500&seekOperation=Last"))
		if got := (want-1)%500 + 1; page.TotalCount != got {
			t.Errorf("%d asked: the last page has %d users, want %d", asked, page.TotalCount, got)
		}
		if got := s.get(t, "/v1/customers/"+emulator.NorthwindID+"/users?size=500"); !strings.HasPrefix(got.body, bom+`{`) {
			t.Errorf("%d asked: the first page is %d", asked, got.status)
		}
	}
}

// Every customer can be read whole, but for the two that say why not.
func TestEveryCustomerCanBeRead(t *testing.T) {
	type customer struct {
		ID, CommerceID       string
		AllowDelegatedAccess *bool
		AssociatedPartnerID  string
		CustomDomains        []string
		CompanyProfile       struct {
			Email   string
			Address struct{ Country, City, AddressLine1, PostalCode, PhoneNumber string }
		}
		BillingProfile struct{ Culture, Language string }
	}
	s := start(t, emulator.Options{BigUsers: 1000})
	dap, resold := map[bool]int{}, 0
	for _, c := range all[customer](t, s, "/v1/customers?size=10") {
		if c.AllowDelegatedAccess != nil || c.CommerceID != "" || c.CustomDomains != nil || c.CompanyProfile.Email != "" {
			t.Errorf("the list has the long form of %s", c.ID)
		}
		wantGet, wantRead := 200, 200
		switch c.ID {
		case emulator.DepartedCustomerID:
			wantGet, wantRead = 403, 403
		case emulator.NobodyCustomerID:
			wantRead = 403
		}
		path := "/v1/customers/" + c.ID
		for part, want := range map[string]int{"": wantGet, "/profiles/company": wantGet, "/users": wantRead, "/subscribedskus": wantRead,
			"/directoryroles": wantRead, "/directoryroles/62e90394-69f5-4237-9190-012177145e10/usermembers": wantRead} {
			if got := s.get(t, path+part); got.status != want {
				t.Errorf("%s%s: %d, want %d", path, part, got.status, want)
			}
		}
		if wantGet != 200 {
			continue
		}
		whole := decode[customer](t, s.get(t, path))
		address := whole.CompanyProfile.Address
		if whole.ID != c.ID || whole.CommerceID == "" || whole.CommerceID == c.ID || len(whole.CustomDomains) == 0 || whole.AllowDelegatedAccess == nil ||
			address.Country == "" || address.City == "" || address.PhoneNumber == "" || !strings.HasPrefix(whole.BillingProfile.Culture, whole.BillingProfile.Language+"-") {
			t.Errorf("%+v lacks something", whole)
			continue
		}
		dap[*whole.AllowDelegatedAccess]++
		if whole.AssociatedPartnerID == "4847383" {
			resold++
		}
	}
	if resold != 3 {
		t.Errorf("%d customers of the indirect reseller, want 3", resold)
	}
	if dap[true] == 0 || dap[false] == 0 {
		t.Errorf("delegated access by value: %v, want some of both", dap)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	opts := emulator.Options{BigUsers: 2000, Now: func() time.Time { return now }}
	const path = "/v1/customers/" + emulator.NorthwindID
	want := start(t, opts).get(t, path+"/users?size=500&sortField=DisplayName").body
	s := start(t, opts)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s.SetFault(emulator.Fault{Name: "never", After: 1 << 30, Status: 500})
			s.get(t, path+"/subscribedskus")
			if got := s.get(t, path+"/users?size=500&sortField=DisplayName"); got.body != want {
				t.Errorf("asker %d got another page", i)
			}
		})
	}
	wg.Wait()
}

package emulator_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

type auditRecord struct {
	CustomerID, CustomerName, UserPrincipalName, ApplicationID string
	ResourceType, ResourceNewValue                             string
	OperationType, OperationDate, OperationStatus              string
	CustomizedData                                             []struct{ Key, Value string }
}

// The documented record of an assigned license: keys in order, Pascal case in
// the new value, seven fractional digits.
func TestAnAuditRecordHasTheDocumentedForm(t *testing.T) {
	now := time.Date(2017, 6, 1, 20, 9, 7, 45_048_300, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }})
	s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", assign(emsE3), "MS-PartnerCenter-Application", "Partner Center Native App").must(t, 201)
	const want = bom + `{"totalCount":1,"items":[{"partnerId":"7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b","customerId":"4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04",` +
		`"customerName":"DT Demo CSP Customer 005","userPrincipalName":"admin-agent","applicationId":"Partner Center Native App","resourceType":"license",` +
		`"resourceNewValue":"{\"LicensesToAssign\":[{\"ExcludedPlans\":null,\"SkuId\":\"efccb6f7-5641-4e0e-bd10-b4976e1bf68e\"}],\"LicensesToRemove\":null,\"LicenseWarnings\":[],\"Attributes\":{\"ObjectType\":\"LicenseUpdate\"}}",` +
		`"operationType":"update_customer_user_licenses","operationDate":"2017-06-01T20:09:07.0450483Z","operationStatus":"succeeded",` +
		`"customizedData":[{"key":"CustomerUserId","value":"a9ef48bb-8758-4590-a312-d4a47bfaded4"},{"key":"AddedLicenseSkuId","value":"efccb6f7-5641-4e0e-bd10-b4976e1bf68e"}],` +
		`"attributes":{"objectType":"AuditRecord"}}],"links":{"self":{"uri":"/auditrecords?startDate=2017-06-01&size=500","method":"GET","headers":[]}},"attributes":{"objectType":"Collection"}}`
	if diff := cmp.Diff(want, s.get(t, "/v1/auditrecords?startDate=2017-06-01&size=500").body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func operations(records []auditRecord) (list []string) {
	for _, r := range records {
		list = append(list, r.ResourceType+" "+r.OperationType)
	}
	return list
}

func TestEachWriteIsOnTheRecord(t *testing.T) {
	s := start(t, emulator.Options{})
	made := decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", newUserIn).must(t, 201))
	path := documented + "/users/" + made.ID
	s.send(t, "helpdesk-agent", "PATCH", path, dan).must(t, 200)
	s.send(t, "helpdesk-agent", "PATCH", path, dan).must(t, 200) // changes nothing
	s.send(t, "reader", "PATCH", path, dan).must(t, 403)
	s.send(t, "admin-agent", "PATCH", path, `{"userPrincipalName":"f@dtdemocspcustomer005.onmicrosoft.com"}`).must(t, 200)
	s.send(t, "admin-agent", "PATCH", path, `{"passwordProfile":{"password":"Geheim!123"}}`).must(t, 200)
	s.send(t, "license-manager", "POST", path+"/licenseupdates", assign(emsE3)).must(t, 201)
	s.send(t, "license-manager", "POST", path+"/licenseupdates", remove(emsE3)).must(t, 201)
	s.send(t, "admin-agent", "POST", helpdeskAdmins, `{"id":"`+made.ID+`"}`).must(t, 201)
	s.send(t, "admin-agent", "DELETE", helpdeskAdmins+"/"+made.ID, "").must(t, 204)
	s.send(t, "admin-agent", "DELETE", path, "").must(t, 204)
	s.send(t, "admin-agent", "PATCH", path, wholeNulls).must(t, 200)
	s.SetFault(emulator.Fault{Method: "DELETE", LoseAnswer: true})
	if _, err := s.try(t, "admin-agent", "DELETE", path, ""); err == nil {
		t.Error("answered")
	}

	records := all[auditRecord](t, s, "/v1/auditrecords?size=2")
	got := operations(records)
	slices.Reverse(got)
	want := []string{
		"customer_user create_customer_user", "customer_user update_customer_user", "customer_user update_customer_user_principal_name",
		"customer_user reset_customer_user_password", "license update_customer_user_licenses", "license update_customer_user_licenses",
		"customer_directory_role add_user_member", "customer_directory_role remove_user_member",
		"customer_user delete_customer_user", "customer_user restore_customer_user", "customer_user delete_customer_user",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	for _, r := range records {
		if r.CustomizedData[0].Key != "CustomerUserId" || r.CustomizedData[0].Value != made.ID || r.OperationStatus != "succeeded" {
			t.Errorf("%+v", r)
		}
	}
	if records[9].UserPrincipalName != "helpdesk-agent" || records[6].UserPrincipalName != "license-manager" {
		t.Errorf("done by %s and %s", records[9].UserPrincipalName, records[6].UserPrincipalName)
	}
	if got := records[5].CustomizedData[1]; got.Key != "RemovedLicenseSkuId" || got.Value != emsE3 {
		t.Errorf("a license taken: %+v", got)
	}
	if body := s.get(t, "/v1/auditrecords").body; strings.Contains(body, "Geheim") || strings.Contains(body, "Password!1") {
		t.Error("the record tells a password")
	}
}

func TestAuditRecordsBySpanAndFilter(t *testing.T) {
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }})
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 200) // 1 September
	now = now.Add(24 * time.Hour)
	s.send(t, "admin-agent", "PATCH", contoso+"/users/c0a70500-0000-4000-8000-000000000002", `{"usageLocation":"DE"}`).must(t, 200) // 2 September
	now = now.Add(24 * time.Hour)
	s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", assign(emsE3)).must(t, 201) // 3 September
	now = now.Add(20 * 24 * time.Hour)

	filter := func(field, value, operator string) string {
		return "&filter=" + url.QueryEscape(`{"Field":"`+field+`","Value":"`+value+`","Operator":"`+operator+`"}`)
	}
	const one, two, three = "customer_user update_customer_user", "customer_user update_customer_user", "license update_customer_user_licenses"
	tests := map[string]struct {
		query string
		want  []string
	}{
		"the last 30 days":         {"", []string{three, two, one}},
		"from a day on":            {"startDate=2026-09-03", []string{three}},
		"one day":                  {"startDate=2026-09-02&endDate=2026-09-02&size=50", []string{two}},
		"as the example has it":    {"startDate=9%2F2%2F2026%2012:00:00%20AM", []string{three, two}},
		"as .NET writes it":        {"startdate=09%2F03%2F2026+00:00:00", []string{three}},
		"up to an hour":            {"endDate=2026-09-02T12:00:00Z", []string{one}},
		"nothing was done":         {"startDate=2026-09-04", nil},
		"by customer":              {filter("CustomerId", "4D3CF487-70f4-4e1e-9ff1-b2bfce8d9f04", "equals"), []string{three, one}},
		"by a part of the name":    {filter("CompanyName", "DEUTSCHLAND", "substring"), []string{two}},
		"by resource":              {filter("ResourceType", "License", "equals"), []string{three}},
		"by resource, SDK's name":  {filter("ResourceType", "CustomerUser", "equals"), []string{two, one}},
		"by resource, as answered": {filter("ResourceType", "customer_user", "equals"), []string{two, one}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := operations(all[auditRecord](t, s, "/v1/auditrecords?"+strings.TrimPrefix(tt.query, "&")))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
		})
	}

	now = now.Add(30 * 24 * time.Hour)
	if n := len(all[auditRecord](t, s, "/v1/auditrecords")); n != 0 {
		t.Errorf("%d records in the last 30 days, want none", n)
	}
	if n := len(all[auditRecord](t, s, "/v1/auditrecords?startDate=2026-08-30")); n != 3 {
		t.Errorf("%d records since August, want 3", n)
	}
}

func TestAuditRecordsRefused(t *testing.T) {
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }})
	for query, want := range map[string]string{
		"startDate=2026-06-01":                      refusal("3000", "The start date must be within the last 90 days."),
		"startDate=2026-09-02&endDate=2026-08-01":   refusal("3000", "The end date is before the start date."),
		"startDate=yesterday":                       invalidInput,
		"startDate=2026-08-30&startDate=2026-08-31": invalidInput,
		"sortField=OperationDate":                   refusal("3000", "Sort is not supported."),
	} {
		if got := s.get(t, "/v1/auditrecords?"+query); got.status != 400 || got.body != want {
			t.Errorf("%s: %d %s, want 400 %s", query, got.status, got.body, want)
		}
	}
	s.ask(t, "app-only", "GET", "/v1/auditrecords").must(t, 200)
	s.ask(t, "no-gdap", "GET", "/v1/auditrecords").must(t, 200)
	s.ask(t, "expired", "GET", "/v1/auditrecords").must(t, 401)
}

// Documented: a bare array, 434 bytes with those of another partner.
func TestValidationCodesOfAGovernmentPartner(t *testing.T) {
	const path = "/v1/customers/all/validations"
	s := start(t, emulator.Options{USGovernment: true})
	const want = bom + `[{"partnerId":"7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b","organizationName":"Fabrikam Cloud Services","validationId":"12345","maxCreates":5,"remainingCreates":4,` +
		`"eTag":"W/\"datetime'2018-10-10T18%3A49%3A58.7273480Z'\""},{"partnerId":"7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b","organizationName":"Fabrikam Cloud Services Public Sector",` +
		`"validationId":"987654","maxCreates":5,"remainingCreates":5,"eTag":"W/\"datetime'2018-10-19T17%3A51%3A45.6584512Z'\""}]`
	if got := s.get(t, path); got.status != 200 || got.body != want {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.ask(t, "app-only", "GET", path).must(t, 403)
	start(t, emulator.Options{}).get(t, path).must(t, 404)
}

package emulator_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	documented = "/v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"
	daniel     = documented + "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4"
	someoneNew = "00000000-1111-4222-8333-444444444444"
)

// Bodies of refusals, typed from API facts 3, 11.1, 11.3 and 11.4.
const (
	accessDenied   = `{"code":400,"description":"Access denied","source":"PartnerFD"}`
	noRelationship = `{"code":20002,"description":"No relationship between caller and account.","data":[],"source":"PartnerFD"}`
	noPrivilege    = `{"code":2032,"description":"Access denied","data":[],"source":"PartnerFD"}`
	appOnly        = `This resource can't be accessed by application credentials.`
	roleRefused    = `The supplied role does not have the rights to perform the requested operation.`
)

func TestRefusals(t *testing.T) {
	s := start(t, emulator.Options{})
	tests := map[string]struct {
		word, method, path string
		headers            []string
		status             int
		body               string // exact
	}{
		"no token":                         {"", "GET", "/v1/customers", nil, 401, accessDenied},
		"a word nobody knows":              {"open-sesame", "GET", "/v1/customers", nil, 401, accessDenied},
		"another scheme":                   {"", "GET", "/v1/customers", []string{"Authorization", "Basic YWRtaW4tYWdlbnQ="}, 401, accessDenied},
		"expired token":                    {"expired", "GET", "/v1/customers", nil, 401, accessDenied},
		"application asks for users":       {"app-only", "GET", documented + "/users", nil, 403, appOnly},
		"application asks for licenses":    {"app-only", "GET", daniel + "/licenses", nil, 403, appOnly},
		"application asks for SKUs":        {"app-only", "GET", documented + "/subscribedskus", nil, 403, appOnly},
		"application asks for roles":       {"app-only", "GET", documented + "/directoryroles", nil, 403, appOnly},
		"application asks for a company":   {"app-only", "GET", documented + "/profiles/company", nil, 403, appOnly},
		"application asks who it is":       {"app-only", "GET", "/v1/profiles/organization", nil, 403, appOnly},
		"application asks for the MPN":     {"app-only", "GET", "/v1/profiles/mpn", nil, 403, appOnly},
		"customer ID is none":              {"admin-agent", "GET", "/v1/customers/contoso.example/users", nil, 400, `{"code":900118,"description":"The customer ID is invalid.","data":[],"source":"PartnerFD"}`},
		"unknown customer":                 {"admin-agent", "GET", "/v1/customers/" + someoneNew, nil, 403, noRelationship},
		"users of an unknown customer":     {"admin-agent", "GET", "/v1/customers/" + someoneNew + "/users", nil, 403, noRelationship},
		"customer that left":               {"admin-agent", "GET", "/v1/customers/" + emulator.DepartedCustomerID, nil, 403, noRelationship},
		"users of a customer that left":    {"admin-agent", "GET", "/v1/customers/" + emulator.DepartedCustomerID + "/users", nil, 403, noRelationship},
		"nobody may see these users":       {"admin-agent", "GET", "/v1/customers/" + emulator.NobodyCustomerID + "/users", nil, 403, noPrivilege},
		"no role in any tenant":            {"no-gdap", "GET", documented + "/users", nil, 403, noPrivilege},
		"sales agents have none":           {"sales-agent", "GET", documented + "/users", nil, 403, noPrivilege},
		"role only for the admin agent":    {"helpdesk-agent", "GET", "/v1/customers/" + emulator.AdminOnlyCustomerID + "/users", nil, 403, noPrivilege},
		"unknown user":                     {"admin-agent", "GET", documented + "/users/" + someoneNew, nil, 404, `{"code":3000,"description":"The user could not be found.","data":[],"source":"PartnerFD"}`},
		"deleted user":                     {"admin-agent", "GET", documented + "/users/a45f1416-3300-4f65-9e8d-f123b397a4ea", nil, 404, `{"code":3000,"description":"The user could not be found.","data":[],"source":"PartnerFD"}`},
		"licenses of an unknown user":      {"admin-agent", "GET", documented + "/users/" + someoneNew + "/licenses", nil, 404, `{"code":60002,"description":"The user object ID was not found.","data":[],"source":"PartnerFD"}`},
		"licenses of a deleted user":       {"admin-agent", "GET", documented + "/users/a45f1416-3300-4f65-9e8d-f123b397a4ea/licenses", nil, 404, `{"code":60002,"description":"The user object ID was not found.","data":[],"source":"PartnerFD"}`},
		"members of an unknown role":       {"admin-agent", "GET", documented + "/directoryroles/" + someoneNew + "/usermembers", nil, 404, `{"code":1000,"description":"The requested resource could not be found.","data":[],"source":"PartnerFD"}`},
		"unknown license group":            {"admin-agent", "GET", daniel + "/licenses?licenseGroupIds=Group3", nil, 400, `{"code":3000,"description":"The license group \"group3\" is not known.","data":[],"source":"PartnerFD"}`},
		"unknown path":                     {"admin-agent", "GET", "/v1/nothing", nil, 404, ""},
		"the version twice (quirk 3)":      {"admin-agent", "GET", "/v1//v1/customers", nil, 404, ""},
		"no version":                       {"admin-agent", "GET", "/customers", nil, 404, ""},
		"the version alone":                {"admin-agent", "GET", "/v1/", nil, 404, ""},
		"a slash too many in the middle":   {"admin-agent", "GET", documented + "//users", nil, 404, ""},
		"customers deleted":                {"admin-agent", "DELETE", "/v1/customers", nil, 405, ""},
		"a domain read":                    {"admin-agent", "GET", "/v1/domains/contoso.example", nil, 405, ""},
		"only XML accepted":                {"admin-agent", "GET", "/v1/customers", []string{"Accept", "application/xml"}, 406, ""},
		"a broken query":                   {"admin-agent", "GET", "/v1/customers?size=%zz", nil, 400, `{"code":800002,"description":"Invalid request input.","data":[],"source":"PartnerFD"}`},
		"refused before the query is read": {"", "GET", "/v1/customers?size=9999", nil, 401, accessDenied},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, tt.word, tt.method, tt.path, tt.headers...)
			if got.status != tt.status || got.body != tt.body {
				t.Errorf("%s %s:\n got %d %s\nwant %d %s", tt.method, tt.path, got.status, got.body, tt.status, tt.body)
			}
			if tt.body == "" && (got.header.Get("Content-Length") != "0" || got.header.Get("Content-Type") != "") {
				t.Errorf("an empty answer has Content-Length %q, Content-Type %q", got.header.Get("Content-Length"), got.header.Get("Content-Type"))
			}
		})
	}
}

func TestWithoutMFATheCodeIsText(t *testing.T) {
	s := start(t, emulator.Options{})
	got := s.ask(t, "no-mfa", "GET", documented+"/users", "ValidateMfa", "true")
	const want = `{"code":"900421","description":"The token does not show multi-factor authentication.","source":"PartnerFD"}`
	if got.status != 401 || got.body != want {
		t.Errorf("%d %s, want 401 %s", got.status, got.body, want)
	}
	if got.header.Get("isMfaCompliant") != "false" {
		t.Errorf("isMfaCompliant %q, want false", got.header.Get("isMfaCompliant"))
	}
}

func TestMFAIsSaidOnlyWhereAsked(t *testing.T) {
	s := start(t, emulator.Options{})
	if got := s.get(t, "/v1/customers", "ValidateMfa", "true"); got.header.Get("isMfaCompliant") != "true" {
		t.Errorf("asked: %q, want true", got.header.Get("isMfaCompliant"))
	}
	if got := s.get(t, "/v1/customers"); len(got.header.Values("isMfaCompliant")) != 0 {
		t.Errorf("not asked, yet answered %q", got.header.Get("isMfaCompliant"))
	}
	if got := s.ask(t, "app-only", "GET", "/v1/customers", "ValidateMfa", "true"); len(got.header.Values("isMfaCompliant")) != 0 {
		t.Errorf("an application got %q", got.header.Get("isMfaCompliant"))
	}
}

func TestApplicationsMayMakeTheseCalls(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, path := range []string{"/v1/customers", documented, "/v1/profiles/legalbusiness?vettingVersion=Current"} {
		if got := s.ask(t, "app-only", "GET", path); got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// reads are one call for each kind of data that delegated privileges give.
var reads = map[string]string{
	"users":         documented + "/users",
	"user":          daniel,
	"licenses":      daniel + "/licenses",
	"skus":          documented + "/subscribedskus",
	"roles of user": daniel + "/directoryroles",
	"members":       documented + "/directoryroles/62e90394-69f5-4237-9190-012177145e10/usermembers",
}

// The table of API facts 4, by role.
func TestEachDelegatedRoleGivesItsKindsOfData(t *testing.T) {
	allowed := map[string][]string{
		"Directory Readers":                       {"users", "user", "licenses", "skus", "roles of user", "members"},
		"Global Reader":                           {"users", "user", "skus", "roles of user", "members"},
		"User Administrator":                      {"users", "user", "licenses", "skus", "roles of user"},
		"License Administrator":                   {"licenses", "skus"},
		"Directory Writers":                       {"licenses", "members"},
		"Privileged Role Administrator":           {"members"},
		"Privileged Authentication Administrator": {},
		"Helpdesk Administrator":                  {},
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	people := map[string]emulator.Person{}
	for role := range allowed {
		people[role] = emulator.Person{PartnerRole: "HelpdeskAgent", GDAP: func(string) []string { return []string{role} }}
	}
	s := start(t, emulator.Options{
		Now:    func() time.Time { return now },
		People: people,
		Verify: func(_ context.Context, bearer string) (emulator.Claims, error) {
			return emulator.Claims{TenantID: emulator.PartnerTenantID, ObjectID: bearer, MFA: true}, nil
		},
	})
	for role, kinds := range allowed {
		for kind, path := range reads {
			want := 403
			if slices.Contains(kinds, kind) {
				want = 200
			}
			if got := s.ask(t, role, "GET", path); got.status != want {
				t.Errorf("%s reads %s: %d, want %d", role, kind, got.status, want)
			}
		}
	}
}

func TestReaderWithGlobalReaderOnlyCannotReadLicenses(t *testing.T) {
	s := start(t, emulator.Options{})
	customer := "/v1/customers/" + emulator.GlobalReaderCustomerID
	list := decode[users](t, s.ask(t, "reader", "GET", customer+"/users?size=1"))
	user := customer + "/users/" + list.Items[0].ID
	for path, want := range map[string]int{user: 200, customer + "/subscribedskus": 200, user + "/licenses": 403} {
		if got := s.ask(t, "reader", "GET", path); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	if got := s.ask(t, "license-manager", "GET", user+"/licenses"); got.status != 200 {
		t.Errorf("license manager: %d, want 200", got.status)
	}
}

func TestTokensOfAProvider(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	claims := map[string]emulator.Claims{
		"good":        {TenantID: emulator.PartnerTenantID, ObjectID: "priya", MFA: true, Expiry: now.Add(time.Hour)},
		"run out":     {TenantID: emulator.PartnerTenantID, ObjectID: "priya", MFA: true, Expiry: now},
		"no mfa":      {TenantID: emulator.PartnerTenantID, ObjectID: "priya", Expiry: now.Add(time.Hour)},
		"stranger":    {TenantID: emulator.PartnerTenantID, ObjectID: "nobody", MFA: true},
		"elsewhere":   {TenantID: someoneNew, ObjectID: "priya", MFA: true},
		"application": {TenantID: emulator.PartnerTenantID, ObjectID: "app", AppOnly: true},
	}
	s := start(t, emulator.Options{
		Now:    func() time.Time { return now },
		People: map[string]emulator.Person{"priya": emulator.AdminAgent},
		Verify: func(_ context.Context, bearer string) (emulator.Claims, error) {
			c, ok := claims[bearer]
			if !ok {
				return emulator.Claims{}, errors.New("signature is wrong")
			}
			return c, nil
		},
	})
	tests := map[string]struct {
		token  string
		status int
		body   string
	}{
		"accepted":                        {"good", 200, ""},
		"run out this second":             {"run out", 401, accessDenied},
		"without MFA":                     {"no mfa", 401, `{"code":"900421","description":"The token does not show multi-factor authentication.","source":"PartnerFD"}`},
		"no role with the partner":        {"stranger", 403, roleRefused},
		"of another tenant":               {"elsewhere", 403, roleRefused},
		"an application":                  {"application", 403, appOnly},
		"not verified":                    {"forged", 401, accessDenied},
		"bearer words work all the same":  {"admin-agent", 200, ""},
		"bearer words keep their meaning": {"app-only", 403, appOnly},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, tt.token, "GET", documented+"/users")
			if got.status != tt.status || tt.body != "" && got.body != tt.body {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tt.status, tt.body)
			}
		})
	}
}

func TestBearerWordsAreAllKnown(t *testing.T) {
	s := start(t, emulator.Options{})
	want := []string{"admin-agent", "helpdesk-agent", "license-manager", "reader", "sales-agent", "no-gdap", "no-mfa", "app-only", "expired"}
	var got []string
	for _, w := range emulator.BearerWords() {
		got = append(got, w.Word)
		if w.Meaning == "" {
			t.Errorf("%s has no meaning", w.Word)
		}
		if s.ask(t, w.Word, "GET", "/v1/customers").body == accessDenied && w.Word != "expired" {
			t.Errorf("%s is not known", w.Word)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("words %v, want %v", got, want)
	}
}

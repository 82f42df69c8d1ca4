package emulator_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// A created user on the wire: keys in the order of API facts 9.1, the password
// echoed, no links. The ID is the emulator's.
func TestACreatedUserHasTheDocumentedForm(t *testing.T) {
	s := start(t, emulator.Options{})
	got := s.send(t, "admin-agent", "POST", documented+"/users", `{"usageLocation":"us","userPrincipalName":"lewis@dtdemocspcustomer005.onmicrosoft.com",`+
		`"firstName":"Lewis","lastName":"Bell","displayName":"Lewis Bell","immutableId":"QUJD","phoneNumber":"4255550100",`+
		`"passwordProfile":{"password":"Password!1","forceChangePassword":true},"attributes":{"objectType":"CustomerUser"}}`).must(t, 201)
	id := decode[user](t, got).ID
	want := bom + `{"usageLocation":"US","id":"` + id + `","userPrincipalName":"lewis@dtdemocspcustomer005.onmicrosoft.com",` +
		`"firstName":"Lewis","lastName":"Bell","displayName":"Lewis Bell","immutableId":"QUJD","passwordProfile":{"forceChangePassword":true,"password":"Password!1"},` +
		`"phoneNumber":"4255550100","userDomainType":"none","state":"active","attributes":{"objectType":"CustomerUser"}}`
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}

	again := s.get(t, documented+"/users/"+id).must(t, 200)
	want = bom + `{"usageLocation":"US","id":"` + id + `","userPrincipalName":"lewis@dtdemocspcustomer005.onmicrosoft.com",` +
		`"firstName":"Lewis","lastName":"Bell","displayName":"Lewis Bell","immutableId":"QUJD","phoneNumber":"4255550100","userDomainType":"none","state":"active",` +
		`"links":{"self":{"uri":"/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users/` + id + `","method":"GET","headers":[]}},"attributes":{"objectType":"CustomerUser"}}`
	if diff := cmp.Diff(want, again.body); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	if list := all[user](t, s, documented+"/users"); len(list) != 3 || list[2].ID != id {
		t.Errorf("the list has %v", ids(list))
	}
}

func TestTheSDKsWaysToCreate(t *testing.T) {
	const names = `"UserPrincipalName":"new@dtdemocspcustomer005.onmicrosoft.com","DisplayName":"New"`
	const password = `"PasswordProfile":{"ForceChangePassword":false,"Password":"passw0rd!"}`
	tests := map[string]struct{ path, body string }{
		"slash at the end":             {"/users/", `{` + names + `,` + password + `}`},
		"Pascal case with nulls":       {"/users", `{"UsageLocation":null,"Id":null,` + names + `,"FirstName":null,"LastName":null,"ImmutableId":null,` + password + `,"LastDirectorySyncTime":null,"UserDomainType":"none","State":null,"SoftDeletionTime":null,"Links":null,"Attributes":{"Etag":null,"ObjectType":"CustomerUser"}}`},
		"shouted":                      {"/users", `{"USERPRINCIPALNAME":"new@dtdemocspcustomer005.onmicrosoft.com","displayname":"New","passwordPROFILE":{"PASSWORD":"passw0rd!"}}`},
		"what a client can't say":      {"/users", `{"id":"` + someoneNew + `","state":"inactive","userDomainType":"federated","nonsense":[1],` + names + `,` + password + `}`},
		"the charset after the type":   {"/users", `{` + names + `,` + password + `}`},
		"an apostrophe in the address": {"/users", `{"userPrincipalName":"o'brien-1_x@dtdemocspcustomer005.onmicrosoft.com","displayName":"New",` + password + `}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			got := s.send(t, "admin-agent", "POST", documented+tt.path, tt.body, "Content-Type", "application/json; charset=utf-8").must(t, 201)
			made := decode[user](t, got)
			if made.DisplayName != "New" || made.State != "active" || made.ID == someoneNew || !strings.Contains(got.body, `"userDomainType":"none"`) {
				t.Errorf("made %s", got.body)
			}
			if !strings.Contains(got.body, `"passwordProfile":{"forceChangePassword":false,"password":"passw0rd!"}`) {
				t.Errorf("the password is not echoed: %s", got.body)
			}
		})
	}
}

func TestUsersThatCannotBeCreated(t *testing.T) {
	const taken = `"userPrincipalName":"DANIEL@dtdemocspcustomer005.onmicrosoft.com"`
	const free = `"userPrincipalName":"new@dtdemocspcustomer005.onmicrosoft.com"`
	const name = `"displayName":"New"`
	const password = `"passwordProfile":{"password":"Password!1"}`
	const weak = `{"code":3000,"description":"The specified password does not comply with password complexity requirements. Please provide a different password.","data":[],"source":"PartnerFD"}`
	const noDomain = `{"code":3000,"description":"The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.","data":[],"source":"PartnerFD"}`
	federated := refusal("3000", "The domain portion of the userPrincipalName property is invalid: werk.contoso.example is a federated domain.")
	wrong := func(property string) string {
		return refusal("3000", "Invalid value specified for property "+property+".")
	}
	needed := func(property string) string { return refusal("3000", "A value is required for property "+property+".") }
	upn := func(local string) string {
		return `{"userPrincipalName":"` + local + `@dtdemocspcustomer005.onmicrosoft.com",` + name + `,` + password + `}`
	}
	pass := func(p string) string { return `{` + free + `,` + name + `,"passwordProfile":{"password":"` + p + `"}}` }
	where := func(code string) string {
		return `{"usageLocation":"` + code + `",` + free + `,` + name + `,` + password + `}`
	}
	tests := map[string]struct {
		path   string
		body   string
		status int
		want   string
	}{
		"name taken, in other letters": {documented, `{` + taken + `,` + name + `,` + password + `}`, 409, nameTaken},
		"no display name":              {documented, `{` + free + `,` + password + `}`, 400, needed("displayName")},
		"no user principal name":       {documented, `{` + name + `,` + password + `}`, 400, needed("userPrincipalName")},
		"no password":                  {documented, `{` + free + `,` + name + `}`, 400, needed("passwordProfile")},
		"password of null":             {documented, `{` + free + `,` + name + `,"passwordProfile":{"password":null}}`, 400, wrong("passwordProfile")},
		"password too short":           {documented, pass("Pass!1a"), 400, weak},
		"password of two kinds":        {documented, pass("password1234"), 400, weak},
		"password too long":            {documented, pass("Aa1" + strings.Repeat("x", 254)), 400, weak},
		"unknown domain":               {documented, `{"userPrincipalName":"new@nowhere.example",` + name + `,` + password + `}`, 400, noDomain},
		"another customer's domain":    {documented, `{"userPrincipalName":"new@contoso.example",` + name + `,` + password + `}`, 400, noDomain},
		"federated domain":             {contoso, `{"userPrincipalName":"new@WERK.contoso.example",` + name + `,` + password + `}`, 400, federated},
		"no domain":                    {documented, `{"userPrincipalName":"new",` + name + `,` + password + `}`, 400, wrong("userPrincipalName")},
		"no left half":                 {documented, upn(""), 400, wrong("userPrincipalName")},
		"a space in it":                {documented, upn("new user"), 400, wrong("userPrincipalName")},
		"an accent in it":              {documented, upn("jürgen"), 400, wrong("userPrincipalName")},
		"a dot at its end":             {documented, upn("new."), 400, wrong("userPrincipalName")},
		"65 characters":                {documented, upn(strings.Repeat("a", 65)), 400, wrong("userPrincipalName")},
		"two at signs":                 {documented, upn("a@b"), 400, noDomain},
		"not a country":                {documented, where("XX"), 400, wrong("usageLocation")},
		"a country's name":             {documented, where("Germany"), 400, wrong("usageLocation")},
		"empty country":                {documented, where(""), 400, wrong("usageLocation")},
		"empty first name":             {documented, `{"firstName":"",` + free + `,` + name + `,` + password + `}`, 400, wrong("firstName")},
		"empty display name":           {documented, `{"displayName":" ",` + free + `,` + password + `}`, 400, wrong("displayName")},
		"last name too long":           {documented, `{"lastName":"` + strings.Repeat("ß", 65) + `",` + free + `,` + name + `,` + password + `}`, 400, wrong("lastName")},
		"display name too long":        {documented, `{"displayName":"` + strings.Repeat("x", 257) + `",` + free + `,` + password + `}`, 400, wrong("displayName")},
		"nothing":                      {documented, ``, 400, invalidInput},
		"null":                         {documented, `null`, 400, invalidInput},
		"a list":                       {documented, `[]`, 400, invalidInput},
		"half of it":                   {documented, `{` + free, 400, invalidInput},
		"unquoted keys (quirk 19)":     {documented, `{displayName:"New"}`, 400, invalidInput},
		"a number for a text":          {documented, `{"displayName":7,` + free + `,` + password + `}`, 400, invalidInput},
		"two of them":                  {documented, `{` + free + `,` + name + `,` + password + `}{}`, 400, invalidInput},
		"too much":                     {documented, `{"displayName":"` + strings.Repeat("x", 1<<16) + `"}`, 400, invalidInput},
		"unknown customer":             {"/v1/customers/" + someoneNew, newUserIn, 403, noRelationship},
	}
	s := start(t, emulator.Options{})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.send(t, "admin-agent", "POST", tt.path+"/users", tt.body); got.status != tt.status || got.body != tt.want {
				t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
	if n := len(all[user](t, s, documented+"/users")); n != 2 {
		t.Errorf("%d users after refusals, want 2", n)
	}
}

func TestAWriteSaysThatItIsJSON(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, tt := range []struct {
		kind string
		want int
	}{{"", 415}, {"text/plain", 415}, {"application/x-www-form-urlencoded", 415}, {"Application/JSON;charset=utf-8", 201}} {
		if got := s.send(t, "admin-agent", "POST", documented+"/users", newUserIn, "Content-Type", tt.kind); got.status != tt.want {
			t.Errorf("Content-Type %q: %d %s, want %d", tt.kind, got.status, got.body, tt.want)
		}
	}
}

// What the .NET Framework sends ahead of a body (API facts 5.1).
func TestExpect100ContinueIsAccepted(t *testing.T) {
	s := start(t, emulator.Options{})
	head := rawHead(t, s, "POST /v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users HTTP/1.1\r\n"+
		"Host: api.partnercenter.microsoft.com\r\nAuthorization: Bearer admin-agent\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nConnection: close\r\nContent-Length: "+strconv.Itoa(len(newUserIn))+"\r\n\r\n"+newUserIn)
	if !strings.HasPrefix(head, "HTTP/1.1 100 Continue\r\n") {
		t.Errorf("answered with\n%s", head)
	}
	if n := len(all[user](t, s, documented+"/users")); n != 3 {
		t.Errorf("%d users, want 3", n)
	}
}

// The same calls make the same users, wherever and whenever.
func TestIDsOfCreatedUsersAreAlwaysTheSame(t *testing.T) {
	make3 := func(opts emulator.Options) (made []string) {
		s := start(t, opts)
		for _, local := range []string{"one", "two", "three"} {
			body := strings.Replace(newUserIn, "e83763f7f2204ac384cfcd49f79f2749", local, 1)
			made = append(made, decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", body).must(t, 201)).ID)
		}
		return made
	}
	first := make3(emulator.Options{Seed: 3})
	later := make3(emulator.Options{Seed: 3, Now: func() time.Time { return time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC) }})
	if diff := cmp.Diff(first, later); diff != "" {
		t.Errorf("IDs (-first +later):\n%s", diff)
	}
	if first[0] == first[1] || first[1] == first[2] {
		t.Errorf("IDs %v", first)
	}
	if other := make3(emulator.Options{Seed: 4}); other[0] == first[0] {
		t.Errorf("another seed made %s too", other[0])
	}
}

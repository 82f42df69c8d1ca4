package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const danielUPN = "Daniel@dtdemocspcustomer005.onmicrosoft.com"

// daniels is Daniel on the wire with some of his fields changed.
func daniels(location, upn, first, display, password string) string {
	return bom + `{"usageLocation":"` + location + `","id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","userPrincipalName":"` + upn + `",` +
		`"firstName":"` + first + `","lastName":"Tsai","displayName":"` + display + `",` + password + `"userDomainType":"none","state":"active",` +
		`"links":{"self":{"uri":"/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users/a9ef48bb-8758-4590-a312-d4a47bfaded4","method":"GET","headers":[]}},` +
		`"attributes":{"objectType":"CustomerUser"}}`
}

func TestPatches(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"one field (API facts 10.3)": {`{"usageLocation":"GB","attributes":{"objectType":"CustomerUser"}}`, daniels("GB", danielUPN, "Daniel", "Daniel Tsai", "")},
		"null leaves":                {`{"displayName":"Dan","firstName":null,"usageLocation":null}`, daniels("US", danielUPN, "Daniel", "Dan", "")},
		"Pascal case":                {`{"FirstName":"Dan","Attributes":{"ObjectType":"CustomerUser"}}`, daniels("US", danielUPN, "Dan", "Daniel Tsai", "")},
		"a whole user of nulls":      {wholeNulls, daniels("US", danielUPN, "Daniel", "Daniel Tsai", "")},
		"nothing":                    {`{}`, daniels("US", danielUPN, "Daniel", "Daniel Tsai", "")},
		"another name":               {`{"userPrincipalName":"dan@dtdemocspcustomer005.onmicrosoft.com"}`, daniels("US", "dan@dtdemocspcustomer005.onmicrosoft.com", "Daniel", "Daniel Tsai", "")},
		"his own name in capitals":   {`{"userPrincipalName":"DANIEL@dtdemocspcustomer005.onmicrosoft.com"}`, daniels("US", "DANIEL@dtdemocspcustomer005.onmicrosoft.com", "Daniel", "Daniel Tsai", "")},
		"ID and domain type ignored": {`{"id":"` + someoneNew + `","userDomainType":"federated","softDeletionTime":"2017-01-20T00:33:34Z"}`, daniels("US", danielUPN, "Daniel", "Daniel Tsai", "")},
		"country in small letters":   {`{"usageLocation":"gb"}`, daniels("GB", danielUPN, "Daniel", "Daniel Tsai", "")},
		"password, echoed": {`{"passwordProfile":{"password":"Password!1","forceChangePassword":true},"attributes":{"objectType":"CustomerUser"}}`,
			daniels("US", danielUPN, "Daniel", "Daniel Tsai", `"passwordProfile":{"forceChangePassword":true,"password":"Password!1"},`)},
		"password and a field": {`{"PasswordProfile":{"Password":"Password!1","ForceChangePassword":false},"DisplayName":"Dan"}`,
			daniels("US", danielUPN, "Daniel", "Dan", `"passwordProfile":{"forceChangePassword":false,"password":"Password!1"},`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			got := s.send(t, "admin-agent", "PATCH", daniel, tt.body).must(t, 200)
			if diff := cmp.Diff(tt.want, got.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			read := s.get(t, daniel).must(t, 200)
			if strings.Contains(read.body, "assword") {
				t.Errorf("a read shows the password: %s", read.body)
			}
			if _, rest, ok := strings.Cut(got.body, `"passwordProfile":{`); ok {
				_, rest, _ = strings.Cut(rest, `},`)
				before, _, _ := strings.Cut(got.body, `"passwordProfile":{`)
				got.body = before + rest
			}
			if diff := cmp.Diff(got.body, read.body); diff != "" {
				t.Errorf("read again (-patched +read):\n%s", diff)
			}
		})
	}
	if len(wholeNulls) != 269 {
		t.Errorf("the SDK's whole user has %d bytes, documented are 269", len(wholeNulls))
	}
}

func TestPatchesRefused(t *testing.T) {
	const synced = contoso + "/users/c0a70500-0000-4000-8000-000000000001" // Ahmed, from on premises
	const cloud = contoso + "/users/c0a70500-0000-4000-8000-000000000002"  // Agnieszka
	const mastered = `{"code":3000,"description":"Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.","data":[],"source":"PartnerFD"}`
	wrong := func(property string) string {
		return refusal("3000", "Invalid value specified for property "+property+".")
	}
	tests := map[string]struct {
		path, body string
		status     int
		want       string
	}{
		"name of somebody else":       {daniel, `{"userPrincipalName":"ADMIN@dtdemocspcustomer005.onmicrosoft.com"}`, 409, nameTaken},
		"federated domain":            {cloud, `{"userPrincipalName":"a.wojcik@werk.contoso.example"}`, 400, refusal("3000", "The domain portion of the userPrincipalName property is invalid: werk.contoso.example is a federated domain.")},
		"unknown domain":              {daniel, `{"userPrincipalName":"daniel@nowhere.example"}`, 400, refusal("3000", "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")},
		"not a country":               {daniel, `{"usageLocation":"ZZ"}`, 400, wrong("usageLocation")},
		"an empty field":              {daniel, `{"firstName":""}`, 400, wrong("firstName")},
		"a field that is empty":       {daniel, `{"phoneNumber":""}`, 400, wrong("phoneNumber")},
		"weak password":               {daniel, `{"passwordProfile":{"password":"password"}}`, 400, refusal("3000", "The specified password does not comply with password complexity requirements. Please provide a different password.")},
		"no password in it":           {daniel, `{"passwordProfile":{"forceChangePassword":true}}`, 400, wrong("passwordProfile")},
		"deleting by state":           {daniel, `{"state":"inactive"}`, 400, wrong("state")},
		"unknown user":                {documented + "/users/" + someoneNew, `{"usageLocation":"GB"}`, 404, userGone},
		"by name":                     {documented + "/users/" + danielUPN, `{"usageLocation":"GB"}`, 404, userGone},
		"deleted user":                {ferdinand, `{"usageLocation":"GB"}`, 404, userGone},
		"deleted user's password":     {ferdinand, `{"passwordProfile":{"password":"Password!1"}}`, 404, userGone},
		"synced user's name":          {synced, `{"displayName":"Ahmed"}`, 400, mastered},
		"synced user's first name":    {synced, `{"firstName":"A"}`, 400, mastered},
		"synced user's last name":     {synced, `{"lastName":"A"}`, 400, mastered},
		"synced user's UPN":           {synced, `{"userPrincipalName":"ahmed@contoso.example"}`, 400, mastered},
		"synced user's anchor":        {synced, `{"immutableId":"QUJD"}`, 400, mastered},
		"synced user's phone":         {synced, `{"phoneNumber":"1"}`, 400, mastered},
		"one good and one bad field":  {daniel, `{"displayName":"Dan","usageLocation":"ZZ"}`, 400, wrong("usageLocation")},
		"good field and bad password": {daniel, `{"displayName":"Dan","passwordProfile":{"password":"x"}}`, 400, refusal("3000", "The specified password does not comply with password complexity requirements. Please provide a different password.")},
		"no JSON":                     {daniel, `usageLocation=GB`, 400, invalidInput},
		"the path without a user":     {documented + "/users", `{"usageLocation":"GB"}`, 405, ""},
		"the other client's address":  {daniel + "/resetpassword", `{"password":"Password!1"}`, 404, ""},
	}
	s := start(t, emulator.Options{})
	before := s.get(t, documented+"/users").body + s.get(t, contoso+"/users").body
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.send(t, "admin-agent", "PATCH", tt.path, tt.body); got.status != tt.status || got.body != tt.want {
				t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
	if after := s.get(t, documented+"/users").body + s.get(t, contoso+"/users").body; after != before {
		t.Error("refused patches changed something")
	}
}

// On premises masters names; where a user is, licenses and roles are not its matter.
func TestWhatMayBeChangedOfASyncedUser(t *testing.T) {
	const synced = contoso + "/users/c0a70500-0000-4000-8000-000000000001"
	s := start(t, emulator.Options{})
	for name, body := range map[string]string{
		"usage location":        `{"usageLocation":"DE"}`,
		"password":              `{"passwordProfile":{"password":"Password!1"}}`,
		"the name as it is":     `{"displayName":"Ahmed Al-Farsi","firstName":"Ahmed"}`,
		"the whole user, moved": `{"UserPrincipalName":"a.alfarsi@contoso.example","DisplayName":"Ahmed Al-Farsi","UsageLocation":"FR","State":"active"}`,
	} {
		t.Run(name, func(t *testing.T) { s.send(t, "admin-agent", "PATCH", synced, body).must(t, 200) })
	}
	s.send(t, "admin-agent", "DELETE", synced, "").must(t, 204)
}

// The documented restore, byte for byte, from the request of documented length.
func TestRestoringAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "user-restore")
	for name, body := range map[string]string{
		"as the SDK sends it": wholeNulls,
		"as it is printed":    `{"State":"active","Attributes":{"ObjectType":"CustomerUser"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{Now: func() time.Time { return want.date(t) }})
			got := s.send(t, "admin-agent", "PATCH", ferdinand, body).must(t, want.Status)
			if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got.header.Get("Content-Length") != "465" {
				t.Errorf("Content-Length %s, want 465", got.header.Get("Content-Length"))
			}
			if read := s.get(t, ferdinand); read.body != got.body {
				t.Errorf("read again: %s", read.body)
			}
			if n := decode[users](t, s.get(t, documented+deletedOf)).TotalCount; n != 0 {
				t.Errorf("%d deleted users left, want 0", n)
			}
		})
	}
}

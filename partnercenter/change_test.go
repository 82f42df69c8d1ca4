package partnercenter

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	testUser = "a9ef48bb-8758-4590-a312-d4a47bfaded4"
	testRole = "f023fd81-a637-4b56-95fd-791ac0226033"
	testSKU  = "f8a1db68-be16-40ed-86d5-cb42ce701560"
	otherSKU = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"
	testPlan = "113feb6c-3fe4-4440-bddc-54d774bf0318"
)

// changes is every change there is, well formed.
var changes = map[string]struct {
	make           func(ctx context.Context, c *CustomerRef) error
	request, body  string // as it goes over the wire
	needsTheAnswer bool   // the method gives something that the answer alone tells
}{
	"users.Create": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.Users().Create(ctx, newUser())
			return err
		},
		"POST /v1/customers/" + testCustomer + "/users",
		`{"usageLocation":"DE","userPrincipalName":"zoë@contoso.example","firstName":"Zoë","lastName":"O'Neil <&>","displayName":"Zoë O'Neil",` +
			`"passwordProfile":{"password":"Aa1\"<é>","forceChangePassword":true},"attributes":{"objectType":"CustomerUser"}}`,
		true,
	},
	"user.Update": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.User(testUser).Update(ctx, UserPatch{UsageLocation: new("GB")})
			return err
		},
		"PATCH /v1/customers/" + testCustomer + "/users/" + testUser,
		`{"usageLocation":"GB","attributes":{"objectType":"CustomerUser"}}`, // API facts 10.3
		true,
	},
	"user.ResetPassword": {
		func(ctx context.Context, c *CustomerRef) error {
			return c.User(testUser).ResetPassword(ctx, NewSecret("Aa1!aaaa"), true)
		},
		"PATCH /v1/customers/" + testCustomer + "/users/" + testUser,
		`{"passwordProfile":{"password":"Aa1!aaaa","forceChangePassword":true},"attributes":{"objectType":"CustomerUser"}}`, // API facts 10.3
		false,
	},
	"user.Delete": {
		func(ctx context.Context, c *CustomerRef) error { return c.User(testUser).Delete(ctx) },
		"DELETE /v1/customers/" + testCustomer + "/users/" + testUser, "", false,
	},
	"user.Restore": {
		func(ctx context.Context, c *CustomerRef) error { _, err := c.User(testUser).Restore(ctx); return err },
		"PATCH /v1/customers/" + testCustomer + "/users/" + testUser,
		`{"State":"active","Attributes":{"ObjectType":"CustomerUser"}}`, // API facts 10.3
		true,
	},
	"user.UpdateLicenses": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.User(testUser).UpdateLicenses(ctx, LicenseUpdate{
				Assign: []LicenseAssignment{{SKUID: testSKU, ExcludedPlans: []string{strings.ToUpper(testPlan)}}}, Remove: []string{otherSKU},
			})
			return err
		},
		"POST /v1/customers/" + testCustomer + "/users/" + testUser + "/licenseupdates",
		`{"LicensesToAssign":[{"ExcludedPlans":["` + testPlan + `"],"SkuId":"` + testSKU + `"}],"LicensesToRemove":["` + otherSKU + `"],` +
			`"LicenseWarnings":null,"Attributes":{"ObjectType":"LicenseUpdate"}}`,
		true,
	},
	"user.AssignLicense": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.User(testUser).AssignLicense(ctx, testSKU)
			return err
		},
		"POST /v1/customers/" + testCustomer + "/users/" + testUser + "/licenseupdates",
		// The documented request, Content-Length 183 (API facts 10.5).
		`{"LicensesToAssign":[{"ExcludedPlans":null,"SkuId":"f8a1db68-be16-40ed-86d5-cb42ce701560"}],"LicensesToRemove":null,"LicenseWarnings":null,"Attributes":{"ObjectType":"LicenseUpdate"}}`,
		true,
	},
	"user.RemoveLicense": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.User(testUser).RemoveLicense(ctx, testSKU, otherSKU)
			return err
		},
		"POST /v1/customers/" + testCustomer + "/users/" + testUser + "/licenseupdates",
		`{"LicensesToAssign":null,"LicensesToRemove":["` + testSKU + `","` + otherSKU + `"],"LicenseWarnings":null,"Attributes":{"ObjectType":"LicenseUpdate"}}`,
		true,
	},
	"user.SwapLicense": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.User(testUser).SwapLicense(ctx, otherSKU, testSKU, testPlan)
			return err
		},
		"POST /v1/customers/" + testCustomer + "/users/" + testUser + "/licenseupdates",
		`{"LicensesToAssign":[{"ExcludedPlans":["` + testPlan + `"],"SkuId":"` + testSKU + `"}],"LicensesToRemove":["` + otherSKU + `"],` +
			`"LicenseWarnings":null,"Attributes":{"ObjectType":"LicenseUpdate"}}`,
		true,
	},
	"members.Add": {
		func(ctx context.Context, c *CustomerRef) error {
			_, err := c.Role(testRole).Members().Add(ctx, daniel())
			return err
		},
		"POST /v1/customers/" + testCustomer + "/directoryroles/" + testRole + "/usermembers",
		`{"Id":"` + testUser + `","DisplayName":"Daniel Tsai","UserPrincipalName":"Daniel@dtdemocspcustomer005.onmicrosoft.com","Attributes":{"ObjectType":"UserMember"}}`,
		true,
	},
	"members.Remove": {
		func(ctx context.Context, c *CustomerRef) error {
			return c.Role(testRole).Members().Remove(ctx, testUser)
		},
		"DELETE /v1/customers/" + testCustomer + "/directoryroles/" + testRole + "/usermembers/" + testUser, "", false,
	},
}

func newUser() NewUser {
	return NewUser{
		UserPrincipalName: "zoë@contoso.example", DisplayName: "Zoë O'Neil", FirstName: "Zoë", LastName: "O'Neil <&>", UsageLocation: "DE",
		Password: NewSecret(`Aa1"<é>`), ForceChangePassword: true,
	}
}

func daniel() RoleMember {
	return RoleMember{ID: testUser, DisplayName: "Daniel Tsai", UserPrincipalName: "Daniel@dtdemocspcustomer005.onmicrosoft.com"}
}

// sent is the body that a request carried.
func sent(t *testing.T, r *http.Request) string {
	t.Helper()
	if r.Body == nil {
		return ""
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What each change sends, and that 200, 201 and 204 are taken alike.
func TestChangesOnTheWire(t *testing.T) {
	user := `{"id":"` + testUser + `","state":"active"}`
	answers200 := map[int]string{200: "\xef\xbb\xbf" + user, 201: user, 204: ""}
	for name, change := range changes {
		for status, body := range answers200 {
			rt := &answers{list: []any{response(status, body)}}
			client := clientOf(t, Options{Transport: rt})
			err := change.make(t.Context(), client.Customer(testCustomer))
			if name == "users.Create" && status == 204 { // nobody tells the new ID
				if !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, ErrBadResponse) {
					t.Errorf("%s, %d: %v, want ErrUnknownOutcome", name, status, err)
				}
			} else if err != nil {
				t.Errorf("%s, %d: %v", name, status, err)
			}
			if len(rt.asked) != 1 {
				t.Fatalf("%s, %d: asked %d times", name, status, len(rt.asked))
			}
			r := rt.asked[0]
			if got := r.Method + " " + r.URL.RequestURI(); got != change.request {
				t.Errorf("%s asked  %s\nwant %s", name, got, change.request)
			}
			if got := sent(t, r); got != change.body {
				t.Errorf("%s sent %s\nwant %s", name, got, change.body)
			}
			if r.ContentLength != int64(len(change.body)) {
				t.Errorf("%s: Content-Length %d, the body has %d bytes", name, r.ContentLength, len(change.body))
			}
			want := "application/json" // without charset, as the .NET SDK
			if change.body == "" {
				want = ""
			}
			if got := r.Header.Get("Content-Type"); got != want {
				t.Errorf("%s: Content-Type %q, want %q", name, got, want)
			}
			for _, never := range []string{"If-Match", "Expect", "MS-ContinuationToken"} {
				if _, has := r.Header[never]; has {
					t.Errorf("%s sends %s", name, never)
				}
			}
			if info, ok := CallOf(r.Context()); !ok || info != (CallInfo{Op: name, Customer: testCustomer, Try: 1, Change: true}) {
				t.Errorf("%s: CallOf gives %+v, %v", name, info, ok)
			}
		}
	}
	if n := len(changes["user.AssignLicense"].body); n != 183 {
		t.Errorf("the documented license update has 183 bytes, ours %d", n)
	}
}

func TestDocumentedChanges(t *testing.T) {
	serves := func(name string) *CustomerRef {
		return service(t, sample(t, name).ServeHTTP).Customer(testCustomer)
	}
	ctx := t.Context()

	user, err := serves("user-restore").User("a45f1416-3300-4f65-9e8d-f123b397a4ea").Restore(ctx)
	if want := (User{
		ID: "a45f1416-3300-4f65-9e8d-f123b397a4ea", UserPrincipalName: "e83763f7f2204ac384cfcd49f79f2749@dtdemocspcustomer005.onmicrosoft.com",
		FirstName: "Ferdinand", LastName: "Filibuster", DisplayName: "Ferdinand", UsageLocation: "US", DomainType: UserDomainNone, State: UserActive,
	}); err != nil || user != want {
		t.Errorf("restore: %v\n%s", err, cmp.Diff(want, user))
	}
	if err := serves("user-delete").User(testUser).Delete(ctx); err != nil {
		t.Errorf("delete: %v", err)
	}
	if warnings, err := serves("license-update").User(testUser).AssignLicense(ctx, testSKU); err != nil || warnings != nil {
		t.Errorf("license update: %v, %v", warnings, err)
	}
	_, err = serves("license-update-no-seats").User(testUser).AssignLicense(ctx, testSKU)
	if failed, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, ErrNoSeats) || errors.Is(err, ErrUnknownOutcome) ||
		failed.Op != "user.AssignLicense" || failed.Code != "60012" || failed.RequestID != "f4f3b748-8b22-4d07-a5a1-dceb32824192" {
		t.Errorf("license update without seats: %v", err)
	}
	member, err := serves("role-member-add").Role(testRole).Members().Add(ctx, daniel())
	want := daniel()
	want.RoleID = testRole
	if err != nil || member != want {
		t.Errorf("member: %v\n%s", err, cmp.Diff(want, member))
	}
	if err := serves("role-member-remove").Role(testRole).Members().Remove(ctx, testUser); err != nil {
		t.Errorf("remove a member: %v", err)
	}
}

func TestLicenseWarnings(t *testing.T) {
	rt := &answers{list: []any{response(201, `{"licensesToAssign":[],"licenseWarnings":[`+
		`{"code":"a","message":"Can&#39;t\nswitch on","servicePlans":["INTUNE_A"]},{"code":60011,"message":null,"servicePlans":null}]}`)}}
	got, err := clientOf(t, Options{Transport: rt}).Customer(testCustomer).User(testUser).AssignLicense(t.Context(), testSKU)
	want := []LicenseWarning{{"a", "Can't switch on", []string{"INTUNE_A"}}, {Code: "60011"}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

// An update's absent fields are not in the request at all; set ones are, empty or not.
func TestPatchTellsAbsentFromSet(t *testing.T) {
	tests := map[string]struct {
		patch UserPatch
		want  string
	}{
		"one":   {UserPatch{PhoneNumber: new("1")}, `{"phoneNumber":"1",`},
		"empty": {UserPatch{FirstName: new("")}, `{"firstName":"",`},
		"all": {UserPatch{new("u@c.example"), new("d"), new("f"), new("l"), new("p"), new("DE"), new("i")},
			`{"usageLocation":"DE","userPrincipalName":"u@c.example","firstName":"f","lastName":"l","displayName":"d","immutableId":"i","phoneNumber":"p",`},
	}
	for name, tt := range tests {
		rt := &answers{list: []any{response(200, `{"id":"`+testUser+`"}`)}}
		if _, err := clientOf(t, Options{Transport: rt}).Customer(testCustomer).User(testUser).Update(t.Context(), tt.patch); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, rt.asked[0]); got != tt.want+`"attributes":{"objectType":"CustomerUser"}}` {
			t.Errorf("%s: sent %s", name, got)
		}
	}
}

func TestWhatCantBeSentIsRefusedBeforeAnythingIsSent(t *testing.T) {
	rt := &answers{}
	client := clientOf(t, Options{Transport: rt})
	c, ctx := client.Customer(testCustomer), t.Context()
	user := c.User(testUser)
	create := func(alter func(*NewUser)) func() error {
		return func() error {
			u := newUser()
			alter(&u)
			_, err := c.Users().Create(ctx, u)
			return err
		}
	}
	update := func(l LicenseUpdate) func() error {
		return func() error { _, err := user.UpdateLicenses(ctx, l); return err }
	}
	assign := func(sku string, plans ...string) LicenseUpdate {
		return LicenseUpdate{Assign: []LicenseAssignment{{sku, plans}}}
	}
	add := func(m RoleMember) func() error {
		return func() error { _, err := c.Role(testRole).Members().Add(ctx, m); return err }
	}
	tests := map[string]struct {
		call func() error
		want error
	}{
		"create without a UPN":          {create(func(u *NewUser) { u.UserPrincipalName = " " }), ErrBadRequest},
		"create without a display name": {create(func(u *NewUser) { u.DisplayName = "" }), ErrBadRequest},
		"create without a password":     {create(func(u *NewUser) { u.Password = Secret{} }), ErrBadRequest},
		"create with a broken text":     {create(func(u *NewUser) { u.LastName = "\xff" }), ErrBadRequest},
		"create with a broken password": {create(func(u *NewUser) { u.Password = NewSecret("\xff") }), ErrBadRequest},
		"update of nothing":             {func() error { _, err := user.Update(ctx, UserPatch{}); return err }, ErrBadRequest},
		"update with a broken text":     {func() error { _, err := user.Update(ctx, UserPatch{LastName: new("\xc3")}); return err }, ErrBadRequest},
		"reset to nothing":              {func() error { return user.ResetPassword(ctx, Secret{}, true) }, ErrBadRequest},
		"no SKU at all":                 {update(LicenseUpdate{}), ErrBadRequest},
		"nothing to remove":             {func() error { _, err := user.RemoveLicense(ctx); return err }, ErrBadRequest},
		"a SKU twice":                   {update(LicenseUpdate{Remove: []string{testSKU, strings.ToUpper(testSKU)}}), ErrBadRequest},
		"a SKU for another, itself":     {func() error { _, err := user.SwapLicense(ctx, testSKU, testSKU); return err }, ErrBadRequest},
		"a SKU's part number":           {update(assign("EMS")), ErrBadID},
		"a part number to remove":       {update(LicenseUpdate{Remove: []string{"EMS"}}), ErrBadID},
		"a plan's name":                 {update(assign(testSKU, "INTUNE_A")), ErrBadID},
		"a member without a name":       {add(RoleMember{ID: testUser, UserPrincipalName: "u"}), ErrBadRequest},
		"a member without a UPN":        {add(RoleMember{ID: testUser, DisplayName: "d"}), ErrBadRequest},
		"a member without an ID":        {add(RoleMember{UserPrincipalName: "u", DisplayName: "d"}), ErrBadID},
		"no member to remove":           {func() error { return c.Role(testRole).Members().Remove(ctx, "../x") }, ErrBadID},
	}
	for name, tt := range tests {
		if err := tt.call(); !errors.Is(err, tt.want) || errors.Is(err, ErrUnknownOutcome) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, change := range changes {
		for _, id := range []string{"", "x", "contoso.example", testCustomer + "/.."} {
			if err := change.make(ctx, client.Customer(id)); !errors.Is(err, ErrBadID) {
				t.Errorf("%s at customer %q: %v, want ErrBadID", name, id, err)
			}
		}
	}
	for _, id := range []string{"", "x", "u@contoso.example", testUser + "?"} {
		u, members := c.User(id), c.Role(id).Members()
		for name, call := range map[string]func() error{
			"Update":         func() error { _, err := u.Update(ctx, UserPatch{LastName: new("x")}); return err },
			"ResetPassword":  func() error { return u.ResetPassword(ctx, NewSecret("x"), true) },
			"Delete":         func() error { return u.Delete(ctx) },
			"Restore":        func() error { _, err := u.Restore(ctx); return err },
			"UpdateLicenses": func() error { _, err := u.UpdateLicenses(ctx, assign(testSKU)); return err },
			"Add":            func() error { _, err := members.Add(ctx, daniel()); return err },
			"Remove":         func() error { return members.Remove(ctx, testUser) },
		} {
			if err := call(); !errors.Is(err, ErrBadID) {
				t.Errorf("%s of %q: %v, want ErrBadID", name, id, err)
			}
		}
	}
	if len(rt.asked) > 0 {
		t.Errorf("%d calls were sent, the first to %s", len(rt.asked), rt.asked[0].URL)
	}
}

// A change's answer that can't be taken for one leaves open what happened.
func TestStrangeAnswersToChanges(t *testing.T) {
	bodies := map[string]string{
		"a page of HTML":       "<html>",
		"half":                 `{"id":"` + testUser[:9],
		"another user":         `{"id":"` + otherID + `"}`,
		"another customer":     `{"id":"` + testUser + `","links":{"self":{"uri":"/customers/` + otherID + `/users/` + testUser + `"}}}`,
		"a role nobody wanted": `{"id":"` + testUser + `","roleId":"` + otherID + `"}`,
		"no ID":                `{}`,
		"an array":             `[]`,
	}
	accepted := map[string]string{ // what says no more than that it is done
		"another customer":     "user.ResetPassword user.Delete members.Remove",
		"a role nobody wanted": "users.Create user.Update user.Restore user.ResetPassword user.Delete members.Remove",
		"another user":         "users.Create", // whose ID is the service's to choose
		"no ID":                "user.ResetPassword user.Delete members.Remove",
		"an array":             "user.ResetPassword user.Delete members.Remove",
	}
	for what, body := range bodies {
		for name, change := range changes {
			if strings.HasSuffix(name, "License") || strings.HasSuffix(name, "Licenses") {
				continue // an update names nobody
			}
			rt := &answers{list: []any{response(200, body), response(200, body)}}
			err := change.make(t.Context(), clientOf(t, Options{Transport: rt}).Customer(testCustomer))
			if strings.Contains(accepted[what], name) {
				if err != nil {
					t.Errorf("%s, %s: %v", name, what, err)
				}
				continue
			}
			if !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, ErrBadResponse) || len(rt.asked) != 1 {
				t.Errorf("%s, %s: %v after %d calls, want ErrUnknownOutcome and ErrBadResponse after one", name, what, err, len(rt.asked))
			}
		}
	}
}

package emulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// assign is the documented request for a SKU, compact, as the .NET SDK sends it.
func assign(sku string) string {
	return `{"LicensesToAssign":[{"ExcludedPlans":null,"SkuId":"` + sku + `"}],"LicensesToRemove":null,"LicenseWarnings":null,"Attributes":{"ObjectType":"LicenseUpdate"}}`
}

func remove(sku string) string { return `{"licensesToRemove":["` + sku + `"]}` }

// The documented exchange: 183 bytes there, 139 back.
func TestAssigningAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "license-update")
	s := start(t, emulator.Options{})
	s.send(t, "admin-agent", "POST", theAdmin+"/licenseupdates", remove(powerBI)).must(t, 201)
	body := assign("f8a1db68-be16-40ed-86d5-cb42ce701560")
	if len(body) != 183 {
		t.Errorf("the request has %d bytes, documented are 183", len(body))
	}
	got := s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", body).must(t, want.Status)
	if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got.header.Get("Content-Length") != "139" {
		t.Errorf("Content-Length %s, want 139", got.header.Get("Content-Length"))
	}
}

// The documented refusal when all seats are taken, with this customer in it.
func TestNoSeatsAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "license-update-no-seats")
	text := strings.Replace(want.wire(t), "0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04", 1)
	s := start(t, emulator.Options{})
	got := s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", assign(powerBI))
	if got.status != want.Status || got.body != text {
		t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, want.Status, text)
	}
	if held := holds(t, s, daniel); !slices.Equal(held, []string{"EMS"}) {
		t.Errorf("Daniel holds %v after the refusal", held)
	}
}

// holds are the part numbers that a user has.
func holds(t *testing.T, s service, path string) []string {
	t.Helper()
	var parts []string
	for _, l := range decode[list[license]](t, s.get(t, path+"/licenses?"+bothGroups)).Items {
		parts = append(parts, l.ProductSKU.SKUPartNumber)
	}
	return parts
}

// seatsOf are available and consumed units by part number.
func seatsOf(t *testing.T, s service, customer string) map[string][2]int {
	t.Helper()
	units := map[string][2]int{}
	for _, u := range decode[list[sku]](t, s.get(t, customer+"/subscribedskus?"+bothGroups)).Items {
		units[u.ProductSKU.SKUPartNumber] = [2]int{u.AvailableUnits, u.ConsumedUnits}
	}
	return units
}

func TestSeatsFollowTheLicenses(t *testing.T) {
	s := start(t, emulator.Options{})
	step := func(name, method, path, body string, status int, ems, pbi [2]int) {
		t.Helper()
		s.send(t, "admin-agent", method, path, body).must(t, status)
		if got := seatsOf(t, s, documented); got["EMS"] != ems || got["POWER_BI_PRO"] != pbi {
			t.Errorf("%s: EMS %v, want %v; Power BI %v, want %v", name, got["EMS"], ems, got["POWER_BI_PRO"], pbi)
		}
	}
	made := decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", newUserIn).must(t, 201))
	newcomer := documented + "/users/" + made.ID

	step("given", "POST", newcomer+"/licenseupdates", assign(emsE3), 201, [2]int{3, 2}, [2]int{0, 1})
	step("given again", "POST", newcomer+"/licenseupdates", assign(emsE3), 201, [2]int{3, 2}, [2]int{0, 1})
	step("no seat", "POST", newcomer+"/licenseupdates", assign(powerBI), 400, [2]int{3, 2}, [2]int{0, 1})
	step("his holder deleted", "DELETE", theAdmin, "", 204, [2]int{3, 2}, [2]int{1, 0})
	step("swapped", "POST", newcomer+"/licenseupdates", `{"licensesToAssign":[{"skuId":"`+powerBI+`"}],"licensesToRemove":["`+emsE3+`"]}`, 201, [2]int{4, 1}, [2]int{0, 1})
	step("restored, the seat being taken", "PATCH", theAdmin, `{"state":"active"}`, 200, [2]int{4, 1}, [2]int{0, 1})
	if held := holds(t, s, theAdmin); len(held) != 0 {
		t.Errorf("the restored user holds %v, want none: no seat is free", held)
	}
	step("deleted", "DELETE", daniel, "", 204, [2]int{5, 0}, [2]int{0, 1})
	step("restored, the seat being free", "PATCH", daniel, wholeNulls, 200, [2]int{4, 1}, [2]int{0, 1})
	if held := holds(t, s, daniel); !slices.Equal(held, []string{"EMS"}) {
		t.Errorf("the restored user holds %v, want EMS", held)
	}
	step("taken", "POST", newcomer+"/licenseupdates", remove(powerBI), 201, [2]int{4, 1}, [2]int{1, 0})
	for _, u := range decode[list[sku]](t, s.get(t, documented+"/subscribedskus")).Items {
		if total := map[string]int{"EMS": 5, "POWER_BI_PRO": 1}[u.ProductSKU.SKUPartNumber]; u.TotalUnits != total || u.ActiveUnits != total {
			t.Errorf("%s: %d seats in all, want %d: what is owned does not change", u.ProductSKU.SKUPartNumber, u.TotalUnits, total)
		}
	}
}

// A wrong swap does neither half.
func TestASwapIsAllOrNothing(t *testing.T) {
	s := start(t, emulator.Options{})
	body := `{"licensesToAssign":[{"skuId":"` + powerBI + `"}],"licensesToRemove":["` + emsE3 + `"]}`
	s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", body).must(t, 400)
	if held := holds(t, s, daniel); !slices.Equal(held, []string{"EMS"}) {
		t.Errorf("Daniel holds %v, want EMS still", held)
	}
}

// The list of excluded plans is the whole new one, not an addition.
func TestExcludedPlansAreReplaced(t *testing.T) {
	const intune, mfa = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "8a256a2b-b617-496d-b51b-e76466e88db0"
	s := start(t, emulator.Options{})
	off := func() (names []string) {
		for _, p := range decode[list[license]](t, s.get(t, daniel+"/licenses")).Items[0].ServicePlans {
			if p.CapabilityStatus != "Assigned" {
				names = append(names, p.ServiceName+" "+p.CapabilityStatus)
			}
		}
		return names
	}
	for _, tt := range []struct {
		plans, echo string
		want        []string
	}{
		{`["` + intune + `"]`, `"excludedPlans":["` + intune + `"],`, []string{"INTUNE_A Disabled"}},
		{`["` + mfa + `"]`, `"excludedPlans":["` + mfa + `"],`, []string{"MFA_PREMIUM Disabled"}},
		{`["` + strings.ToUpper(intune) + `","` + mfa + `"]`, `"excludedPlans":["` + strings.ToUpper(intune) + `","` + mfa + `"],`, []string{"INTUNE_A Disabled", "MFA_PREMIUM Disabled"}},
		{`null`, ``, nil},
		{`["` + mfa + `"]`, `"excludedPlans":["` + mfa + `"],`, []string{"MFA_PREMIUM Disabled"}},
		{`[]`, `"excludedPlans":[],`, nil},
	} {
		got := s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", `{"licensesToAssign":[{"excludedPlans":`+tt.plans+`,"skuId":"`+emsE3+`"}]}`).must(t, 201)
		if want := bom + `{"licensesToAssign":[{` + tt.echo + `"skuId":"` + emsE3 + `"}],"licenseWarnings":[],"attributes":{"objectType":"LicenseUpdate"}}`; got.body != want {
			t.Errorf("%s: got  %s\nwant %s", tt.plans, got.body, want)
		}
		if diff := cmp.Diff(tt.want, off()); diff != "" {
			t.Errorf("%s: plans off (-want +got):\n%s", tt.plans, diff)
		}
	}
	if got := seatsOf(t, s, documented)["EMS"]; got != [2]int{4, 1} {
		t.Errorf("seats %v, want 4 and 1", got)
	}
}

func TestLicenseUpdatesRefused(t *testing.T) {
	const (
		nobodys   = "11111111-2222-4333-8444-555555555555"
		e3        = "05e9a617-0261-4cee-bb44-138d3ef5d965"
		capacity  = "e612d426-6bc3-4181-9658-91aa906b0ac0" // for the tenant
		faculty   = "984df360-9a74-4647-8cf8-696749f6247a" // group 2
		intune    = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
		cloud     = contoso + "/users/c0a70500-0000-4000-8000-000000000002"
		nowhere   = contoso + "/users/c0a70500-0000-4000-8000-000000000019" // Marta Nowak
		suspended = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"                  // EMS at Contoso
	)
	school := "/v1/customers/" + schoolID
	s := start(t, emulator.Options{})
	pupil := school + "/users/" + all[user](t, s, school+"/users?size=1")[0].ID
	noSeat := func(customer, sku string) string {
		return `{"code":60012,"description":"We&#39;re sorry, it looks like you've run out of licenses. Buy more licenses, and then try again.","data":["LicenseQuotaExceededException : Subscription with Account ` +
			customer + ` and SKU ` + sku + ` does not have any available licenses left."],"source":"PartnerFD"}`
	}
	tests := map[string]struct {
		path, body string
		status     int
		want       string
	}{
		"nothing asked for":        {daniel, `{"licensesToAssign":null,"licensesToRemove":[]}`, 400, invalidInput},
		"unknown SKU":              {daniel, assign(nobodys), 400, invalidInput},
		"a SKU of others":          {daniel, assign(e3), 400, invalidInput},
		"no SKU":                   {daniel, `{"licensesToAssign":[{"excludedPlans":null}]}`, 400, invalidInput},
		"null for a license":       {daniel, `{"licensesToAssign":[null]}`, 400, invalidInput},
		"the part number":          {daniel, assign("EMS"), 400, invalidInput},
		"a plan of another SKU":    {theAdmin, `{"licensesToAssign":[{"skuId":"` + powerBI + `","excludedPlans":["` + intune + `"]}]}`, 400, invalidInput},
		"a plan's name":            {daniel, `{"licensesToAssign":[{"skuId":"` + emsE3 + `","excludedPlans":["INTUNE_A"]}]}`, 400, invalidInput},
		"remove what is not held":  {daniel, remove(powerBI), 400, invalidInput},
		"remove what nobody sells": {daniel, remove(nobodys), 400, invalidInput},
		"the same SKU twice":       {daniel, `{"licensesToAssign":[{"skuId":"` + emsE3 + `"},{"skuId":"` + strings.ToUpper(emsE3) + `"}]}`, 400, invalidInput},
		"given and taken":          {daniel, `{"licensesToAssign":[{"skuId":"` + emsE3 + `"}],"licensesToRemove":["` + emsE3 + `"]}`, 400, invalidInput},
		"for the tenant":           {cloud, assign(capacity), 400, invalidInput},
		"two license groups":       {pupil, `{"licensesToAssign":[{"skuId":"` + e3 + `"},{"skuId":"` + faculty + `"}]}`, 400, invalidInput},
		"no usage location":        {nowhere, assign(e3), 400, noLocation},
		"no usage location, held":  {theAdmin, assign(powerBI), 400, noLocation},
		"no seat of a suspended":   {cloud, assign(suspended), 400, noSeat("9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916", suspended)},
		"unknown user":             {documented + "/users/" + someoneNew, assign(emsE3), 404, noSuchUser},
		"deleted user":             {ferdinand, assign(emsE3), 404, noSuchUser},
		"no JSON":                  {daniel, `LicensesToAssign`, 400, invalidInput},
		"a text for a list":        {daniel, `{"licensesToRemove":"` + emsE3 + `"}`, 400, invalidInput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := seatsOf(t, s, tt.path[:len(documented)])
			if got := s.send(t, "admin-agent", "POST", tt.path+"/licenseupdates", tt.body); got.status != tt.status || got.body != tt.want {
				t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
			if diff := cmp.Diff(before, seatsOf(t, s, tt.path[:len(documented)])); diff != "" {
				t.Errorf("seats changed: %s", diff)
			}
		})
	}
	if got := s.send(t, "admin-agent", "GET", daniel+"/licenseupdates", ""); got.status != 405 {
		t.Errorf("GET: %d, want 405", got.status)
	}
}

// Filled, yet not accepted (quirk 12).
func TestAUsageLocationThatIsNotServed(t *testing.T) {
	s := start(t, emulator.Options{})
	s.send(t, "admin-agent", "PATCH", daniel, `{"usageLocation":"KP"}`).must(t, 200)
	if got := s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", assign(emsE3)); got.status != 400 || got.body != noLocation {
		t.Errorf("%d %s, want 400 %s", got.status, got.body, noLocation)
	}
	s.send(t, "admin-agent", "POST", daniel+"/licenseupdates", remove(emsE3)).must(t, 201)
}

func TestAUserWithALocationCanBeGivenALicense(t *testing.T) {
	const nowhere = contoso + "/users/c0a70500-0000-4000-8000-000000000019"
	const e3 = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	s := start(t, emulator.Options{})
	s.send(t, "admin-agent", "PATCH", nowhere, `{"usageLocation":"PL"}`).must(t, 200)
	s.send(t, "admin-agent", "POST", nowhere+"/licenseupdates", assign(e3)).must(t, 201)
	if held := holds(t, s, nowhere); !slices.Equal(held, []string{"SPE_E3"}) {
		t.Errorf("she holds %v, want SPE_E3", held)
	}
}

// Licenses are listed in the order of the customer's products, whichever came first.
func TestLicensesAreListedInOneOrder(t *testing.T) {
	const e3, visio = "05e9a617-0261-4cee-bb44-138d3ef5d965", "c5928f49-12ba-48f7-ada3-0d743a3601d5"
	s := start(t, emulator.Options{})
	made := decode[user](t, s.send(t, "admin-agent", "POST", contoso+"/users",
		`{"userPrincipalName":"order@contoso.example","displayName":"O","usageLocation":"DE","passwordProfile":{"password":"Password!1"}}`).must(t, 201))
	path := contoso + "/users/" + made.ID
	s.send(t, "admin-agent", "POST", path+"/licenseupdates", assign(visio)).must(t, 201)
	s.send(t, "admin-agent", "POST", path+"/licenseupdates", assign(e3)).must(t, 201)
	if held := holds(t, s, path); !slices.Equal(held, []string{"SPE_E3", "VISIOCLIENT"}) {
		t.Errorf("listed as %v", held)
	}
}

func TestLicenseUpdatesByUserPrincipalName(t *testing.T) {
	s := start(t, emulator.Options{})
	made := decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", newUserIn).must(t, 201))
	s.send(t, "admin-agent", "POST", documented+"/users/"+made.UserPrincipalName+"/licenseupdates", assign(emsE3)).must(t, 201)
	s.send(t, "admin-agent", "POST", documented+"/users/DANIEL@dtdemocspcustomer005.onmicrosoft.com/licenseupdates", remove(emsE3)).must(t, 201)
	s.send(t, "admin-agent", "PATCH", documented+"/users/"+made.ID, `{"userPrincipalName":"f@dtdemocspcustomer005.onmicrosoft.com"}`).must(t, 200)
	s.get(t, documented+"/users/"+made.UserPrincipalName+"/licenses").must(t, 404)
	if held := holds(t, s, documented+"/users/F@dtdemocspcustomer005.onmicrosoft.com"); !slices.Equal(held, []string{"EMS"}) {
		t.Errorf("under the new name: %v, want EMS", held)
	}
}

// Teams Phone needs Teams: given alone it comes with a warning and stays off
// until Teams is there.
func TestPlansThatNeedAnother(t *testing.T) {
	const phone, e3 = "e43b5b99-8dfb-405f-9987-dc307f34bcbd", "05e9a617-0261-4cee-bb44-138d3ef5d965"
	const teams = "57ff2da0-773e-42df-b2af-ffb7a2317929"
	s := start(t, emulator.Options{})
	// A seat of Teams Phone is freed; there are as many as are assigned.
	for _, u := range all[user](t, s, contoso+"/users?size=500") {
		if slices.Contains(holds(t, s, contoso+"/users/"+u.ID), "MCOEV") {
			s.send(t, "admin-agent", "POST", contoso+"/users/"+u.ID+"/licenseupdates", remove(phone)).must(t, 201)
			break
		}
	}
	made := decode[user](t, s.send(t, "admin-agent", "POST", contoso+"/users",
		`{"userPrincipalName":"phone@contoso.example","displayName":"Phone","usageLocation":"DE","passwordProfile":{"password":"Password!1"}}`).must(t, 201))
	path := contoso + "/users/" + made.ID
	update := func(body string) (warned []string) {
		t.Helper()
		var answer struct {
			LicenseWarnings []struct {
				Code, Message string
				ServicePlans  []string
			}
		}
		got := s.send(t, "admin-agent", "POST", path+"/licenseupdates", body).must(t, 201)
		if err := json.Unmarshal([]byte(got.body[len(bom):]), &answer); err != nil {
			t.Fatal(err)
		}
		for _, w := range answer.LicenseWarnings {
			if w.Code == "" || w.Message == "" {
				t.Errorf("a warning without code or message: %s", got.body)
			}
			warned = append(warned, w.ServicePlans...)
		}
		return warned
	}
	phonePlan := func() string {
		for _, l := range decode[list[license]](t, s.get(t, path+"/licenses")).Items {
			if l.ProductSKU.SKUPartNumber == "MCOEV" {
				return l.ServicePlans[0].CapabilityStatus
			}
		}
		return "no license"
	}
	for _, step := range []struct {
		name, body string
		warned     []string
		plan       string
	}{
		{"the phone alone", assign(phone), []string{"MCOEV"}, "Disabled"},
		{"with Teams", assign(e3), nil, "Assigned"},
		{"Teams left out", `{"licensesToAssign":[{"skuId":"` + e3 + `","excludedPlans":["` + teams + `"]}]}`, []string{"MCOEV"}, "Disabled"},
		{"Teams again", assign(e3), nil, "Assigned"},
		{"Teams taken", remove(e3), []string{"MCOEV"}, "Disabled"},
		{"said again", assign(phone), []string{"MCOEV"}, "Disabled"},
		{"phone taken", remove(phone), nil, "no license"},
	} {
		if warned := update(step.body); !slices.Equal(warned, step.warned) {
			t.Errorf("%s: warned of %v, want %v", step.name, warned, step.warned)
		}
		if got := phonePlan(); got != step.plan {
			t.Errorf("%s: the plan is %s, want %s", step.name, got, step.plan)
		}
	}
}

package partnercenter_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1"

func zoe() partnercenter.NewUser {
	return partnercenter.NewUser{
		UserPrincipalName: "zoe.oneil@contoso.example", DisplayName: "Zoë O'Neil <&>", FirstName: "Zoë", LastName: "O'Neil", PhoneNumber: "+49 211 1",
		UsageLocation: "DE", Password: partnercenter.NewSecret("Aa1!-welcome"), ForceChangePassword: true,
	}
}

// must gives what a call gave, or ends the test.
func must[T any](t *testing.T, what string) func(T, error) T {
	return func(got T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return got
	}
}

// A user from hire to leave and back, and what the activity log has of it.
func TestAUsersLife(t *testing.T) {
	e, as := start(t, emulator.Options{})
	client, ctx := as("admin-agent"), t.Context()
	contoso := client.Customer(emulator.ContosoID)
	began := time.Now().Add(-time.Minute)

	created := must[partnercenter.User](t, "create")(contoso.Users().Create(ctx, zoe()))
	if want := (partnercenter.User{
		ID: created.ID, UserPrincipalName: "zoe.oneil@contoso.example", DisplayName: "Zoë O'Neil <&>", FirstName: "Zoë", LastName: "O'Neil", PhoneNumber: "+49 211 1",
		UsageLocation: "DE", DomainType: partnercenter.UserDomainNone, State: partnercenter.UserActive,
	}); !partnercenter.ValidID(created.ID) || created != want {
		t.Errorf("created:\n%s", cmp.Diff(want, created))
	}
	user := contoso.User(created.ID)
	if got := must[partnercenter.User](t, "get")(user.Get(ctx)); got != created {
		t.Errorf("the user is %+v", got)
	}
	if !slices.Contains(collect(t, contoso.Users().All(ctx, partnercenter.UsersOptions{})), created) {
		t.Error("the user is not in the list")
	}

	updated := must[partnercenter.User](t, "update")(user.Update(ctx, partnercenter.UserPatch{LastName: new("Nowak"), UsageLocation: new("AT")}))
	want := created
	want.LastName, want.UsageLocation = "Nowak", "AT"
	if updated != want {
		t.Errorf("updated:\n%s", cmp.Diff(want, updated))
	}
	if err := user.ResetPassword(ctx, partnercenter.NewSecret("Bb2!-once-more"), true); err != nil {
		t.Errorf("reset: %v", err)
	}

	// Licenses: one given without a plan, swapped for another, taken away.
	var skus []partnercenter.SubscribedSKU
	for _, sku := range must[[]partnercenter.SubscribedSKU](t, "SKUs")(contoso.SubscribedSKUs(ctx)) {
		if sku.Available > 0 && sku.TargetType == "User" && len(sku.ServicePlans) > 1 {
			skus = append(skus, sku)
		}
	}
	if len(skus) < 2 {
		t.Fatalf("%d SKUs with free seats", len(skus))
	}
	held := func() (ids []string) {
		for _, license := range must[[]partnercenter.License](t, "licenses")(user.Licenses(ctx)) {
			ids = append(ids, license.SKUID)
		}
		return ids
	}
	free := func(id string) int {
		for _, sku := range must[[]partnercenter.SubscribedSKU](t, "SKUs")(contoso.SubscribedSKUs(ctx)) {
			if sku.SKUID == id {
				return sku.Available
			}
		}
		return -1
	}
	plan := skus[0].ServicePlans[slices.IndexFunc(skus[0].ServicePlans, func(p partnercenter.ServicePlan) bool { return p.TargetType == "User" })]
	if _, err := user.AssignLicense(ctx, skus[0].SKUID, plan.ID); err != nil {
		t.Fatalf("assign: %v", err)
	}
	if got := held(); !slices.Equal(got, []string{skus[0].SKUID}) || free(skus[0].SKUID) != skus[0].Available-1 {
		t.Errorf("after assigning the user holds %q, %d seats are free", got, free(skus[0].SKUID))
	}
	on := slices.ContainsFunc(must[[]partnercenter.License](t, "licenses")(user.Licenses(ctx))[0].ServicePlans, func(p partnercenter.ServicePlan) bool {
		return p.ID == plan.ID && p.CapabilityStatus == "Assigned"
	})
	if on {
		t.Error("the excluded plan is on")
	}
	if _, err := user.SwapLicense(ctx, skus[0].SKUID, skus[1].SKUID); err != nil {
		t.Fatalf("swap: %v", err)
	}
	if got := held(); !slices.Equal(got, []string{skus[1].SKUID}) || free(skus[0].SKUID) != skus[0].Available {
		t.Errorf("after the swap the user holds %q", got)
	}
	if _, err := user.RemoveLicense(ctx, skus[1].SKUID); err != nil || len(held()) != 0 {
		t.Errorf("after removing the user holds %q, %v", held(), err)
	}

	// A role, given and taken.
	members := contoso.Role(userAdministrator).Members()
	member := partnercenter.RoleMember{ID: created.ID, DisplayName: created.DisplayName, UserPrincipalName: created.UserPrincipalName}
	added := must[partnercenter.RoleMember](t, "add")(members.Add(ctx, member))
	member.RoleID = userAdministrator
	if added != member || !slices.Contains(collect(t, members.All(ctx, partnercenter.RoleMembersOptions{})), member) {
		t.Errorf("added %+v, want %+v", added, member)
	}
	if roles := must[[]partnercenter.DirectoryRole](t, "roles")(user.Roles(ctx)); len(roles) != 1 || roles[0].ID != userAdministrator {
		t.Errorf("the user's roles are %+v", roles)
	}
	if _, err := members.Add(ctx, member); !errors.Is(err, partnercenter.ErrConflict) {
		t.Errorf("added twice: %v, want ErrConflict", err)
	}
	if err := members.Remove(ctx, created.ID); err != nil {
		t.Errorf("remove: %v", err)
	}
	if err := members.Remove(ctx, created.ID); !errors.Is(err, partnercenter.ErrNotFound) {
		t.Errorf("removed twice: %v, want ErrNotFound", err)
	}

	// Gone, and back.
	if err := user.Delete(ctx); err != nil {
		t.Fatalf("delete: %v", err)
	}
	if err := user.Delete(ctx); !errors.Is(err, partnercenter.ErrNotFound) {
		t.Errorf("deleted twice: %v, want ErrNotFound", err)
	}
	deleted := collect(t, contoso.Users().Deleted(ctx, partnercenter.UsersOptions{}))
	at := slices.IndexFunc(deleted, func(u partnercenter.User) bool { return u.ID == created.ID })
	if at < 0 || deleted[at].State != partnercenter.UserInactive || deleted[at].SoftDeletion.Before(began) {
		t.Errorf("the deleted users are %+v", deleted)
	}
	if restored := must[partnercenter.User](t, "restore")(user.Restore(ctx)); restored.ID != created.ID || restored.State != partnercenter.UserActive || !restored.SoftDeletion.IsZero() {
		t.Errorf("restored %+v", restored)
	}
	if _, err := user.Get(ctx); err != nil {
		t.Errorf("after restoring: %v", err)
	}

	var done []string
	for record, err := range client.AuditRecords().All(ctx, partnercenter.AuditRecordsOptions{Start: began, CustomerID: emulator.ContosoID, PageSize: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		if record.OperationDate.After(began) && record.OperationStatus == "succeeded" {
			done = append(done, record.OperationType)
		}
	}
	wanted := []string{
		"create_customer_user", "update_customer_user", "reset_customer_user_password", "update_customer_user_licenses", "update_customer_user_licenses",
		"update_customer_user_licenses", "add_user_member", "remove_user_member", "delete_customer_user", "restore_customer_user",
	}
	slices.Sort(done)
	slices.Sort(wanted)
	if !slices.Equal(done, wanted) {
		t.Errorf("the activity log has\n%q, want\n%q", done, wanted)
	}
	for _, call := range e.Calls() {
		if call.Status >= 500 || call.Status == 400 {
			t.Errorf("%s %s was answered with %d", call.Method, call.Path, call.Status)
		}
	}
}

// What the emulator refuses, and the sentinel a caller decides by. None of it
// leaves anything unknown.
func TestRefusedChanges(t *testing.T) {
	_, as := start(t, emulator.Options{})
	ctx := t.Context()
	admin := as("admin-agent").Customer(emulator.ContosoID)
	users := collect(t, admin.Users().All(ctx, partnercenter.UsersOptions{}))
	synced := users[slices.IndexFunc(users, func(u partnercenter.User) bool { return !u.LastDirectorySync.IsZero() })]
	nowhere := users[slices.IndexFunc(users, func(u partnercenter.User) bool { return u.UsageLocation == "" && u.LastDirectorySync.IsZero() })]
	someone := users[slices.IndexFunc(users, func(u partnercenter.User) bool { return u.UsageLocation != "" && u.LastDirectorySync.IsZero() })]
	skus := must[[]partnercenter.SubscribedSKU](t, "SKUs")(admin.SubscribedSKUs(ctx))
	sku := func(what string, fits func(partnercenter.SubscribedSKU) bool) string {
		at := slices.IndexFunc(skus, fits)
		if at < 0 {
			t.Fatalf("no SKU %s", what)
		}
		return skus[at].SKUID
	}
	freeSKU := sku("with a free seat", func(s partnercenter.SubscribedSKU) bool { return s.Available > 0 && s.TargetType == "User" })
	fullSKU := sku("without", func(s partnercenter.SubscribedSKU) bool { return s.Available <= 0 && s.TargetType == "User" })

	create := func(word string, alter func(*partnercenter.NewUser)) error {
		u := zoe()
		alter(&u)
		_, err := as(word).Customer(emulator.ContosoID).Users().Create(ctx, u)
		return err
	}
	nothing := func(*partnercenter.NewUser) {}
	update := func(id string, patch partnercenter.UserPatch) error {
		_, err := admin.User(id).Update(ctx, patch)
		return err
	}
	assign := func(id, sku string) error { _, err := admin.User(id).AssignLicense(ctx, sku); return err }
	restore := func(id string) error { _, err := admin.User(id).Restore(ctx); return err }
	tests := map[string]struct{ err, want error }{
		"a UPN that is taken":         {create("admin-agent", func(u *partnercenter.NewUser) { u.UserPrincipalName = someone.UserPrincipalName }), partnercenter.ErrConflict},
		"a weak password":             {create("admin-agent", func(u *partnercenter.NewUser) { u.Password = partnercenter.NewSecret("a") }), partnercenter.ErrBadRequest},
		"a domain of somebody else":   {create("admin-agent", func(u *partnercenter.NewUser) { u.UserPrincipalName = "zoe@northwind.example" }), partnercenter.ErrBadRequest},
		"a federated domain":          {create("admin-agent", func(u *partnercenter.NewUser) { u.UserPrincipalName = "zoe@werk.contoso.example" }), partnercenter.ErrBadRequest},
		"a country there is not":      {create("admin-agent", func(u *partnercenter.NewUser) { u.UsageLocation = "XX" }), partnercenter.ErrBadRequest},
		"create by a reader":          {create("reader", nothing), partnercenter.ErrForbidden},
		"create by an application":    {create("app-only", nothing), partnercenter.ErrAppOnly},
		"create without MFA":          {create("no-mfa", nothing), partnercenter.ErrMFARequired},
		"create with an old token":    {create("expired", nothing), partnercenter.ErrUnauthorized},
		"a synced user's name":        {update(synced.ID, partnercenter.UserPatch{LastName: new("x")}), partnercenter.ErrBadRequest},
		"a synced user's country":     {update(synced.ID, partnercenter.UserPatch{UsageLocation: new("FR")}), nil},
		"a field to be cleared":       {update(someone.ID, partnercenter.UserPatch{FirstName: new("")}), partnercenter.ErrBadRequest},
		"a UPN of somebody else":      {update(someone.ID, partnercenter.UserPatch{UserPrincipalName: new(users[0].UserPrincipalName)}), partnercenter.ErrConflict},
		"an unknown user":             {update(partnercenter.NewID(), partnercenter.UserPatch{LastName: new("x")}), partnercenter.ErrNotFound},
		"an unknown user's password":  {admin.User(partnercenter.NewID()).ResetPassword(ctx, partnercenter.NewSecret("Aa1!aaaa"), false), partnercenter.ErrNotFound},
		"a weak new password":         {admin.User(someone.ID).ResetPassword(ctx, partnercenter.NewSecret("a"), false), partnercenter.ErrBadRequest},
		"an unknown user to restore":  {restore(partnercenter.NewID()), partnercenter.ErrNotFound},
		"no seat":                     {assign(someone.ID, fullSKU), partnercenter.ErrNoSeats},
		"no usage location":           {assign(nowhere.ID, freeSKU), partnercenter.ErrUsageLocation},
		"an unknown SKU":              {assign(someone.ID, partnercenter.NewID()), partnercenter.ErrBadRequest},
		"a license for nobody":        {assign(partnercenter.NewID(), freeSKU), partnercenter.ErrNotFound},
		"a role for nobody":           {func() error { return admin.Role(userAdministrator).Members().Remove(ctx, partnercenter.NewID()) }(), partnercenter.ErrNotFound},
		"a customer that left":        {as("admin-agent").Customer(emulator.DepartedCustomerID).User(someone.ID).Delete(ctx), partnercenter.ErrNoRelationship},
		"a license manager's attempt": {as("license-manager").Customer(emulator.ContosoID).User(someone.ID).Delete(ctx), partnercenter.ErrForbidden},
	}
	for name, tt := range tests {
		if !errors.Is(tt.err, tt.want) || tt.want == nil && tt.err != nil || errors.Is(tt.err, partnercenter.ErrUnknownOutcome) {
			t.Errorf("%s: %v, want %v", name, tt.err, tt.want)
		}
	}
}

// Through faults a change is made once or its outcome is unknown, and read back
// it is one or the other.
func TestChangesThroughFaults(t *testing.T) {
	e, as := start(t, emulator.Options{})
	ctx := t.Context()
	users := as("admin-agent").Customer(emulator.ContosoID).Users()
	there := func() int {
		n := 0
		for user, err := range users.All(ctx, partnercenter.UsersOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if user.UserPrincipalName == zoe().UserPrincipalName {
				n++
			}
		}
		return n
	}
	posts := func() (n int) {
		for _, call := range e.Calls() {
			if call.Method == "POST" {
				n++
			}
		}
		return n
	}
	for name, tt := range map[string]struct {
		fault   emulator.Fault
		unknown bool
		posts   int
		there   int
	}{
		"throttled once": {emulator.Fault{Status: 429, Times: 1}, false, 2, 1},
		"its gateway":    {emulator.Fault{Status: 503, Times: 1}, true, 1, 0},
		"lost":           {emulator.Fault{LoseRequest: true, Times: 1}, true, 1, 0},
		"done and lost":  {emulator.Fault{LoseAnswer: true, Times: 1}, true, 1, 1},
		"done, but 504":  {emulator.Fault{LoseAnswer: true, Status: 504, Times: 1}, true, 1, 1},
		"an answer cut":  {emulator.Fault{CutBody: true, Times: 1}, true, 1, 1},
		"half an answer": {emulator.Fault{BrokenJSON: true, Times: 1}, true, 1, 1},
		"refused":        {emulator.Fault{Status: 403, Code: 2032, Times: 1}, false, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tt.fault.Name, tt.fault.Method = "x", "POST"
			e.SetFault(tt.fault)
			e.ResetCalls()
			user, err := users.Create(ctx, zoe())
			if got := errors.Is(err, partnercenter.ErrUnknownOutcome); got != tt.unknown {
				t.Errorf("%v, ErrUnknownOutcome wanted: %v", err, tt.unknown)
			}
			if got := posts(); got != tt.posts {
				t.Errorf("posted %d times, want %d", got, tt.posts)
			}
			if got := there(); got != tt.there || err == nil && got != 1 {
				t.Errorf("the user is there %d times, want %d: %+v", got, tt.there, user)
			}
			e.ClearFaults()
			for user, err := range users.All(ctx, partnercenter.UsersOptions{}) {
				if err == nil && user.UserPrincipalName == zoe().UserPrincipalName {
					if err := as("admin-agent").Customer(emulator.ContosoID).User(user.ID).Delete(ctx); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
	e.SetFault(emulator.Fault{Name: "x", Method: "DELETE", Hang: true})
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	err := as("admin-agent").Customer(emulator.ContosoID).User(partnercenter.NewID()).Delete(soon)
	if !errors.Is(err, partnercenter.ErrUnknownOutcome) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v, want ErrUnknownOutcome", err)
	}
}

// A service that goes by the request ID does a repeated change once; the repeat
// has the first one's answer.
func TestARepeatUnderTheSameRequestID(t *testing.T) {
	e, as := start(t, emulator.Options{Deduplicate: true})
	e.SetFault(emulator.Fault{Method: "POST", LoseAnswer: true, Times: 1})
	users, ctx := as("admin-agent").Customer(emulator.ContosoID).Users(), t.Context()
	_, err := users.Create(ctx, zoe())
	failed, ok := errors.AsType[*partnercenter.Error](err)
	if !ok || !errors.Is(err, partnercenter.ErrUnknownOutcome) {
		t.Fatal(err)
	}
	if _, err := users.Create(ctx, zoe()); !errors.Is(err, partnercenter.ErrConflict) {
		t.Errorf("under another ID: %v, want ErrConflict", err)
	}
	user, err := users.Create(partnercenter.WithRequestID(ctx, failed.RequestID), zoe())
	if err != nil || user.UserPrincipalName != zoe().UserPrincipalName {
		t.Errorf("under the same ID: %v, %+v", err, user)
	}
}

func TestTheRestAgainstTheEmulator(t *testing.T) {
	_, as := start(t, emulator.Options{USGovernment: true})
	client, ctx := as("admin-agent"), t.Context()
	if profile, err := client.MPN(ctx); err != nil || profile.MPNID == "" {
		t.Errorf("MPN: %v, %+v", err, profile)
	}
	codes, err := client.ValidationCodes(ctx)
	if err != nil || len(codes) != 2 || codes[0].PartnerID != emulator.PartnerTenantID || codes[1].RemainingCreates != 5 {
		t.Errorf("validation codes: %v, %+v", err, codes)
	}
	_, as = start(t, emulator.Options{})
	if _, err := as("admin-agent").ValidationCodes(ctx); !errors.Is(err, partnercenter.ErrNotFound) {
		t.Errorf("validation codes in the global cloud: %v, want ErrNotFound", err)
	}
	old := partnercenter.AuditRecordsOptions{Start: time.Now().AddDate(0, 0, -120)}
	if _, err := as("admin-agent").AuditRecords().List(ctx, old, ""); !errors.Is(err, partnercenter.ErrBadRequest) {
		t.Errorf("an activity log of 120 days: %v, want ErrBadRequest", err)
	}
}

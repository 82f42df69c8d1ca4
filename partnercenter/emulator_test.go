package partnercenter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// start serves an emulator and gives clients of it by bearer word.
func start(t *testing.T, opts emulator.Options) (*emulator.Emulator, func(word string) *partnercenter.Client) {
	t.Helper()
	e := emulator.New(opts)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	shared := partnercenter.NewShared(partnercenter.SharedOptions{})
	return e, func(word string) *partnercenter.Client {
		t.Helper()
		client, err := partnercenter.New(partnercenter.StaticToken(word), partnercenter.Options{
			BaseURL: server.URL, Shared: shared,
			Retry: partnercenter.RetryOptions{BaseDelay: time.Millisecond, TryTimeout: 5 * time.Second},
		})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
}

func TestEveryMethodAgainstTheEmulator(t *testing.T) {
	for name, opts := range map[string]emulator.Options{
		"as it is":         {},
		"no BOM":           {NoBOM: true},
		"links versioned":  {VersionedLinks: true},
		"another demo set": {Seed: 42},
	} {
		t.Run(name, func(t *testing.T) {
			_, as := start(t, opts)
			client, ctx := as("admin-agent"), t.Context()
			contoso := client.Customer(emulator.ContosoID)

			customers := collect(t, client.Customers().All(ctx, partnercenter.CustomersOptions{PageSize: 7}))
			if len(customers) < 20 || !slices.ContainsFunc(customers, func(c partnercenter.Customer) bool { return c.ID == emulator.ContosoID }) {
				t.Errorf("%d customers", len(customers))
			}
			found, err := client.Customers().Search(ctx, partnercenter.SearchOptions{Field: partnercenter.Domain, Prefix: "CONTOSO.ex"}, "")
			if err != nil || len(found.Items) != 1 || found.Items[0].ID != emulator.ContosoID {
				t.Errorf("search: %v, %+v", err, found)
			}
			one, err := contoso.Get(ctx)
			if err != nil || one.CompanyProfile.Domain != emulator.ContosoDomain || one.AllowDelegatedAccess == nil {
				t.Errorf("customer: %v, %+v", err, one)
			}
			if profile, err := contoso.CompanyProfile(ctx); err != nil || profile != one.CompanyProfile {
				t.Errorf("company profile: %v, %+v", err, profile)
			}

			users := collect(t, contoso.Users().All(ctx, partnercenter.UsersOptions{PageSize: 50}))
			if len(users) != 412 || distinct(users) != 412 {
				t.Errorf("%d users, %d of them distinct", len(users), distinct(users))
			}
			if again := collect(t, contoso.Users().All(ctx, partnercenter.UsersOptions{})); !cmp.Equal(users, again) {
				t.Error("another page size, other users")
			}
			sorted := collect(t, contoso.Users().All(ctx, partnercenter.UsersOptions{SortField: partnercenter.SortByDisplayName, SortDirection: partnercenter.Descending, PageSize: 100}))
			if distinct(sorted) != 412 || sorted[0].ID == users[0].ID {
				t.Errorf("%d users when sorted", distinct(sorted))
			}
			deleted := collect(t, contoso.Users().Deleted(ctx, partnercenter.UsersOptions{}))
			for _, user := range deleted {
				if user.State != partnercenter.UserInactive || user.SoftDeletion.IsZero() {
					t.Errorf("deleted user %+v", user)
				}
				if _, err := contoso.User(user.ID).Get(ctx); !errors.Is(err, partnercenter.ErrNotFound) {
					t.Errorf("a deleted user by ID: %v, want ErrNotFound", err)
				}
			}
			if len(deleted) == 0 {
				t.Error("no deleted users")
			}
			for _, user := range users[:20] {
				if got, err := contoso.User(user.ID).Get(ctx); err != nil || got != user {
					t.Errorf("user by ID: %v, %+v, want %+v", err, got, user)
				}
			}

			skus, err := contoso.SubscribedSKUs(ctx)
			if err != nil || len(skus) == 0 || skus[0].Group != partnercenter.Group1 || !partnercenter.ValidID(skus[0].SKUID) {
				t.Fatalf("SKUs: %v, %+v", err, skus)
			}
			for _, sku := range skus {
				if sku.Available != sku.Total-sku.Consumed || sku.Total != sku.Active+sku.Warning {
					t.Errorf("seats don't add up: %+v", sku)
				}
			}
			licensed := 0
			for _, user := range users[:20] {
				licenses, err := contoso.User(user.ID).Licenses(ctx, partnercenter.Group1, partnercenter.Group2)
				if err != nil {
					t.Fatal(err)
				}
				licensed += len(licenses)
			}
			if licensed == 0 {
				t.Error("nobody has a license")
			}

			roles, err := contoso.Roles().List(ctx)
			if err != nil || len(roles) != 4 {
				t.Fatalf("roles: %v, %+v", err, roles)
			}
			members := 0
			for _, role := range roles {
				for _, member := range collect(t, contoso.Role(role.ID).Members().All(ctx, partnercenter.RoleMembersOptions{PageSize: 1})) {
					members++
					held, err := contoso.User(member.ID).Roles(ctx)
					if err != nil || !slices.Contains(held, role) || member.RoleID != role.ID {
						t.Errorf("%+v is said to hold %+v, holds %+v, %v", member, role, held, err)
					}
				}
			}
			if members == 0 {
				t.Error("nobody holds a role")
			}

			if profile, err := client.Organization(ctx); err != nil || profile.CompanyName != emulator.PartnerName || profile.TenantID != emulator.PartnerTenantID || profile.ETag == "" {
				t.Errorf("organization: %v, %+v", err, profile)
			}
			if profile, err := client.LegalBusiness(ctx); err != nil || profile.CompanyName == "" {
				t.Errorf("legal business: %v, %+v", err, profile)
			}
			if taken, err := client.DomainExists(ctx, emulator.ContosoDomain); err != nil || !taken {
				t.Errorf("domain: %v, %v", taken, err)
			}
			if taken, err := client.DomainExists(ctx, "nobody-has-this.example"); err != nil || taken {
				t.Errorf("domain: %v, %v", taken, err)
			}
			if compliant, err := client.MFACompliant(ctx); err != nil || !compliant {
				t.Errorf("MFA: %v, %v", compliant, err)
			}
		})
	}
}

func collect[T any](t *testing.T, seq func(func(T, error) bool)) []T {
	t.Helper()
	var out []T
	for item, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, item)
	}
	return out
}

func distinct(users []partnercenter.User) int {
	ids := map[string]bool{}
	for _, user := range users {
		ids[user.ID] = true
	}
	return len(ids)
}

func TestRefusalsOfTheEmulator(t *testing.T) {
	e, as := start(t, emulator.Options{})
	users := func(word, customer string) error {
		_, err := as(word).Customer(customer).Users().List(t.Context(), partnercenter.UsersOptions{PageSize: 1}, "")
		return err
	}
	user := func(customer, id string) error {
		_, err := as("admin-agent").Customer(customer).User(id).Get(t.Context())
		return err
	}
	tests := map[string]struct {
		err  error
		want error
	}{
		"token unknown":         {users("nonsense", emulator.ContosoID), partnercenter.ErrUnauthorized},
		"token run out":         {users("expired", emulator.ContosoID), partnercenter.ErrUnauthorized},
		"token without MFA":     {users("no-mfa", emulator.ContosoID), partnercenter.ErrMFARequired},
		"application":           {users("app-only", emulator.ContosoID), partnercenter.ErrAppOnly},
		"no GDAP":               {users("no-gdap", emulator.ContosoID), partnercenter.ErrForbidden},
		"no GDAP for anybody":   {users("admin-agent", emulator.NobodyCustomerID), partnercenter.ErrForbidden},
		"customer that left":    {users("admin-agent", emulator.DepartedCustomerID), partnercenter.ErrNoRelationship},
		"unknown customer":      {users("admin-agent", partnercenter.NewID()), partnercenter.ErrNoRelationship},
		"unknown user":          {user(emulator.ContosoID, partnercenter.NewID()), partnercenter.ErrNotFound},
		"nothing wrong":         {users("reader", emulator.ContosoID), nil},
		"a customer of no user": {users("reader", emulator.EmptyCustomerID), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !errors.Is(tt.err, tt.want) {
				t.Errorf("%v, want %v", tt.err, tt.want)
			}
		})
	}
	if compliant, err := as("no-mfa").MFACompliant(t.Context()); compliant || err != nil {
		t.Errorf("MFACompliant without MFA: %v, %v", compliant, err)
	}
	for _, call := range e.Calls() {
		if !partnercenter.ValidID(call.CorrelationID) || !partnercenter.ValidID(call.RequestID) {
			t.Errorf("a call without IDs: %+v", call)
		}
	}
}

// A list of 20,000 users through throttling, cut bodies and
// failing gateways: everybody once, one correlation ID.
func TestABigListThroughFaults(t *testing.T) {
	e, as := start(t, emulator.Options{BigUsers: 20_000})
	for i, fault := range []emulator.Fault{
		{Status: 503, After: 2, Times: 1},
		{CutBody: true, After: 7, Times: 1},
		{Status: 429, After: 11, Times: 1},
		{Status: 500, Page: 20, Times: 2},
	} {
		fault.Name = fmt.Sprint("fault ", i)
		e.SetFault(fault)
	}
	ids := map[string]bool{}
	ctx := partnercenter.WithCorrelationID(t.Context(), partnercenter.NewID())
	for user, err := range as("reader").Customer(emulator.NorthwindID).Users().All(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if ids[user.ID] {
			t.Fatalf("%s came twice", user.ID)
		}
		ids[user.ID] = true
	}
	if len(ids) != 20_000 {
		t.Errorf("%d users", len(ids))
	}
	failed := 0
	requests := map[string]int{}
	for _, call := range e.Calls() {
		if call.CorrelationID != partnercenter.CorrelationID(ctx) {
			t.Errorf("%+v has another correlation ID", call)
		}
		if call.Status != 200 {
			failed++
		}
		requests[call.RequestID]++
	}
	if failed < 4 || len(requests) != 40 {
		t.Errorf("%d calls, %d request IDs, %d failed; want 40 request IDs", len(e.Calls()), len(requests), failed)
	}
}

func TestBrokenAndHangingAnswers(t *testing.T) {
	e, as := start(t, emulator.Options{})
	list := func(ctx context.Context) error {
		_, err := as("reader").Customer(emulator.ContosoID).Users().List(ctx, partnercenter.UsersOptions{}, "")
		return err
	}
	e.SetFault(emulator.Fault{Name: "x", BrokenJSON: true})
	if err := list(t.Context()); !errors.Is(err, partnercenter.ErrBadResponse) {
		t.Errorf("half a body: %v, want ErrBadResponse", err)
	}
	e.SetFault(emulator.Fault{Name: "x", CutBody: true})
	if err := list(t.Context()); !errors.Is(err, partnercenter.ErrUnavailable) {
		t.Errorf("bodies that break off: %v, want ErrUnavailable", err)
	}
	e.SetFault(emulator.Fault{Name: "x", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := list(ctx); !errors.Is(err, partnercenter.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v, want ErrUnavailable", err)
	}
}

func TestAContinuationOfAnotherSortOrTimeIsTheServicesToRefuse(t *testing.T) {
	now := time.Now()
	_, as := start(t, emulator.Options{Now: func() time.Time { return now }})
	users := as("reader").Customer(emulator.ContosoID).Users()
	first, err := users.List(t.Context(), partnercenter.UsersOptions{PageSize: 100}, "")
	if err != nil || first.Next == "" {
		t.Fatal(err)
	}
	if strings.Contains(string(first.Next), "customers") {
		t.Error("the continuation is not opaque")
	}
	if _, err := users.List(t.Context(), partnercenter.UsersOptions{}, first.Next); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Hour)
	if _, err := users.List(t.Context(), partnercenter.UsersOptions{}, first.Next); !errors.Is(err, partnercenter.ErrBadRequest) {
		t.Errorf("an old continuation: %v, want ErrBadRequest", err)
	}
}

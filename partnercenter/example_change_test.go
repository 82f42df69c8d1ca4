package partnercenter_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	// Daniel Tsai of the documentation's customer, what he holds, and a product
	// whose only seat is free.
	documented = emulator.DocumentedCustomerID
	danielTsai = "a9ef48bb-8758-4590-a312-d4a47bfaded4"
)

func ExampleUsers_Create() {
	client, stop := exampleClient("admin-agent")
	defer stop()

	user, err := client.Customer(emulator.ContosoID).Users().Create(context.Background(), partnercenter.NewUser{
		UserPrincipalName:   "amina.diallo@contoso.example",
		DisplayName:         "Amina Diallo",
		UsageLocation:       "DE",                                          // needed before a license
		Password:            partnercenter.NewSecret("Aa1-" + rand.Text()), // prints as [redacted]
		ForceChangePassword: true,
	})
	switch {
	case errors.Is(err, partnercenter.ErrUnknownOutcome):
		fmt.Println("look for amina.diallo@contoso.example among all users, the deleted ones too")
	case errors.Is(err, partnercenter.ErrConflict):
		fmt.Println("the name is taken")
	case err != nil:
		fmt.Println(err) // and nothing was created
	default:
		fmt.Println(user.DisplayName, user.State, partnercenter.ValidID(user.ID))
	}
	// Output: Amina Diallo active true
}

func ExampleUserRef_Update() {
	client, stop := exampleClient("admin-agent")
	defer stop()

	daniel := client.Customer(documented).User(danielTsai)
	user, err := daniel.Update(context.Background(), partnercenter.UserPatch{
		UsageLocation: new("GB"), // what is nil stays as it is
		PhoneNumber:   new("+44 20 7946 0000"),
	})
	fmt.Println(user.DisplayName, user.UsageLocation, user.PhoneNumber, err)
	// Output: Daniel Tsai GB +44 20 7946 0000 <nil>
}

func ExampleUserRef_ResetPassword() {
	client, stop := exampleClient("helpdesk-agent")
	defer stop()

	password := partnercenter.NewSecret("Aa1-" + rand.Text())
	err := client.Customer(documented).User(danielTsai).ResetPassword(context.Background(), password, true)
	if errors.Is(err, partnercenter.ErrUnknownOutcome) {
		fmt.Println("old or new may hold: reset again, to the same") // nothing that can be read shows it
	}
	fmt.Println(password, err)
	// Output: [redacted] <nil>
}

func ExampleUserRef_Restore() {
	client, stop := exampleClient("admin-agent")
	defer stop()
	ctx := context.Background()
	customer := client.Customer(documented)

	if err := customer.User(danielTsai).Delete(ctx); err != nil {
		fmt.Println(err)
		return
	}
	for user, err := range customer.Users().Deleted(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.DisplayName, user.State)
	}
	user, err := customer.User(danielTsai).Restore(ctx) // within 30 days
	fmt.Println(user.DisplayName, user.State, err)
	// Unordered output:
	// Daniel Tsai inactive
	// Ferdinand inactive
	// Daniel Tsai active <nil>
}

// Seats are looked at first, but it is the answer that tells.
func ExampleUserRef_AssignLicense() {
	client, stop := exampleClient("license-manager")
	defer stop()
	ctx := context.Background()
	customer := client.Customer(documented)

	skus, err := customer.SubscribedSKUs(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sku := range skus {
		fmt.Printf("%s: %d of %d seats free\n", sku.Name, sku.Available, sku.Total)
		warnings, err := customer.User(danielTsai).AssignLicense(ctx, sku.SKUID)
		switch {
		case errors.Is(err, partnercenter.ErrNoSeats):
			fmt.Println("  none is free")
		case errors.Is(err, partnercenter.ErrUsageLocation):
			fmt.Println("  give the user a country first")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println("  assigned,", len(warnings), "warnings")
		}
	}
	// Output:
	// Enterprise Mobility + Security E3: 4 of 5 seats free
	//   assigned, 0 warnings
	// Power BI Pro: 0 of 1 seats free
	//   none is free
}

func ExampleUserRef_UpdateLicenses() {
	client, stop := exampleClient("license-manager")
	defer stop()
	ctx := context.Background()
	daniel := client.Customer(documented).User(danielTsai)

	// To assign what the user has changes which of its plans are off.
	_, err := daniel.UpdateLicenses(ctx, partnercenter.LicenseUpdate{
		Assign: []partnercenter.LicenseAssignment{{
			SKUID:         "efccb6f7-5641-4e0e-bd10-b4976e1bf68e",           // Enterprise Mobility + Security E3
			ExcludedPlans: []string{"c1ec4a95-1f05-45b3-a911-aa3fa01094f5"}, // Intune
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	licenses, err := daniel.Licenses(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, plan := range licenses[0].ServicePlans {
		if plan.CapabilityStatus == "Assigned" {
			fmt.Println(plan.ServiceName)
		}
	}
	// Output:
	// RMS_S_PREMIUM
	// RMS_S_ENTERPRISE
	// AAD_PREMIUM
	// MFA_PREMIUM
}

func ExampleUserRef_SwapLicense() {
	client, stop := exampleClient("license-manager")
	defer stop()
	ctx := context.Background()
	customer := client.Customer(emulator.ContosoID)

	// Somebody with a license, and another product with a free seat.
	skus, err := customer.SubscribedSKUs(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for user, err := range customer.Users().All(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		licenses, err := customer.User(user.ID).Licenses(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, sku := range skus {
			if len(licenses) == 1 && user.UsageLocation != "" && sku.Available > 0 && sku.TargetType == "User" && sku.SKUID != licenses[0].SKUID {
				_, err := customer.User(user.ID).SwapLicense(ctx, licenses[0].SKUID, sku.SKUID)
				fmt.Println("swapped:", err)
				return
			}
		}
	}
	// Output: swapped: <nil>
}

func ExampleRoleMembers_Add() {
	client, stop := exampleClient("admin-agent")
	defer stop()
	ctx := context.Background()
	customer := client.Customer(documented)

	user, err := customer.User(danielTsai).Get(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	const serviceSupportAdministrator = "f023fd81-a637-4b56-95fd-791ac0226033"
	members := customer.Role(serviceSupportAdministrator).Members()
	_, err = members.Add(ctx, partnercenter.RoleMember{
		ID: user.ID, DisplayName: user.DisplayName, UserPrincipalName: user.UserPrincipalName,
	})
	fmt.Println("added:", err)
	for member, err := range members.All(ctx, partnercenter.RoleMembersOptions{}) {
		fmt.Println(member.DisplayName, err)
	}
	fmt.Println("removed:", members.Remove(ctx, user.ID))
	// Output:
	// added: <nil>
	// Daniel Tsai <nil>
	// removed: <nil>
}

// What to do when no answer arrives: read back, and repeat only what is not
// there, under the request ID of the first time.
func ExampleWithRequestID() {
	e := emulator.New(emulator.Options{})
	server := httptest.NewServer(e)
	defer server.Close()
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	e.SetFault(emulator.Fault{Method: "DELETE", Status: 504, Times: 1}) // the gateway lost its service

	ctx := partnercenter.WithCorrelationID(context.Background(), partnercenter.NewID())
	daniel := client.Customer(documented).User(danielTsai)
	err = daniel.Delete(ctx)
	if !errors.Is(err, partnercenter.ErrUnknownOutcome) {
		fmt.Println("deleted, or certainly not:", err)
		return
	}
	fmt.Println("not known")
	if _, there := daniel.Get(ctx); errors.Is(there, partnercenter.ErrNotFound) {
		fmt.Println("it was deleted")
		return
	}
	fmt.Println("still there")
	if failed, ok := errors.AsType[*partnercenter.Error](err); ok {
		err = daniel.Delete(partnercenter.WithRequestID(ctx, failed.RequestID))
	}
	fmt.Println("deleted:", err)
	// Output:
	// not known
	// still there
	// deleted: <nil>
}

package partnercenter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// The examples call an emulator on loopback. A program of your own leaves
// BaseURL out and gives a token source that knows how to get tokens.
func exampleClient(word string) (*partnercenter.Client, func()) {
	server := httptest.NewServer(emulator.New(emulator.Options{}))
	client, err := partnercenter.New(partnercenter.StaticToken(word), partnercenter.Options{BaseURL: server.URL})
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

func Example() {
	server := httptest.NewServer(emulator.New(emulator.Options{}))
	defer server.Close()

	client, err := partnercenter.New(partnercenter.StaticToken("reader"), partnercenter.Options{
		BaseURL: server.URL, // leave it out for the global cloud
		Locale:  "en-US",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := partnercenter.WithCorrelationID(context.Background(), partnercenter.NewID())
	customer := client.Customer("4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04")
	for user, err := range customer.Users().All(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.UserPrincipalName, user.DisplayName)
	}
	// Output:
	// Daniel@dtdemocspcustomer005.onmicrosoft.com Daniel Tsai
	// admin@dtdemocspcustomer005.onmicrosoft.com DT Demo CSP Customer 005
}

func ExampleUsers_List() {
	client, stop := exampleClient("reader")
	defer stop()

	users := client.Customer(emulator.ContosoID).Users()
	var after partnercenter.Continuation
	for {
		page, err := users.List(context.Background(), partnercenter.UsersOptions{PageSize: 200}, after)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page.Items), "users")
		if after = page.Next; after == "" {
			return
		}
	}
	// Output:
	// 200 users
	// 200 users
	// 12 users
}

func ExampleUsers_ListRaw() {
	client, stop := exampleClient("reader")
	defer stop()

	page, err := client.Customer(emulator.ContosoID).Users().ListRaw(context.Background(), partnercenter.UsersOptions{PageSize: 500}, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer page.Release()
	located := 0
	err = page.Each(func(user *partnercenter.RawUser) error { // user is valid in here only
		if len(user.UsageLocation) > 0 {
			located++
		}
		return nil
	})
	fmt.Println(located > 0, page.Next == "", err)
	// Output: true true <nil>
}

func ExampleUsers_Deleted() {
	client, stop := exampleClient("reader")
	defer stop()

	deleted := client.Customer("4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04").Users().Deleted(context.Background(), partnercenter.UsersOptions{})
	for user, err := range deleted {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(user.DisplayName, user.State, !user.SoftDeletion.IsZero())
	}
	// Output: Ferdinand inactive true
}

func ExampleCustomers_Search() {
	client, stop := exampleClient("reader")
	defer stop()

	page, err := client.Customers().Search(context.Background(), partnercenter.SearchOptions{
		Field: partnercenter.Domain, Prefix: "northwind.",
	}, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, customer := range page.Items {
		fmt.Println(customer.CompanyProfile.Domain)
	}
	// Output: northwind.example
}

func ExampleUserRef_Licenses() {
	client, stop := exampleClient("reader")
	defer stop()

	user := client.Customer("4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04").User("a9ef48bb-8758-4590-a312-d4a47bfaded4")
	licenses, err := user.Licenses(context.Background(), partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, license := range licenses {
		fmt.Println(license.Name, license.PartNumber, license.Group, len(license.ServicePlans), "plans")
	}
	// Output: Enterprise Mobility + Security E3 EMS Group1 5 plans
}

func ExampleError() {
	client, stop := exampleClient("no-gdap")
	defer stop()

	_, err := client.Customer(emulator.ContosoID).SubscribedSKUs(context.Background())
	switch {
	case errors.Is(err, partnercenter.ErrNoRelationship):
		fmt.Println("not a customer of ours")
	case errors.Is(err, partnercenter.ErrForbidden):
		fmt.Println("a role is missing there")
	}
	if failed, ok := errors.AsType[*partnercenter.Error](err); ok {
		fmt.Println(failed.Op, failed.Status, failed.Code, partnercenter.ValidID(failed.CorrelationID))
	}
	// Output:
	// a role is missing there
	// customer.SubscribedSKUs 403 2032 true
}

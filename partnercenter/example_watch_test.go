package partnercenter_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// counted is a RoundTripper that a metrics library would be called from.
type counted struct{ base http.RoundTripper }

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(r) // once: a change is never sent twice from here
	if call, ok := partnercenter.CallOf(r.Context()); ok && err == nil {
		fmt.Printf("op=%s try=%d change=%v status=%d\n", call.Op, call.Try, call.Change, resp.StatusCode)
	}
	return resp, err
}

// Options.Transport sees each request, once a try. The method's name is a
// label of a closed set; the address, with IDs in it, is none.
func ExampleCallOf() {
	e := emulator.New(emulator.Options{})
	e.SetFault(emulator.Fault{Status: 503, Times: 1})
	server := httptest.NewServer(e)
	defer server.Close()

	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{
		BaseURL:   server.URL,
		Transport: counted{http.DefaultTransport},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	daniel := client.Customer(emulator.DocumentedCustomerID).User("a9ef48bb-8758-4590-a312-d4a47bfaded4")
	if _, err := daniel.Licenses(context.Background()); err != nil {
		fmt.Println(err)
	}
	if err := daniel.Delete(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// op=user.Licenses try=1 change=false status=503
	// op=user.Licenses try=2 change=false status=200
	// op=user.Delete try=1 change=true status=204
}

// One event a try: reads at debug level, repeats and changes at info, a change
// whose outcome is not known at warn.
func ExampleOptions_logger() {
	server := httptest.NewServer(emulator.New(emulator.Options{}))
	defer server.Close()

	fixed := func(_ []string, a slog.Attr) slog.Attr { // what differs from run to run
		switch a.Key {
		case slog.TimeKey:
			return slog.Attr{}
		case "took":
			return slog.Duration(a.Key, time.Millisecond)
		case "request_id":
			return slog.String(a.Key, "…")
		}
		return a
	}
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{
		BaseURL: server.URL,
		Logger:  slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fixed})),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := partnercenter.WithCorrelationID(context.Background(), "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca")
	_ = client.Customer(emulator.DocumentedCustomerID).User("a9ef48bb-8758-4590-a312-d4a47bfaded4").Delete(ctx)
	// Output:
	// level=INFO msg="Partner Center call" op=user.Delete customer=4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04 try=1 status=204 took=1ms correlation_id=5a3d64d4-4490-4932-bf5e-0dc9a58f27ca request_id=… outcome=done
}

func ExampleClient_Organization() {
	client, stop := exampleClient("admin-agent")
	defer stop()
	ctx := context.Background()

	partner, err := client.Organization(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	legal, err := client.LegalBusiness(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	mpn, err := client.MPN(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(partner.CompanyName, legal.VettingStatus, mpn.ProfileType)
	// Output: Fabrikam Cloud Services authorized MpnProfile
}

func ExampleClient_DomainExists() {
	client, stop := exampleClient("reader")
	defer stop()

	for _, domain := range []string{emulator.ContosoDomain, "nobody-has-this.example"} {
		taken, err := client.DomainExists(context.Background(), domain)
		fmt.Println(domain, taken, err)
	}
	// Output:
	// contoso.example true <nil>
	// nobody-has-this.example false <nil>
}

func ExampleCustomerRef_CompanyProfile() {
	client, stop := exampleClient("reader")
	defer stop()

	profile, err := client.Customer(emulator.ContosoID).CompanyProfile(context.Background())
	fmt.Println(profile.CompanyName, profile.Address.City, err)
	// Output: Contoso Deutschland GmbH & Co. KG Düsseldorf <nil>
}

func ExampleAuditRecords_All() {
	client, stop := exampleClient("admin-agent")
	defer stop()
	ctx := context.Background()

	if err := client.Customer(emulator.DocumentedCustomerID).User("a9ef48bb-8758-4590-a312-d4a47bfaded4").Delete(ctx); err != nil {
		fmt.Println(err)
		return
	}
	today := time.Now()
	for record, err := range client.AuditRecords().All(ctx, partnercenter.AuditRecordsOptions{Start: today, ResourceType: "customer_user"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(record.CustomerName, record.OperationType, record.OperationStatus)
	}
	// Output: DT Demo CSP Customer 005 delete_customer_user succeeded
}

func ExampleClient_ValidationCodes() {
	server := httptest.NewServer(emulator.New(emulator.Options{USGovernment: true}))
	defer server.Close()
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, err := client.ValidationCodes(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, code := range codes {
		fmt.Println(code.ValidationID, code.RemainingCreates, "of", code.MaxCreates)
	}
	// Output:
	// 12345 4 of 5
	// 987654 5 of 5
}

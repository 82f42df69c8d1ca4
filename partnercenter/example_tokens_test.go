package partnercenter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// exampleAuthority is Entra on loopback, as far as the examples go.
func exampleAuthority() (partnercenter.TokenOptions, func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/contoso.onmicrosoft.com/oauth2/v2.0/devicecode":
			fmt.Fprint(w, `{"user_code":"YZMYLD4K","device_code":"d","verification_uri":"https://www.microsoft.com/link","expires_in":900,"interval":1}`)
		case r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == "refresh-of-last-year":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant","error_codes":[50076],"correlation_id":"5a3d64d4-4490-4932-bf5e-0dc9a58f27ca"}`)
		default:
			fmt.Fprint(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"admin-agent","refresh_token":"refresh-of-today"}`)
		}
	}))
	return partnercenter.TokenOptions{
		Cloud:    partnercenter.Cloud{Authority: server.URL, Resource: partnercenter.Global.Resource}, // leave it out for the global cloud
		Tenant:   "contoso.onmicrosoft.com",
		ClientID: "0f1e2d3c-4b5a-4697-8877-665544332211",
	}, server.Close
}

// A service keeps the refresh token that a person's sign-in with MFA brought.
// The store gets the new one at each renewal, before it is needed.
func ExampleNewRefreshTokens() {
	opts, stop := exampleAuthority()
	defer stop()

	store := partnercenter.NewMemoryTokens(partnercenter.NewSecret("refresh-of-yesterday")) // yours writes to a vault
	tokens, err := partnercenter.NewRefreshTokens(store, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := partnercenter.New(tokens, partnercenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = client // its calls ask tokens

	token, err := tokens.Token(context.Background())
	kept, _ := store.Load(context.Background())
	fmt.Println(token, kept.Refresh.Reveal(), err)
	// Output: [redacted] refresh-of-today <nil>
}

// A terminal signs its person in by device code when it must, a second factor
// included, and renews the tokens from then on.
func ExampleNewDeviceCode() {
	opts, stop := exampleAuthority()
	defer stop()

	store := &partnercenter.MemoryTokens{} // yours is a keyring, or a file of mode 0600
	tokens, err := partnercenter.NewDeviceCode(store, opts, func(_ context.Context, p partnercenter.DevicePrompt) error {
		fmt.Printf("Open %s and type %s\n", p.VerificationURI, p.UserCode)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := tokens.Token(context.Background())
	fmt.Println(token, err)
	// Output:
	// Open https://www.microsoft.com/link and type YZMYLD4K
	// [redacted] <nil>
}

// The steps of a sign-in by device code on their own, for a login command.
func ExampleStartDeviceSignIn() {
	opts, stop := exampleAuthority()
	defer stop()

	claims := "" // or SignInError.Claims, when the authority asked for more
	signIn, err := partnercenter.StartDeviceSignIn(context.Background(), opts, claims)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("Open", signIn.VerificationURI, "and type", signIn.UserCode)
	tokens, err := signIn.Wait(context.Background())
	fmt.Println(tokens.Access, err)
	// Output:
	// Open https://www.microsoft.com/link and type YZMYLD4K
	// [redacted] <nil>
}

func ExampleSignInError() {
	opts, stop := exampleAuthority()
	defer stop()

	store := partnercenter.NewMemoryTokens(partnercenter.NewSecret("refresh-of-last-year"))
	tokens, err := partnercenter.NewRefreshTokens(store, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = tokens.Token(context.Background())
	switch {
	case errors.Is(err, partnercenter.ErrMFARequired):
		fmt.Println("sign in again, with the second factor")
	case errors.Is(err, partnercenter.ErrSignInRequired):
		fmt.Println("sign in again")
	case errors.Is(err, partnercenter.ErrUnavailable):
		fmt.Println("try again later")
	}
	fmt.Println(err)
	// Output:
	// sign in again, with the second factor
	// partnercenter: tokens.Refresh: the person has to sign in again: invalid_grant AADSTS50076 (correlation ID 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca)
}

// The Azure CLI's own sign-in, for a try on one's machine (az login first).
func ExampleNewAzureCLI() {
	tokens, err := partnercenter.NewAzureCLI(partnercenter.AzureCLIOptions{Tenant: "contoso.onmicrosoft.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := partnercenter.New(tokens, partnercenter.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	profile, err := client.Organization(context.Background())
	fmt.Println(profile.CompanyName, err)
}

package views

import "github.com/a-h/templ"

// SignInPage is where everybody begins.
type SignInPage struct {
	Chrome
	Start     templ.SafeURL // "/sign-in/start?return_to=…"
	Others    []SignInTenant
	Provider  string   // "Microsoft", "the demo's sign-in"
	Host      string   // where the link leads: "login.microsoftonline.com"
	Microsoft bool     // Microsoft's own mark on the button
	Notice    *Banner  // signed out after 60 minutes, refused …
	Refused   *Problem // why this person can't come in; takes the card's place
	ReturnTo  string   // where they wanted to be, in words: "Contoso, Users"; ""
}

// SignInTenant is another tenant whose people may sign in.
type SignInTenant struct {
	Name  string // its name or, where it has none, its ID
	Start templ.SafeURL
}

// SignOutPage asks who came by an address whether to sign out.
type SignOutPage struct {
	Chrome
	Person Person
}

// SignedOutPage confirms the end of a session.
type SignedOutPage struct {
	Chrome
	Provider   string
	EndSession templ.SafeURL // the provider's own sign-out; "": it has none
	SignIn     templ.SafeURL
}

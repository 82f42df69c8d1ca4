// Package views is what a person sees: pages, fragments and components in
// templ, and the view models they take.
//
//	web (asks, decides) ── UsersPage ──▶ Users(p)          the whole page
//	                              ├────▶ UsersFragment(p)  HX-Request-Type: partial
//	                              └────▶ UsersStatus(p)    partial, HX-Target: div#users-status (the poll while reading)
//
// A page X has a view model XPage and a component X(XPage); what a search or a
// page link swaps is XFragment(XPage). View models hold text, numbers, links
// and booleans; every decision is taken before. Nothing here reads a clock, a
// request or a database.
//
// What must never break: a customer's full name is never cut, everything works
// without script, and no markup carries inline script or style.
//
// Start reading at chrome.go (what stands around every page), then users.go.
package views

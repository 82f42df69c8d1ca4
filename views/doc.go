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
// What the script and the markup expect of the answers:
//
//   - Typing asks with HX-Target section#users-results and replaces the
//     address; chips, heads, pages and Enter push it. Empty fields and the
//     defaults of sort and size are left out, so an address is canonical as
//     asked; where it is not, HX-Replace-Url corrects it.
//   - While reading, the page polls with HX-Target div#users-status. A poll is
//     no activity of the person.
//   - Any error may be answered with TroubleFragment: it is put where the
//     answer would have been.
//   - The cookie rollcall-zone holds the browser's time zone.
//
// What must never break: a customer's full name is never cut, everything works
// without script, and no markup carries inline script or style.
//
// Start reading at chrome.go (what stands around every page), then users.go.
package views

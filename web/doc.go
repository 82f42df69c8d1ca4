// Package web is the portal's HTTP side: it turns requests into questions for
// the directory and answers into pages.
//
//	browser ─▶ routes.go (one list, each with its access)
//	             │  middleware: IDs ▶ log ▶ recover ▶ headers ▶ host ▶ limits ▶ origin ▶ timeout ▶ session
//	             ▼
//	          <page>.go ─▶ internal/directory ─▶ partnercenter
//	             │
//	             ▼
//	          views.<Page> (view model) ─▶ render.go ─▶ browser
//
// Invariant: no answer leaves this package without the safety headers, and no
// handler runs without the access that routes.go declares for it.
//
// Start reading at routes.go, then users.go.
package web

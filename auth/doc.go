// Package auth knows who a person is: sign-in, session, tokens and their
// refresh, and what Rollcall lets them do.
//
// The states of a browser, and the route of each arrow:
//
//	             GET /sign-in/start                     GET /sign-in/callback
//	signed out ──────────────────────▶ at the provider ──────────────────────▶ signed in
//	  ▲  ▲                              ▲    │   ▲                              │  │  │
//	  │  │      refused: a page says    │    │   │ no second factor:            │  │  │
//	  │  └──────────── why ─────────────┼────┘   └─ once again, asking for it ──┤  │  │
//	  │                                 │             (from the callback)       │  │  │
//	  │                                 └── GET /sign-in/start with StepUp or ──┘  │  │
//	  │                                     RenewForMFA; comes back with a new     │  │
//	  │                                     session identifier                     │  │
//	  ├──────── POST /sign-out, POST /settings/sessions, an administrator ─────────┘  │
//	  └──────── idle, 12 hours, invalid_grant, POST by the provider ──────────────────┘
//
// Three kinds of rows: an attempt (ten minutes, its own cookie, used once), a
// session (one browser; the cookie's value is known to the browser alone), and
// a grant (the tokens of a sign-in, which session and jobs point to). Signing
// in again as the same person, in the same browser, gives a new session but
// keeps the grant with new tokens, so that jobs go on.
//
// The tokens of a grant are refreshed when three quarters of their life are
// over:
//
//	Token ─ fresh ▶ given out
//	  │
//	  └─ due ▶ lease ─ lost ▶ wait, read again
//	             │
//	             └─ got ▶ provider ─ new tokens ▶ committed, then given out
//	                        ├─ invalid_grant ▶ grant and session end
//	                        ├─ wants a second factor ▶ session stays; the next sign-in asks for it
//	                        └─ no answer ▶ the old token serves until it ends
//
// What must never break:
//   - Nobody is signed in, refused or signed out without a row on the trail:
//     both are committed together, or neither is.
//   - A session identifier is never used again after a sign-in or a step-up.
//   - New tokens are committed before they are used, and of several processes
//     one refreshes.
//   - Tokens, codes, cookies and keys are in no error, log line or row of the
//     trail; what lies in the database is sealed for its table, column and row.
//
// Start reading at [Service.Begin], [Service.Callback], [Service.Principal],
// [Service.Tokens].
package auth

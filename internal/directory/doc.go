// Package directory holds a partner's customers and their users in memory: it
// loads, proves, keeps fresh, searches, filters, sorts and pages.
//
// Partner Center pages its lists and cannot search them, so a list is read once
// and answered from memory. Staff share one copy of it; what each may see is
// shown by a call of their own.
//
//	Users(viewer, customer, query)
//	  │
//	  │   list.go            proof.go                     upstream
//	  ├─► look ── proof? ──► need ── the viewer's own ──► users?size=1
//	  │     │                        client, once for
//	  │     │                        all their requests
//	  │     │   load.go            reader.go
//	  │     ├─► load ── turn ────► fetch ───────────────► users?size=500, page
//	  │     │   (lobby.go)           │                    after page, the next
//	  │     │    ▲     memory        │ builder.go         asked for before this
//	  │     │    └─────(memory.go)   ▼                    one is decoded
//	  │     │                      chunk ─► chunk ─► …    columns.go, fold.go
//	  │     │                        │
//	  │     ▼                        ▼  one pointer, swapped with every page
//	  │   edition ◄────────────── snapshot ── at the end: laid out by name
//	  │     │                                 (order.go, snapshot.go)
//	  ▼     ▼
//	needle ─► hits ─► matched ─► page ─► rows with marks ─► UsersView
//	needle.go search.go tally.go page.go  marks.go          users.go
//	          recent.go
//
// Licenses of users, beside that:
//
//	show ── the page's rows ──► next ── whose turn? ──► purse ── a call ──► came
//	licenses.go                 license_run.go          pace.go              │
//	cut ◄── sets by row, license_rows.go, license_sets.go ◄──────────────────┘
//	  └─► besides.go: fails, counts and fills in where rows are filtered and shown
//
// The other lists go the same way, each with its own kind of proof: deleted
// users are snapshots too (deleted.go); SKUs and roles come at once and have no
// pages (answer.go, skus.go, roles.go); licenses of users take a call a user and
// lie beside the snapshot (annex.go, licenses.go). Over the lists go those who
// want more than a page: every match and users by ID (all.go), whom a pasted list
// means (matches.go), and a user across customers (find.go), for which a sweep
// reads the customers that nobody has opened (sweep.go).
//
// What must never break:
//
//   - Nobody sees a row without a proof: a call of that very kind (users,
//     licenses, SKUs, roles, customers) that Partner Center answered with success
//     on their own grant within five minutes. Only while it does not answer does
//     an older one do, up to thirty, and the view says so. Whether a list is
//     loaded changes nothing about the answer to someone who may not see it.
//   - What is shown never changes: a snapshot is immutable, an edition is swapped
//     whole, and readers hold no lock while they search.
//   - Nobody is in a list twice, and nothing read is lost by a failure.
//   - A failure of one person's grant is that person's alone.
//
// Where to start reading: [Directory.Users], then list.go for how a viewer gets
// to a list and load.go for how a list gets here; columns.go for how a user is
// held in about 115 bytes, search.go for how one is found.
package directory

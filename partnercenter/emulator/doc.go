// Package emulator answers the Partner Center REST API from memory, as
// strictly as the service does: what it refuses, this refuses, with the same
// code and in the same shape. It keeps what is written to it.
//
//	request ── faults ── gates ──────────────────────────── answer ── call log
//	           │         │                                   │
//	           on demand │ path and method    404, 405       BOM, compact JSON,
//	           (Fault)   │ token              401            documented key order
//	                     │ throttle           429
//	                     │ MFA                401            world
//	                     │ application        403 in text      └ customer
//	                     │ partner role       403 in text         └ tenant
//	                     │ relationship       403 20002              ├ truth: writes go by it
//	                     │ GDAP role          403 2032               ├ shown: reads see it, maybe late
//	                     └ parameters, body   400                    └ people: made from a number
//
// The invariant: what the emulator promises is typed from Microsoft's
// documentation, never taken from the SDK next door. The two meet only on the
// wire, so each keeps the other honest. Tests compare with the documented
// exchanges in testdata, byte for byte. And after any writes a client that
// reads everything finds nothing that disagrees: seats are the licenses of the
// users, nobody is in both lists, no two users share a name, a role's members
// are who has the role.
//
// Nobody's data is stored until somebody changes it. A user is made from the
// seed, the customer and a number whenever somebody asks, always the same; a
// customer of a million users costs nothing until it is opened, then four
// bytes a user once it is sorted. A user who was touched is a record in an
// overlay; that is all a state file has.
//
// Start reading at routes.go, the one list of calls with what each needs; then
// call.go, the way of a request; demo.go, who is in it; tenant.go and
// overlay.go, what writes do.
package emulator

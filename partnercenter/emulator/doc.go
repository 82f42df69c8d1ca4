// Package emulator answers the Partner Center REST API from memory, as
// strictly as the service does: what it refuses, this refuses, with the same
// code and in the same shape.
//
//	request ── faults ── gates ──────────────────────────── answer ── call log
//	           │         │                                   │
//	           on demand │ path and method    404, 405       BOM, compact JSON,
//	           (Fault)   │ token, MFA         401            documented key order
//	                     │ application        403 in text
//	                     │ partner role       403 in text    world
//	                     │ relationship       403 20002        └ customer
//	                     │ GDAP role          403 2032            └ people: made
//	                     └ parameters         400                   from a number
//
// The invariant: what the emulator promises is typed from Microsoft's
// documentation, never taken from the SDK next door. The two meet only on the
// wire, so each keeps the other honest. Tests compare with the documented
// exchanges in testdata, byte for byte.
//
// Nobody's data is stored. A user is made from the seed, the customer and a
// number whenever somebody asks, always the same; a customer of a million
// users costs nothing until it is opened, then four bytes a user once it is
// sorted.
//
// Start reading at routes.go, the one list of calls with what each needs; then
// call.go, the way of a request, and demo.go, who is in it.
package emulator

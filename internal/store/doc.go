// Package store is the database: SQLite in a file, SQLite in memory, or
// PostgreSQL, behind one set of statements and typed row methods.
//
//	Open ── migrations ──▶ Store ─┬─ row methods outside of a transaction
//	                              └─ InTx ──▶ Tx: the same methods inside of one
//
// The row methods stand on [Tables], which [Store] and [Tx] embed. Rows hold
// what other rooms have sealed or signed; nothing here can open it.
//
// What must never break:
//   - One statement serves both databases, and the conformance suite runs every
//     method on all three. Times are microseconds since 1970, UTC; the zero
//     time is 0.
//   - Rows of the trail are inserted and never touched again; both databases
//     hold triggers against accidents.
//   - A commit is on disk: WAL with synchronous=FULL, synchronous_commit not off.
//   - Expiry is judged by [Store.Now] alone: the clock of PostgreSQL, or this
//     machine's guarded by its monotonic one.
//
// Start reading at [Open], then tables.go.
package store

// Package preferences keeps what a person chose and where they have been:
// theme, keys, time zone, starred customers, recent ones, tickets.
//
//	web ─▶ Book ─▶ cache (five seconds) ─▶ internal/store
//
// Invariant: a person's page needs no database read while the cache is warm,
// and no write more often than once in ten minutes for having been somewhere.
//
// Start reading at book.go.
package preferences

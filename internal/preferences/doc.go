// Package preferences keeps what a person chose and where they have been:
// theme, keys, time zone, starred customers, recent ones, tickets, the users
// ticked in a list, and lists under a name.
//
//	web ─▶ Book ─▶ cache (five seconds) ─▶ internal/store
//
// Invariant: a person's page needs no database read while the cache is warm,
// and no write more often than once in ten minutes for having been somewhere.
//
// Start reading at book.go; selection.go and views.go are the two ideas that
// have rows of their own.
package preferences

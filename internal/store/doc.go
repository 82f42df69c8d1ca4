// Package store is the database: SQLite or PostgreSQL behind one set of
// statements and typed row methods.
package store

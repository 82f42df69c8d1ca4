// Package seats keeps how many seats of each product a customer owned and had
// assigned, once a day: Partner Center tells only what is so now.
//
//	SKUs read ─▶ Book.Keep ─▶ internal/store ─▶ Book.Since ─▶ "since 1 June: +4"
//
// Invariant: counts only. There are no persons in it, neither whose seats they
// are nor who looked; and no more than one row a day, customer and product.
// Whoever reads it for somebody needs that person's proof for the customer's
// SKUs, as for all that is stored about a customer.
//
// Start reading at book.go.
package seats

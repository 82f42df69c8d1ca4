// Package export writes lists as files for other programs: CSV, XLSX, JSON.
//
//	Sheet (columns, facts about the list)
//	  │
//	  └─ New(format, w, sheet) ─► Writer ── Row(values) … ──► Close
//	                               csv.go   json.go   xlsx.go
//
// A row goes to the writer below as it comes: what is held is one buffer,
// however long the list is.
//
// What must never break: no text from a customer's directory ends up in a
// spreadsheet as a formula. In CSV such a text gets an apostrophe in front,
// which [Unguard] takes off again to the letter; in XLSX every text is a cell of
// type text.
//
// Start reading at [New].
package export

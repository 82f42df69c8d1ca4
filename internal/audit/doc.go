// Package audit keeps the trail: who did what, where nobody can change it
// unseen.
//
//	Append, AppendTx ──▶ head read, row signed and inserted in one transaction
//	Viewed ── first of ten minutes ──▶ a row; the rest is counted into one more
//	Seen ── a page asks again by itself ──▶ a row, where no view of it is there
//	start, stop, hour, 1,000 rows ──▶ anchor to the log stream
//	Check, Verify ◀── rows and the log's anchors
//
// A row's code (MAC) is made with a key that the database does not hold, over
// all fields and the code of the row before. So who has the database can
// neither change a row nor take one out of the middle. They could cut the tail
// off; the anchors, kept where the logs are, show that.
//
// What must never break: Append returns without an error only when the row is
// on disk, and whoever gets an error does not do what the entry reports.
//
// Start reading at [Trail.Append].
package audit

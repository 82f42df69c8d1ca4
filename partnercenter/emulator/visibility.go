package emulator

import "time"

// visibility says when a change shows in reads: after so many reads of the
// customer that do not show it, or after so long, whichever comes first. The
// zero value is at once. Partner Center promises nothing; the directory
// beneath it has many copies.
type visibility struct {
	reads int
	after time.Duration
}

func (v visibility) immediate() bool { return v.reads <= 0 && v.after <= 0 }

// lateChange is a user as a write left it, on its way to the reads.
type lateChange struct {
	n      int
	record *record
	reads  int       // that do not show it yet; below zero: reads do not count
	due    time.Time // zero: time does not count
}

func (v visibility) late(n int, r *record, now time.Time) lateChange {
	change := lateChange{n: n, record: r, reads: max(v.reads, 0)}
	if v.after > 0 {
		change.due = now.Add(v.after)
		if v.reads <= 0 {
			change.reads = -1
		}
	}
	return change
}

// ripe tells whether the next read shows the change.
func (l *lateChange) ripe(now time.Time) bool {
	return l.reads == 0 || !l.due.IsZero() && !now.Before(l.due)
}

// missed counts a read that did not show the change.
func (l *lateChange) missed() {
	if l.reads > 0 {
		l.reads--
	}
}

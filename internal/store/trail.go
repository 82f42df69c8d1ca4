package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// TrailRow is one row of the trail, as it is signed.
type TrailRow struct {
	Seq           int64
	Time          time.Time
	Kind          string
	Person        string
	PersonName    string
	Address       string
	CustomerID    string
	TargetID      string
	Ticket        string
	CorrelationID string
	Detail        string // JSON object
	KeyID         string
	Prev          []byte // MAC of the row before
	MAC           []byte
}

// The locks that a transaction can take on PostgreSQL; on SQLite it has the
// only write lock from its beginning.
const (
	lockTrail       int64 = 0x726f6c6c63616c01
	lockPreferences int64 = 0x726f6c6c63616c02
)

func (tx *Tx) lock(ctx context.Context, id int64) error {
	if tx.st.dialect != postgresql {
		return nil
	}
	_, err := tx.tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, id)
	return err
}

// LockTrail lets nobody else append until the transaction ends. Take it last.
func (tx *Tx) LockTrail(ctx context.Context) error { return tx.lock(ctx, lockTrail) }

// TrailHead is the newest row's place and code; ErrNotFound while there is none.
func (t Tables) TrailHead(ctx context.Context) (seq int64, mac []byte, err error) {
	err = t.row(ctx, `SELECT seq, mac FROM trail ORDER BY seq DESC LIMIT 1`, nil, &seq, &mac)
	return seq, mac, err
}

// InsertTrail adds a row. There is no way to change or delete one.
func (tx *Tx) InsertTrail(ctx context.Context, r TrailRow) error {
	return tx.must(ctx, ErrConflict, `INSERT INTO trail
		(seq, at, kind, person, person_name, address, customer_id, target_id, ticket, correlation_id, detail, key_id, prev, mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		r.Seq, micros(r.Time), r.Kind, r.Person, r.PersonName, r.Address, r.CustomerID, r.TargetID, r.Ticket,
		r.CorrelationID, r.Detail, r.KeyID, r.Prev, r.MAC)
}

const trailColumns = `seq, at, kind, person, person_name, address, customer_id, target_id, ticket, correlation_id, detail,
	key_id, prev, mac`

// TrailAfter reads up to limit rows that follow seq, oldest first.
func (t Tables) TrailAfter(ctx context.Context, seq int64, limit int) ([]TrailRow, error) {
	return t.trail(ctx, `SELECT `+trailColumns+` FROM trail WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
}

// TrailFilter narrows a list; empty fields don't.
type TrailFilter struct {
	Kinds         []string
	Person        string
	CustomerID    string
	TargetID      string
	Ticket        string
	CorrelationID string
	Since, Until  time.Time
	Before        int64 // rows with a smaller seq
	Limit         int
}

// Trail lists rows, newest first.
func (t Tables) Trail(ctx context.Context, f TrailFilter) ([]TrailRow, error) {
	var where []string
	var args []any
	narrow := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	for _, field := range []struct{ condition, value string }{
		{"person = $%d", f.Person},
		{"customer_id = $%d", f.CustomerID},
		{"target_id = $%d", f.TargetID},
		{"ticket = $%d", f.Ticket},
		{"correlation_id = $%d", f.CorrelationID},
	} {
		if field.value != "" {
			narrow(field.condition, field.value)
		}
	}
	if !f.Since.IsZero() {
		narrow("at >= $%d", micros(f.Since))
	}
	if !f.Until.IsZero() {
		narrow("at < $%d", micros(f.Until))
	}
	if f.Before > 0 {
		narrow("seq < $%d", f.Before)
	}
	if len(f.Kinds) > 0 {
		places := make([]string, len(f.Kinds))
		for i, kind := range f.Kinds {
			args = append(args, kind)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		where = append(where, "kind IN ("+strings.Join(places, ", ")+")")
	}
	statement := `SELECT ` + trailColumns + ` FROM trail`
	if len(where) > 0 {
		statement += ` WHERE ` + strings.Join(where, " AND ")
	}
	args = append(args, f.Limit)
	return t.trail(ctx, fmt.Sprintf(`%s ORDER BY seq DESC LIMIT $%d`, statement, len(args)), args...)
}

func (t Tables) trail(ctx context.Context, statement string, args ...any) ([]TrailRow, error) {
	var found []TrailRow
	err := t.rows(ctx, statement, args, func(scan func(...any) error) error {
		var r TrailRow
		var at int64
		err := scan(&r.Seq, &at, &r.Kind, &r.Person, &r.PersonName, &r.Address, &r.CustomerID, &r.TargetID, &r.Ticket,
			&r.CorrelationID, &r.Detail, &r.KeyID, &r.Prev, &r.MAC)
		r.Time = fromMicros(at)
		found = append(found, r)
		return err
	})
	return found, err
}

// Anchor is a place of the trail that was told to the log.
type Anchor struct {
	Time   time.Time
	Seq    int64
	MAC    []byte
	Reason string // "start", "stop", "hour", "rows"
}

// InsertAnchor keeps an anchor beside the trail. The proof is the log's copy.
func (t Tables) InsertAnchor(ctx context.Context, a Anchor) error {
	return t.must(ctx, ErrConflict, `INSERT INTO anchors (at, seq, mac, reason) VALUES ($1, $2, $3, $4)`,
		micros(a.Time), a.Seq, a.MAC, a.Reason)
}

// LastAnchor is the newest anchor; ErrNotFound while there is none.
func (t Tables) LastAnchor(ctx context.Context) (Anchor, error) {
	var a Anchor
	var at int64
	err := t.row(ctx, `SELECT at, seq, mac, reason FROM anchors ORDER BY at DESC, seq DESC LIMIT 1`, nil,
		&at, &a.Seq, &a.MAC, &a.Reason)
	a.Time = fromMicros(at)
	return a, err
}

// TrailKeysInUse counts the rows of the trail by the key that signed them.
func (t Tables) TrailKeysInUse(ctx context.Context) (map[string]int64, error) {
	used := map[string]int64{}
	err := t.rows(ctx, `SELECT key_id, COUNT(*) FROM trail GROUP BY key_id`, nil, func(scan func(...any) error) error {
		var id string
		var n int64
		err := scan(&id, &n)
		used[id] = n
		return err
	})
	return used, err
}

// MayCut reports whether this program may take rows of the trail away. On
// PostgreSQL that is for the tables' owner; the role that serves has no right
// to, where the two are kept apart.
func (s *Store) MayCut(ctx context.Context) (bool, error) {
	if s.dialect != postgresql {
		return true, nil
	}
	var owner bool
	err := s.reader.QueryRowContext(ctx, `SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'trail'::regclass`).Scan(&owner)
	return owner, err
}

// TrailSegmentBefore finds the last row whose seq is a multiple of size and
// that has only rows older than before up to it, and one after it; 0 when there is none.
func (t Tables) TrailSegmentBefore(ctx context.Context, before time.Time, size int64) (seq int64, mac []byte, err error) {
	err = t.row(ctx, `SELECT seq, mac FROM trail WHERE seq % $1 = 0
		AND seq < COALESCE((SELECT MIN(seq) FROM trail WHERE at >= $2), 9223372036854775807)
		AND seq < (SELECT MAX(seq) FROM trail) ORDER BY seq DESC LIMIT 1`, []any{size, micros(before)}, &seq, &mac)
	if errors.Is(err, ErrNotFound) {
		return 0, nil, nil
	}
	return seq, mac, err
}

// CutTrail takes away the rows up to seq; [ErrNotFound] when somebody else has
// done so. The guard against deletion is off within the transaction only.
func (tx *Tx) CutTrail(ctx context.Context, seq int64) error {
	if err := tx.LockTrail(ctx); err != nil {
		return err
	}
	var found int64
	if err := tx.row(ctx, `SELECT seq FROM trail WHERE seq = $1`, []any{seq}, &found); err != nil {
		return err
	}
	if err := tx.st.unguardTrail(ctx, tx.tx); err != nil {
		return err
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM trail WHERE seq <= $1`, seq); err != nil {
		return err
	}
	return tx.st.guardTrail(ctx, tx.tx)
}

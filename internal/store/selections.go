package store

import (
	"context"
	"errors"
	"time"
)

// Selection reads the IDs that a person has ticked in a list of a customer, as
// they were kept. ids is nil where they are still those of the known version;
// a version of 0 means that there are none, or none younger than since.
func (t Tables) Selection(ctx context.Context, person, customerID, list string, known int64, since time.Time) (ids []byte, version int64, err error) {
	err = t.row(ctx, `SELECT version, CASE WHEN version = $4 THEN NULL ELSE ids END FROM selections
		WHERE person = $1 AND customer_id = $2 AND list = $3 AND updated >= $5`,
		[]any{person, customerID, list, known, micros(since)}, &version, &ids)
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	return ids, version, err
}

// ChangeSelection replaces the ticked IDs by what change makes of them, so that
// two changes at once don't lose one, and gives their version. Without IDs the
// row goes. Selections older than since, whoever's they are, are forgotten.
func (s *Store) ChangeSelection(ctx context.Context, person, customerID, list string, since time.Time, change func(old []byte) ([]byte, error)) (version int64, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		if err := tx.lock(ctx, lockPreferences); err != nil {
			return err
		}
		if _, err := tx.change(ctx, `DELETE FROM selections WHERE updated < $1`, micros(since)); err != nil {
			return err
		}
		old, last, err := tx.Selection(ctx, person, customerID, list, 0, since)
		if err != nil {
			return err
		}
		ids, err := change(old)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			_, err := tx.change(ctx, `DELETE FROM selections WHERE person = $1 AND customer_id = $2 AND list = $3`, person, customerID, list)
			return err
		}
		if err := tx.room(); err != nil {
			return err
		}
		now := micros(s.Now())
		version = max(now, last+1) // grows, whatever the clock does
		_, err = tx.change(ctx, `INSERT INTO selections (person, customer_id, list, ids, version, updated) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (person, customer_id, list) DO UPDATE SET ids = excluded.ids, version = excluded.version, updated = excluded.updated`,
			person, customerID, list, ids, version, now)
		return err
	})
	return version, err
}

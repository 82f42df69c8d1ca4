package store

import (
	"context"
	"errors"
)

// Preference reads what a person keeps under a key, as JSON.
func (t Tables) Preference(ctx context.Context, person, key string) (value []byte, found bool, err error) {
	var text string
	err = t.row(ctx, `SELECT value FROM preferences WHERE person = $1 AND name = $2`, []any{person, key}, &text)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return []byte(text), true, nil
}

// SetPreference keeps a JSON value for a person under a key.
func (t Tables) SetPreference(ctx context.Context, person, key string, value []byte) error {
	if err := t.room(); err != nil {
		return err
	}
	_, err := t.change(ctx, `INSERT INTO preferences (person, name, value, updated) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person, name) DO UPDATE SET value = excluded.value, updated = excluded.updated`,
		person, key, string(value), micros(t.st.Now()))
	return err
}

// ChangePreference replaces a value by what change makes of it, so that two
// changes at once don't lose one. change gets nil where there is no value.
func (s *Store) ChangePreference(ctx context.Context, person, key string, change func(old []byte) ([]byte, error)) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.lock(ctx, lockPreferences); err != nil {
			return err
		}
		old, _, err := tx.Preference(ctx, person, key)
		if err != nil {
			return err
		}
		value, err := change(old)
		if err != nil {
			return err
		}
		return tx.SetPreference(ctx, person, key, value)
	})
}

// DeletePreference forgets what a person keeps under a key.
func (t Tables) DeletePreference(ctx context.Context, person, key string) error {
	_, err := t.change(ctx, `DELETE FROM preferences WHERE person = $1 AND name = $2`, person, key)
	return err
}

// DeletePreferences forgets all that a person keeps, with what they have ticked
// and the views they named, and says how many rows that were.
func (t Tables) DeletePreferences(ctx context.Context, person string) (int64, error) {
	all := int64(0)
	for _, statement := range []string{
		`DELETE FROM preferences WHERE person = $1`, `DELETE FROM selections WHERE person = $1`, `DELETE FROM saved_views WHERE person = $1`,
	} {
		n, err := t.change(ctx, statement, person)
		if err != nil {
			return all, err
		}
		all += n
	}
	return all, nil
}

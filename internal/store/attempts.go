package store

import (
	"context"
	"time"
)

// Attempt is a sign-in that has begun. Its payload is sealed.
type Attempt struct {
	ID      string // hash of the state and the cookie's secret
	Payload []byte
	KeyID   string
	Created time.Time
	Expires time.Time
}

// CreateAttempt keeps a sign-in that begins.
func (t Tables) CreateAttempt(ctx context.Context, a Attempt) error {
	if err := t.room(); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict,
		`INSERT INTO attempts (id, payload, key_id, created, expires) VALUES ($1, $2, $3, $4, $5)`,
		a.ID, a.Payload, a.KeyID, micros(a.Created), micros(a.Expires))
}

// TakeAttempt removes the attempt and gives it to one caller only; expired
// ones are removed but not given.
func (t Tables) TakeAttempt(ctx context.Context, id string, now time.Time) (Attempt, error) {
	a := Attempt{ID: id}
	var created, expires int64
	err := t.changedRow(ctx, `DELETE FROM attempts WHERE id = $1 RETURNING payload, key_id, created, expires`,
		[]any{id}, &a.Payload, &a.KeyID, &created, &expires)
	if err != nil {
		return Attempt{}, err
	}
	a.Created, a.Expires = fromMicros(created), fromMicros(expires)
	if !now.Before(a.Expires) {
		return Attempt{}, ErrNotFound
	}
	return a, nil
}

// DeleteAttempt removes an attempt that is given up.
func (t Tables) DeleteAttempt(ctx context.Context, id string) error {
	_, err := t.change(ctx, `DELETE FROM attempts WHERE id = $1`, id)
	return err
}

// DeleteExpiredAttempts removes those that nobody came back from.
func (t Tables) DeleteExpiredAttempts(ctx context.Context, now time.Time) (int64, error) {
	return t.change(ctx, `DELETE FROM attempts WHERE expires <= $1`, micros(now))
}

// UseLogoutToken remembers a logout token of the provider; ErrConflict when it
// was used before. Those whose time has passed are forgotten.
func (t Tables) UseLogoutToken(ctx context.Context, id string, expires, now time.Time) error {
	if _, err := t.change(ctx, `DELETE FROM logout_tokens WHERE expires <= $1`, micros(now)); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict,
		`INSERT INTO logout_tokens (id, expires) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, micros(expires))
}

package store

import (
	"context"
	"time"
)

// Session is one signed-in browser. Its payload is sealed.
type Session struct {
	ID        string // hash of the cookie's value
	Person    string
	GrantID   string
	Payload   []byte
	KeyID     string
	Created   time.Time
	LastSeen  time.Time
	SteppedUp time.Time // zeroed to drop a step-up; counts only if the payload says the same
	Expires   time.Time // whatever is done
	Agent     string    // "Firefox on Windows"
	Address   string
}

// SessionWithGrant is a session and what its grant says of the person.
type SessionWithGrant struct {
	Session
	Identity      []byte // sealed
	IdentityKeyID string
	GrantVersion  int64
}

const sessionColumns = `s.id, s.person, s.grant_id, s.payload, s.key_id, s.created, s.last_seen, s.stepped_up, s.expires,
	s.agent, s.address`

// CreateSession keeps a new session.
func (t Tables) CreateSession(ctx context.Context, s Session) error {
	if err := t.room(); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict,
		`INSERT INTO sessions (id, person, grant_id, payload, key_id, created, last_seen, stepped_up, expires, agent, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		s.ID, s.Person, s.GrantID, s.Payload, s.KeyID, micros(s.Created), micros(s.LastSeen), micros(s.SteppedUp),
		micros(s.Expires), s.Agent, s.Address)
}

// Session reads one session with its grant's identity.
func (t Tables) Session(ctx context.Context, id string) (SessionWithGrant, error) {
	return scanSession(func(into ...any) error {
		return t.row(ctx, `SELECT `+sessionColumns+`, g.identity, g.key_id, g.version
			FROM sessions s JOIN grants g ON g.id = s.grant_id WHERE s.id = $1`, []any{id}, into...)
	})
}

func scanSession(scan func(...any) error) (SessionWithGrant, error) {
	var s SessionWithGrant
	var created, seen, stepped, expires int64
	err := scan(&s.ID, &s.Person, &s.GrantID, &s.Payload, &s.KeyID, &created, &seen, &stepped, &expires, &s.Agent, &s.Address,
		&s.Identity, &s.IdentityKeyID, &s.GrantVersion)
	s.Created, s.LastSeen, s.SteppedUp, s.Expires = fromMicros(created), fromMicros(seen), fromMicros(stepped), fromMicros(expires)
	return s, err
}

// Sessions lists the person's sessions, or everybody's when person is empty,
// newest first.
func (t Tables) Sessions(ctx context.Context, person string) ([]SessionWithGrant, error) {
	var sessions []SessionWithGrant
	err := t.rows(ctx, `SELECT `+sessionColumns+`, g.identity, g.key_id, g.version
		FROM sessions s JOIN grants g ON g.id = s.grant_id WHERE $1 = '' OR s.person = $1 ORDER BY s.created DESC, s.id`,
		[]any{person}, func(scan func(...any) error) error {
			s, err := scanSession(scan)
			sessions = append(sessions, s)
			return err
		})
	return sessions, err
}

// SessionsNotUnder lists up to limit sessions that another key than keyID
// sealed, by ID, those that follow after.
func (t Tables) SessionsNotUnder(ctx context.Context, keyID, after string, limit int) ([]Session, error) {
	var sessions []Session
	err := t.rows(ctx, `SELECT `+sessionColumns+`, g.identity, g.key_id, g.version
		FROM sessions s JOIN grants g ON g.id = s.grant_id WHERE s.key_id <> $1 AND s.id > $2 ORDER BY s.id LIMIT $3`,
		[]any{keyID, after, limit}, func(scan func(...any) error) error {
			s, err := scanSession(scan)
			sessions = append(sessions, s.Session)
			return err
		})
	return sessions, err
}

// ReplaceSessionPayload seals a session's payload anew.
func (t Tables) ReplaceSessionPayload(ctx context.Context, id string, payload []byte, keyID string) error {
	return t.must(ctx, ErrNotFound, `UPDATE sessions SET payload = $2, key_id = $3 WHERE id = $1`, id, payload, keyID)
}

// SeenSession notes that the person did something; it never goes back.
func (t Tables) SeenSession(ctx context.Context, id string, at time.Time) error {
	_, err := t.change(ctx, `UPDATE sessions SET last_seen = $2 WHERE id = $1 AND last_seen < $2`, id, micros(at))
	return err
}

// DropStepUps takes every step-up back.
func (t Tables) DropStepUps(ctx context.Context) (int64, error) {
	return t.change(ctx, `UPDATE sessions SET stepped_up = 0 WHERE stepped_up <> 0`)
}

// DeleteSession ends one session.
func (t Tables) DeleteSession(ctx context.Context, id string) error {
	return t.must(ctx, ErrNotFound, `DELETE FROM sessions WHERE id = $1`, id)
}

// DeleteExpiredSessions removes sessions whose time has passed.
func (t Tables) DeleteExpiredSessions(ctx context.Context, now time.Time) (int64, error) {
	return t.change(ctx, `DELETE FROM sessions WHERE expires <= $1`, micros(now))
}

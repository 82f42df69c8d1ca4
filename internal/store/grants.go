package store

import (
	"context"
	"time"
)

// Grant is the tokens of one sign-in. Identity and tokens are sealed.
type Grant struct {
	ID              string
	Person          string
	Issuer          string
	Subject         string
	ProviderSession string // the provider's sid; may be empty
	Identity        []byte
	Tokens          []byte
	KeyID           string
	Version         int64 // goes up by one with every change of the tokens
	LeaseOwner      string
	LeaseUntil      time.Time
	Created         time.Time
	Expires         time.Time
}

const grantColumns = `id, person, issuer, subject, provider_session, identity, tokens, key_id, version,
	lease_owner, lease_until, created, expires`

func scanGrant(scan func(...any) error) (Grant, error) {
	var g Grant
	var lease, created, expires int64
	err := scan(&g.ID, &g.Person, &g.Issuer, &g.Subject, &g.ProviderSession, &g.Identity, &g.Tokens, &g.KeyID, &g.Version,
		&g.LeaseOwner, &lease, &created, &expires)
	g.LeaseUntil, g.Created, g.Expires = fromMicros(lease), fromMicros(created), fromMicros(expires)
	return g, err
}

// CreateGrant keeps the tokens of a new sign-in; its version is 1.
func (t Tables) CreateGrant(ctx context.Context, g Grant) error {
	if err := t.room(); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict,
		`INSERT INTO grants (id, person, issuer, subject, provider_session, identity, tokens, key_id, version, created, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)`,
		g.ID, g.Person, g.Issuer, g.Subject, g.ProviderSession, g.Identity, g.Tokens, g.KeyID,
		micros(g.Created), micros(g.Expires))
}

// Grant reads one grant.
func (t Tables) Grant(ctx context.Context, id string) (Grant, error) {
	return scanGrant(func(into ...any) error {
		return t.row(ctx, `SELECT `+grantColumns+` FROM grants WHERE id = $1`, []any{id}, into...)
	})
}

// LeaseGrant gives owner the right to refresh the grant until the time given;
// false when somebody else has it, the version has moved on, or the grant is gone.
func (t Tables) LeaseGrant(ctx context.Context, id string, version int64, owner string, until, now time.Time) (bool, error) {
	n, err := t.change(ctx,
		`UPDATE grants SET lease_owner = $3, lease_until = $4 WHERE id = $1 AND version = $2 AND lease_until <= $5`,
		id, version, owner, micros(until), micros(now))
	return n == 1, err
}

// ReleaseGrant gives the lease back without a change.
func (t Tables) ReleaseGrant(ctx context.Context, id, owner string) error {
	_, err := t.change(ctx, `UPDATE grants SET lease_owner = '', lease_until = 0 WHERE id = $1 AND lease_owner = $2`, id, owner)
	return err
}

// GrantChange is what a refresh, a renewed sign-in or a new key replaces.
type GrantChange struct {
	ID              string
	Version         int64 // the one that was read; ErrConflict when it is no longer the row's
	ProviderSession string
	Identity        []byte
	Tokens          []byte
	KeyID           string
	Expires         time.Time
}

// ReplaceGrant changes the grant if it is still as it was read, and ends any lease.
func (t Tables) ReplaceGrant(ctx context.Context, c GrantChange) error {
	return t.must(ctx, ErrConflict,
		`UPDATE grants SET provider_session = $3, identity = $4, tokens = $5, key_id = $6, expires = $7,
		version = version + 1, lease_owner = '', lease_until = 0 WHERE id = $1 AND version = $2`,
		c.ID, c.Version, c.ProviderSession, c.Identity, c.Tokens, c.KeyID, micros(c.Expires))
}

// DeleteGrant ends a grant and with it its sessions.
func (t Tables) DeleteGrant(ctx context.Context, id string) error {
	return t.must(ctx, ErrNotFound, `DELETE FROM grants WHERE id = $1`, id)
}

// GrantsOfPerson lists the person's grants.
func (t Tables) GrantsOfPerson(ctx context.Context, person string) ([]Grant, error) {
	return t.grants(ctx, `SELECT `+grantColumns+` FROM grants WHERE person = $1 ORDER BY created, id`, person)
}

// GrantsOfSubject lists what a logout token names: the provider's session,
// or everything of the subject, or both where both are given.
func (t Tables) GrantsOfSubject(ctx context.Context, issuer, subject, providerSession string) ([]Grant, error) {
	return t.grants(ctx, `SELECT `+grantColumns+` FROM grants WHERE issuer = $1
		AND ($2 = '' OR subject = $2) AND ($3 = '' OR provider_session = $3) ORDER BY created, id`,
		issuer, subject, providerSession)
}

// GrantsNotUnder lists up to limit grants that another key than keyID sealed,
// by ID, those that follow after.
func (t Tables) GrantsNotUnder(ctx context.Context, keyID, after string, limit int) ([]Grant, error) {
	return t.grants(ctx, `SELECT `+grantColumns+` FROM grants WHERE key_id <> $1 AND id > $2 ORDER BY id LIMIT $3`, keyID, after, limit)
}

func (t Tables) grants(ctx context.Context, statement string, args ...any) ([]Grant, error) {
	var grants []Grant
	err := t.rows(ctx, statement, args, func(scan func(...any) error) error {
		g, err := scanGrant(scan)
		grants = append(grants, g)
		return err
	})
	return grants, err
}

// DeleteExpiredGrants removes grants, and their sessions, whose time has passed.
func (t Tables) DeleteExpiredGrants(ctx context.Context, now time.Time) (int64, error) {
	return t.change(ctx, `DELETE FROM grants WHERE expires <= $1`, micros(now))
}

// KeysInUse counts the sealed rows by the key that sealed them.
func (t Tables) KeysInUse(ctx context.Context) (map[string]int64, error) {
	used := map[string]int64{}
	err := t.rows(ctx, `SELECT key_id, COUNT(*) FROM (SELECT key_id FROM grants UNION ALL SELECT key_id FROM sessions
		UNION ALL SELECT key_id FROM attempts) AS sealed GROUP BY key_id`, nil, func(scan func(...any) error) error {
		var id string
		var n int64
		err := scan(&id, &n)
		used[id] = n
		return err
	})
	return used, err
}

// forgotten is what stands where tokens were.
var forgotten = []byte{0}

// HasTokens reports whether the grant still holds its tokens.
func (g Grant) HasTokens() bool { return len(g.Tokens) > len(forgotten) }

// ForgetExpiredTokens takes the tokens out of grants whose time has passed;
// the rest of the row stays, to say why a session ended.
func (t Tables) ForgetExpiredTokens(ctx context.Context, now time.Time) (int64, error) {
	return t.change(ctx, `UPDATE grants SET tokens = $2, version = version + 1 WHERE expires <= $1 AND length(tokens) > 1`,
		micros(now), forgotten)
}

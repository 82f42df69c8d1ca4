package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
)

// roleName is a role as PostgreSQL writes it without quotes.
var roleName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// ErrOnlyPostgreSQL is the error of what SQLite has no roles for.
var ErrOnlyPostgreSQL = errors.New("store: only PostgreSQL has roles")

// GrantServing gives a role of PostgreSQL what a program that serves needs,
// and no more: it adds rows to the trail and its anchors, and can neither
// change nor take one away, nor put tables or triggers aside. It is for the
// role that owns the tables, after each change of them.
func (s *Store) GrantServing(ctx context.Context, role string) error {
	if s.dialect != postgresql {
		return ErrOnlyPostgreSQL
	}
	if !roleName.MatchString(role) {
		return fmt.Errorf("store: %q is no name of a role; write small letters, digits and _", role)
	}
	name := pgx.Identifier{role}.Sanitize()
	return s.InTx(ctx, func(tx *Tx) error {
		return execAll(ctx, tx.tx, []string{
			`GRANT USAGE ON SCHEMA public TO ` + name,
			`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + name,
			`REVOKE UPDATE, DELETE, TRUNCATE ON trail, anchors FROM ` + name,
			`REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON goose_db_version FROM ` + name,
		})
	})
}

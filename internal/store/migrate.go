package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies what is missing. Replicas on PostgreSQL wait for each other;
// on SQLite, whoever comes second while another process migrates looks again.
func (s *Store) migrate(ctx context.Context) error {
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if _, err = provider.Up(ctx); err == nil || try == 4 || s.dialect == postgresql || ctx.Err() != nil {
			break
		}
	}
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == insufficientPrivilege {
		return fmt.Errorf("%w: this role may not change them; run rollcall migrate as the role that owns them (%s)", ErrTables, refused.Message)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// insufficientPrivilege is PostgreSQL's code for what a role may not do.
const insufficientPrivilege = "42501"

func (s *Store) migrations() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(goose.NewGoMigration(2, &goose.GoFunc{RunTx: s.guardTrail}, &goose.GoFunc{RunTx: s.unguardTrail})),
	}
	language := goose.DialectSQLite3
	if s.dialect == postgresql {
		language = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(language, s.writer, folder, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return provider, nil
}

// Schema tells the version of the tables, and that which this program works with.
func (s *Store) Schema(ctx context.Context) (have, want int64, err error) {
	provider, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	sources := provider.ListSources()
	want = sources[len(sources)-1].Version
	err = s.reader.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&have)
	if err != nil {
		return 0, want, fmt.Errorf("%w: %w", ErrNoTables, err)
	}
	return have, want, nil
}

// checkTables refuses tables that are not this program's.
func (s *Store) checkTables(ctx context.Context) error {
	have, want, err := s.Schema(ctx)
	if err == nil && have != want {
		err = fmt.Errorf("%w: version %d, this program's is %d", ErrTables, have, want)
	}
	return err
}

// guardTrail puts triggers on the trail that refuse update and delete. They
// stop accidents; a forger is caught by the codes of the rows.
func (s *Store) guardTrail(ctx context.Context, tx *sql.Tx) error {
	guard := []string{
		`CREATE TRIGGER trail_no_update BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END`,
		`CREATE TRIGGER trail_no_delete BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END`,
	}
	if s.dialect == postgresql {
		guard = []string{
			`CREATE FUNCTION trail_append_only() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$`,
			`CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON trail
				FOR EACH STATEMENT EXECUTE FUNCTION trail_append_only()`,
		}
	}
	return execAll(ctx, tx, guard)
}

func (s *Store) unguardTrail(ctx context.Context, tx *sql.Tx) error {
	if s.dialect == postgresql {
		return execAll(ctx, tx, []string{`DROP TRIGGER trail_no_change ON trail`, `DROP FUNCTION trail_append_only()`})
	}
	return execAll(ctx, tx, []string{`DROP TRIGGER trail_no_update`, `DROP TRIGGER trail_no_delete`})
}

func execAll(ctx context.Context, tx *sql.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies what is missing. Replicas on PostgreSQL wait for each other;
// on SQLite, whoever comes second while another process migrates looks again.
func (s *Store) migrate(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
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
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(language, s.writer, folder, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	for try := 1; ; try++ {
		if _, err = provider.Up(ctx); err == nil || try == 4 || s.dialect == postgresql || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
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

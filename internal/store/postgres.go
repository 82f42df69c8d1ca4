package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connections is how many a replica opens to PostgreSQL at most.
const connections = 12

func (s *Store) openPostgreSQL(ctx context.Context, dsn string) error {
	s.dialect, s.location = postgresql, "PostgreSQL"
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The parser's own words may repeat the address and its password.
		return errors.New("the address of PostgreSQL can't be read; write it like postgres://rollcall@localhost/rollcall")
	}
	s.location = fmt.Sprintf("PostgreSQL database %s on %s", config.Database,
		net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))))
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rollcall"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s.writer, s.reader = db, db

	var commit string
	if err := db.QueryRowContext(ctx, "SHOW synchronous_commit").Scan(&commit); err != nil {
		return err
	}
	if commit == "off" {
		return errors.New("synchronous_commit is off, so the server may lose what it has committed; turn it on for this database")
	}
	return nil
}

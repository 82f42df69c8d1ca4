package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/store"
)

// newMigrate answers rollcall migrate.
func newMigrate(p *program) *cobra.Command {
	serveAs := ""
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring a server's tables up to date",
		Long: `rollcall serve does it by itself when it starts, but for PostgreSQL with a role
that serves and may not change tables: then run this as the role that owns them, before
the new version starts; --serve-as gives the other one what it needs and no more.
docs/postgresql.md has the two roles.`,
		Example: `  rollcall migrate --database sqlite:rollcall.db
  ROLLCALL_DATABASE=postgres://rollcall_owner@db.example/rollcall rollcall migrate --serve-as rollcall_app`,
		Args: noArguments,
	}
	cmd.Flags().StringVar(&serveAs, "serve-as", "", "`role` of PostgreSQL that rollcall serve signs in as")
	settings := config.For(config.Database)
	settings.AddFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := settings.Load(cmd.Flags(), p.environ)
		if err != nil {
			return &problem{code: exitMisuse, text: err.Error(), err: err}
		}
		return p.migrate(cmd.Context(), set, serveAs)
	}
	return cmd
}

func (p *program) migrate(ctx context.Context, set config.Config, serveAs string) error {
	st, err := store.Open(ctx, store.Options{DSN: set.Database})
	if err != nil {
		if missing := folderTrouble(err); missing != nil {
			return missing
		}
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("The tables can't be brought up to date: %v.", err)}
	}
	if serveAs != "" {
		if err := st.GrantServing(ctx, serveAs); err != nil {
			return errors.Join(&problem{code: exitFailed, err: err, text: fmt.Sprintf("The tables are up to date; the role %q was given nothing: %v.", serveAs, err)}, st.Close())
		}
	}
	have, _, err := st.Schema(ctx)
	if err == nil {
		_, err = fmt.Fprintf(p.out, "The tables of %s are of version %d.\n", st.Location(), have)
	}
	return errors.Join(err, st.Close())
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
)

// newKeys answers rollcall keys.
func newKeys(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "keys",
		Short:   "Make and change the keys of serve",
		Example: "  rollcall keys generate > /etc/rollcall/keys\n  rollcall keys list --key-file /etc/rollcall/keys",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "generate",
		Short: "Print a new key, a line for the key file",
		Long: `The first line of the key file seals; the others still open what they sealed. To
change keys: add the new one as the last line everywhere and restart, then move it to
the first line everywhere and restart; then rollcall keys reseal, and rollcall keys
retire for the old one. Keep the file away from the database and its backups.`,
		Example: "  rollcall keys generate > /etc/rollcall/keys\n  rollcall keys generate >> /etc/rollcall/keys",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.out, auth.GenerateKey())
			return err
		},
	})
	cmd.AddCommand(newKeysList(p), newKeysReseal(p), newKeysRetire(p))
	return cmd
}

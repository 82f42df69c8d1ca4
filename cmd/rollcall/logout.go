package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
)

// newLogout answers rollcall logout.
func newLogout(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Forget a sign-in and its tokens",
		Long: `The tokens are taken out of the keyring or their file. Whoever had a copy of the
access token could use it until it ends, an hour at most.`,
		Example: "  rollcall logout\n  rollcall logout --profile lab",
		Args:    noArguments,
	}
	config.For(config.Logout).AddFlags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := config.For(config.Logout).Load(cmd.Flags(), p.environ)
		if err != nil {
			return &problem{code: exitMisuse, text: err.Error(), err: err}
		}
		f, ok, err := loadProfile(set.Profile)
		if err != nil || !ok {
			f = profile{name: set.Profile, Store: storeFile}
		}
		if err := f.forget(); err != nil {
			return &problem{code: exitFailed, text: fmt.Sprintf("The sign-in %q could not be forgotten: %v.", f.name, err), err: err}
		}
		if !ok && err == nil {
			fmt.Fprintf(p.out, "Nobody was signed in as %q.\n", f.name)
			return nil
		}
		fmt.Fprintf(p.out, "Signed out of %q.\n", f.name)
		return nil
	}
	return cmd
}

// removeFile takes a file away that may not be there.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

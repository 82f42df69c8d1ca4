package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// calls makes a command one that calls Partner Center: it has the settings of
// that, and runs once its options are checked and somebody is signed in.
// check may be nil.
func (p *program) calls(cmd *cobra.Command, check func(args []string) error, run func(ctx context.Context, client *partnercenter.Client, args []string) error) *cobra.Command {
	config.For(config.CLI).AddFlags(cmd.Flags())
	cmd.Flags().BoolP("verbose", "v", false, "show each request and answer on stderr, without tokens and bodies")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if check != nil {
			if err := check(args); err != nil {
				return err
			}
		}
		client, err := p.client(cmd)
		if err != nil {
			return err
		}
		return run(action(cmd.Context()), client, args)
	}
	return cmd
}

// client makes the person's own client from flags and variables.
func (p *program) client(cmd *cobra.Command) (*partnercenter.Client, error) {
	set, err := config.For(config.CLI).Load(cmd.Flags(), p.environ)
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	if set.Token.Reveal() == "" {
		return nil, &problem{code: exitSignIn, text: "You are signed out. Set ROLLCALL_TOKEN to a bearer token for Partner Center; rollcall emulator prints some for a try."}
	}
	opts := partnercenter.Options{BaseURL: cloudOf(set).APIURL, Application: "Rollcall"}
	if verbose, err := cmd.Flags().GetBool("verbose"); err == nil && verbose {
		opts.Transport = p.narrate()
	}
	client, err := partnercenter.New(partnercenter.StaticToken(set.Token.Reveal()), opts)
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	return client, nil
}

// action gives everything that one command asks a common correlation ID.
func action(ctx context.Context) context.Context {
	return partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
}

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
		c, err := p.connect(cmd)
		if err != nil {
			return err
		}
		if c.cloud.Name == partnercenter.China.Name && cmd.Annotations[notInChina] != "" {
			return &problem{code: exitRefused, text: "Partner Center in China offers neither licenses nor changes of users.", next: "Do it in the customer's own admin center."}
		}
		ctx := action(cmd.Context())
		return c.explain(ctx, run(ctx, c.client, args))
	}
	return cmd
}

// notInChina marks commands that the cloud in China has no call for.
//
// Source: API facts 2.
const notInChina = "not in China"

// withoutChina marks a command so.
func withoutChina(cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{notInChina: "true"}
	return cmd
}

// action gives everything that one command asks a common correlation ID.
func action(ctx context.Context) context.Context {
	return partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
}

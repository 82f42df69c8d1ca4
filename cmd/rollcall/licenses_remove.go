package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newLicensesRemove answers rollcall licenses remove CUSTOMER USER.
func newLicensesRemove(p *program) *cobra.Command {
	var opts changeOptions
	var argument string
	cmd := &cobra.Command{
		Use:   "remove CUSTOMER USER",
		Short: "Take a license away",
		Long: changeHelp + "\n" + userHelp + `
A license that comes from a group can't be taken away here.`,
		Example: `  rollcall licenses remove contoso.example a.wojcik@contoso.example --sku POWER_BI_PRO
  rollcall licenses remove contoso.example a.wojcik@contoso.example --sku POWER_BI_PRO --yes`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	cmd.Flags().StringVar(&argument, "sku", "", "`SKU` to take away: its ID or part number")
	p.completeFlag(cmd, "sku", skuNames)
	return p.changes(cmd, &opts, func(args []string) error {
		if argument == "" {
			return misuse("--sku is missing: the SKU to take away, its ID or part number. rollcall licenses list %s %s shows them.", quoted(args[0]), quoted(args[1]))
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
		c, id, err := p.target(ctx, client, args)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (*plannedChange, error) { return p.planRemove(ctx, client, c, id, argument) }, nil
	})
}

func (p *program) planRemove(ctx context.Context, client *partnercenter.Client, c customer, id, argument string) (*plannedChange, error) {
	at, err := p.readLicensing(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	sku, err := pickSKU(at.owned, c, argument)
	if err != nil {
		return nil, err
	}
	plan := at.change("remove-license", "Take 1 license away at", "License Administrator, User Administrator or Directory Writers there")
	plan.done = fmt.Sprintf("Took %s from %s at %s", sku.Name, nameOf(at.user), c.full())
	plan.doing = fmt.Sprintf("Taking %s from %s at %s", sku.Name, nameOf(at.user), c)
	plan.claim = fmt.Sprintf("%s was taken from %s at %s", sku.Name, nameOf(at.user), c)
	wanted := []licenseState{{sku: sku}}
	plan.steps = at.steps(wanted)
	plan.apply = func(ctx context.Context) (applied, error) {
		warnings, err := client.Customer(c.id).User(at.user.ID).RemoveLicense(ctx, sku.SKUID)
		return applied{notes: inWarnings(warnings)}, err
	}
	plan.readBack = at.readBack(client, wanted)
	return plan, nil
}

package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type licensesSwapOptions struct {
	changeOptions
	from, to string
	without  []string
}

// newLicensesSwap answers rollcall licenses swap CUSTOMER USER.
func newLicensesSwap(p *program) *cobra.Command {
	var opts licensesSwapOptions
	cmd := &cobra.Command{
		Use:   "swap CUSTOMER USER",
		Short: "Put one license in place of another, in one call",
		Long: changeHelp + "\n" + userHelp + `
A plan that is off in the old license stays off in the new one, where that has it.`,
		Example: `  rollcall licenses swap contoso.example a.wojcik@contoso.example --from SPE_E5 --to SPE_E3
  rollcall licenses swap contoso.example a.wojcik@contoso.example --from SPE_E5 --to SPE_E3 --without-plan TEAMS1`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	cmd.Flags().StringVar(&opts.from, "from", "", "`SKU` that goes: its ID or part number")
	cmd.Flags().StringVar(&opts.to, "to", "", "`SKU` that comes: its ID or part number")
	cmd.Flags().StringSliceVar(&opts.without, "without-plan", nil, "service `plan` of the new license to switch off: its name or ID; may be repeated")
	p.completeFlag(cmd, "from", skuNames)
	p.completeFlag(cmd, "to", skuNames)
	return p.changes(cmd, &opts.changeOptions, func(args []string) error {
		if opts.from == "" || opts.to == "" {
			return misuse("--from and --to are both needed: the SKU that goes and the one that comes. rollcall skus list %s shows them.", quoted(args[0]))
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
		c, id, err := p.target(ctx, client, args)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (*plannedChange, error) { return p.planSwap(ctx, client, c, id, opts) }, nil
	})
}

func (p *program) planSwap(ctx context.Context, client *partnercenter.Client, c customer, id string, opts licensesSwapOptions) (*plannedChange, error) {
	at, err := p.readLicensing(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	from, err := pickSKU(at.owned, c, opts.from)
	if err != nil {
		return nil, err
	}
	to, err := pickSKU(at.owned, c, opts.to)
	if err != nil {
		return nil, err
	}
	old, there := at.holds(from), at.holds(to)
	list := fmt.Sprintf("rollcall licenses list %s %s shows what the user has.", quoted(c.argument()), at.user.ID)
	switch {
	case from.SKUID == to.SKUID:
		return nil, misuse("--from and --to are the same SKU, %s; for its plans: rollcall licenses assign", from.PartNumber)
	case from.Group != to.Group:
		return nil, misuse("%s and %s are of two license groups, which one call can't change together; assign one, then remove the other", from.PartNumber, to.PartNumber)
	case old == nil && there == nil:
		return nil, &problem{code: exitFailed, text: fmt.Sprintf("%s does not have %s, so there is nothing to swap.", nameOf(at.user), from.Name), next: list}
	case old != nil && there != nil:
		return nil, &problem{code: exitFailed, text: fmt.Sprintf("%s has both %s and %s, so there is nothing to swap.", nameOf(at.user), from.Name, to.Name), next: list}
	}
	var off []string
	if old != nil { // else it was swapped already
		if err := at.canGive(to); err != nil {
			return nil, err
		}
		for _, plan := range userPlans(to) {
			if slices.Contains(old.off(from), plan.ID) {
				off = append(off, plan.ID)
			}
		}
	} else {
		off = there.off(to)
	}
	if off, err = switchPlans(to, off, opts.without, nil); err != nil {
		return nil, err
	}
	wanted := []licenseState{{sku: from}, {sku: to, held: true, off: off}}
	plan := at.change("swap-license", "Swap 1 license at", "License Administrator, User Administrator or Directory Writers there")
	plan.done = fmt.Sprintf("Swapped %s for %s with %s at %s", from.Name, to.Name, nameOf(at.user), c.full())
	plan.doing = fmt.Sprintf("Swapping %s for %s with %s at %s", from.Name, to.Name, nameOf(at.user), c)
	plan.claim = fmt.Sprintf("%s was swapped for %s with %s at %s", from.Name, to.Name, nameOf(at.user), c)
	plan.steps = at.steps(wanted)
	if old == nil && len(plan.steps) > 0 {
		return nil, &problem{code: exitFailed, text: fmt.Sprintf("%s does not have %s, so there is nothing to swap.", nameOf(at.user), from.Name),
			next: "For the plans of the other: rollcall licenses assign."}
	}
	plan.apply = func(ctx context.Context) (applied, error) {
		warnings, err := client.Customer(c.id).User(at.user.ID).SwapLicense(ctx, from.SKUID, to.SKUID, off...)
		return applied{notes: inWarnings(warnings)}, err
	}
	plan.readBack = at.readBack(client, wanted)
	return plan, nil
}

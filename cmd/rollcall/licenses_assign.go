package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type licensesAssignOptions struct {
	changeOptions
	sku     string
	without []string // service plans to switch off
	with    []string // service plans to switch on again
}

// newLicensesAssign answers rollcall licenses assign CUSTOMER USER.
func newLicensesAssign(p *program) *cobra.Command {
	var opts licensesAssignOptions
	cmd := &cobra.Command{
		Use:   "assign CUSTOMER USER",
		Short: "Assign a license, or switch plans of one on and off",
		Long: changeHelp + "\n" + userHelp + `
A plan that is not named stays as it is: on in a new license, and in one that the
user has already as it was. Dependencies between plans are not known beforehand;
Partner Center's warnings are shown after.`,
		Example: `  rollcall licenses assign contoso.example a.wojcik@contoso.example --sku SPE_E3
  rollcall licenses assign contoso.example a.wojcik@contoso.example --sku SPE_E3 --without-plan TEAMS1 --dry-run`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	cmd.Flags().StringVar(&opts.sku, "sku", "", "`SKU` to assign: its ID or part number")
	cmd.Flags().StringSliceVar(&opts.without, "without-plan", nil, "service `plan` to switch off: its name or ID; may be repeated")
	cmd.Flags().StringSliceVar(&opts.with, "with-plan", nil, "service `plan` to switch on again: its name or ID; may be repeated")
	p.completeFlag(cmd, "sku", skuNames)
	return p.changes(cmd, &opts.changeOptions, func(args []string) error {
		if opts.sku == "" {
			return misuse("--sku is missing: the SKU to assign, its ID or part number. rollcall skus list %s shows them.", quoted(args[0]))
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
		c, id, err := p.target(ctx, client, args)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (*plannedChange, error) { return p.planAssign(ctx, client, c, id, opts) }, nil
	})
}

func (p *program) planAssign(ctx context.Context, client *partnercenter.Client, c customer, id string, opts licensesAssignOptions) (*plannedChange, error) {
	at, err := p.readLicensing(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	sku, err := pickSKU(at.owned, c, opts.sku)
	if err != nil {
		return nil, err
	}
	held := at.holds(sku)
	off := held.off(sku)
	if off, err = switchPlans(sku, off, opts.without, opts.with); err != nil {
		return nil, err
	}
	if held == nil {
		if err := at.canGive(sku); err != nil {
			return nil, err
		}
	}
	plan := at.change("assign-license", "Assign 1 license at", "License Administrator, User Administrator or Directory Writers there")
	plan.done = fmt.Sprintf("Assigned %s to %s at %s", sku.Name, nameOf(at.user), c.full())
	plan.doing = fmt.Sprintf("Assigning %s to %s at %s", sku.Name, nameOf(at.user), c)
	plan.claim = fmt.Sprintf("%s was assigned to %s at %s", sku.Name, nameOf(at.user), c)
	if held != nil {
		plan.deed = "Change the plans of 1 license at"
	}
	wanted := []licenseState{{sku: sku, held: true, off: off}}
	plan.steps = at.steps(wanted)
	plan.apply = func(ctx context.Context) (applied, error) {
		warnings, err := client.Customer(c.id).User(at.user.ID).AssignLicense(ctx, sku.SKUID, off...)
		return applied{notes: inWarnings(warnings)}, err
	}
	plan.readBack = at.readBack(client, wanted)
	return plan, nil
}

// switchPlans is which of a SKU's plans are off once some were switched.
func switchPlans(sku partnercenter.SubscribedSKU, off, without, with []string) ([]string, error) {
	for _, name := range without {
		plan, err := pickPlan(sku, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(off, plan.ID) {
			off = append(off, plan.ID)
		}
	}
	for _, name := range with {
		plan, err := pickPlan(sku, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(without, func(other string) bool { return samePlan(plan, other) }) {
			return nil, misuse("--with-plan and --without-plan both name %s; leave one of them out", plan.ServiceName)
		}
		off = slices.DeleteFunc(off, func(id string) bool { return id == plan.ID })
	}
	slices.Sort(off)
	return off, nil
}

func samePlan(plan partnercenter.ServicePlan, argument string) bool {
	return strings.EqualFold(plan.ID, argument) || strings.EqualFold(plan.ServiceName, argument) || strings.EqualFold(plan.DisplayName, argument)
}

// pickPlan finds which of a SKU's plans is meant. Those of the whole tenant are
// not a user's to have or not.
func pickPlan(sku partnercenter.SubscribedSKU, argument string) (partnercenter.ServicePlan, error) {
	var names []string
	for _, plan := range userPlans(sku) {
		if samePlan(plan, argument) {
			return plan, nil
		}
		names = append(names, plan.ServiceName)
	}
	if len(names) == 0 {
		return partnercenter.ServicePlan{}, &problem{code: exitNotFound, text: fmt.Sprintf("%s has no service plans that can be switched.", sku.Name)}
	}
	slices.Sort(names)
	return partnercenter.ServicePlan{}, &problem{code: exitNotFound, text: fmt.Sprintf("%s has no service plan %q. It has %s.", sku.Name, argument, strings.Join(names, ", "))}
}

// userPlans are a SKU's plans that a user can have or not.
func userPlans(sku partnercenter.SubscribedSKU) []partnercenter.ServicePlan {
	return slices.DeleteFunc(slices.Clone(sku.ServicePlans), func(plan partnercenter.ServicePlan) bool {
		return strings.EqualFold(plan.TargetType, "Tenant")
	})
}

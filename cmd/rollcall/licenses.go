package main

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newLicenses holds the commands about users' licenses.
func newLicenses(p *program) *cobra.Command {
	return group("licenses", "Users' licenses", "  rollcall licenses list contoso.example a.wojcik@contoso.example\n  rollcall users list contoso.example --unlicensed",
		withoutChina(newLicensesList(p)), withoutChina(newLicensesAssign(p)), withoutChina(newLicensesRemove(p)), withoutChina(newLicensesSwap(p)))
}

// readsLicenses is what reading users' licenses needs.
const readsLicenses = "Directory Readers or License Administrator there"

// newLicensesList answers rollcall licenses list CUSTOMER USER.
func newLicensesList(p *program) *cobra.Command {
	var opts listing
	var groups licenseGroups
	cmd := &cobra.Command{
		Use:   "list CUSTOMER USER",
		Short: "List a user's licenses",
		Long: customerHelp + "\n" + userHelp + `
A pipe gets part number, name and the service plans that are on, separated by tabs.`,
		Example: `  rollcall licenses list contoso.example a.wojcik@contoso.example
  rollcall licenses list contoso.example c0a70500-0000-4000-8000-000000000002 -o json`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(customerNames, userNames),
	}
	opts.addFlags(cmd)
	groups.addFlag(cmd)
	return p.calls(cmd, func(args []string) error {
		if err := opts.check(); err != nil {
			return err
		}
		if err := groups.check(); err != nil {
			return err
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		id, name, err := p.findUserID(ctx, client, c, args[1])
		if err != nil {
			return err
		}
		held, err := userLicenses(ctx, client, c, id, name, groups.asked()...)
		if err != nil {
			return err
		}
		licenses := licenseKind()
		written, err := list(p, opts, licenses, each(held))
		if err != nil {
			return err
		}
		p.note("%s of %s at %s", licenses.counted(written), name, c)
		return nil
	})
}

func userLicenses(ctx context.Context, client *partnercenter.Client, c customer, id, name string, groups ...partnercenter.LicenseGroup) ([]partnercenter.License, error) {
	held, err := client.Customer(c.id).User(id).Licenses(ctx, groups...)
	if err != nil {
		return nil, wish{
			what: fmt.Sprintf("The licenses of %s at %s can't be read.", name, c), role: readsLicenses,
			absent: fmt.Sprintf("There is no such user at %s, or it was deleted: rollcall users list %s --deleted shows those.", c, quoted(c.argument())),
		}.trouble(ctx, err)
	}
	return held, nil
}

// licenseGroups is --license-group.
type licenseGroups struct{ name string }

func (g *licenseGroups) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&g.name, "license-group", "", "only this `group`: group1 (the directory's) or group2 (Minecraft) (default both)")
	complete(cmd, "license-group", "group1", "group2")
}

func (g *licenseGroups) check() error {
	if g.name != "" && len(g.asked()) == 2 {
		return misuse("--license-group: %q is no license group; write group1 or group2", g.name)
	}
	return nil
}

// asked are the groups to ask for: without the flag both.
func (g *licenseGroups) asked() []partnercenter.LicenseGroup {
	both := []partnercenter.LicenseGroup{partnercenter.Group1, partnercenter.Group2}
	for i := range both {
		if strings.EqualFold(g.name, string(both[i])) {
			return both[i : i+1]
		}
	}
	return both
}

// licenseJSON is a license as -o json and ndjson print it.
type licenseJSON struct {
	licenseBrief
	LicenseGroup string     `json:"licenseGroup"`
	ServicePlans []planJSON `json:"servicePlans"`
}

// planJSON is a service plan as it is printed in SKUs and licenses.
type planJSON struct {
	ID               string `json:"id"`
	ServiceName      string `json:"serviceName"`
	DisplayName      string `json:"displayName"`
	CapabilityStatus string `json:"capabilityStatus"`
	TargetType       string `json:"targetType"`
}

func plansJSON(plans []partnercenter.ServicePlan) []planJSON {
	out := []planJSON{}
	for _, p := range plans {
		out = append(out, planJSON{p.ID, p.ServiceName, p.DisplayName, p.CapabilityStatus, p.TargetType})
	}
	return out
}

func licenseKind() kind[partnercenter.License] {
	type license = partnercenter.License
	return kind[license]{
		one: "license", many: "licenses",
		short: []string{"skuPartNumber", "name", "servicePlans"},
		all: []column[license]{
			{name: "skuId", title: "ID", text: func(l license) string { return l.SKUID }},
			{name: "skuPartNumber", title: "PART NUMBER", text: func(l license) string { return l.PartNumber }},
			{name: "name", text: func(l license) string { return l.Name }},
			{name: "licenseGroup", text: func(l license) string { return string(l.Group) }},
			{name: "servicePlans", text: func(l license) string { return strings.Join(planNames(l.ServicePlans), " ") }},
		},
		words: map[string]string{"id": "skuId", "group": "licenseGroup", "plans": "servicePlans"},
		json: func(l *license) any {
			return licenseJSON{licenseBrief{l.SKUID, l.PartNumber, l.Name}, string(l.Group), plansJSON(l.ServicePlans)}
		},
		id: func(l license) string { return l.SKUID },
	}
}

// planNames are the service names of the plans that are on.
func planNames(plans []partnercenter.ServicePlan) []string {
	var names []string
	for _, p := range plans {
		if planOn(p) {
			names = append(names, p.ServiceName)
		}
	}
	return names
}

// planOn reports whether a plan of a user's license is on. What one that is off
// looks like is not documented: it is left out, or its status says so.
func planOn(p partnercenter.ServicePlan) bool {
	return !strings.EqualFold(p.CapabilityStatus, "Disabled")
}

// each yields what was read in one call.
func each[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

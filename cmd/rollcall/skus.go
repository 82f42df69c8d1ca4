package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newSKUs holds the commands about what a customer owns.
func newSKUs(p *program) *cobra.Command {
	return group("skus", "What a customer owns: SKUs and their seats", "  rollcall skus list contoso.example\n  rollcall skus list contoso.example -o json",
		newSKUsList(p))
}

// newSKUsList answers rollcall skus list CUSTOMER.
func newSKUsList(p *program) *cobra.Command {
	var opts listing
	var groups licenseGroups
	cmd := &cobra.Command{
		Use:   "list CUSTOMER",
		Short: "List the SKUs a customer owns, with owned, assigned and free seats",
		Long: customerHelp + `
Owned seats are those that can be used: active ones and, after expiry, those in
grace. Free is owned less assigned; it is below 0 after seats were taken back.
A pipe gets part number, owned, assigned, free and name, separated by tabs.`,
		Example:           "  rollcall skus list contoso.example\n  rollcall skus list contoso.example -o csv",
		Args:              arguments("CUSTOMER"),
		ValidArgsFunction: p.completeArguments(customerNames),
	}
	opts.addFlags(cmd)
	groups.addFlag(cmd)
	return p.calls(cmd, func([]string) error {
		if err := opts.check(); err != nil {
			return err
		}
		return groups.check()
	}, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		owned, err := subscribedSKUs(ctx, client, c, groups.asked()...)
		if err != nil {
			return err
		}
		skus := skuKind()
		written, err := list(p, opts, skus, each(owned))
		if err != nil {
			return err
		}
		p.note("%s of %s", skus.counted(written), c)
		return nil
	})
}

// skuJSON is a SKU as -o json and ndjson print it.
type skuJSON struct {
	SKUID            string     `json:"skuId"`
	SKUPartNumber    string     `json:"skuPartNumber"`
	Name             string     `json:"name"`
	TargetType       string     `json:"targetType"`
	LicenseGroup     string     `json:"licenseGroup"`
	CapabilityStatus string     `json:"capabilityStatus"`
	Owned            int        `json:"owned"`
	Assigned         int        `json:"assigned"`
	Free             int        `json:"free"`
	Active           int        `json:"active"`
	InGrace          int        `json:"inGrace"`
	Suspended        int        `json:"suspended"`
	ServicePlans     []planJSON `json:"servicePlans"`
}

func skuKind() kind[partnercenter.SubscribedSKU] {
	type sku = partnercenter.SubscribedSKU
	return kind[sku]{
		one: "SKU", many: "SKUs",
		short: []string{"skuPartNumber", "owned", "assigned", "free", "name"},
		all: []column[sku]{
			{name: "skuId", title: "ID", text: func(s sku) string { return s.SKUID }},
			{name: "skuPartNumber", title: "PART NUMBER", text: func(s sku) string { return s.PartNumber }},
			{name: "name", text: func(s sku) string { return s.Name }},
			{name: "targetType", text: func(s sku) string { return s.TargetType }},
			{name: "licenseGroup", text: func(s sku) string { return string(s.Group) }},
			{name: "capabilityStatus", title: "STATUS", text: func(s sku) string { return s.CapabilityStatus }},
			{name: "owned", text: func(s sku) string { return strconv.Itoa(s.Total) }},
			{name: "assigned", text: func(s sku) string { return strconv.Itoa(s.Consumed) }},
			{name: "free", text: func(s sku) string { return strconv.Itoa(s.Available) }},
			{name: "active", text: func(s sku) string { return strconv.Itoa(s.Active) }},
			{name: "inGrace", text: func(s sku) string { return strconv.Itoa(s.Warning) }},
			{name: "suspended", text: func(s sku) string { return strconv.Itoa(s.Suspended) }},
		},
		words: map[string]string{"id": "skuId", "status": "capabilityStatus", "group": "licenseGroup"},
		json: func(s *sku) any {
			return skuJSON{
				SKUID: s.SKUID, SKUPartNumber: s.PartNumber, Name: s.Name, TargetType: s.TargetType, LicenseGroup: string(s.Group),
				CapabilityStatus: s.CapabilityStatus, Owned: s.Total, Assigned: s.Consumed, Free: s.Available,
				Active: s.Active, InGrace: s.Warning, Suspended: s.Suspended, ServicePlans: plansJSON(s.ServicePlans),
			}
		},
		id: func(s sku) string { return s.SKUID },
	}
}

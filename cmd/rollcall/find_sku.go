package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// subscribedSKUs reads what the customer owns, of both license groups.
func subscribedSKUs(ctx context.Context, client *partnercenter.Client, c customer, groups ...partnercenter.LicenseGroup) ([]partnercenter.SubscribedSKU, error) {
	if len(groups) == 0 {
		groups = []partnercenter.LicenseGroup{partnercenter.Group1, partnercenter.Group2}
	}
	owned, err := client.Customer(c.id).SubscribedSKUs(ctx, groups...)
	if err != nil {
		return nil, wish{what: fmt.Sprintf("The SKUs of %s can't be read.", c), role: "Directory Readers or License Administrator there"}.trouble(ctx, err)
	}
	return owned, nil
}

func pickSKU(owned []partnercenter.SubscribedSKU, c customer, argument string) (partnercenter.SubscribedSKU, error) {
	var names []string
	for _, sku := range owned {
		if strings.EqualFold(sku.SKUID, argument) || strings.EqualFold(sku.PartNumber, argument) {
			return sku, nil
		}
		names = append(names, sku.PartNumber)
	}
	if len(names) == 0 {
		return partnercenter.SubscribedSKU{}, &problem{code: exitNotFound, text: fmt.Sprintf("%s owns no SKU at all.", c)}
	}
	slices.Sort(names)
	return partnercenter.SubscribedSKU{}, &problem{code: exitNotFound, text: fmt.Sprintf("%s owns no SKU %q. It owns %s.", c, argument, strings.Join(firstOf(names), ", "))}
}

// pickSKUs are the IDs of the SKUs that a filter means: those of a part number,
// or all of one name.
func pickSKUs(owned []partnercenter.SubscribedSKU, c customer, argument string) ([]string, error) {
	var ids []string
	for _, sku := range owned {
		if strings.EqualFold(sku.PartNumber, argument) || strings.EqualFold(sku.Name, argument) {
			ids = append(ids, sku.SKUID)
		}
	}
	if len(ids) > 0 {
		return ids, nil
	}
	_, err := pickSKU(owned, c, argument)
	return nil, err
}

// pickPlans are the IDs of the service plans that a filter means: those of a
// service name, or all of one name.
func pickPlans(owned []partnercenter.SubscribedSKU, c customer, argument string) ([]string, error) {
	var ids, names []string
	for _, sku := range owned {
		for _, plan := range sku.ServicePlans {
			if strings.EqualFold(plan.ServiceName, argument) || strings.EqualFold(plan.DisplayName, argument) {
				ids = append(ids, strings.ToLower(plan.ID))
			}
			names = append(names, plan.ServiceName)
		}
	}
	switch {
	case len(ids) > 0:
		return ids, nil
	case len(names) == 0:
		return nil, &problem{code: exitNotFound, text: fmt.Sprintf("%s owns no SKU with service plans.", c)}
	}
	slices.Sort(names)
	return nil, &problem{code: exitNotFound, text: fmt.Sprintf("No SKU that %s owns has a service plan %q. They have %s.", c, argument, strings.Join(firstOf(slices.Compact(names)), ", "))}
}

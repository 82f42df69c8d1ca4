package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// findSKU finds which of the customer's SKUs is meant: by ID or part number.
func findSKU(ctx context.Context, client *partnercenter.Client, c customer, argument string) (partnercenter.SubscribedSKU, error) {
	owned, err := subscribedSKUs(ctx, client, c)
	if err != nil {
		return partnercenter.SubscribedSKU{}, err
	}
	return pickSKU(owned, c, argument)
}

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

package partnercenter

import (
	"context"
	"net/url"
	"strings"
)

// LicenseGroup is who manages a license: the directory or Minecraft. Values
// that this package does not know are kept as the service wrote them.
type LicenseGroup string

// The known groups, in the form that queries take; answers are brought to it.
const (
	Group1 LicenseGroup = "Group1" // managed by Microsoft Entra ID
	Group2 LicenseGroup = "Group2" // Minecraft
)

// License is a SKU assigned to a user.
type License struct {
	SKUID        string // GUID, in lower case
	Name         string // in the client's locale
	PartNumber   string // "EMS"
	Group        LicenseGroup
	ServicePlans []ServicePlan // may be empty
}

// ServicePlan is a part of a SKU.
type ServicePlan struct {
	ID               string `json:"id"`               // GUID
	DisplayName      string `json:"displayName"`      // in the client's locale
	ServiceName      string `json:"serviceName"`      // "INTUNE_A"
	CapabilityStatus string `json:"capabilityStatus"` // "Enabled" in subscribed SKUs, "Assigned" in licenses
	TargetType       string `json:"targetType"`       // "User" or "Tenant"
}

// SubscribedSKU is a product with seats that the customer owns. Its numbers
// are in seats.
type SubscribedSKU struct {
	SKUID            string // GUID, in lower case
	Name             string // in the client's locale
	PartNumber       string // "EMS"
	TargetType       string // "User" or "Tenant"; the latter can't be assigned
	Group            LicenseGroup
	Available        int // Total − Consumed; below 0 after a cut of seats
	Active           int // paid and usable
	Consumed         int // assigned
	Suspended        int // not usable
	Total            int // Active + Warning
	Warning          int // in grace after expiry, still usable
	CapabilityStatus string
	ServicePlans     []ServicePlan
}

// Licenses fetches the licenses assigned to the user, in the service's order.
// Without groups the service answers for [Group1] alone.
//
// Errors: [ErrNotFound] on an unknown user, [ErrNoRelationship],
// [ErrForbidden], [ErrAppOnly], [ErrThrottled].
//
// Source: "Check which licenses are assigned to a user",
// GET /v1/customers/{customer-tenant-id}/users/{user-id}/licenses.
func (u *UserRef) Licenses(ctx context.Context, groups ...LicenseGroup) ([]License, error) {
	const op = "user.Licenses"
	customer, path, err := u.path(op, "/licenses")
	if err != nil {
		return nil, err
	}
	items, err := fetchItems[wireLicense](ctx, u.customer.client, call{op: op, customer: customer, path: path, query: groupsQuery(groups)})
	if err != nil {
		return nil, err
	}
	licenses := make([]License, len(items))
	for i, item := range items {
		sku := item.ProductSKU
		licenses[i] = License{strings.ToLower(sku.ID), sku.Name, sku.PartNumber, sku.Group.known(), item.ServicePlans}
	}
	return licenses, nil
}

// SubscribedSKUs fetches the SKUs the customer owns, in the service's order.
// Without groups the service answers for [Group1] alone.
//
// Errors: [ErrNoRelationship], [ErrForbidden], [ErrAppOnly], [ErrThrottled].
//
// Source: "Get a list of available licenses" and "… by license group",
// GET /v1/customers/{customer-tenant-id}/subscribedskus.
func (c *CustomerRef) SubscribedSKUs(ctx context.Context, groups ...LicenseGroup) ([]SubscribedSKU, error) {
	const op = "customer.SubscribedSKUs"
	customer, path, err := c.path(op, "/subscribedskus")
	if err != nil {
		return nil, err
	}
	items, err := fetchItems[wireSubscribedSKU](ctx, c.client, call{op: op, customer: customer, path: path, query: groupsQuery(groups)})
	if err != nil {
		return nil, err
	}
	skus := make([]SubscribedSKU, len(items))
	for i, item := range items {
		sku := item.ProductSKU
		skus[i] = SubscribedSKU{
			SKUID:            strings.ToLower(sku.ID),
			Name:             sku.Name,
			PartNumber:       sku.PartNumber,
			TargetType:       sku.TargetType,
			Group:            sku.Group.known(),
			Available:        item.AvailableUnits,
			Active:           item.ActiveUnits,
			Consumed:         item.ConsumedUnits,
			Suspended:        item.SuspendedUnits,
			Total:            item.TotalUnits,
			Warning:          item.WarningUnits,
			CapabilityStatus: item.CapabilityStatus,
			ServicePlans:     item.ServicePlans,
		}
	}
	return skus, nil
}

// groupsQuery asks for the groups: one parameter each.
func groupsQuery(groups []LicenseGroup) string {
	return url.Values{"licenseGroupIds": texts(groups)}.Encode()
}

func texts(groups []LicenseGroup) []string {
	out := make([]string, len(groups))
	for i, group := range groups {
		out[i] = string(group)
	}
	return out
}

// known brings "group1" to Group1.
func (g LicenseGroup) known() LicenseGroup {
	for _, known := range []LicenseGroup{Group1, Group2} {
		if strings.EqualFold(string(g), string(known)) {
			return known
		}
	}
	return g
}

type wireProductSKU struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	PartNumber string       `json:"skuPartNumber"`
	TargetType string       `json:"targetType"`
	Group      LicenseGroup `json:"licenseGroupId"`
}

type wireLicense struct {
	ServicePlans []ServicePlan  `json:"servicePlans"`
	ProductSKU   wireProductSKU `json:"productSku"`
}

type wireSubscribedSKU struct {
	AvailableUnits   int            `json:"availableUnits"`
	ActiveUnits      int            `json:"activeUnits"`
	ConsumedUnits    int            `json:"consumedUnits"`
	SuspendedUnits   int            `json:"suspendedUnits"`
	TotalUnits       int            `json:"totalUnits"`
	WarningUnits     int            `json:"warningUnits"`
	ProductSKU       wireProductSKU `json:"productSku"`
	ServicePlans     []ServicePlan  `json:"servicePlans"`
	CapabilityStatus string         `json:"capabilityStatus"`
}

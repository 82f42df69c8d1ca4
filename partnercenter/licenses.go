package partnercenter

import "context"

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
	SKUID        string // GUID
	Name         string // in the client's locale
	PartNumber   string // "EMS"
	Group        LicenseGroup
	ServicePlans []ServicePlan
}

// ServicePlan is a part of a SKU.
type ServicePlan struct {
	ID               string // GUID
	DisplayName      string // in the client's locale
	ServiceName      string // "INTUNE_A"
	CapabilityStatus string // "Enabled" in subscribed SKUs, "Assigned" in licenses
	TargetType       string // "User" or "Tenant"
}

// SubscribedSKU is a product with seats that the customer owns.
type SubscribedSKU struct {
	SKUID            string // GUID
	Name             string // in the client's locale
	PartNumber       string // "EMS"
	TargetType       string // "User" or "Tenant"
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

// Licenses fetches the licenses assigned to the user.
func (u *UserRef) Licenses(ctx context.Context, groups ...LicenseGroup) ([]License, error) {
	return nil, errSkeleton
}

// SubscribedSKUs fetches the SKUs the customer owns.
func (c *CustomerRef) SubscribedSKUs(ctx context.Context, groups ...LicenseGroup) ([]SubscribedSKU, error) {
	return nil, errSkeleton
}

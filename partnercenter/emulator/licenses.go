package emulator

import (
	"net/http"
	"slices"
	"strings"
)

type licenseBody struct {
	ServicePlans []planBody  `json:"servicePlans"`
	ProductSKU   productBody `json:"productSku"`
	Attributes   attributes  `json:"attributes"`
}

type subscribedSKUBody struct {
	AvailableUnits   int         `json:"availableUnits"`
	ActiveUnits      int         `json:"activeUnits"`
	ConsumedUnits    int         `json:"consumedUnits"`
	SuspendedUnits   int         `json:"suspendedUnits"`
	TotalUnits       int         `json:"totalUnits"`
	WarningUnits     int         `json:"warningUnits"`
	ProductSKU       productBody `json:"productSku"`
	ServicePlans     []planBody  `json:"servicePlans"`
	CapabilityStatus string      `json:"capabilityStatus"`
	Attributes       attributes  `json:"attributes"`
}

type productBody struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	SKUPartNumber  string `json:"skuPartNumber"`
	TargetType     string `json:"targetType,omitempty"` // not in a user's license
	LicenseGroupID string `json:"licenseGroupId"`
}

type planBody struct {
	DisplayName      string `json:"displayName"`
	ServiceName      string `json:"serviceName"`
	ID               string `json:"id"`
	CapabilityStatus string `json:"capabilityStatus"`
	TargetType       string `json:"targetType"`
}

// listLicenses answers GET /customers/{c}/users/{u}/licenses. The user may be
// named by user principal name here (the reference allows it).
func (c *call) listLicenses() (any, error) {
	groups, err := c.licenseGroups()
	if err != nil {
		return nil, err
	}
	all := c.customer.opened()
	n, ok := all.findByUPN(c.vars.user)
	if !ok {
		if n, err = c.user(refuse(http.StatusNotFound, codeUserNotFound)); err != nil {
			return nil, err
		}
	}
	who := all.person(n)
	var items []licenseBody
	for i, o := range c.customer.offers() {
		if !groups[o.group()] || !c.customer.has(all, n, who, i) {
			continue
		}
		sku := o.body()
		sku.TargetType = ""
		items = append(items, licenseBody{
			ServicePlans: o.planBodies("Assigned", all.excludedPlan(n, o)),
			ProductSKU:   sku,
			Attributes:   attributes{ObjectType: "License"},
		})
	}
	return collect(items), nil
}

// listSubscribedSKUs answers GET /customers/{c}/subscribedskus.
func (c *call) listSubscribedSKUs() (any, error) {
	groups, err := c.licenseGroups()
	if err != nil {
		return nil, err
	}
	var items []subscribedSKUBody
	for i, o := range c.customer.offers() {
		if !groups[o.group()] {
			continue
		}
		consumed := c.customer.seats()[i]
		u := o.seats.units(consumed)
		items = append(items, subscribedSKUBody{
			AvailableUnits:   u.active + u.warning - consumed,
			ActiveUnits:      u.active,
			ConsumedUnits:    consumed,
			SuspendedUnits:   u.suspended,
			TotalUnits:       u.active + u.warning,
			WarningUnits:     u.warning,
			ProductSKU:       o.body(),
			ServicePlans:     o.planBodies("Enabled", -1),
			CapabilityStatus: u.capability(),
			Attributes:       attributes{ObjectType: "SubscribedSku"},
		})
	}
	return collect(items), nil
}

// licenseGroups reads which groups are asked for: repeated, as Group1 and
// Group2; none is group 1.
func (c *call) licenseGroups() (map[string]bool, error) {
	asked := c.params["licensegroupids"]
	if len(asked) == 0 {
		return map[string]bool{"group1": true}, nil
	}
	groups := map[string]bool{}
	for _, name := range asked {
		name = strings.ToLower(name)
		if name != "group1" && name != "group2" {
			return nil, invalid("The license group %q is not known.", name)
		}
		groups[name] = true
	}
	return groups, nil
}

func (p *product) body() productBody {
	return productBody{ID: p.id, Name: p.name, SKUPartNumber: p.partNumber, TargetType: targetType(p.tenantWide), LicenseGroupID: p.group()}
}

// planBodies writes the plans, all with one status but the excluded one.
func (p *product) planBodies(status string, excluded int) []planBody {
	bodies := make([]planBody, len(p.plans))
	for i, plan := range p.plans {
		bodies[i] = planBody{plan.displayName, plan.serviceName, plan.id, status, targetType(plan.tenantWide)}
		if i == excluded {
			bodies[i].CapabilityStatus = "Disabled"
		}
	}
	return bodies
}

func (c *customer) offers() []offer {
	if c.kit == "documented" {
		return documentedKit
	}
	return kits[c.kit]
}

// has tells whether user n has the customer's i-th offer. Licenses need a
// usage location, unless they were written down.
func (c *customer) has(all *people, n int, who person, i int) bool {
	o := c.offers()[i]
	if who.products != nil {
		return slices.Contains(who.products, o.partNumber)
	}
	if who.noLicense || who.location == "" || o.tenantWide {
		return false
	}
	if o.addOn {
		return int(all.draw(n, drawAddOn+i)%1000) < o.permille
	}
	drawn, from := int(all.draw(n, drawBase)%1000), 0
	for _, before := range c.offers()[:i] {
		if !before.addOn {
			from += before.permille
		}
	}
	return from <= drawn && drawn < from+o.permille
}

// excludedPlan is the plan of a license that is switched off for a user, -1
// for none: one in twenty licenses with several plans lacks one.
func (p *people) excludedPlan(n int, o offer) int {
	if n < len(p.written) || len(o.plans) < 3 {
		return -1
	}
	h := p.draw(n, drawPlan)
	if h%20 != 0 {
		return -1
	}
	return int(h >> 32 % uint64(len(o.plans)))
}

// countSeats counts who has each offer. Licenses of deleted users are back in
// the pool.
func (c *customer) countSeats() []int {
	counts := make([]int, len(c.offers()))
	all := c.opened()
	for n := range all.active {
		who := all.person(n)
		for i := range counts {
			if c.has(all, n, who, i) {
				counts[i]++
			}
		}
	}
	return counts
}

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

// listLicenses answers GET /customers/{c}/users/{u}/licenses.
func (c *call) listLicenses() (any, error) {
	groups, err := c.licenseGroups()
	if err != nil {
		return nil, err
	}
	n, err := c.licensee()
	if err != nil {
		return nil, err
	}
	var items []licenseBody
	for _, license := range c.users.licenses(n) {
		o := c.customer.offers()[license.offer]
		if !groups[o.group()] {
			continue
		}
		sku := o.body()
		sku.TargetType = ""
		items = append(items, licenseBody{
			ServicePlans: o.planBodies("Assigned", license.off()),
			ProductSKU:   sku,
			Attributes:   attributes{ObjectType: "License"},
		})
	}
	return collect(items), nil
}

// licensee is the number of the user in the path of a call about licenses,
// where the user may be named by user principal name (the reference allows it).
func (c *call) licensee() (int, error) {
	if n, ok := c.users.findByUPN(c.vars.user); ok {
		return n, nil
	}
	return c.user(refuse(http.StatusNotFound, codeUserNotFound))
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
		u := c.users.units(i)
		items = append(items, subscribedSKUBody{
			AvailableUnits:   c.users.free(i),
			ActiveUnits:      u.active,
			ConsumedUnits:    c.users.consumed(i),
			SuspendedUnits:   u.suspended,
			TotalUnits:       u.active + u.warning,
			WarningUnits:     u.warning,
			ProductSKU:       o.body(),
			ServicePlans:     o.planBodies("Enabled", nil),
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

// planBodies writes the plans, all with one status but those that are off.
func (p *product) planBodies(status string, off []string) []planBody {
	bodies := make([]planBody, len(p.plans))
	for i, plan := range p.plans {
		bodies[i] = planBody{plan.displayName, plan.serviceName, plan.id, status, targetType(plan.tenantWide)}
		if slices.Contains(off, plan.id) {
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

// baseLicenses are what user n holds before any write. A deleted user holds
// them too, so that they can come back.
func (c *customer) baseLicenses(n int) []held {
	all := c.opened()
	who := all.person(n)
	var licenses []held
	for i, o := range c.offers() {
		if !c.has(all, n, who, i) {
			continue
		}
		license := held{offer: i}
		if excluded := all.excludedPlan(n, o); excluded >= 0 {
			license.without = []string{o.plans[excluded].id}
		}
		licenses = append(licenses, license)
	}
	return licenses
}

// has tells whether user n has the customer's i-th offer before any write.
// Licenses need a usage location, unless they were written down.
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

// countSeats counts who has each offer before any write. Licenses of deleted
// users are back in the pool.
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

package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// licenseUpdateBody is what was asked for and what came of it, keys in the
// documented order. What was null in the request is left out.
type licenseUpdateBody struct {
	LicensesToAssign []licenseSent    `json:"licensesToAssign,omitzero"`
	LicensesToRemove []string         `json:"licensesToRemove,omitzero"`
	LicenseWarnings  []licenseWarning `json:"licenseWarnings"`
	Attributes       attributes       `json:"attributes"`
}

type licenseWarning struct {
	Code         string   `json:"code"`
	Message      string   `json:"message"`
	ServicePlans []string `json:"servicePlans"` // names, not IDs
}

// updateLicenses answers POST /customers/{c}/users/{u}/licenseupdates: gives
// licenses, takes some away, or both in one call, all or nothing.
func (c *call) updateLicenses() (any, error) {
	sent, err := decodeBody[licenseUpdateSent](c.body)
	if err != nil {
		return nil, err
	}
	n, err := c.licensee()
	if err != nil {
		return nil, err
	}
	before := c.users.record(n)
	update, err := c.planUpdate(sent, before)
	if err != nil {
		return nil, err
	}
	if err := c.checkSeats(update, before); err != nil {
		return nil, err
	}

	after := before.clone()
	after.held = slices.DeleteFunc(after.held, func(h held) bool { return slices.Contains(update.remove, h.offer) })
	for _, give := range update.assign {
		if at := after.license(give.offer); at >= 0 {
			after.held[at] = give
		} else {
			after.held = append(after.held, give)
		}
	}
	slices.SortFunc(after.held, func(a, b held) int { return a.offer - b.offer })
	warnings := c.customer.settlePlans(before.held, after.held, update.assign)
	c.put(n, after)
	c.noteLicenses(after.id, sent, warnings)

	return created{licenseUpdateBody{sent.LicensesToAssign, sent.LicensesToRemove, warnings, attributes{ObjectType: "LicenseUpdate"}}}, nil
}

// licenseChange is an update in terms of the customer's offers.
type licenseChange struct {
	assign []held
	remove []int
}

// planUpdate refuses what can't be asked for of this user.
func (c *call) planUpdate(sent licenseUpdateSent, who *record) (update licenseChange, err error) {
	bad := refuse(http.StatusBadRequest, codeInvalidInput)
	if len(sent.LicensesToAssign)+len(sent.LicensesToRemove) == 0 {
		return update, bad
	}
	var named []int // each SKU once
	offer := func(sku string) (i int, err error) {
		i = c.customer.offerOf(sku)
		if i < 0 || slices.Contains(named, i) {
			return 0, bad
		}
		named = append(named, i)
		if c.customer.offers()[i].group() != c.customer.offers()[named[0]].group() {
			return 0, bad // one license group a call
		}
		return i, nil
	}
	for _, give := range sent.LicensesToAssign {
		i, err := offer(give.SKUID)
		if err != nil {
			return update, err
		}
		license, ok := c.customer.offers()[i].license(i, give.ExcludedPlans)
		if !ok {
			return update, bad
		}
		update.assign = append(update.assign, license)
	}
	for _, sku := range sent.LicensesToRemove {
		i, err := offer(sku)
		if err != nil {
			return update, err
		}
		if who.license(i) < 0 {
			return update, bad
		}
		update.remove = append(update.remove, i)
	}
	if len(update.assign) > 0 && !licensable(who.location) {
		return update, noUsageLocation()
	}
	return update, nil
}

// checkSeats refuses to give what nobody can have any more. Who has a license
// already needs no seat for a change of its plans.
func (c *call) checkSeats(update licenseChange, who *record) error {
	for _, give := range update.assign {
		if who.license(give.offer) < 0 && c.users.free(give.offer) <= 0 {
			return noSeats(c.customer.id, c.customer.offers()[give.offer].id)
		}
	}
	return nil
}

// offerOf is the position of a SKU among the customer's offers, -1 if it is none.
func (c *customer) offerOf(sku string) int {
	return slices.IndexFunc(c.offers(), func(o offer) bool { return strings.EqualFold(o.id, sku) })
}

// license is the i-th offer as a user's license without those plans; ok is
// false when it is not for users or has no such plan.
func (o *offer) license(i int, without []string) (h held, ok bool) {
	if o.tenantWide {
		return h, false
	}
	h.offer = i
	for _, id := range without {
		at := slices.IndexFunc(o.plans, func(p plan) bool { return strings.EqualFold(p.id, id) })
		if at < 0 {
			return h, false
		}
		if id = o.plans[at].id; !slices.Contains(h.without, id) {
			h.without = append(h.without, id)
		}
	}
	return h, true
}

// noUsageLocation is the answer when a license is given to who is nowhere.
func noUsageLocation() *refusal {
	r := refuse(http.StatusBadRequest, codeInvalidProperty)
	r.description = "License assignment cannot be done for user with invalid usage location."
	return r
}

// noSeats is the documented answer when all seats are taken, its HTML escape included.
func noSeats(customerID, sku string) *refusal {
	r := refuse(http.StatusBadRequest, codeNoSeats)
	r.description = "We&#39;re sorry, it looks like you've run out of licenses. Buy more licenses, and then try again."
	r.data = []string{fmt.Sprintf("LicenseQuotaExceededException : Subscription with Account %s and SKU %s does not have any available licenses left.", customerID, sku)}
	return r
}

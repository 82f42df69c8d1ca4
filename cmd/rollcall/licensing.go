package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// licensing is what a change of licenses is planned from: the user, what the
// user has, and what the customer owns.
type licensing struct {
	customer customer
	user     partnercenter.User
	licenses []partnercenter.License
	owned    []partnercenter.SubscribedSKU
	country  func() string // of the customer; empty when it is not known
}

func (p *program) readLicensing(ctx context.Context, client *partnercenter.Client, c customer, id string) (*licensing, error) {
	at := &licensing{customer: c}
	var err error
	if at.user, err = p.findUser(ctx, client, c, id); err != nil {
		return nil, err
	}
	if at.licenses, err = userLicenses(ctx, client, c, id, nameOf(at.user), partnercenter.Group1, partnercenter.Group2); err != nil {
		return nil, err
	}
	if at.owned, err = subscribedSKUs(ctx, client, c); err != nil {
		return nil, err
	}
	at.country = func() string {
		found, err := client.Customer(c.id).Get(ctx)
		if err != nil {
			return ""
		}
		return found.CompanyProfile.Address.Country
	}
	return at, nil
}

// change is a change of the user's licenses, still without steps.
func (at *licensing) change(name, deed, role string) *plannedChange {
	return &plannedChange{
		name: name, deed: deed, customer: at.customer, user: at.user, role: role,
		check: fmt.Sprintf("rollcall licenses list %s %s", quoted(at.customer.argument()), at.user.ID),
	}
}

// heldLicense is a license that the user has; nil is none.
type heldLicense partnercenter.License

func (at *licensing) holds(sku partnercenter.SubscribedSKU) *heldLicense {
	for _, license := range at.licenses {
		if strings.EqualFold(license.SKUID, sku.SKUID) {
			return (*heldLicense)(&license)
		}
	}
	return nil
}

// off are the IDs of the SKU's plans that are off in the license, sorted.
func (h *heldLicense) off(sku partnercenter.SubscribedSKU) []string {
	if h == nil {
		return nil
	}
	var off []string
	for _, plan := range userPlans(sku) {
		if !slices.ContainsFunc(h.ServicePlans, func(has partnercenter.ServicePlan) bool { return strings.EqualFold(has.ID, plan.ID) && planOn(has) }) {
			off = append(off, plan.ID)
		}
	}
	slices.Sort(off)
	return off
}

// canGive refuses what would be refused, before anything is sent.
func (at *licensing) canGive(sku partnercenter.SubscribedSKU) error {
	switch {
	case strings.EqualFold(sku.TargetType, "Tenant"):
		return &problem{code: exitFailed, text: fmt.Sprintf("%s is for the whole of %s and can't be assigned to a user.", sku.Name, at.customer)}
	case sku.Available <= 0:
		return &problem{code: exitFailed, text: fmt.Sprintf("No free seat of %s at %s: %s owned, %s assigned.", sku.Name, at.customer, grouped(sku.Total), grouped(sku.Consumed)),
			next: "Free a seat or order more, then assign again."}
	case at.user.UsageLocation == "":
		country := at.country()
		if country == "" {
			country = "COUNTRY"
		}
		return &problem{code: exitFailed, text: fmt.Sprintf("%s has no usage location, which is needed before a license can be assigned.", nameOf(at.user)),
			next: fmt.Sprintf("Set it first: rollcall users update %s %s --location %s", quoted(at.customer.argument()), at.user.ID, country)}
	}
	return nil
}

// licenseState is a SKU as the user has it, or not.
type licenseState struct {
	sku  partnercenter.SubscribedSKU
	held bool
	off  []string // IDs of plans, sorted
}

// now is a SKU as the user has it now.
func (at *licensing) now(sku partnercenter.SubscribedSKU) licenseState {
	held := at.holds(sku)
	return licenseState{sku, held != nil, held.off(sku)}
}

func (s licenseState) String() string {
	switch {
	case !s.held:
		return "not assigned"
	case len(s.off) == 0:
		return "assigned"
	}
	var names []string
	for _, plan := range s.sku.ServicePlans {
		if slices.Contains(s.off, plan.ID) {
			names = append(names, plan.ServiceName)
		}
	}
	return "assigned without " + strings.Join(names, ", ")
}

// same reports whether two states of a SKU are alike.
func (s licenseState) same(other licenseState) bool {
	return s.held == other.held && (!s.held || slices.Equal(s.off, other.off))
}

// steps are what it takes to come to the wanted states.
func (at *licensing) steps(wanted []licenseState) []difference {
	var out []difference
	for _, want := range wanted {
		if now := at.now(want.sku); !now.same(want) {
			out = append(out, difference{want.sku.PartNumber, now.String(), want.String()})
		}
	}
	return out
}

// readBack reads the licenses of the SKUs' own group. Seat counts prove nothing.
func (at *licensing) readBack(client *partnercenter.Client, wanted []licenseState) func(context.Context) (verdict, error) {
	return func(ctx context.Context) (verdict, error) {
		held, err := client.Customer(at.customer.id).User(at.user.ID).Licenses(ctx, wanted[0].sku.Group)
		if err != nil {
			return notSeen, err
		}
		then := &licensing{licenses: held}
		made, before := true, true
		for _, want := range wanted {
			now := then.now(want.sku)
			made = made && now.same(want)
			before = before && now.same(at.now(want.sku))
		}
		switch {
		case made:
			return inPlace, nil
		case before:
			return notSeen, nil
		}
		return otherwise, nil
	}
}

// inWarnings are the warnings that came with success, in words.
func inWarnings(warnings []partnercenter.LicenseWarning) []string {
	var out []string
	for _, w := range warnings {
		text := "Partner Center warns: " + w.Message
		if len(w.ServicePlans) > 0 {
			text += fmt.Sprintf(" (%s)", strings.Join(w.ServicePlans, ", "))
		}
		out = append(out, text)
	}
	return out
}

package partnercenter

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"slices"
	"strings"
)

// LicenseUpdate says what to change of a user's licenses, in one call: to give
// and to take away together is a swap. All SKUs of an update are of one
// [LicenseGroup]; the service refuses a mix. What is not named stays.
type LicenseUpdate struct {
	Assign []LicenseAssignment
	Remove []string // IDs of SKUs
}

// LicenseAssignment is a SKU to assign. To assign one that the user has
// changes its excluded plans.
type LicenseAssignment struct {
	SKUID         string   // GUID
	ExcludedPlans []string // IDs of all the service plans to be switched off; none means that all are on
}

// LicenseWarning tells of service plans that were not switched on although the
// update was made.
type LicenseWarning struct {
	Code         string
	Message      string   // in the service's words, HTML-unescaped
	ServicePlans []string // names, such as "INTUNE_A"
}

// UpdateLicenses assigns and removes licenses and gives the service's warnings,
// which come with success. Effects can take a while to show in
// [UserRef.Licenses] and [CustomerRef.SubscribedSKUs].
//
// Errors: [ErrNoSeats], [ErrUsageLocation] when the user has none that is valid
// there, [ErrNotFound] on an unknown user, [ErrBadRequest] when the service
// takes the update for wrong (an unknown SKU or plan, a SKU to remove that the
// user has not or has from a group, SKUs of two groups) or, with nothing sent,
// when the update names nothing or a SKU twice; [ErrForbidden],
// [ErrNoRelationship], [ErrAppOnly], [ErrThrottled]. After [ErrUnknownOutcome]
// read [UserRef.Licenses] of the SKUs' own group.
//
// Source: "Assign licenses to a user",
// POST /v1/customers/{customer-tenant-id}/users/{user-id}/licenseupdates.
func (u *UserRef) UpdateLicenses(ctx context.Context, update LicenseUpdate) ([]LicenseWarning, error) {
	return u.updateLicenses(ctx, "user.UpdateLicenses", update)
}

// AssignLicense assigns the SKU, with the service plans of excluded switched
// off and all others on. It is [UserRef.UpdateLicenses] with one assignment.
func (u *UserRef) AssignLicense(ctx context.Context, sku string, excluded ...string) ([]LicenseWarning, error) {
	return u.updateLicenses(ctx, "user.AssignLicense", LicenseUpdate{Assign: []LicenseAssignment{{sku, excluded}}})
}

// RemoveLicense takes the SKUs away. It is [UserRef.UpdateLicenses] with
// removals alone.
func (u *UserRef) RemoveLicense(ctx context.Context, skus ...string) ([]LicenseWarning, error) {
	return u.updateLicenses(ctx, "user.RemoveLicense", LicenseUpdate{Remove: skus})
}

// SwapLicense takes the SKU old away and assigns the SKU sku in the same call,
// with the service plans of excluded switched off. Both are of one group. That
// the service makes both or none is not documented.
func (u *UserRef) SwapLicense(ctx context.Context, old, sku string, excluded ...string) ([]LicenseWarning, error) {
	return u.updateLicenses(ctx, "user.SwapLicense", LicenseUpdate{
		Assign: []LicenseAssignment{{sku, excluded}}, Remove: []string{old},
	})
}

func (u *UserRef) updateLicenses(ctx context.Context, op string, update LicenseUpdate) ([]LicenseWarning, error) {
	customer, path, err := u.path(op, "/licenseupdates")
	if err != nil {
		return nil, err
	}
	body, err := update.wire(op)
	if err != nil {
		return nil, err
	}
	wire, _, _, err := changeOne[struct {
		Warnings once[[]wireLicenseWarning] `json:"licenseWarnings"`
	}](ctx, u.customer.client, call{
		op: op, customer: customer, method: http.MethodPost, path: path, body: wireJSON(body),
	})
	if err != nil {
		return nil, err
	}
	var warnings []LicenseWarning
	for _, w := range wire.Warnings.value {
		warnings = append(warnings, LicenseWarning{
			Code: plain(scalar(w.Code), 64), Message: plain(html.UnescapeString(w.Message), 1024), ServicePlans: w.ServicePlans,
		})
	}
	return warnings, nil
}

// wire checks the update and gives it as it is sent.
func (l LicenseUpdate) wire(op string) (wireLicenseUpdate, error) {
	wire := wireLicenseUpdate{Attributes: objectTypePascal{"LicenseUpdate"}}
	seen := map[string]bool{}
	sku := func(id string) (string, error) {
		lower := strings.ToLower(id)
		switch {
		case !ValidID(id):
			return "", badID(op, "SKU", id)
		case seen[lower]:
			return "", badOption(op, "SKU %s is named twice", id)
		}
		seen[lower] = true
		return lower, nil
	}
	for _, assign := range l.Assign {
		id, err := sku(assign.SKUID)
		if err != nil {
			return wire, err
		}
		if i := slices.IndexFunc(assign.ExcludedPlans, func(plan string) bool { return !ValidID(plan) }); i >= 0 {
			return wire, badID(op, "service plan", assign.ExcludedPlans[i])
		}
		wire.LicensesToAssign = append(wire.LicensesToAssign, wireAssignment{lowered(assign.ExcludedPlans), id})
	}
	for _, remove := range l.Remove {
		id, err := sku(remove)
		if err != nil {
			return wire, err
		}
		wire.LicensesToRemove = append(wire.LicensesToRemove, id)
	}
	if len(seen) == 0 {
		return wire, badOption(op, "the update names no SKU")
	}
	return wire, nil
}

// lowered gives the IDs in lower case; none as nil.
func lowered(ids []string) []string {
	var out []string
	for _, id := range ids {
		out = append(out, strings.ToLower(id))
	}
	return out
}

// wireLicenseUpdate is an update as the official SDK sends it, nulls included.
//
// Source: the documented request of 183 bytes; API facts 10.5.
type wireLicenseUpdate struct {
	LicensesToAssign []wireAssignment
	LicensesToRemove []string
	LicenseWarnings  []wireLicenseWarning
	Attributes       objectTypePascal
}

type wireAssignment struct {
	ExcludedPlans []string
	SKUID         string `json:"SkuId"`
}

type wireLicenseWarning struct {
	Code         json.RawMessage `json:"code"` // a text or a number
	Message      string          `json:"message"`
	ServicePlans []string        `json:"servicePlans"`
}

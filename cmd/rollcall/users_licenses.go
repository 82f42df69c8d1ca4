package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// licenseFilter is which licenses and service plans the users of a list have:
// any of the licenses, and any of the plans.
type licenseFilter struct {
	unlicensed bool
	licenses   []string // SKUs as people write them; noLicense: users without any
	plans      []string // service plans as people write them

	none            bool
	skuIDs, planIDs []string // what was meant
}

// noLicense stands for users without a license.
const noLicense = directory.NoLicense

func (f *licenseFilter) check() error {
	if f.unlicensed && len(f.licenses) > 0 {
		return misuse("--unlicensed and --license exclude each other; for either write --license none beside the other --license")
	}
	f.none = f.unlicensed
	for _, license := range f.licenses {
		if strings.TrimSpace(license) == "" {
			return misuse("--license is empty; write a SKU's ID, part number or name, or none")
		}
		f.none = f.none || strings.EqualFold(license, noLicense)
	}
	for _, plan := range f.plans {
		if strings.TrimSpace(plan) == "" {
			return misuse("--plan is empty; write a service plan's ID, service name or name")
		}
	}
	return nil
}

// asksLicenses reports whether anybody is left out by it.
func (f *licenseFilter) asksLicenses() bool {
	return f.unlicensed || len(f.licenses) > 0 || len(f.plans) > 0
}

// find finds what is meant. IDs stay as they are: users can have what the
// customer does not own any more. Only for names are its SKUs read.
func (f *licenseFilter) find(ctx context.Context, client *partnercenter.Client, c customer) error {
	var owned []partnercenter.SubscribedSKU
	ids := func(arguments []string, pick func([]partnercenter.SubscribedSKU, customer, string) ([]string, error)) (ids []string, err error) {
		for _, argument := range arguments {
			if partnercenter.ValidID(argument) {
				ids = append(ids, strings.ToLower(argument))
				continue
			}
			if owned == nil {
				if owned, err = subscribedSKUs(ctx, client, c); err != nil {
					return nil, err
				}
			}
			picked, err := pick(owned, c, argument)
			if err != nil {
				return nil, err
			}
			ids = append(ids, picked...)
		}
		return ids, nil
	}
	named := slices.DeleteFunc(slices.Clone(f.licenses), func(license string) bool { return strings.EqualFold(license, noLicense) })
	var err error
	if f.skuIDs, err = ids(named, pickSKUs); err != nil {
		return err
	}
	f.planIDs, err = ids(f.plans, pickPlans)
	return err
}

// lets reports whether somebody with these licenses stays in the list.
func (f *licenseFilter) lets(licenses []partnercenter.License) bool {
	if (f.none || len(f.skuIDs) > 0) && !(f.none && len(licenses) == 0) &&
		!slices.ContainsFunc(licenses, func(l partnercenter.License) bool { return slices.Contains(f.skuIDs, l.SKUID) }) {
		return false
	}
	return len(f.planIDs) == 0 || slices.ContainsFunc(licenses, func(l partnercenter.License) bool {
		return slices.ContainsFunc(l.ServicePlans, func(plan partnercenter.ServicePlan) bool {
			return planOn(plan) && slices.Contains(f.planIDs, strings.ToLower(plan.ID))
		})
	})
}

// licensesAtOnce is how many users' licenses are asked for side by side. The
// client waits by itself when Partner Center asks to.
const licensesAtOnce = 8

// licenseError is that somebody's licenses could not be read.
type licenseError struct {
	error
	user string // user principal name
}

func (e *licenseError) Unwrap() error { return e.error }

func asLicenseError(err error) (user string, ok bool) {
	of, ok := errors.AsType[*licenseError](err)
	if !ok {
		return "", false
	}
	return of.user, true
}

// licensesOf asks for a user's licenses of both groups. A user who was deleted
// in between has none, and is marked by licensed being false.
func licensesOf(c *partnercenter.CustomerRef) func(context.Context, userRow) (userRow, error) {
	return func(ctx context.Context, row userRow) (userRow, error) {
		licenses, err := c.User(row.ID).Licenses(ctx, partnercenter.Group1, partnercenter.Group2)
		switch {
		case errors.Is(err, partnercenter.ErrNotFound):
			return row, nil
		case err != nil:
			return row, &licenseError{err, row.UserPrincipalName}
		}
		row.licenses, row.licensed = licenses, true
		return row, nil
	}
}

// withLicenses fills in the licenses, and leaves out users whose licenses are
// not those asked for.
func (o *usersListOptions) withLicenses(ctx context.Context, rows iter.Seq2[userRow, error], ask func(context.Context, userRow) (userRow, error), reading *usersReading) iter.Seq2[userRow, error] {
	return func(yield func(userRow, error) bool) {
		for row, err := range parallel(ctx, licensesAtOnce, rows, ask) {
			if err == nil {
				reading.licenses++
				if reading.licenses%licensesAtOnce == 0 {
					reading.show(reading.licenses)
				}
				if !row.licensed || !o.licenseFilter.lets(row.licenses) {
					continue
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

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
				if !row.licensed || !o.hasLicenses(row.licenses) {
					continue
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (o *usersListOptions) hasLicenses(licenses []partnercenter.License) bool {
	switch {
	case o.unlicensed:
		return len(licenses) == 0
	case o.license != "":
		return slices.ContainsFunc(licenses, func(l partnercenter.License) bool { return strings.EqualFold(l.SKUID, o.license) })
	}
	return true
}

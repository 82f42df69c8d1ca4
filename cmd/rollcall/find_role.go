package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// todaysRoleNames are what Entra calls roles whose old names Partner Center
// still returns. Role IDs are the same in every tenant.
//
// Source: API facts 9.3.
var todaysRoleNames = map[string]string{
	companyAdministrator:                   "Global Administrator",
	"fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
}

// companyAdministrator is the ID of the role that may do everything in a tenant.
const companyAdministrator = "62e90394-69f5-4237-9190-012177145e10"

// findRole finds which of the customer's directory roles is meant: by ID, or by
// the name that it has or had.
func findRole(ctx context.Context, client *partnercenter.Client, c customer, argument string) (partnercenter.DirectoryRole, error) {
	roles, err := directoryRoles(ctx, client, c)
	if err != nil {
		return partnercenter.DirectoryRole{}, err
	}
	return pickRole(roles, c, argument)
}

func pickRole(roles []partnercenter.DirectoryRole, c customer, argument string) (partnercenter.DirectoryRole, error) {
	var names []string
	for _, role := range roles {
		if strings.EqualFold(role.ID, argument) || strings.EqualFold(role.Name, argument) || strings.EqualFold(todaysRoleNames[role.ID], argument) {
			return role, nil
		}
		names = append(names, entraName(role))
	}
	if len(names) == 0 {
		return partnercenter.DirectoryRole{}, &problem{code: exitNotFound, text: fmt.Sprintf("Partner Center knows no role at %s.", c)}
	}
	return partnercenter.DirectoryRole{}, &problem{code: exitNotFound, text: fmt.Sprintf("Partner Center knows no role %q at %s. It knows %s.", argument, c, strings.Join(firstOf(names), ", "))}
}

func directoryRoles(ctx context.Context, client *partnercenter.Client, c customer) ([]partnercenter.DirectoryRole, error) {
	roles, err := client.Customer(c.id).Roles().List(ctx)
	if err != nil {
		return nil, wish{what: fmt.Sprintf("The directory roles of %s can't be read.", c), role: readsUsers}.trouble(ctx, err)
	}
	return roles, nil
}

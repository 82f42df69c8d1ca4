package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// checkUser refuses what can be no USER argument, before anything is asked.
func checkUser(argument string) error {
	if partnercenter.ValidID(argument) || strings.Contains(argument, "@") {
		return nil
	}
	return misuse("%q is neither the ID nor the user principal name of a user. rollcall users list CUSTOMER --search %s finds people by their names.", argument, quoted(argument))
}

// findUser finds who is meant by a USER argument: by ID, or by user principal
// name, for which users are read until it is found: Partner Center has no
// lookup by name.
func (p *program) findUser(ctx context.Context, client *partnercenter.Client, c customer, argument string) (partnercenter.User, error) {
	users := client.Customer(c.id).Users()
	if partnercenter.ValidID(argument) {
		user, err := client.Customer(c.id).User(strings.ToLower(argument)).Get(ctx)
		if err != nil {
			return user, wish{
				what: fmt.Sprintf("The user %s of %s can't be read.", argument, c), role: readsUsers,
				absent: fmt.Sprintf("There is no such user at %s, or it was deleted: rollcall users list %s --deleted shows those.", c, quoted(c.argument())),
			}.trouble(ctx, err)
		}
		return user, nil
	}

	progress := p.counting("users read, looking for "+visible(argument), false)
	defer progress.clear()
	read := 0
	for user, err := range users.All(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			return partnercenter.User{}, wish{what: fmt.Sprintf("The users of %s can't be read, so %s was not found.", c, argument), role: readsUsers}.trouble(ctx, err)
		}
		if strings.EqualFold(user.UserPrincipalName, argument) {
			return user, nil
		}
		read++
		progress.at(read)
	}
	return partnercenter.User{}, &problem{code: exitNotFound,
		text: fmt.Sprintf("%s has no user %s; %s were looked through.", c, argument, userKind(false).counted(read)),
		next: fmt.Sprintf("rollcall users list %s --deleted shows deleted ones.", quoted(c.argument()))}
}

// findUserID is findUser for commands that only need the ID: one that was given
// is taken as it is.
func (p *program) findUserID(ctx context.Context, client *partnercenter.Client, c customer, argument string) (id, name string, err error) {
	if partnercenter.ValidID(argument) {
		return strings.ToLower(argument), argument, nil
	}
	user, err := p.findUser(ctx, client, c, argument)
	return user.ID, user.UserPrincipalName, err
}

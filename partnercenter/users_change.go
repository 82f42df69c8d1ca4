package partnercenter

import (
	"context"
	"net/http"
	"strings"
)

// NewUser is a user to create. The first three fields are needed.
type NewUser struct {
	UserPrincipalName   string // its domain is one of the customer's and not federated
	DisplayName         string
	Password            Secret // the caller's choice, by the customer's policy
	ForceChangePassword bool   // at the first sign-in

	FirstName     string // "" leaves it out, as with the following
	LastName      string
	PhoneNumber   string
	UsageLocation string // ISO 3166-1 alpha-2; needed before a license can be assigned
	ImmutableID   string // link to an on-premises object
}

// Create creates the user and gives it as the service made it, active and with
// its ID.
//
// Errors: [ErrConflict] when the user principal name is in use, [ErrBadRequest]
// when the service takes a value for wrong (a weak password, a domain that is
// not the customer's or federated) or, with nothing sent, when a needed one is
// missing; [ErrForbidden], [ErrNoRelationship], [ErrAppOnly], [ErrThrottled].
// After [ErrUnknownOutcome] look for the user principal name in [Users.All] and
// in [Users.Deleted]; to repeat a create is safe, as the name is unique.
//
// Source: "Create user accounts for a customer",
// POST /v1/customers/{customer-tenant-id}/users.
func (u *Users) Create(ctx context.Context, user NewUser) (User, error) {
	const op = "users.Create"
	customer, path, err := u.customer.path(op, "/users")
	if err != nil {
		return User{}, err
	}
	err = firstError(
		checkGiven(op, "UserPrincipalName", user.UserPrincipalName),
		checkGiven(op, "DisplayName", user.DisplayName),
		checkPassword(op, user.Password),
		checkTexts(op, user.UserPrincipalName, user.DisplayName, user.FirstName, user.LastName,
			user.PhoneNumber, user.UsageLocation, user.ImmutableID),
	)
	if err != nil {
		return User{}, err
	}
	wire, a, told, err := changeOne[wireUser](ctx, u.customer.client, call{
		op: op, customer: customer, method: http.MethodPost, path: path, secret: user.Password,
		body: wireJSON(wireUserChange{
			UsageLocation:     given(user.UsageLocation),
			UserPrincipalName: given(user.UserPrincipalName),
			FirstName:         given(user.FirstName),
			LastName:          given(user.LastName),
			DisplayName:       given(user.DisplayName),
			ImmutableID:       given(user.ImmutableID),
			PhoneNumber:       given(user.PhoneNumber),
			PasswordProfile:   &wirePassword{user.Password.Reveal(), user.ForceChangePassword},
			Attributes:        objectType{"CustomerUser"},
		}),
	})
	if err != nil {
		return User{}, err
	}
	if !told {
		return User{}, a.fail("the answer does not tell the new user's ID")
	}
	created, err := wire.user(customer)
	if err != nil {
		return User{}, a.fail("%w", err)
	}
	return created, nil
}

// UserPatch says what to change of a user. A nil field stays as it is. A way to
// clear a field is not known: the service is expected to refuse new("").
type UserPatch struct {
	UserPrincipalName *string
	DisplayName       *string
	FirstName         *string
	LastName          *string
	PhoneNumber       *string
	UsageLocation     *string // ISO 3166-1 alpha-2
	ImmutableID       *string
}

// Update changes the fields that patch sets and gives the user as it is then;
// where the service does not say, only the ID is filled. There is no guard
// against somebody else's change in between: the last one wins.
//
// Errors: [ErrNotFound] on an unknown user and on a deleted one, [ErrConflict]
// when the user principal name is in use, [ErrBadRequest] when the service
// takes a value for wrong, which is expected for the name fields of a
// synchronised user, or, with nothing sent, when patch sets nothing;
// [ErrForbidden], [ErrNoRelationship], [ErrAppOnly], [ErrThrottled]. After
// [ErrUnknownOutcome] read the user with [UserRef.Get].
//
// Source: "Update user accounts for a customer",
// PATCH /v1/customers/{customer-tenant-id}/users/{user-id}.
func (u *UserRef) Update(ctx context.Context, patch UserPatch) (User, error) {
	const op = "user.Update"
	if patch == (UserPatch{}) {
		return User{}, badOption(op, "the patch sets nothing")
	}
	for _, text := range []*string{
		patch.UserPrincipalName, patch.DisplayName, patch.FirstName, patch.LastName,
		patch.PhoneNumber, patch.UsageLocation, patch.ImmutableID,
	} {
		if text == nil {
			continue
		}
		if err := checkTexts(op, *text); err != nil {
			return User{}, err
		}
	}
	return u.patch(ctx, op, wireJSON(wireUserChange{
		UsageLocation:     patch.UsageLocation,
		UserPrincipalName: patch.UserPrincipalName,
		FirstName:         patch.FirstName,
		LastName:          patch.LastName,
		DisplayName:       patch.DisplayName,
		ImmutableID:       patch.ImmutableID,
		PhoneNumber:       patch.PhoneNumber,
		Attributes:        objectType{"CustomerUser"},
	}))
}

// ResetPassword gives the user the password, which the caller chooses. With
// force the user must choose another at the next sign-in. nil means that it is
// the password now.
//
// Errors: [ErrNotFound] on an unknown user and on a deleted one,
// [ErrBadRequest] when the password is against the customer's policy or is
// mastered elsewhere, [ErrForbidden], [ErrNoRelationship], [ErrAppOnly],
// [ErrThrottled]. After [ErrUnknownOutcome] nothing that can be read shows
// which password holds: reset again with the same one.
//
// Source: "Reset user password for a customer",
// PATCH /v1/customers/{customer-tenant-id}/users/{user-id}. The documented
// answer repeats the password; it is dropped unread.
func (u *UserRef) ResetPassword(ctx context.Context, password Secret, force bool) error {
	const op = "user.ResetPassword"
	customer, path, err := u.path(op, "")
	if err != nil {
		return err
	}
	if err := checkPassword(op, password); err != nil {
		return err
	}
	return changeAlone(ctx, u.customer.client, call{
		op: op, customer: customer, method: http.MethodPatch, path: path, secret: password,
		body: wireJSON(wireUserChange{
			PasswordProfile: &wirePassword{password.Reveal(), force},
			Attributes:      objectType{"CustomerUser"},
		}),
	}, u.id)
}

// Delete deletes the user. For 30 days it is in [Users.Deleted] and can be
// restored; then it is gone.
//
// Errors: [ErrNotFound] on an unknown user and on a deleted one,
// [ErrForbidden], [ErrNoRelationship], [ErrAppOnly], [ErrThrottled]. After
// [ErrUnknownOutcome] look for the user in [Users.Deleted].
//
// Source: "Delete a user account for a customer",
// DELETE /v1/customers/{customer-tenant-id}/users/{user-id}.
func (u *UserRef) Delete(ctx context.Context) error {
	const op = "user.Delete"
	customer, path, err := u.path(op, "")
	if err != nil {
		return err
	}
	return changeAlone(ctx, u.customer.client, call{op: op, customer: customer, method: http.MethodDelete, path: path}, u.id)
}

// Restore makes a deleted user active again and gives it as it is then; where
// the service does not say, only the ID is filled. Whether its licenses come
// back is not documented: read them.
//
// Errors: [ErrNotFound] when no such user is deleted, [ErrConflict] when the
// user principal name is in use by now, [ErrForbidden], [ErrNoRelationship],
// [ErrAppOnly], [ErrThrottled]. After [ErrUnknownOutcome] read the user with
// [UserRef.Get], which finds it once it is restored.
//
// Source: "Restore a deleted user for a customer",
// PATCH /v1/customers/{customer-tenant-id}/users/{user-id}.
func (u *UserRef) Restore(ctx context.Context) (User, error) {
	return u.patch(ctx, "user.Restore", wireJSON(struct {
		State      UserState
		Attributes objectTypePascal
	}{UserActive, objectTypePascal{"CustomerUser"}}))
}

// patch sends the body and reads the user that is answered.
func (u *UserRef) patch(ctx context.Context, op string, body []byte) (User, error) {
	customer, path, err := u.path(op, "")
	if err != nil {
		return User{}, err
	}
	wire, a, told, err := changeOne[wireUser](ctx, u.customer.client, call{
		op: op, customer: customer, method: http.MethodPatch, path: path, body: body,
	})
	if err != nil {
		return User{}, err
	}
	if !told {
		return User{ID: strings.ToLower(u.id)}, nil
	}
	user, err := wire.user(customer)
	if err == nil && !strings.EqualFold(user.ID, u.id) {
		err = errOther
	}
	if err != nil {
		return User{}, a.fail("%w", err)
	}
	return user, nil
}

func checkPassword(op string, password Secret) error {
	if password.Empty() {
		return badOption(op, "a password is needed")
	}
	return checkTexts(op, password.Reveal())
}

// given is a field of a new user, left out where it is empty.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// wireUserChange is what create, update and reset send: what is nil is left
// out, which leaves it as it is.
//
// Source: API facts 10.3; the order of the documented create.
type wireUserChange struct {
	UsageLocation     *string       `json:"usageLocation,omitempty"`
	UserPrincipalName *string       `json:"userPrincipalName,omitempty"`
	FirstName         *string       `json:"firstName,omitempty"`
	LastName          *string       `json:"lastName,omitempty"`
	DisplayName       *string       `json:"displayName,omitempty"`
	ImmutableID       *string       `json:"immutableId,omitempty"`
	PhoneNumber       *string       `json:"phoneNumber,omitempty"`
	PasswordProfile   *wirePassword `json:"passwordProfile,omitempty"`
	Attributes        objectType    `json:"attributes"`
}

type wirePassword struct {
	Password            string `json:"password"`
	ForceChangePassword bool   `json:"forceChangePassword"`
}

// Package partnercenter calls the Partner Center REST API: a partner's
// customers, their users, licenses, subscribed SKUs and directory roles.
//
// A [Client] is cheap, immutable and safe for concurrent use. It asks its
// [TokenSource] for a bearer token before each call:
//
//	client, err := partnercenter.New(partnercenter.StaticToken(token), partnercenter.Options{})
//	for user, err := range client.Customer(id).Users().All(ctx, partnercenter.UsersOptions{}) {
//		…
//	}
package partnercenter

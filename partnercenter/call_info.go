package partnercenter

import "context"

type callKey struct{}

// CallInfo is what an [http.RoundTripper] can learn of the call that a request
// belongs to: enough for a metric's labels or a span's name, as the methods
// are a closed set and a path with IDs in it is not.
type CallInfo struct {
	Op       string // the method a caller called, "users.List"
	Customer string // the customer's ID; "" for the partner's own lists
	Try      int    // number of this try of the call, from 1
	Change   bool   // the call changes something: the RoundTripper must not send it twice
}

// CallOf tells of which call a request is, by the request's context. ok is
// false where the request was not made by this package.
func CallOf(ctx context.Context) (info CallInfo, ok bool) {
	info, ok = ctx.Value(callKey{}).(CallInfo)
	return info, ok
}

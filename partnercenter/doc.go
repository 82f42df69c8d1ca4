// Package partnercenter calls the Partner Center REST API: a partner's
// customers, their users, licenses, subscribed SKUs and directory roles. It
// reads like Microsoft's own SDK (Customers.ById(id).Users.Get()), made Go:
//
//	client, err := partnercenter.New(tokens, partnercenter.Options{})
//	…
//	for user, err := range client.Customer(id).Users().All(ctx, partnercenter.UsersOptions{}) {
//
// A call goes this way:
//
//	method ── IDs and options checked: else nothing is sent
//	   │
//	   ├── one request ID a call (WithRequestID), one correlation ID a user action (WithCorrelationID)
//	   │
//	   │   ┌─ every try ───────────────────────────────────────────────┐
//	   ├──▶│ wait that a 429 imposed, pace ─▶ token ─▶ slot ─▶ transport │──▶ Partner Center
//	   │   └───────────────────────▲───────────────────────────────────┘
//	   │                           │ a read: transport failure, 408, 429, 5xx
//	   │                           │ a change: nothing was sent, 429
//	   │                           │ deadline, tries and budget allowing
//	   │
//	   ├── refused: *Error, with a sentinel that says what can be done
//	   └── answered: byte order mark off, decoded strictly, checked to be of
//	       this customer; the next link checked and packed as a Continuation
//
// The invariant: whatever an answer says, the next request goes to the same
// host and, for a next page, to the same list. Hosts, paths and headers come
// from this program alone; of a next link its query and its token are taken.
//
// A [Client] is immutable, cheap and safe for concurrent use. What all clients
// of one partner must share, since Partner Center counts per partner, is in
// [Shared]. Methods that end a chain do the call: Get for one thing, List for
// a page, All for everything, page after page; Create, Update and the like for
// a change.
//
// A change is never repeated blindly. One that failed was not made, unless its
// error is [ErrUnknownOutcome]: then no answer arrived that tells, and what is
// there has to be read back. Passwords are a [Secret], which prints as
// [redacted]; where the service repeats one it is dropped on arrival.
//
// Errors: ask [errors.Is] with the sentinels ([ErrForbidden], [ErrThrottled],
// …) for what to do, and [errors.AsType] with [*Error] for what to quote. The
// service's own texts are in it for the log; they may name people.
//
// Tokens: a [TokenSource] gives them. [StaticToken] holds one; [RefreshTokens]
// renews them and has a [TokenStore] keep what it gets; [DeviceCode] signs a
// person in at a terminal; [AzureCLI] asks the Azure CLI. What these can't get
// is a [SignInError].
//
// Watching: Options.Logger gets one event a try, with the method, status, time
// taken and both IDs, and never a name, a query or a token. Options.Transport
// sees every request; [CallOf] tells it of which call, for metrics and traces.
//
// Clouds: Options.BaseURL is one of [Global], [USGovernment] and [China].
// Where the facts are from is said at each method; their collection is the
// project's page on the API.
//
// Start reading at client.go, then call.go, the way of a call; outcome.go has
// the rules for changes, continuation.go those for next links, users_scan.go
// the decoder of users pages.
package partnercenter

// Package demoidp is an OpenID provider for the demo and the tests: instead of
// typing a password, one picks a person and is signed in.
//
//	GET /authorize ──► GET /pick ──► POST /pick ──► GET /authorize/callback ──► code to the client
//	                   (the page)    (who it is)
//	POST /oauth/token: code or refresh token ──► ID token, access token, next refresh token
//	GET /end_session:  the sign-in's refresh token dies ──► back to the client, or GET /signed-out
//
// The protocol is that of zitadel/oidc; this package keeps its state in memory,
// decides what stands in the tokens, and shows the page. It has no session of
// its own: each authorization asks anew, so prompt=login and max_age always
// hold, and prompt=none is always refused.
//
// What must never break: it answers on loopback only, because whoever reaches
// it is whoever they say.
//
// Start reading in provider.go.
package demoidp

package partnercenter

import "context"

// TokenSource gives the bearer token for a call. [StaticToken], [RefreshTokens],
// [DeviceCode] and [AzureCLI] are such sources. It is asked before every try,
// so it keeps a token that is valid now and refreshes it in good time; the
// client itself never repeats a call that was answered with 401. It is safe for
// concurrent use.
type TokenSource interface {
	Token(ctx context.Context) (Secret, error)
}

// StaticToken is a TokenSource that always gives token.
func StaticToken(token string) TokenSource { return staticToken{NewSecret(token)} }

type staticToken struct{ token Secret }

func (s staticToken) Token(context.Context) (Secret, error) { return s.token, nil }

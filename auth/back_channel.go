package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

const (
	longestLogout = 64 << 10
	logoutSkew    = 5 * time.Minute
)

// BackChannelLogout answers the POST by which the provider ends sign-ins
// (OpenID Connect Back-Channel Logout 1.0). It tells the provider nothing but
// whether the token was taken.
func (s *Service) BackChannelLogout(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, longestLogout)
	err := s.logOut(r)
	switch {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, ErrToken):
		s.logger.Warn("logout token refused", slog.Any("error", err))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
	default:
		s.logger.Error("logout token not acted on", slog.Any("error", err))
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (s *Service) logOut(r *http.Request) error {
	raw := r.PostFormValue("logout_token")
	p, err := s.providerOf(raw)
	if err != nil {
		return err
	}
	known, err := p.get(r.Context())
	if err != nil {
		return err
	}
	token, err := known.verifyLogout(p.context(r.Context()), raw)
	if err != nil {
		return err
	}
	if err := s.cfg.checkLogout(token, s.st.Now()); err != nil {
		return err
	}
	return s.endByProvider(context.WithoutCancel(r.Context()), r, token)
}

// providerOf finds whose token it claims to be; nothing else of it is believed
// before its signature is checked.
func (s *Service) providerOf(raw string) (*provider, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: no token", ErrToken)
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	var said struct {
		Issuer string `json:"iss"`
	}
	if err != nil || json.Unmarshal(body, &said) != nil || said.Issuer == "" {
		return nil, fmt.Errorf("%w: no token", ErrToken)
	}
	for _, p := range s.providers {
		if p.tenant.Issuer == said.Issuer {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: of another issuer", ErrToken)
}

// checkLogout checks what the library leaves open: that the token is for us
// alone, was just made, and says what an event has to say.
func (c Config) checkLogout(token *oidc.LogoutToken, now time.Time) error {
	var said struct {
		Events map[string]json.RawMessage `json:"events"`
	}
	if err := token.Claims(&said); err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	var event map[string]any
	if err := json.Unmarshal(said.Events["http://schemas.openid.net/event/backchannel-logout"], &event); err != nil || event == nil {
		return fmt.Errorf("%w: its event is no object", ErrToken)
	}
	if len(token.Audience) != 1 {
		return fmt.Errorf("%w: it is also for others", ErrToken)
	}
	if age := now.Sub(token.IssuedAt); age < -logoutSkew || age > logoutSkew+attemptFor {
		return fmt.Errorf("%w: it was made at another time", ErrToken)
	}
	return nil
}

// endByProvider ends what the token names: one session of the provider's, or
// all of the person, once.
func (s *Service) endByProvider(ctx context.Context, r *http.Request, token *oidc.LogoutToken) error {
	grants, err := s.st.GrantsOfSubject(ctx, token.Issuer, token.Subject, token.SessionID)
	if err != nil {
		return fmt.Errorf("auth: log out: %w", err)
	}
	ids := make([]string, len(grants))
	e := s.entry(r, audit.KindSessionEnded)
	e.Detail = map[string]string{"reason": "ended by the provider", "sessions": strconv.Itoa(len(grants))}
	for i, grant := range grants {
		ids[i], e.Person = grant.ID, grant.Person
	}
	use := func(tx *store.Tx) error {
		now := s.st.Now()
		return tx.UseLogoutToken(ctx, tokenID([]byte(token.Issuer+"\x00"+token.TokenID)), later(token.Expiry, now).Add(logoutSkew+attemptFor), now)
	}
	_, err = s.endGrantsWith(ctx, e, use, ids...)
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%w: it was used before", ErrToken)
	}
	if err != nil {
		return fmt.Errorf("auth: log out: %w", err)
	}
	return nil
}

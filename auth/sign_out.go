package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// SignOut answers POST /sign-out: it ends session, cookie and grant, and gives
// the issuer that the person had signed in with, for [Service.EndSessionURL];
// "" where it can't be told. Without a session there is nothing to end, and no
// error.
func (s *Service) SignOut(w http.ResponseWriter, r *http.Request) (issuer string, err error) {
	s.setCookie(w, s.cfg.cookieName(), "", -1)
	ctx := context.WithoutCancel(r.Context())
	if id, ok := s.sessionID(r); ok {
		row, err := s.st.Session(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return "", fmt.Errorf("auth: sign out: %w", err)
		default:
			e := s.entry(r, audit.KindSignOut)
			e.Person, e.TargetID = row.Person, row.ID
			if _, who, err := s.openSession(row); err == nil {
				e.PersonName, issuer = who.Name, who.Issuer
			}
			if err := s.endGrants(ctx, e, row.GrantID); err != nil {
				return "", fmt.Errorf("auth: sign out: %w", err)
			}
		}
	}
	return issuer, nil
}

// EndSessionURL is the address at which a person signs out of a provider, too:
// of that issuer or, where it is "", of the first. "" where it has none, or
// can't be reached.
func (s *Service) EndSessionURL(ctx context.Context, issuer string) string {
	p, err := s.provider(issuer)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	known, err := p.get(ctx)
	if err != nil {
		return ""
	}
	return known.endSessionURL(s.cfg)
}

// endGrants ends grants and their sessions, at once everywhere in this process
// and within seconds on other replicas, together with one entry on the trail.
func (s *Service) endGrants(ctx context.Context, e audit.Entry, ids ...string) error {
	ended, err := s.endGrantsWith(ctx, e, nil, ids...)
	s.revoke(ctx, ended)
	return err
}

func (s *Service) endGrantsWith(ctx context.Context, e audit.Entry, also func(*store.Tx) error, ids ...string) (ended []store.Grant, err error) {
	_, err = s.trail.AppendWith(ctx, e, func(tx *store.Tx) error {
		ended = ended[:0]
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		for _, id := range ids {
			grant, err := tx.Grant(ctx, id)
			if err == nil {
				err = tx.DeleteGrant(ctx, id)
			}
			if errors.Is(err, store.ErrNotFound) {
				continue // somebody was quicker
			}
			if err != nil {
				return err
			}
			ended = append(ended, grant)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		s.forget(id)
	}
	return ended, nil
}

// revoke tells the provider that the refresh tokens of ended grants are no
// longer needed, where it wants to be told (RFC 7009). Nobody waits for it.
func (s *Service) revoke(ctx context.Context, ended []store.Grant) {
	for _, grant := range ended {
		var t tokens
		p, err := s.provider(grant.Issuer)
		if err != nil || !grant.HasTokens() || s.unseal(PurposeTokens, tokensPlace(grant.ID), grant.Tokens, &t) != nil || t.Refresh.Empty() {
			continue
		}
		known := p.known.Load()
		if known == nil || known.revocation == "" {
			continue
		}
		s.spawn(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTimeout)
			defer cancel()
			if err := p.revoke(ctx, known, t.Refresh); err != nil {
				s.logger.Info("refresh token not revoked at the provider", slog.String("grant", grant.ID), slog.Any("error", err))
			}
		})
	}
}

func (p *provider) revoke(ctx context.Context, known *authority, token partnercenter.Secret) error {
	form := url.Values{"token": {token.Reveal()}, "token_type_hint": {"refresh_token"}, "client_id": {p.config.ClientID}}
	basic := known.oauth2.Endpoint.AuthStyle == oauth2.AuthStyleInHeader
	if !basic && !p.config.ClientSecret.Empty() {
		form.Set("client_secret", p.config.ClientSecret.Reveal())
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, known.revocation, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	if basic {
		r.SetBasicAuth(url.QueryEscape(p.config.ClientID), url.QueryEscape(p.config.ClientSecret.Reveal())) // RFC 6749, 2.3.1
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

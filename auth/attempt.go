package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

const (
	attemptFor   = 10 * time.Minute
	mostAttempts = 5 // at once in one browser: tabs that are signing in
	longestState = 128
)

// attempt is a sign-in that has begun, as its row keeps it, sealed. Its cookie
// holds a secret of its own; the state in the address finds both.
type attempt struct {
	Browser  []byte `json:"browser"` // hash of the cookie's secret
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Issuer   string `json:"issuer"`
	ReturnTo string `json:"return_to"`
	Begun    int64  `json:"begun"`             // microseconds
	Renewed  bool   `json:"renewed,omitempty"` // asks for MFA especially; there is no second time
	StepUp   *asked `json:"step_up,omitempty"`
}

// asked is who was asked to prove themselves anew.
type asked struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	Session string `json:"session"`
}

func attemptPlace(id string) Place { return Place{"attempts", "payload", id} }

// attemptID names the row and the cookie of a state.
func attemptID(state string) string {
	sum := sha256.Sum256([]byte(state))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// attemptCookie begins the names of attempts' cookies; the attempt's ID follows.
func (c Config) attemptCookie() string { return c.cookieName() + "-sign-in-" }

// keepAttempt keeps the attempt and gives the browser its cookie. It returns
// the state. The browser's oldest attempts are given up for it.
func (s *Service) keepAttempt(w http.ResponseWriter, r *http.Request, a attempt) (state string, err error) {
	state, _ = newToken()
	id := attemptID(state)
	secret, hash := newToken()
	a.Browser = []byte(hash)
	now := s.st.Now()
	sealed, keyID, err := s.seal(PurposeForms, attemptPlace(id), a)
	if err != nil {
		return "", fmt.Errorf("auth: keep attempt: %w", err)
	}
	for _, old := range s.oldAttempts(r) {
		if err := s.st.DeleteAttempt(r.Context(), old); err != nil {
			return "", fmt.Errorf("auth: give up attempt: %w", err)
		}
		s.setCookie(w, s.cfg.attemptCookie()+old, "", -1)
	}
	err = s.st.CreateAttempt(r.Context(), store.Attempt{ID: id, Payload: sealed, KeyID: keyID, Created: now, Expires: now.Add(attemptFor)})
	if err != nil {
		return "", fmt.Errorf("auth: keep attempt: %w", noSpace(err))
	}
	// The time stands in the cookie so that the oldest can be told; nothing trusts it.
	value := secret + "." + strconv.FormatInt(now.UnixMilli(), 36)
	s.setCookie(w, s.cfg.attemptCookie()+id, value, int(attemptFor/time.Second))
	return state, nil
}

// oldAttempts names the attempts that have to go so that one more has room.
func (s *Service) oldAttempts(r *http.Request) []string {
	type old struct {
		id   string
		made int64
	}
	var all []old
	for _, cookie := range r.Cookies() {
		id, ok := strings.CutPrefix(cookie.Name, s.cfg.attemptCookie())
		if !ok || len(id) != 22 {
			continue
		}
		_, made, _ := strings.Cut(cookie.Value, ".")
		n, _ := strconv.ParseInt(made, 36, 64)
		all = append(all, old{id, n})
	}
	slices.SortFunc(all, func(a, b old) int { return int(min(max(b.made-a.made, -1), 1)) }) // newest first
	var ids []string
	for _, o := range all[min(len(all), mostAttempts-1):] {
		ids = append(ids, o.id)
	}
	return ids
}

// takeAttempt finds the attempt that the provider's answer belongs to. It must
// be of this browser, and works once.
func (s *Service) takeAttempt(w http.ResponseWriter, r *http.Request, state string) (attempt, error) {
	if state == "" || len(state) > longestState {
		return attempt{}, ErrAttemptUnknown
	}
	id := attemptID(state)
	name := s.cfg.attemptCookie() + id
	cookie, err := r.Cookie(name)
	if err != nil {
		// Of another browser: the attempt stays for the one that began it.
		return attempt{}, ErrAttemptUnknown
	}
	s.setCookie(w, name, "", -1)
	row, err := s.st.TakeAttempt(r.Context(), id, s.st.Now())
	if errors.Is(err, store.ErrNotFound) {
		return attempt{}, ErrAttemptUnknown
	}
	if err != nil {
		return attempt{}, fmt.Errorf("auth: take attempt: %w", err)
	}
	var a attempt
	if err := s.unseal(PurposeForms, attemptPlace(id), row.Payload, &a); err != nil {
		s.logger.Error("sign-in attempt can't be opened and is dropped", slog.Any("error", err))
		return attempt{}, ErrAttemptUnknown
	}
	secret, _, _ := strings.Cut(cookie.Value, ".")
	token, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || subtle.ConstantTimeCompare([]byte(tokenID(token)), a.Browser) != 1 {
		return attempt{}, ErrAttemptUnknown
	}
	return a, nil
}

// noSpace makes a full disk an error that others can tell.
func noSpace(err error) error {
	if errors.Is(err, store.ErrLowSpace) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

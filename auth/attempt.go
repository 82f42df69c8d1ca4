package auth

import (
	"cmp"
	"crypto/sha256"
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

// attempt is a sign-in that has begun, as its row keeps it, sealed. The state in
// the address finds the cookie; the row is found by both together, so that no
// other browser can spend it or give it up.
type attempt struct {
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

// attemptName names the cookie of a state.
func attemptName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// attemptID names the row: of the cookie's name, which stands for the state,
// and the secret in it.
func attemptID(name, secret string) string {
	sum := sha256.Sum256([]byte(name + " " + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// attemptCookie begins the names of attempts' cookies; the attempt's follows.
func (c Config) attemptCookie() string { return c.cookieName() + "-sign-in-" }

// keepAttempt keeps the attempt and gives the browser its cookie. It returns
// the state. The browser's oldest attempts are given up for it.
func (s *Service) keepAttempt(w http.ResponseWriter, r *http.Request, a attempt) (state string, err error) {
	state, _ = newToken()
	name := attemptName(state)
	secret, _ := newToken()
	id := attemptID(name, secret)
	now := s.st.Now()
	sealed, keyID, err := s.seal(PurposeForms, attemptPlace(id), a)
	if err != nil {
		return "", fmt.Errorf("auth: keep attempt: %w", err)
	}
	for _, old := range s.oldAttempts(r) {
		if err := s.st.DeleteAttempt(r.Context(), attemptID(old.name, old.secret)); err != nil {
			return "", fmt.Errorf("auth: give up attempt: %w", err)
		}
		s.setCookie(w, s.cfg.attemptCookie()+old.name, "", -1)
	}
	err = s.st.CreateAttempt(r.Context(), store.Attempt{ID: id, Payload: sealed, KeyID: keyID, Created: now, Expires: now.Add(attemptFor)})
	if err != nil {
		return "", fmt.Errorf("auth: keep attempt: %w", noSpace(err))
	}
	// The time stands in the cookie so that the oldest can be told; nothing trusts it.
	value := secret + "." + strconv.FormatInt(now.UnixMilli(), 36)
	s.setCookie(w, s.cfg.attemptCookie()+name, value, int(attemptFor/time.Second))
	return state, nil
}

// oldAttempt is one as its cookie has it.
type oldAttempt struct {
	name, secret string
	made         int64
}

// oldAttempts are those that have to go so that one more has room.
func (s *Service) oldAttempts(r *http.Request) []oldAttempt {
	var all []oldAttempt
	for _, cookie := range r.Cookies() {
		name, ok := strings.CutPrefix(cookie.Name, s.cfg.attemptCookie())
		if !ok || len(name) != 22 {
			continue
		}
		secret, made, _ := strings.Cut(cookie.Value, ".")
		n, _ := strconv.ParseInt(made, 36, 64)
		all = append(all, oldAttempt{name, secret, n})
	}
	slices.SortFunc(all, func(a, b oldAttempt) int { return cmp.Compare(b.made, a.made) }) // newest first
	return all[min(len(all), mostAttempts-1):]
}

// takeAttempt finds the attempt that the provider's answer belongs to. It must
// be of this browser, and works once.
func (s *Service) takeAttempt(w http.ResponseWriter, r *http.Request, state string) (attempt, error) {
	if state == "" || len(state) > longestState {
		return attempt{}, ErrAttemptUnknown
	}
	name := attemptName(state)
	cookie, err := r.Cookie(s.cfg.attemptCookie() + name)
	if err != nil {
		// Of another browser: the attempt stays for the one that began it.
		return attempt{}, ErrAttemptUnknown
	}
	s.setCookie(w, cookie.Name, "", -1)
	secret, _, _ := strings.Cut(cookie.Value, ".")
	id := attemptID(name, secret)
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
	return a, nil
}

// noSpace makes a full disk an error that others can tell.
func noSpace(err error) error {
	if errors.Is(err, store.ErrLowSpace) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

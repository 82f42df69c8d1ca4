package auth

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
)

// SessionStore gives our sessions to whatever takes gorilla's. A session begins
// with a sign-in and no other way; its values are texts under texts.
func (s *Service) SessionStore() sessions.Store { return sessionStore{s} }

// sessionStore is a sessions.Store on the database. The cookie holds nothing
// but a random number, so nothing is encoded into it.
type sessionStore struct{ service *Service }

var errNotBegun = errors.New("auth: a session begins with a sign-in")

// Get gives the request's session, the same one each time.
func (s sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the request's session from its row.
func (s sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: s.service.cfg.secure(), SameSite: http.SameSiteLaxMode}
	session.IsNew = true
	if name != s.service.cfg.cookieName() {
		return session, fmt.Errorf("auth: session %q: there is only %q", name, s.service.cfg.cookieName())
	}
	id, ok := s.service.sessionID(r)
	if !ok {
		return session, nil
	}
	entry, err := s.service.findSession(r.Context(), id, true)
	if errors.Is(err, ErrNoSession) {
		return session, nil
	}
	if err != nil {
		return session, err
	}
	if _, err := s.service.visit(id, entry, false); err != nil {
		return session, nil
	}
	session.ID, session.IsNew = id, false
	for k, v := range entry.data.Values {
		session.Values[k] = v
	}
	return session, nil
}

// Save keeps the session's values; with a MaxAge below zero it ends the session.
func (s sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options != nil && session.Options.MaxAge < 0 {
		_, err := s.service.SignOut(w, r)
		return err
	}
	if session.IsNew {
		return errNotBegun
	}
	entry, err := s.service.findSession(r.Context(), session.ID, true)
	if err != nil {
		return err
	}
	data := entry.data
	data.Values = map[string]string{}
	for k, v := range session.Values {
		key, isKey := k.(string)
		value, isText := v.(string)
		if !isKey || !isText {
			return fmt.Errorf("auth: session value %v of %T: only texts under texts are kept", k, v)
		}
		data.Values[key] = value
	}
	sealed, keyID, err := s.service.seal(PurposeSessions, sessionPlace(session.ID), data)
	if err != nil {
		return err
	}
	defer s.service.cache.drop(session.ID)
	return s.service.st.ReplaceSessionPayload(r.Context(), session.ID, sealed, keyID)
}

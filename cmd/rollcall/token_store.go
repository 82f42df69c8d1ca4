package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/zalando/go-keyring"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// tokenStore keeps the tokens of a profile between two commands: in the
// system's keyring, or in a file that only this person can read. Commands that
// run side by side take turns.
//
// It implements partnercenter.TokenLocker.
type tokenStore struct {
	profile string
	folder  string
	vault   vault
}

// vault keeps small secrets by name.
type vault interface {
	get(name string) (string, error) // errNoSecret when there is none
	set(name, secret string) error
	remove(name string) error // errNoSecret likewise
}

var errNoSecret = errors.New("there is no such secret")

func newTokenStore(profile, kind string) (*tokenStore, error) {
	folder, err := configFolder()
	if err != nil {
		return nil, err
	}
	s := &tokenStore{profile: profile, folder: folder, vault: keyringVault{}}
	if kind == storeFile {
		s.vault = fileVault{filepath.Join(folder, "tokens")}
	}
	return s, nil
}

// keptTokens is what is kept. The access token lies apart from the refresh
// token, since keyrings hold little, and it can be done without.
type keptTokens struct {
	Refresh string `json:"refreshToken"`
}

type keptAccess struct {
	Access  string    `json:"accessToken"`
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

func (s *tokenStore) accessName() string { return s.profile + ".access" }

// Load implements partnercenter.TokenStore.
func (s *tokenStore) Load(ctx context.Context) (partnercenter.Tokens, error) {
	return patiently(ctx, func() (partnercenter.Tokens, error) {
		var kept keptTokens
		if err := s.read(s.profile, &kept); err != nil {
			return partnercenter.Tokens{}, err
		}
		var access keptAccess
		if err := s.read(s.accessName(), &access); err != nil {
			return partnercenter.Tokens{}, err
		}
		return partnercenter.Tokens{
			Refresh: partnercenter.NewSecret(kept.Refresh), Access: partnercenter.NewSecret(access.Access),
			Issued: access.Issued, Expires: access.Expires,
		}, nil
	})
}

func (s *tokenStore) read(name string, into any) error {
	text, err := s.vault.get(name)
	switch {
	case errors.Is(err, errNoSecret):
		return nil
	case err != nil:
		return err
	case json.Unmarshal([]byte(text), into) != nil:
		return errors.New("what is kept is no JSON of tokens") // the JSON's own error may quote one
	}
	return nil
}

// Save implements partnercenter.TokenStore.
func (s *tokenStore) Save(ctx context.Context, tokens partnercenter.Tokens) error {
	_, err := patiently(ctx, func() (struct{}, error) {
		refresh, err := json.Marshal(keptTokens{tokens.Refresh.Reveal()})
		if err != nil {
			return struct{}{}, err
		}
		if err := s.vault.set(s.profile, string(refresh)); err != nil {
			return struct{}{}, err
		}
		access, err := json.Marshal(keptAccess{tokens.Access.Reveal(), tokens.Issued.UTC(), tokens.Expires.UTC()})
		if err != nil {
			return struct{}{}, err
		}
		// One that is too long for the keyring is fetched anew by each command.
		if err := s.vault.set(s.accessName(), string(access)); err != nil {
			if err := s.vault.remove(s.accessName()); err != nil && !errors.Is(err, errNoSecret) {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}

// Remove forgets the tokens.
func (s *tokenStore) Remove() error {
	var failed []error
	for _, name := range []string{s.profile, s.accessName()} {
		if err := s.vault.remove(name); err != nil && !errors.Is(err, errNoSecret) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Lock implements partnercenter.TokenLocker.
func (s *tokenStore) Lock(ctx context.Context) (unlock func(), err error) {
	folder := filepath.Join(s.folder, "locks")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	type locked struct {
		unlock func()
		err    error
	}
	done := make(chan locked) // whoever finds nobody waiting unlocks again
	go func() {
		unlock, err := lockedfile.MutexAt(filepath.Join(folder, s.profile)).Lock()
		select {
		case done <- locked{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()
	select {
	case l := <-done:
		return l.unlock, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// patiently does what may make a keyring ask the person to unlock it, until the
// context ends.
func patiently[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// keyringVault is the system's keyring.
type keyringVault struct{}

// keyringService is the name that the keyring shows.
const keyringService = "Rollcall"

func (keyringVault) get(name string) (string, error) {
	secret, err := keyring.Get(keyringService, name)
	return secret, missing(err)
}

func (keyringVault) set(name, secret string) error { return keyring.Set(keyringService, name, secret) }

func (keyringVault) remove(name string) error { return missing(keyring.Delete(keyringService, name)) }

func missing(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return errNoSecret
	}
	return err
}

// keyringWorks tries whether there is a keyring that keeps what it is given.
func keyringWorks(ctx context.Context) bool {
	works, err := patiently(ctx, func() (bool, error) {
		const name, text = "try", "kept"
		if err := keyring.Set(keyringService, name, text); err != nil {
			return false, err
		}
		got, err := keyring.Get(keyringService, name)
		return got == text, errors.Join(err, keyring.Delete(keyringService, name))
	})
	return err == nil && works
}

// fileVault keeps each secret in a file that only this person can read.
type fileVault struct{ folder string }

func (v fileVault) path(name string) string { return filepath.Join(v.folder, name+".json") }

func (v fileVault) get(name string) (string, error) {
	info, err := os.Stat(v.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errNoSecret
	case err != nil:
		return "", err
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%w: %s, mode %o", errOpenToOthers, v.path(name), info.Mode().Perm())
	}
	text, err := os.ReadFile(v.path(name))
	return string(text), err
}

// errOpenToOthers is that somebody else may have read the tokens.
var errOpenToOthers = errors.New("the file of the tokens can be read by others")

func (v fileVault) set(name, secret string) error {
	return writePrivately(v.path(name), []byte(secret))
}

func (v fileVault) remove(name string) error {
	err := os.Remove(v.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return errNoSecret
	}
	return err
}

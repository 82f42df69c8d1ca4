package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// profile is a sign-in that is kept: where and as what, but no token.
type profile struct {
	name string

	Cloud     string `json:"cloud"`
	APIURL    string `json:"apiUrl,omitempty"` // instead of the cloud's own
	Authority string `json:"authority,omitempty"`
	Tenant    string `json:"tenant,omitempty"`
	ClientID  string `json:"clientId,omitempty"`
	Store     string `json:"store"` // storeKeyring, storeFile, storeAzureCLI
}

// Where a sign-in's tokens are.
const (
	storeKeyring  = "keyring"
	storeFile     = "file"
	storeAzureCLI = "azure-cli" // with the Azure CLI, which is asked for them
)

// cloud is what the profile is for.
func (f profile) cloud() partnercenter.Cloud {
	cloud := cloudOf(config.Config{Cloud: f.Cloud, APIURL: f.APIURL})
	if f.Authority != "" {
		cloud.Authority = f.Authority
	}
	return cloud
}

// again is the command that signs in to the profile once more.
func (f profile) again() string {
	if f.name == "" || f.name == "default" {
		return "rollcall login"
	}
	return "rollcall login --profile " + f.name
}

// configFolder is where sign-ins are kept.
func configFolder() (string, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("where settings are kept: %w", err)
	}
	return filepath.Join(base, "rollcall"), nil
}

func profilePath(name string) (string, error) {
	folder, err := configFolder()
	return filepath.Join(folder, "profiles", name+".json"), err
}

// loadProfile reads a sign-in; there is none when ok is false.
func loadProfile(name string) (_ profile, ok bool, err error) {
	path, err := profilePath(name)
	if err != nil {
		return profile{}, false, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // G304: the name was checked, the folder is the person's own
	if errors.Is(err, fs.ErrNotExist) {
		return profile{}, false, nil
	}
	found := profile{name: name}
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil {
		return profile{}, false, &problem{code: exitSignIn, err: err, text: fmt.Sprintf("The sign-in kept in %s can't be read: %v.", path, err), next: "Sign in again with: " + found.again()}
	}
	return found, true, nil
}

func (f profile) save() error {
	path, err := profilePath(f.name)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return writePrivately(path, append(text, '\n'))
}

// writePrivately writes a file that only this person can read, whole or not at
// all, and for good when it returns.
func writePrivately(path string, text []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// maxBody bounds what a write may send.
const maxBody = 1 << 16

// readBody reads what a write sends. That it is JSON is looked at by who needs
// it; here it only has to say so.
func (c *call) readBody(rt *route) error {
	if !rt.writes() || rt.method == http.MethodDelete {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		return refuse(http.StatusBadRequest, codeInvalidInput)
	}
	c.body = body
	switch kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind {
	case "application/json", "text/json":
		return nil
	}
	return &refusal{status: http.StatusUnsupportedMediaType}
}

// userSent is what a client sends of a user: to create one whole, to change
// one in part. Nil is not sent; null is the same, so that the .NET SDK's whole
// user of nulls changes nothing (API facts 6). Keys are read in any case, and
// those that the service does not take from a client count for nothing.
type userSent struct {
	UsageLocation     *string       `json:"usageLocation"`
	UserPrincipalName *string       `json:"userPrincipalName"`
	FirstName         *string       `json:"firstName"`
	LastName          *string       `json:"lastName"`
	DisplayName       *string       `json:"displayName"`
	ImmutableID       *string       `json:"immutableId"`
	PasswordProfile   *passwordSent `json:"passwordProfile"`
	PhoneNumber       *string       `json:"phoneNumber"`
	State             *string       `json:"state"`
}

type passwordSent struct {
	Password            *string `json:"password"`
	ForceChangePassword *bool   `json:"forceChangePassword"`
}

// licenseUpdateSent is what to give a user and what to take away.
type licenseUpdateSent struct {
	LicensesToAssign []licenseSent `json:"licensesToAssign"`
	LicensesToRemove []string      `json:"licensesToRemove"`
}

// licenseSent is a license to give, with the plans to leave out: all of them,
// whatever was left out before.
type licenseSent struct {
	ExcludedPlans []string `json:"excludedPlans,omitzero"`
	SKUID         string   `json:"skuId"`
}

// memberSent is who is to get a role. Clients send names too; the ID decides.
type memberSent struct {
	ID *string `json:"id"`
}

// decodeBody reads one JSON object and nothing after it.
func decodeBody[T any](body []byte) (T, error) {
	var sent, none T
	bad := refuse(http.StatusBadRequest, codeInvalidInput)
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return none, bad
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&sent); err != nil {
		return none, bad
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return none, bad
	}
	return sent, nil
}

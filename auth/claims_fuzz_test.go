package auth

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzClaims: whatever stands in a signed ID token, reading it neither fails
// badly nor makes a person more than their roles do.
func FuzzClaims(f *testing.F) {
	f.Add(`{"acct":1,"auth_time":1700000000,"amr":["mfa"],"roles":["Rollcall.Admin"]}`)
	f.Add(`{"acct":"1","auth_time":"x","amr":"mfa","_claim_names":{"groups":"src1"},"hasgroups":true}`)
	f.Add(`{"auth_time":1e300,"acct":{},"amr":[1],"upn":"a#EXT#@b"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var said claims
		if json.Unmarshal([]byte(text), &said) != nil {
			return
		}
		if at := said.authTime(); !at.IsZero() && (at.Before(time.Unix(0, 0)) || at.After(time.Unix(1e11, 0))) {
			t.Errorf("%q signed in at %v", text, at)
		}
		said.guest()
		said.overage("groups")
		if level, err := (Config{Roles: DefaultRoles()}).level(identity{}, said); err == nil || level != 0 {
			t.Errorf("%q gives %v without a role claim", text, level)
		}
	})
}

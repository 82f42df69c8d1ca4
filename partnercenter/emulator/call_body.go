package emulator

import (
	"bytes"
	"encoding/json"
	"strings"
)

// loggedKeys are the keys that a body may have to stand in the call log. The
// list is of what is harmless, so that a password under a misspelt key stays
// out too.
var loggedKeys = map[string]bool{
	"usagelocation": true, "userprincipalname": true, "firstname": true, "lastname": true, "displayname": true,
	"immutableid": true, "phonenumber": true, "state": true, "userdomaintype": true, "id": true, "roleid": true,
	"lastdirectorysynctime": true, "softdeletiontime": true, "links": true, "attributes": true, "objecttype": true, "etag": true,
	"licensestoassign": true, "licensestoremove": true, "licensewarnings": true, "excludedplans": true, "skuid": true,
}

// loggable is a write's body for the call log: nothing unless it is JSON made
// of harmless keys alone. The body of a call that sets a password never is. It
// looks at every key as it stands, since one that is repeated would hide behind
// its last value.
func loggable(body []byte) string {
	if !json.Valid(body) || !harmless(json.NewDecoder(bytes.NewReader(body))) {
		return ""
	}
	return string(body)
}

// harmless reads one value, of JSON that is valid.
func harmless(dec *json.Decoder) bool {
	token, err := dec.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		for dec.More() {
			key, err := dec.Token()
			if err != nil || !harmlessMember(key, dec) {
				return false
			}
		}
	case json.Delim('['):
		for dec.More() {
			if !harmless(dec) {
				return false
			}
		}
	default:
		return true
	}
	_, err = dec.Token() // the end of it
	return err == nil
}

func harmlessMember(key json.Token, dec *json.Decoder) bool {
	name, ok := key.(string)
	name = strings.ToLower(name)
	if ok && name == "passwordprofile" { // the SDK's whole user of nulls
		value, err := dec.Token()
		return err == nil && value == nil
	}
	return ok && loggedKeys[name] && harmless(dec)
}

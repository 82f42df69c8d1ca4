package emulator

import (
	"strings"
	"unicode/utf8"
)

// What a user may be. The service documents little of it; the rest is the rule
// of the directory beneath (API facts 9.1, 11.4): 400 with code 3000.

const (
	maxDisplayName = 256
	maxName        = 64 // first, last, phone number
	maxAnchor      = 256
	maxLocalPart   = 64
	minPassword    = 8
	maxPassword    = 256
)

// checkText refuses an empty text, since nothing can be cleared, and one too long.
func checkText(name, value string, limit int) error {
	if strings.TrimSpace(value) == "" || utf8.RuneCountInString(value) > limit {
		return invalid("Invalid value specified for property %s.", name)
	}
	return nil
}

// checkUPN refuses a user principal name whose left half is not written as the
// directory wants it, or whose domain is not a verified one of the customer's
// that the directory itself signs in.
func (c *customer) checkUPN(upn string) error {
	local, name, ok := strings.Cut(upn, "@")
	if !ok || !localPartIsValid(local) {
		return invalid("Invalid value specified for property userPrincipalName.")
	}
	for _, d := range c.domainList() {
		if !strings.EqualFold(d.name, name) {
			continue
		}
		if d.federated {
			return invalid("The domain portion of the userPrincipalName property is invalid: %s is a federated domain.", d.name)
		}
		return nil
	}
	return invalid("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
}

func localPartIsValid(local string) bool {
	if local == "" || len(local) > maxLocalPart || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") {
		return false
	}
	return strings.Trim(local, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.-_!#^~") == "" && !strings.Contains(local, "..")
}

// checkUnique refuses a name that another active user has. The name of a
// deleted user is free, as in the directory beneath (which is why restoring
// one can meet a conflict), unless Options.ReserveDeletedUPNs says otherwise.
func (c *call) checkUnique(upn string, n int) error {
	for _, other := range c.users.withUPN(upn) {
		if other == n {
			continue
		}
		who := c.users.person(other)
		if who.active() || c.e.opts.ReserveDeletedUPNs && !who.purged(c.received) {
			return upnTaken()
		}
	}
	return nil
}

// checkPassword refuses a password that the default policy finds weak: 8 to
// 256 characters, three of lower, upper, digit and symbol.
func checkPassword(sent *passwordSent) error {
	weak := invalid("The specified password does not comply with password complexity requirements. Please provide a different password.")
	if sent.Password == nil {
		return invalid("Invalid value specified for property passwordProfile.")
	}
	if n := utf8.RuneCountInString(*sent.Password); n < minPassword || n > maxPassword {
		return weak
	}
	var lower, upper, digit, symbol int
	for _, r := range *sent.Password {
		switch {
		case 'a' <= r && r <= 'z':
			lower = 1
		case 'A' <= r && r <= 'Z':
			upper = 1
		case '0' <= r && r <= '9':
			digit = 1
		default:
			symbol = 1
		}
	}
	if lower+upper+digit+symbol < 3 {
		return weak
	}
	return nil
}

func (sent *passwordSent) echo() *passwordProfile {
	return &passwordProfile{ForceChangePassword: sent.ForceChangePassword != nil && *sent.ForceChangePassword, Password: *sent.Password}
}

// checkLocation refuses what is no country.
func checkLocation(code string) error {
	if !isCountry(code) {
		return invalid("Invalid value specified for property usageLocation.")
	}
	return nil
}

package partnercenter

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// DomainExists reports whether the domain, such as
// "contoso.onmicrosoft.com", is taken by some tenant.
//
// Errors: [ErrBadRequest], with nothing sent, when domain is no domain name;
// [ErrUnauthorized], [ErrForbidden], [ErrThrottled]. That a domain is free is
// no error.
//
// Source: "Verify domain availability", HEAD /v1/domains/{domain}: 200 is
// taken, 404 is free.
func (c *Client) DomainExists(ctx context.Context, domain string) (bool, error) {
	const op = "client.DomainExists"
	if !domainName(domain) {
		return false, badOption(op, "%.80q is not a domain name", domain)
	}
	a, err := c.do(ctx, call{op: op, method: http.MethodHead, path: "/domains/" + strings.ToLower(domain)})
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	a.release()
	return true, nil
}

// domainName reports whether s is labels of letters, digits and inner hyphens.
func domainName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || !lettersAndDigits(label) {
			return false
		}
	}
	return strings.Contains(s, ".")
}

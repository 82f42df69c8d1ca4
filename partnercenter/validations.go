package partnercenter

import (
	"bytes"
	"context"
	"encoding/json"
)

// ValidationCode is a validation that lets a partner create government
// customers.
type ValidationCode struct {
	PartnerID        string `json:"partnerId"`
	OrganizationName string `json:"organizationName"`
	ValidationID     string `json:"validationId"`
	MaxCreates       int    `json:"maxCreates"`       // customers it is good for
	RemainingCreates int    `json:"remainingCreates"` // of these, not yet created
	ETag             string `json:"eTag"`
}

// ValidationCodes fetches the partner's validation codes, in the service's
// order. They exist in [USGovernment] alone.
//
// Errors: [ErrForbidden], [ErrAppOnly], [ErrNotFound] in other clouds.
//
// Source: "Get a partner's validation codes", GET /v1/customers/all/validations,
// whose answer is a bare array.
func (c *Client) ValidationCodes(ctx context.Context) ([]ValidationCode, error) {
	a, err := c.do(ctx, call{op: "client.ValidationCodes", path: "/customers/all/validations"})
	if err != nil {
		return nil, err
	}
	defer a.release()
	var codes []ValidationCode
	if body := bytes.TrimSpace(a.body()); len(body) == 0 || body[0] != '[' {
		return nil, a.fail("the body is no JSON array")
	}
	if err := json.Unmarshal(a.body(), &codes); err != nil {
		return nil, a.fail("%w", err)
	}
	return codes, nil
}

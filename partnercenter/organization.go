package partnercenter

import (
	"context"
	"errors"
)

// OrganizationProfile is the partner's own company.
type OrganizationProfile struct {
	ID             string  `json:"id"`
	CompanyName    string  `json:"companyName"`
	DefaultAddress Address `json:"defaultAddress"`
	TenantID       string  `json:"tenantId"` // GUID
	Domain         string  `json:"domain"`   // the default domain
	Email          string  `json:"email"`
	Language       string  `json:"language"`
	Culture        string  `json:"culture"`
	ProfileType    string  `json:"profileType"`
	ETag           string  `json:"-"`
}

// Organization fetches the profile of the partner that the token belongs to.
//
// Errors: [ErrForbidden] (plain helpdesk staff may be refused), [ErrAppOnly].
//
// Source: "Get an organization profile", GET /v1/profiles/organization.
func (c *Client) Organization(ctx context.Context) (OrganizationProfile, error) {
	type wire struct {
		OrganizationProfile
		Attributes wireAttributes `json:"attributes"`
	}
	w, _, err := fetchOne[wire](ctx, c, call{op: "client.Organization", path: "/profiles/organization"})
	if err != nil {
		return OrganizationProfile{}, err
	}
	profile := w.OrganizationProfile
	profile.ETag = w.Attributes.ETag
	return profile, nil
}

// LegalBusinessProfile is the partner's company as Microsoft vetted it.
type LegalBusinessProfile struct {
	CompanyName            string  `json:"companyName"`
	Address                Address `json:"address"`
	PrimaryContact         Contact `json:"primaryContact"`
	CompanyApproverAddress Address `json:"companyApproverAddress"`
	CompanyApproverEmail   string  `json:"companyApproverEmail"`
	VettingStatus          string  `json:"vettingStatus"` // "authorized"
	VettingSubStatus       string  `json:"vettingSubStatus"`
	ProfileType            string  `json:"profileType"`
}

// Contact is a person to turn to.
type Contact struct {
	FirstName   string `json:"firstName"`
	LastName    string `json:"lastName"`
	Email       string `json:"email"`
	PhoneNumber string `json:"phoneNumber"`
}

// LegalBusiness fetches the partner's legal business profile in its current
// version. It is open to App-only tokens as well.
//
// Errors: [ErrUnauthorized], [ErrForbidden].
//
// Source: "Get the legal business profile",
// GET /v1/profiles/legalbusiness?vettingVersion=Current.
func (c *Client) LegalBusiness(ctx context.Context) (LegalBusinessProfile, error) {
	profile, _, err := fetchOne[LegalBusinessProfile](ctx, c, call{
		op: "client.LegalBusiness", path: "/profiles/legalbusiness", query: "vettingVersion=Current",
	})
	return profile, err
}

// MPNProfile is the partner's place in Microsoft's partner network.
type MPNProfile struct {
	MPNID       string `json:"mpnId"` // digits
	PartnerName string `json:"partnerName"`
	ProfileType string `json:"profileType"`
}

// MPN fetches the partner's Microsoft partner network profile.
//
// Errors: [ErrNotFound] when the partner has none, [ErrForbidden], [ErrAppOnly].
//
// Source: "Get a partner network profile", GET /v1/profiles/mpn.
func (c *Client) MPN(ctx context.Context) (MPNProfile, error) {
	profile, _, err := fetchOne[MPNProfile](ctx, c, call{op: "client.MPN", path: "/profiles/mpn"})
	return profile, err
}

// MFACompliant asks Partner Center whether it takes the access token for one
// that was obtained with multi-factor authentication. The cost is one call for
// a page of one customer.
//
// Errors: [ErrMFARequired] is no error here but false. [ErrBadResponse] when
// the answer does not say; the call's own error when it fails without saying.
//
// Source: user reports of the headers ValidateMfa and isMfaCompliant; API
// facts 3.3.
func (c *Client) MFACompliant(ctx context.Context) (bool, error) {
	a, err := c.do(ctx, call{op: "client.MFACompliant", path: "/customers", query: pageSize(1), mfa: true})
	if err == nil {
		defer a.release()
		if compliant, told := mfaAnswer(a.mfa); told {
			return compliant, nil
		}
		return false, a.fail("the answer has no isMfaCompliant header")
	}
	if errors.Is(err, ErrMFARequired) {
		return false, nil
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		if compliant, told := mfaAnswer(refused.mfa); told {
			return compliant, nil
		}
	}
	return false, err
}

func mfaAnswer(header string) (compliant, told bool) {
	switch header {
	case "true", "True":
		return true, true
	case "false", "False":
		return false, true
	}
	return false, false
}

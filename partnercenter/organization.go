package partnercenter

import "context"

// OrganizationProfile is the partner's own company.
type OrganizationProfile struct {
	ID             string
	CompanyName    string
	DefaultAddress Address
	TenantID       string
	Domain         string
	Email          string
	Language       string
	Culture        string
	ProfileType    string
	ETag           string
}

// Organization fetches the profile of the partner that the token belongs to.
func (c *Client) Organization(ctx context.Context) (OrganizationProfile, error) {
	return OrganizationProfile{}, errSkeleton
}

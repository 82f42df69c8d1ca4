package emulator

// governmentRoutes are there only for partners in the cloud for US Government.
var governmentRoutes = []route{
	{"GET", "customers/all/validations", false, nil, nil, (*call).listValidations},
}

// validationBody is a validation code: what a customer in the government's
// community cloud is created with.
type validationBody struct {
	PartnerID        string `json:"partnerId"`
	OrganizationName string `json:"organizationName"`
	ValidationID     string `json:"validationId"`
	MaxCreates       int    `json:"maxCreates"`
	RemainingCreates int    `json:"remainingCreates"`
	ETag             string `json:"eTag"`
}

// listValidations answers GET /customers/all/validations: a bare array, unlike
// every other list.
func (c *call) listValidations() (any, error) {
	return []validationBody{
		{PartnerTenantID, PartnerName, "12345", 5, 4, `W/"datetime'2018-10-10T18%3A49%3A58.7273480Z'"`},
		{PartnerTenantID, PartnerName + " Public Sector", "987654", 5, 5, `W/"datetime'2018-10-19T17%3A51%3A45.6584512Z'"`},
	}, nil
}

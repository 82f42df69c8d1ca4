package emulator

import "strings"

type organizationBody struct {
	ID             string     `json:"id"`
	CompanyName    string     `json:"companyName"`
	DefaultAddress address    `json:"defaultAddress"`
	TenantID       string     `json:"tenantId"`
	Domain         string     `json:"domain"`
	Email          string     `json:"email"`
	Language       string     `json:"language"`
	Culture        string     `json:"culture"`
	ProfileType    string     `json:"profileType"`
	Links          *links     `json:"links"`
	Attributes     attributes `json:"attributes"`
}

type legalBusinessBody struct {
	CompanyName            string     `json:"companyName"`
	Address                address    `json:"address"`
	PrimaryContact         contact    `json:"primaryContact"`
	CompanyApproverAddress address    `json:"companyApproverAddress"`
	CompanyApproverEmail   string     `json:"companyApproverEmail"`
	VettingStatus          string     `json:"vettingStatus"`
	VettingSubStatus       string     `json:"vettingSubStatus"`
	ProfileType            string     `json:"profileType"`
	Links                  *links     `json:"links"`
	Attributes             attributes `json:"attributes"`
}

type contact struct {
	FirstName   string `json:"firstName"`
	LastName    string `json:"lastName"`
	Email       string `json:"email"`
	PhoneNumber string `json:"phoneNumber"`
}

type mpnBody struct {
	MPNID       string     `json:"mpnId"`
	ProfileType string     `json:"profileType"`
	Links       *links     `json:"links"`
	Attributes  attributes `json:"attributes"`
}

var partnerAddress = address{
	Country: "US", City: "Bellevue", State: "WA", AddressLine1: "1200 Example Avenue NE", PostalCode: "98004", FirstName: "Gena", LastName: "Soto", PhoneNumber: "4255550100",
}

// getOrganization answers GET /profiles/organization: who the partner is.
func (c *call) getOrganization() (any, error) {
	return organizationBody{
		ID:             PartnerTenantID,
		CompanyName:    PartnerName,
		DefaultAddress: partnerAddress,
		TenantID:       PartnerTenantID,
		Domain:         partnerDomain,
		Email:          "partner@" + partnerDomain,
		Language:       "en",
		Culture:        "en-US",
		ProfileType:    "OrganizationProfile",
		Links:          self("/profiles/organization"),
		Attributes:     attributes{ETag: "-5285347308052431951", ObjectType: "OrganizationProfile"},
	}, nil
}

// getLegalBusiness answers GET /profiles/legalbusiness, whose vettingVersion
// is Current or LastFinalized.
func (c *call) getLegalBusiness() (any, error) {
	version, sent, err := c.params.one("vettingversion")
	if err != nil {
		return nil, err
	}
	if sent && !strings.EqualFold(version, "Current") && !strings.EqualFold(version, "LastFinalized") {
		return nil, invalid("The vetting version %q is not known.", version)
	}
	approver := "legal@" + partnerDomain
	office := partnerAddress
	office.FirstName, office.LastName, office.PhoneNumber = "", "", ""
	return legalBusinessBody{
		CompanyName:            PartnerName,
		Address:                partnerAddress,
		PrimaryContact:         contact{"Gena", "Soto", approver, partnerAddress.PhoneNumber},
		CompanyApproverAddress: office,
		CompanyApproverEmail:   approver,
		VettingStatus:          "authorized",
		VettingSubStatus:       "none",
		ProfileType:            "LegalBusinessProfile",
		Links:                  self("/profiles/legalbusiness"),
		Attributes:             attributes{ObjectType: "LegalBusinessProfile"},
	}, nil
}

// getMPN answers GET /profiles/mpn.
func (c *call) getMPN() (any, error) {
	return mpnBody{
		MPNID:       "9999999",
		ProfileType: "MpnProfile",
		Links:       self("/profiles/mpn"),
		Attributes:  attributes{ObjectType: "MpnProfile"},
	}, nil
}

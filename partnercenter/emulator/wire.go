package emulator

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// The shapes on the wire, keys in the documented order (API facts 7.1 and 9).
// Absent values are left out, never null.

var byteOrderMark = []byte("\xef\xbb\xbf")

// encode writes compact JSON behind a byte order mark, without a newline and
// without HTML escaping, as the service does.
func encode(v any) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, 4096))
	b.Write(byteOrderMark)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// collection is a list. Licenses, SKUs and roles have no links.
type collection[T any] struct {
	ContinuationToken string     `json:"continuationToken,omitempty"`
	TotalCount        int        `json:"totalCount"` // of this page
	Items             []T        `json:"items"`
	Links             *links     `json:"links,omitempty"`
	Attributes        attributes `json:"attributes"`
}

func collect[T any](items []T) collection[T] {
	if items == nil {
		items = []T{}
	}
	return collection[T]{TotalCount: len(items), Items: items, Attributes: attributes{ObjectType: "Collection"}}
}

type links struct {
	Self     *link `json:"self,omitempty"`
	Next     *link `json:"next,omitempty"`
	Previous *link `json:"previous,omitempty"`
}

type link struct {
	URI     string      `json:"uri"`
	Method  string      `json:"method"`
	Headers []keyValues `json:"headers"`
}

type keyValues struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func self(uri string) *links { return &links{Self: linkTo(uri)} }

func linkTo(uri string) *link {
	return &link{URI: uri, Method: "GET", Headers: []keyValues{}}
}

type attributes struct {
	ETag       string `json:"etag,omitempty"`
	ObjectType string `json:"objectType"`
}

type userBody struct {
	UsageLocation     string           `json:"usageLocation,omitempty"`
	ID                string           `json:"id"`
	UserPrincipalName string           `json:"userPrincipalName"`
	FirstName         string           `json:"firstName,omitempty"`
	LastName          string           `json:"lastName,omitempty"`
	DisplayName       string           `json:"displayName,omitempty"`
	ImmutableID       string           `json:"immutableId,omitempty"`
	PasswordProfile   *passwordProfile `json:"passwordProfile,omitempty"` // only where it was just set
	PhoneNumber       string           `json:"phoneNumber,omitempty"`
	LastDirectorySync string           `json:"lastDirectorySyncTime,omitempty"`
	UserDomainType    string           `json:"userDomainType"`
	State             string           `json:"state"`
	SoftDeletionTime  string           `json:"softDeletionTime,omitempty"`
	Links             *links           `json:"links,omitempty"` // not where it was just created
	Attributes        attributes       `json:"attributes"`
}

type passwordProfile struct {
	ForceChangePassword bool   `json:"forceChangePassword"`
	Password            string `json:"password"`
}

type customerBody struct {
	ID                    string              `json:"id"`
	CommerceID            string              `json:"commerceId,omitempty"`
	CompanyProfile        companyProfileBody  `json:"companyProfile"`
	BillingProfile        *billingProfileBody `json:"billingProfile,omitempty"`
	RelationshipToPartner string              `json:"relationshipToPartner"`
	AllowDelegatedAccess  *bool               `json:"allowDelegatedAccess,omitempty"`
	CustomDomains         []string            `json:"customDomains,omitempty"`
	AssociatedPartnerID   string              `json:"associatedPartnerId,omitempty"`
	Links                 *links              `json:"links"`
	Attributes            attributes          `json:"attributes"`
}

type companyProfileBody struct {
	TenantID                       string     `json:"tenantId"`
	Domain                         string     `json:"domain"`
	CompanyName                    string     `json:"companyName"`
	Address                        *address   `json:"address,omitempty"`
	Email                          string     `json:"email,omitempty"`
	OrganizationRegistrationNumber string     `json:"organizationRegistrationNumber,omitempty"`
	Links                          *links     `json:"links"`
	Attributes                     attributes `json:"attributes"`
}

type billingProfileBody struct {
	ID             string     `json:"id"`
	FirstName      string     `json:"firstName"`
	LastName       string     `json:"lastName"`
	Email          string     `json:"email"`
	Culture        string     `json:"culture"`
	Language       string     `json:"language"`
	CompanyName    string     `json:"companyName"`
	DefaultAddress address    `json:"defaultAddress"`
	Links          *links     `json:"links"`
	Attributes     attributes `json:"attributes"`
}

type address struct {
	Country      string `json:"country,omitempty"`
	Region       string `json:"region,omitempty"`
	City         string `json:"city,omitempty"`
	State        string `json:"state,omitempty"`
	AddressLine1 string `json:"addressLine1,omitempty"`
	AddressLine2 string `json:"addressLine2,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	FirstName    string `json:"firstName,omitempty"`
	LastName     string `json:"lastName,omitempty"`
	PhoneNumber  string `json:"phoneNumber,omitempty"`
}

// guid prints 16 bytes as the service does: lower case, hyphens.
func guid(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var s [36]byte
	hex.Encode(s[:8], b[:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// isGUID tells whether s is a GUID with hyphens, in either case.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if strings.IndexByte("0123456789abcdefABCDEF", s[i]) < 0 {
				return false
			}
		}
	}
	return true
}

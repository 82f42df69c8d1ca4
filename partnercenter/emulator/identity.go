package emulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Claims are what the emulator goes by in a token that Options.Verify checked.
type Claims struct {
	TenantID string    // the tid claim; must be the partner's
	ObjectID string    // the oid claim
	Name     string    // for people, not decisions
	Roles    []string  // app roles; Partner Center does not read them
	MFA      bool      // amr has "mfa"
	Expiry   time.Time // zero: never
	AppOnly  bool      // an application without a user
}

// Person says what a member of the partner's staff may do.
type Person struct {
	// PartnerRole is the role with the partner: AdminAgent, HelpdeskAgent or
	// SalesAgent. Empty means none, and every call is refused.
	PartnerRole string

	// GDAP gives the names of the roles the person has in a customer's
	// tenant, as "Directory Readers". Nil means none anywhere.
	GDAP func(customerID string) []string
}

func (p Person) has(customerID string, oneOf []string) bool {
	if p.GDAP == nil {
		return false
	}
	return slices.ContainsFunc(p.GDAP(customerID), func(role string) bool {
		return slices.Contains(oneOf, role)
	})
}

// The demo's people. What they may do differs by customer: nobody has a role
// at [NobodyCustomerID], only AdminAgent has one at [AdminOnlyCustomerID], and
// at [GlobalReaderCustomerID] Reader may list users and SKUs but not read a
// user's licenses.
var (
	AdminAgent = Person{PartnerRole: "AdminAgent", GDAP: func(customerID string) []string {
		if customerID == NobodyCustomerID {
			return nil
		}
		return []string{directoryReaders, userAdministrator, licenseAdministrator, privilegedRoleAdmin, privilegedAuthAdmin}
	}}
	HelpdeskAgent  = Person{PartnerRole: "HelpdeskAgent", GDAP: almostEverywhere(directoryReaders, userAdministrator)}
	LicenseManager = Person{PartnerRole: "HelpdeskAgent", GDAP: almostEverywhere(directoryReaders, licenseAdministrator)}
	Reader         = Person{PartnerRole: "HelpdeskAgent", GDAP: func(customerID string) []string {
		if customerID == GlobalReaderCustomerID {
			return []string{globalReader}
		}
		return almostEverywhere(directoryReaders)(customerID)
	}}
	SalesAgent = Person{PartnerRole: "SalesAgent"}
	NoGDAP     = Person{PartnerRole: "AdminAgent"}
)

func almostEverywhere(roles ...string) func(string) []string {
	return func(customerID string) []string {
		if customerID == NobodyCustomerID || customerID == AdminOnlyCustomerID {
			return nil
		}
		return roles
	}
}

// BearerWord is a word that the emulator takes for a token.
type BearerWord struct {
	Word    string
	Meaning string
}

type knownWord struct {
	BearerWord
	claims Claims
	person Person
}

var words = []knownWord{
	{BearerWord{"admin-agent", "an admin agent with delegated privileges at nearly all customers"}, Claims{MFA: true}, AdminAgent},
	{BearerWord{"helpdesk-agent", "a helpdesk agent: Directory Readers and User Administrator"}, Claims{MFA: true}, HelpdeskAgent},
	{BearerWord{"license-manager", "a helpdesk agent: Directory Readers and License Administrator"}, Claims{MFA: true}, LicenseManager},
	{BearerWord{"reader", "a helpdesk agent who may only read: Directory Readers"}, Claims{MFA: true}, Reader},
	{BearerWord{"sales-agent", "a sales agent: sees customers, has no delegated privileges"}, Claims{MFA: true}, SalesAgent},
	{BearerWord{"no-gdap", "an admin agent without delegated privileges anywhere (403, code 2032)"}, Claims{MFA: true}, NoGDAP},
	{BearerWord{"no-mfa", "an admin agent who signed in without MFA (401, code 900421)"}, Claims{}, AdminAgent},
	{BearerWord{"app-only", "an application without a user (403 where a user is needed)"}, Claims{AppOnly: true}, Person{}},
	{BearerWord{"expired", "an admin agent whose token has run out (401, code 400)"}, Claims{MFA: true, Expiry: time.Unix(1, 0)}, AdminAgent},
}

// BearerWords lists the words that stand for a token, for help texts and docs.
func BearerWords() []BearerWord {
	list := make([]BearerWord, len(words))
	for i, w := range words {
		list[i] = w.BearerWord
	}
	return list
}

// identity is who makes a call.
type identity struct {
	name   string // the bearer word or the object ID
	claims Claims
	person Person
}

func (who *identity) key() string {
	if who == nil {
		return ""
	}
	return who.name
}

func (who *identity) appOnly() bool { return who.claims.AppOnly }

func (who *identity) expired(now time.Time) bool {
	return !who.claims.Expiry.IsZero() && !now.Before(who.claims.Expiry)
}

// identify finds out who calls: by a bearer word, else by Options.Verify.
func (e *Emulator) identify(r *http.Request) (*identity, error) {
	denied := refuse(http.StatusUnauthorized, codeAccessDenied)
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, denied
	}
	for _, w := range words {
		if w.Word == token {
			return &identity{name: w.Word, claims: w.claims, person: w.person}, nil
		}
	}
	if e.opts.Verify == nil {
		return nil, denied
	}
	claims, err := e.opts.Verify(r.Context(), token)
	if err != nil {
		return nil, denied
	}
	who := &identity{name: claims.ObjectID, claims: claims}
	if claims.TenantID == PartnerTenantID {
		who.person = e.opts.People[claims.ObjectID]
	}
	return who, nil
}

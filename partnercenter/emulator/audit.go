package emulator

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// auditRecord is one line of the service's own record of what staff did. The
// documentation has it: operations, resources, keys and their order.
type auditRecord struct {
	PartnerID         string      `json:"partnerId"`
	CustomerID        string      `json:"customerId"`
	CustomerName      string      `json:"customerName"`
	UserPrincipalName string      `json:"userPrincipalName"` // or another name of the person: here bearer word or object ID
	ApplicationID     string      `json:"applicationId,omitempty"`
	ResourceType      string      `json:"resourceType"`
	ResourceNewValue  string      `json:"resourceNewValue,omitempty"`
	OperationType     string      `json:"operationType"`
	OperationDate     string      `json:"operationDate"`
	OperationStatus   string      `json:"operationStatus"`
	CustomizedData    []keyValues `json:"customizedData"`
	Attributes        attributes  `json:"attributes"`
}

// operation is something that the record knows, and what it is done to.
type operation struct{ name, resource string }

var (
	createdUser     = operation{"create_customer_user", "customer_user"}
	updatedUser     = operation{"update_customer_user", "customer_user"}
	renamedUser     = operation{"update_customer_user_principal_name", "customer_user"}
	restoredUser    = operation{"restore_customer_user", "customer_user"}
	deletedUser     = operation{"delete_customer_user", "customer_user"}
	resetPassword   = operation{"reset_customer_user_password", "customer_user"}
	updatedLicenses = operation{"update_customer_user_licenses", "license"}
	addedMember     = operation{"add_user_member", "customer_directory_role"}
	removedMember   = operation{"remove_user_member", "customer_directory_role"}
)

// maxAudit is how many records are kept; the service keeps 90 days.
const maxAudit = 2000

// auditLog has the newest records, oldest first.
type auditLog struct {
	mu      sync.Mutex
	records []auditRecord
}

func (l *auditLog) add(r auditRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.records) >= maxAudit {
		l.records = slices.Delete(l.records, 0, len(l.records)-maxAudit+1)
	}
	l.records = append(l.records, r)
}

// all is a copy, oldest first.
func (l *auditLog) all() []auditRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// auditTime has the seven fractional digits of the documented record.
const auditTime = "2006-01-02T15:04:05.0000000Z"

// note records what was done to a user.
func (c *call) note(what operation, userID string, more ...keyValues) {
	c.noteValue(what, userID, "", more...)
}

func (c *call) noteValue(what operation, userID, value string, more ...keyValues) {
	c.e.audit.add(auditRecord{
		PartnerID:         PartnerTenantID,
		CustomerID:        c.customer.id,
		CustomerName:      c.customer.name,
		UserPrincipalName: c.who.key(),
		ApplicationID:     c.r.Header.Get("MS-PartnerCenter-Application"),
		ResourceType:      what.resource,
		ResourceNewValue:  value,
		OperationType:     what.name,
		OperationDate:     c.received.UTC().Format(auditTime),
		OperationStatus:   "succeeded",
		CustomizedData:    append([]keyValues{{"CustomerUserId", userID}}, more...),
		Attributes:        attributes{ObjectType: "AuditRecord"},
	})
}

// notePatch records each thing that a PATCH did.
func (c *call) notePatch(userID string, sent userSent, changed []userField, restored bool) {
	if restored {
		c.note(restoredUser, userID)
	}
	renamed := slices.ContainsFunc(changed, func(f userField) bool { return f.name == "userPrincipalName" })
	if renamed {
		c.note(renamedUser, userID)
	}
	if len(changed) > 1 || len(changed) == 1 && !renamed {
		c.note(updatedUser, userID)
	}
	if sent.PasswordProfile != nil {
		c.note(resetPassword, userID)
	}
}

func (c *call) noteMember(what operation, userID, role string) {
	c.note(what, userID, keyValues{"RoleId", role})
}

// noteLicenses records an update with what was asked for as the resource's new
// value, which the service writes as its own code has it: Pascal case, nulls and all.
func (c *call) noteLicenses(userID string, sent licenseUpdateSent, warnings []licenseWarning) {
	type license struct {
		ExcludedPlans []string
		SKUID         string `json:"SkuId"`
	}
	type warning struct {
		Code, Message string
		ServicePlans  []string
	}
	value := struct {
		LicensesToAssign []license
		LicensesToRemove []string
		LicenseWarnings  []warning
		Attributes       struct{ ObjectType string }
	}{LicensesToRemove: sent.LicensesToRemove, LicenseWarnings: []warning{}}
	value.Attributes.ObjectType = "LicenseUpdate"
	var more []keyValues
	for _, give := range sent.LicensesToAssign {
		value.LicensesToAssign = append(value.LicensesToAssign, license(give))
		more = append(more, keyValues{"AddedLicenseSkuId", strings.ToLower(give.SKUID)})
	}
	for _, sku := range sent.LicensesToRemove {
		more = append(more, keyValues{"RemovedLicenseSkuId", strings.ToLower(sku)})
	}
	for _, w := range warnings {
		value.LicenseWarnings = append(value.LicenseWarnings, warning(w))
	}
	text, err := json.Marshal(value)
	if err != nil {
		text = nil // it is made of texts only
	}
	c.noteValue(updatedLicenses, userID, string(text), more...)
}

// happened is when the record was made; a record that does not say is old.
func (r *auditRecord) happened() time.Time {
	at, err := time.Parse(auditTime, r.OperationDate)
	if err != nil {
		return time.Time{}
	}
	return at
}

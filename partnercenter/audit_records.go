package partnercenter

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
)

// AuditRecords is the activity log: what was done in Partner Center by the
// partner's people and programs. It is made by [Client.AuditRecords].
type AuditRecords struct{ client *Client }

// AuditRecords reaches the partner's activity log.
func (c *Client) AuditRecords() *AuditRecords { return &AuditRecords{c} }

// AuditRecordsOptions narrow the activity log. The days count in UTC; of the
// last three fields at most one is set.
type AuditRecordsOptions struct {
	Start    time.Time // first day; zero leaves it to the service: 30 days ago
	End      time.Time // last day; zero leaves it to the service: today
	PageSize int       // records a page, 1 to 500; 0 leaves it to the service

	CustomerID   string // records of this customer, a GUID
	CompanyName  string // records of customers with this in their name; case is ignored
	ResourceType string // records of this type, such as "license" or "customer_user"
}

// AuditRecordPage is one page of the activity log.
type AuditRecordPage struct {
	Items []AuditRecord
	Next  Continuation // "" on the last page
}

// AuditRecord is something that was done in Partner Center. Empty fields were
// absent. Passwords are taken out of what it holds.
type AuditRecord struct {
	ID                    string // no GUID; absent from old records
	PartnerID             string // GUID
	CustomerID            string // GUID
	CustomerName          string
	UserPrincipalName     string // of who did it
	ApplicationID         string // by what program: a GUID or a name
	ResourceType          string // "customer_user", "license"; the service adds types
	ResourceOldValue      string // JSON of the service's own making
	ResourceNewValue      string
	OperationType         string // "create_customer_user", "update_customer_user_licenses"; the service adds types
	OperationStatus       string // "succeeded", "failed", "progress", "decline"
	OperationDate         time.Time
	OriginalCorrelationID string // of the call that did it
	Data                  []AuditDatum
}

// AuditDatum is something that a record says besides, such as the
// CustomerUserId of a license update.
type AuditDatum struct{ Key, Value string }

// List fetches one page of the activity log. Partner Center keeps 90 days of
// it and answers for 30 days at most.
//
// Pass "" for the first page and [AuditRecordPage.Next] for the next; opts
// count for the first page only, as the continuation holds them.
//
// Errors: [ErrBadRequest] when the service takes the days for wrong (a start
// more than 90 days ago) or, with nothing sent, when End is before Start or
// two of the filters are set; [ErrBadID], [ErrForbidden], [ErrThrottled].
//
// Source: "Get a record of Partner Center activity",
// GET /v1/auditrecords?startDate=…&endDate=…&size=…&filter=….
func (r *AuditRecords) List(ctx context.Context, opts AuditRecordsOptions, after Continuation) (AuditRecordPage, error) {
	return r.list(ctx, "auditrecords.List", opts, after)
}

// All yields every record, asking for 500 a page where opts leave it open, and
// for the next page when the loop needs it. After an error it yields nothing
// more; leaving the loop stops the asking. All pages share one correlation ID.
//
// Errors: those of [AuditRecords.List], and [ErrBadResponse] when the pages go
// round in a circle or are more than 4,000.
func (r *AuditRecords) All(ctx context.Context, opts AuditRecordsOptions) iter.Seq2[AuditRecord, error] {
	const op = "auditrecords.All"
	opts.PageSize = orLargest(opts.PageSize)
	return all(ctx, op, func(ctx context.Context, after Continuation) ([]AuditRecord, Continuation, error) {
		page, err := r.list(ctx, op, opts, after)
		return page.Items, page.Next, err
	}, AuditRecord.identity)
}

func (r *AuditRecords) list(ctx context.Context, op string, opts AuditRecordsOptions, after Continuation) (AuditRecordPage, error) {
	query, err := opts.query(op)
	if err != nil {
		return AuditRecordPage{}, err
	}
	items, next, a, err := fetchPage[wireAuditRecord](ctx, r.client, call{op: op, path: "/auditrecords", query: query}, after)
	if err != nil {
		return AuditRecordPage{}, err
	}
	page := AuditRecordPage{Items: make([]AuditRecord, len(items)), Next: next}
	for i, item := range items {
		if page.Items[i], err = item.record(); err != nil {
			return AuditRecordPage{}, a.fail("%w", err)
		}
	}
	return page, nil
}

// query has the parameters in the documented order.
func (o AuditRecordsOptions) query(op string) (string, error) {
	if err := checkPageSize(op, o.PageSize); err != nil {
		return "", err
	}
	if !o.Start.IsZero() && !o.End.IsZero() && day(o.End) < day(o.Start) {
		return "", badOption(op, "End %s is before Start %s", day(o.End), day(o.Start))
	}
	if o.CustomerID != "" && !ValidID(o.CustomerID) {
		return "", badID(op, "customer", o.CustomerID)
	}
	if err := checkTexts(op, o.CompanyName, o.ResourceType); err != nil {
		return "", err
	}
	var parts, filters []string
	if !o.Start.IsZero() {
		parts = append(parts, "startDate="+day(o.Start))
	}
	if !o.End.IsZero() {
		parts = append(parts, "endDate="+day(o.End))
	}
	if o.PageSize > 0 {
		parts = append(parts, pageSize(o.PageSize))
	}
	if o.CustomerID != "" {
		filters = append(filters, filter("CustomerId", strings.ToLower(o.CustomerID), "equals"))
	}
	if o.CompanyName != "" {
		filters = append(filters, filter("CompanyName", o.CompanyName, "substring"))
	}
	if o.ResourceType != "" {
		filters = append(filters, filter("ResourceType", o.ResourceType, "equals"))
	}
	if len(filters) > 1 {
		return "", badOption(op, "only one of CustomerID, CompanyName and ResourceType can be asked for")
	}
	query := strings.Join(append(parts, filters...), "&")
	if len(query) > maxLink {
		return "", badOption(op, "the filter has %d bytes", len(query))
	}
	return query, nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// identity tells a record from others, also one without an ID.
func (r AuditRecord) identity() string {
	if r.ID != "" {
		return r.ID
	}
	return fmt.Sprintf("%+v", r)
}

// wireAuditRecord is a record on the wire.
//
// Source: "Auditing resources", and the answers documented in "Get a record of
// Partner Center activity" and "API throttling guidance".
type wireAuditRecord struct {
	ID                    string         `json:"id"`
	PartnerID             string         `json:"partnerId"`
	CustomerID            string         `json:"customerId"`
	CustomerName          string         `json:"customerName"`
	UserPrincipalName     string         `json:"userPrincipalName"`
	ApplicationID         string         `json:"applicationId"`
	ResourceType          string         `json:"resourceType"`
	ResourceOldValue      string         `json:"resourceOldValue"`
	ResourceNewValue      string         `json:"resourceNewValue"`
	OperationType         string         `json:"operationType"`
	OriginalCorrelationID string         `json:"originalCorrelationId"`
	OperationDate         string         `json:"operationDate"`
	OperationStatus       string         `json:"operationStatus"`
	CustomizedData        []wireKeyValue `json:"customizedData"`
}

type wireKeyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func (w wireAuditRecord) record() (AuditRecord, error) {
	date, err := ParseTime(w.OperationDate)
	if err != nil {
		return AuditRecord{}, err
	}
	record := AuditRecord{
		ID:                    w.ID,
		PartnerID:             w.PartnerID,
		CustomerID:            w.CustomerID,
		CustomerName:          w.CustomerName,
		UserPrincipalName:     w.UserPrincipalName,
		ApplicationID:         w.ApplicationID,
		ResourceType:          w.ResourceType,
		ResourceOldValue:      withoutPasswords(w.ResourceOldValue),
		ResourceNewValue:      withoutPasswords(w.ResourceNewValue),
		OperationType:         w.OperationType,
		OperationStatus:       w.OperationStatus,
		OperationDate:         date,
		OriginalCorrelationID: w.OriginalCorrelationID,
	}
	for _, datum := range w.CustomizedData {
		value := withoutPasswords(datum.Value)
		if speaksOfPasswords(datum.Key) {
			value = ""
		}
		record.Data = append(record.Data, AuditDatum{datum.Key, value})
	}
	return record, nil
}

// withoutPasswords is a text from the log without the passwords in it: in JSON
// the properties of that name are taken out, and any other text that speaks of
// passwords is withheld. The service's JSON holds the resource that a call
// sent, and such a call may have set a password.
func withoutPasswords(text string) string {
	if start := strings.TrimSpace(text); !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		if speaksOfPasswords(text) {
			return ""
		}
		return text
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil || dec.More() {
		return "" // cut, or no JSON after all
	}
	value, found := takePasswords(value)
	if !found {
		return text
	}
	return string(wireJSON(value))
}

// takePasswords gives the JSON value without passwords, and whether it had any.
func takePasswords(value any) (left any, found bool) {
	switch value := value.(type) {
	case string:
		left := withoutPasswords(value)
		return left, left != value
	case []any:
		for i := range value {
			var here bool
			value[i], here = takePasswords(value[i])
			found = found || here
		}
	case map[string]any:
		for key, inner := range value {
			name, _ := inner.(string)
			switch {
			case speaksOfPasswords(key):
				delete(value, key)
				found = true
				continue
			case (strings.EqualFold(key, "key") || strings.EqualFold(key, "name")) && speaksOfPasswords(name):
				return nil, true // {"Key":"Password","Value":"…"}
			}
			var here bool
			value[key], here = takePasswords(inner)
			found = found || here
		}
	}
	return value, found
}

func speaksOfPasswords(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "password") || strings.Contains(text, "secret")
}

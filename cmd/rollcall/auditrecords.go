package main

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newAuditRecords holds the commands about Partner Center's own record.
func newAuditRecords(p *program) *cobra.Command {
	return group("auditrecords", "Partner Center's own record of what was done", "  rollcall auditrecords list\n  rollcall auditrecords list contoso.example --type license",
		newAuditRecordsList(p))
}

type auditRecordsOptions struct {
	listing
	since, until string
	resource     string
	asked        partnercenter.AuditRecordsOptions
}

// newAuditRecordsList answers rollcall auditrecords list [CUSTOMER].
func newAuditRecordsList(p *program) *cobra.Command {
	var opts auditRecordsOptions
	cmd := &cobra.Command{
		Use:   "list [CUSTOMER]",
		Short: "List what was done in Partner Center, by all the partner's people and programs",
		Long: `Without CUSTOMER it is everything.
` + customerHelp + `
Partner Center keeps 90 days, and answers for 30 of them at a time; days are those
of UTC. A pipe gets time, who, operation, status and customer, separated by tabs.`,
		Example: `  rollcall auditrecords list
  rollcall auditrecords list contoso.example --since 2026-03-01 --type license -o csv`,
		Args:              arguments("[CUSTOMER]"),
		ValidArgsFunction: p.completeArguments(customerNames),
	}
	opts.addFlags(cmd)
	cmd.Flags().StringVar(&opts.since, "since", "", "first `day`, like 2026-03-01 (default 30 days ago)")
	cmd.Flags().StringVar(&opts.until, "until", "", "last `day`, like 2026-03-31 (default today)")
	cmd.Flags().StringVar(&opts.resource, "type", "", "only records of this `resource`, such as customer_user or license")
	return p.calls(cmd, func([]string) error { return opts.check() }, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		return p.auditRecordsList(ctx, client, args, opts)
	})
}

func (o *auditRecordsOptions) check() error {
	for _, day := range []struct {
		flag, text string
		to         *time.Time
	}{{"since", o.since, &o.asked.Start}, {"until", o.until, &o.asked.End}} {
		if day.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return misuse("--%s: %q is no day; write it like 2026-03-01", day.flag, day.text)
		}
		*day.to = at
	}
	if !o.asked.Start.IsZero() && !o.asked.End.IsZero() && o.asked.End.Before(o.asked.Start) {
		return misuse("--until: %s is before --since, %s", o.until, o.since)
	}
	return o.listing.check()
}

func (p *program) auditRecordsList(ctx context.Context, client *partnercenter.Client, args []string, opts auditRecordsOptions) error {
	asked := opts.asked
	asked.ResourceType = opts.resource
	if len(args) > 0 {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		asked.CustomerID, asked.ResourceType = c.id, "" // it can be asked for one of them alone
	}
	records := auditRecordKind()
	written, err := list(p, opts.listing, records, opts.fitting(client.AuditRecords().All(ctx, asked)))
	if err != nil {
		failed := wish{what: "The record can't be read.", role: "Admin agent at the partner"}
		if errors.Is(err, partnercenter.ErrBadRequest) {
			failed.what += " Partner Center keeps 90 days and answers for 30 of them at a time."
		}
		return failed.after(written, records).trouble(ctx, err)
	}
	p.note("%s", records.counted(written))
	return nil
}

// fitting leaves out records of other resources.
func (o *auditRecordsOptions) fitting(all iter.Seq2[partnercenter.AuditRecord, error]) iter.Seq2[partnercenter.AuditRecord, error] {
	if o.resource == "" {
		return all
	}
	return func(yield func(partnercenter.AuditRecord, error) bool) {
		for record, err := range all {
			if err == nil && !strings.EqualFold(record.ResourceType, o.resource) {
				continue
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// auditRecordJSON is a record as -o json and ndjson print it, in the API's own names.
type auditRecordJSON struct {
	ID                    string         `json:"id"`
	OperationDate         time.Time      `json:"operationDate,omitzero"`
	UserPrincipalName     string         `json:"userPrincipalName"`
	ApplicationID         string         `json:"applicationId"`
	OperationType         string         `json:"operationType"`
	OperationStatus       string         `json:"operationStatus"`
	ResourceType          string         `json:"resourceType"`
	ResourceOldValue      string         `json:"resourceOldValue"`
	ResourceNewValue      string         `json:"resourceNewValue"`
	CustomerID            string         `json:"customerId"`
	CustomerName          string         `json:"customerName"`
	PartnerID             string         `json:"partnerId"`
	OriginalCorrelationID string         `json:"originalCorrelationId"`
	CustomizedData        []keyValueJSON `json:"customizedData"`
}

type keyValueJSON struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func auditRecordKind() kind[partnercenter.AuditRecord] {
	type record = partnercenter.AuditRecord
	return kind[record]{
		one: "record", many: "records",
		short: []string{"operationDate", "userPrincipalName", "operationType", "operationStatus", "customerName"},
		all: []column[record]{
			{name: "id", text: func(r record) string { return r.ID }},
			{name: "operationDate", title: "TIME", text: func(r record) string { return stamp(r.OperationDate) }},
			{name: "userPrincipalName", title: "WHO", text: func(r record) string { return r.UserPrincipalName }},
			{name: "applicationId", title: "PROGRAM", text: func(r record) string { return r.ApplicationID }},
			{name: "operationType", title: "OPERATION", text: func(r record) string { return r.OperationType }},
			{name: "operationStatus", title: "STATUS", text: func(r record) string { return r.OperationStatus }},
			{name: "resourceType", title: "RESOURCE", text: func(r record) string { return r.ResourceType }},
			{name: "customerId", text: func(r record) string { return r.CustomerID }},
			{name: "customerName", title: "CUSTOMER", text: func(r record) string { return r.CustomerName }},
			{name: "originalCorrelationId", title: "CORRELATION ID", text: func(r record) string { return r.OriginalCorrelationID }},
		},
		words: map[string]string{"time": "operationDate", "upn": "userPrincipalName", "operation": "operationType", "status": "operationStatus", "customer": "customerName", "type": "resourceType"},
		json: func(r *record) any {
			out := auditRecordJSON{
				ID: r.ID, OperationDate: r.OperationDate.UTC(), UserPrincipalName: r.UserPrincipalName, ApplicationID: r.ApplicationID,
				OperationType: r.OperationType, OperationStatus: r.OperationStatus, ResourceType: r.ResourceType,
				ResourceOldValue: r.ResourceOldValue, ResourceNewValue: r.ResourceNewValue,
				CustomerID: r.CustomerID, CustomerName: r.CustomerName, PartnerID: r.PartnerID,
				OriginalCorrelationID: r.OriginalCorrelationID, CustomizedData: []keyValueJSON{},
			}
			for _, d := range r.Data {
				out.CustomizedData = append(out.CustomizedData, keyValueJSON{d.Key, d.Value})
			}
			return out
		},
		id: func(r record) string { return r.ID },
	}
}

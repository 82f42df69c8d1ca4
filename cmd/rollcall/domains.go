package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newDomains holds the commands about domains.
func newDomains(p *program) *cobra.Command {
	return group("domains", "Domains of Microsoft's cloud", "  rollcall domains check contoso.onmicrosoft.com\n  rollcall domains check contoso.onmicrosoft.com -o json",
		newDomainsCheck(p))
}

// newDomainsCheck answers rollcall domains check DOMAIN.
func newDomainsCheck(p *program) *cobra.Command {
	var opts output
	cmd := &cobra.Command{
		Use:   "check DOMAIN",
		Short: "Tell whether a domain is taken by some tenant or free",
		Long: `It prints the domain and "taken" or "free"; both are exit code 0. A pipe gets
them separated by a tab.`,
		Example:           "  rollcall domains check contoso.onmicrosoft.com\n  rollcall domains check contoso.onmicrosoft.com -o json",
		Args:              arguments("DOMAIN"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	opts.addFlags(cmd, "")
	return p.calls(cmd, func([]string) error { return opts.check() }, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		domain := strings.ToLower(strings.TrimSpace(args[0]))
		taken, err := client.DomainExists(ctx, domain)
		if refused, ok := errors.AsType[*partnercenter.Error](err); ok && errors.Is(err, partnercenter.ErrBadRequest) && refused.Status == 0 {
			return misuse("%q is no domain; write it like contoso.onmicrosoft.com", args[0])
		}
		if err != nil {
			return wish{what: fmt.Sprintf("Whether %s is taken can't be told.", domain), role: "Admin agent or Helpdesk agent at the partner"}.trouble(ctx, err)
		}
		if opts.format == "json" {
			return show(p, opts, domainKind(), domainJSON{domain, taken})
		}
		_, err = list(p, listing{output: opts}, domainKind(), each([]domainJSON{{domain, taken}}))
		return err
	})
}

// domainJSON is a domain as -o json and ndjson print it.
type domainJSON struct {
	Domain string `json:"domain"`
	Taken  bool   `json:"taken"`
}

func domainKind() kind[domainJSON] {
	return kind[domainJSON]{
		one: "domain", many: "domains",
		short: []string{"domain", "state"},
		all: []column[domainJSON]{
			{name: "domain", text: func(d domainJSON) string { return d.Domain }},
			{name: "taken", text: func(d domainJSON) string { return strconv.FormatBool(d.Taken) }},
			{name: "state", text: func(d domainJSON) string {
				if d.Taken {
					return "taken"
				}
				return "free"
			}},
		},
		json: func(d *domainJSON) any { return *d },
		id:   func(d domainJSON) string { return d.Domain },
	}
}

package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// exportLicenses answers GET /customers/:customer/licenses.csv, .xlsx and
// .json: the true-up, each product with its seats.
func (s *server) exportLicenses(format export.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		customerID, path, err := s.exportPath(c, "licenses", format)
		if customerID == "" || err != nil {
			return err
		}
		order, ask := productOrder(c.QueryParam("sort")).known(), parseExportAsk(c.QueryParams())
		ask.licenses, ask.part = licensesAll, false
		sort := strings.TrimPrefix(order.address(""), "?")
		if here := address(path, ask.encode(sort)); here != c.Request().URL.RequestURI() {
			return c.Redirect(http.StatusSeeOther, here)
		}
		ctx, cancel := prepares(c)
		defer cancel()
		view, err := s.directory.SKUs(ctx, s.viewer(c), customerID)
		if err != nil {
			return s.customerRefused(c, customerID, tabLicenses, s.wantsLicenses(c), err)
		}
		customer, err := s.customerHead(c, customerID)
		if err != nil {
			return err
		}
		clock := s.clock(c)
		if view.State == directory.StateLoading || tooOld(view.Reading) {
			return noExport(customer, templ.SafeURL(order.address(licensesPath(customerID))), view.Reading, clock)
		}
		f := &file{customer: customer, what: "licenses", format: format, count: len(view.Products), ask: ask, clock: clock, query: "All products, " + order.label()}
		columns := productColumnsOf(ask)
		f.sheet = export.Sheet{Name: "Licenses", Zone: clock.zone}
		for _, column := range columns {
			f.sheet.Columns = append(f.sheet.Columns, column.Column)
		}
		f.sheet.Facts = s.facts(c, f, f.query, "Seats as read at "+clock.at(view.ReadAt).Exact)
		products := order.sorted(view.Products)
		f.rows = func(yield func([]export.Value) bool) {
			values := make([]export.Value, len(columns))
			for i := range products {
				for k := range columns {
					values[k] = columns[k].of(&products[i])
				}
				if !yield(values) {
					return
				}
			}
		}
		return s.sendFile(c, f)
	}
}

// productColumn is a column of the true-up; names are those of rollcall skus list.
type productColumn struct {
	export.Column
	of func(*partnercenter.SubscribedSKU) export.Value
}

func productColumnsOf(ask exportAsk) []productColumn {
	type sku = partnercenter.SubscribedSKU
	number := func(name, title string, of func(*sku) int) productColumn {
		return productColumn{export.Column{Name: name, Title: title, Width: 11}, func(p *sku) export.Value { return export.Number(of(p)) }}
	}
	columns := []productColumn{
		{export.Column{Name: "name", Title: "Name", Width: 44}, func(p *sku) export.Value { return export.Text(productName(p.Name, p.PartNumber)) }},
		{export.Column{Name: "skuPartNumber", Title: "SKU part number", Width: 28}, func(p *sku) export.Value { return export.Text(p.PartNumber) }},
		number("owned", "Owned", func(p *sku) int { return p.Total }),
		number("assigned", "Assigned", func(p *sku) int { return p.Consumed }),
		number("free", "Free", func(p *sku) int { return p.Available }),
		number("inGrace", "In grace", func(p *sku) int { return p.Warning }),
		number("suspended", "Suspended", func(p *sku) int { return p.Suspended }),
		{export.Column{Name: "targetType", Title: "Target type", Width: 12}, func(p *sku) export.Value { return export.Text(p.TargetType) }},
		{export.Column{Name: "capabilityStatus", Title: "Capability status", Width: 18}, func(p *sku) export.Value { return export.Text(p.CapabilityStatus) }},
	}
	if !ask.customer {
		columns = append(columns, productColumn{export.Column{Name: "skuId", Title: "SKU ID", Width: 38}, func(p *sku) export.Value { return export.Text(p.SKUID) }})
	}
	return columns
}

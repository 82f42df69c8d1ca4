package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// licensesTarget is the element that the licenses page's own poll fills.
const licensesTarget = "licenses-status"

// listLicenses answers GET /customers/:customer/licenses: whole, as the
// fragment, or as the line that tells how old the numbers are.
func (s *server) listLicenses(c echo.Context) error {
	customerID := c.Param("customer")
	if !isGUID(customerID) || customerID != strings.ToLower(customerID) {
		return s.openCustomer(c)
	}
	path, poll := licensesPath(customerID), target(c.Request()) == licensesTarget
	order := productOrder(c.QueryParam("sort")).known()
	if !poll && !c.QueryParams().Has("ticket") && c.Request().URL.RequestURI() != order.address(path) {
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, order.address(path))
		}
		c.Response().Header().Set("HX-Replace-Url", order.address(path))
	}
	found, loading, err := soonly(c, poll, func(ctx context.Context) (directory.SKUsView, error) {
		return s.directory.SKUs(ctx, s.viewer(c), customerID)
	})
	if err != nil {
		return s.customerRefused(c, customerID, tabLicenses, s.wantsLicenses(c), err)
	}
	customer, done, err := s.lookedAt(c, customerID, audit.KindLicensesList, loading, poll)
	if done || err != nil {
		return err
	}
	clock := s.clock(c)
	page := licensesPage(s.chrome(c, views.NavCustomers, customer.Name+" · Licenses"), customer, order, found, clock)
	page.Export = exportMenu(path, strings.TrimPrefix(order.address(""), "?"))
	if !loading {
		s.seatsSince(c, customerID, &page)
		s.seatsFound(c, customerID, &page, clock)
	}
	page.Age = listAge("Seats", found.Reading, loading, poll && !unpainted(c), order.address(path), path+"/seats", s.waits(customerID), clock)
	if poll {
		return renderStatus(c, http.StatusOK, views.LicensesStatus(page))
	}
	return render(c, views.Licenses(page), views.LicensesFragment(page))
}

// readSeats answers POST /customers/:customer/licenses/seats: the products and
// their seats anew.
func (s *server) readSeats(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	if c.FormValue("do") != "refresh" {
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err := s.directory.RefreshSKUs(c.Request().Context(), s.viewer(c), customerID); err != nil {
		return s.customerRefused(c, customerID, tabLicenses, s.wantsLicenses(c), err)
	}
	return backTo(c, licensesPath(customerID))
}

// seatsSince adds how the numbers have changed, by Rollcall's own counts. A page
// without them is better than none.
func (s *server) seatsSince(c echo.Context, customerID string, page *views.LicensesPage) {
	if s.seats == nil {
		return
	}
	counts, err := s.seats.Since(c.Request().Context(), s.viewer(c).PartnerTenantID, customerID)
	if err != nil {
		s.logFailure(c, "counts of seats not read", err)
		return
	}
	for i := range page.Products {
		row := &page.Products[i]
		row.Since = since(counts[row.ID], row.Owned, row.Assigned, time.Now())
		page.Counted = page.Counted || row.Since != nil && *row.Since != views.Since{Day: row.Since.Day}
	}
}

// seatsFound compares what is assigned with the licenses of users that are held:
// nothing is asked for it.
func (s *server) seatsFound(c echo.Context, customerID string, page *views.LicensesPage, clock clock) {
	found, reading, ok := s.directory.LicensesFound(s.viewer(c), customerID)
	if !ok {
		return
	}
	part := s.directory.Known(c.Request().Context(), s.viewer(c))[customerID].UsersPart
	page.Checked = &views.LicenseCheck{Users: reading.Read, Of: reading.Of, Part: part, Read: clock.at(reading.Oldest)}
	users := map[string]int{}
	for _, f := range found {
		users[f.Value] = f.All
	}
	for i := range page.Products {
		row := &page.Products[i]
		if row.Users != "" && users[row.ID] != row.Assigned {
			row.Found, row.FoundWarn = foundWords(users[row.ID], part || reading.Read < reading.Of)
		}
	}
}

// foundWords say on how many users a product was found. Somebody has to look
// only where the licenses of all were read.
func foundWords(users int, part bool) (words string, warn bool) {
	if part {
		return "Found on " + views.Number(users) + " of the users read", false
	}
	return "Found on " + plural(users, "user", "users"), true
}

// since compares with the last count up to the first day of a month that is a
// week or more ago, else with the oldest there is; nil where there is none but
// today's.
func since(days []seats.Day, owned, assigned int, now time.Time) *views.Since {
	week := now.UTC().AddDate(0, 0, -7)
	first := time.Date(week.Year(), week.Month(), 1, 0, 0, 0, 0, time.UTC)
	var from *seats.Day
	for i, d := range days {
		if i == 0 || !d.Day.After(first) {
			from = &days[i]
		}
	}
	if from == nil || now.UTC().Sub(from.Day) < 24*time.Hour {
		return nil
	}
	return &views.Since{Day: from.Day.UTC().Format("2 Jan"), Owned: owned - from.Owned, Assigned: assigned - from.Assigned}
}

func (s *server) wantsLicenses(c echo.Context) wanted {
	return s.wants(c, "see licenses", "The licenses", "Directory Readers", "")
}

// productOrder is how the products are sorted, as the address has it.
type productOrder string

// byAttention puts first what somebody has to look at; it is the default and
// stands in no address.
const byAttention productOrder = "attention"

// productOrders are the orders there are.
var productOrders = []struct {
	order productOrder
	label string
}{
	{byAttention, "what needs a look first"},
	{"-free", "most free seats first"},
	{"free", "fewest free seats first"},
	{"-assigned", "most assigned first"},
	{"assigned", "fewest assigned first"},
	{"-owned", "most owned first"},
	{"owned", "fewest owned first"},
	{"name", "name, A to Z"},
	{"-name", "name, Z to A"},
}

// known is the order, or the default where there is no such order.
func (o productOrder) known() productOrder {
	for _, p := range productOrders {
		if p.order == o {
			return o
		}
	}
	return byAttention
}

func (o productOrder) address(path string) string {
	if o == byAttention {
		return path
	}
	return address(path, "sort="+string(o))
}

func (o productOrder) label() string {
	for _, p := range productOrders {
		if p.order == o {
			return p.label
		}
	}
	return ""
}

// forTenant tells whether a product's seats are the tenant's: it can't be
// assigned to users.
func forTenant(sku partnercenter.SubscribedSKU) bool {
	return strings.EqualFold(sku.TargetType, "Tenant")
}

// sorted are the products in the order: those for the whole tenant last, equal
// ones by name.
func (o productOrder) sorted(products []partnercenter.SubscribedSKU) []partnercenter.SubscribedSKU {
	column, descending := strings.CutPrefix(string(o), "-")
	number := map[string]func(partnercenter.SubscribedSKU) int{
		"free":      func(p partnercenter.SubscribedSKU) int { return p.Available },
		"assigned":  func(p partnercenter.SubscribedSKU) int { return p.Consumed },
		"owned":     func(p partnercenter.SubscribedSKU) int { return p.Total },
		"attention": attention,
	}[strings.TrimPrefix(string(o), "-")]
	if !descending {
		column = string(o)
	}
	out := slices.Clone(products)
	slices.SortStableFunc(out, func(a, b partnercenter.SubscribedSKU) int {
		byName := cmp.Or(cmp.Compare(fold(productName(a.Name, a.PartNumber)), fold(productName(b.Name, b.PartNumber))), cmp.Compare(a.SKUID, b.SKUID))
		if column == "name" && descending {
			byName = -byName
		}
		if column == "name" {
			return byName
		}
		if forTenant(a) != forTenant(b) {
			if forTenant(a) {
				return 1
			}
			return -1
		}
		way := cmp.Compare(number(a), number(b))
		if descending {
			way = -way
		}
		if column == string(byAttention) {
			way = cmp.Or(way, cmp.Compare(a.Available, b.Available))
		}
		return cmp.Or(way, byName)
	})
	return out
}

func fold(name string) string { return strings.ToLower(name) }

// attention is how soon somebody has to look at a product: over first, then
// what is about to be lost, then what has run out.
func attention(p partnercenter.SubscribedSKU) int {
	switch {
	case p.Available < 0:
		return 0
	case p.Warning > 0:
		return 1
	case p.Suspended > 0 || !usable(p):
		return 2
	case p.Available == 0 && p.Total > 0:
		return 3
	}
	return 4
}

// usable tells whether the subscription is in order, as far as its word says.
func usable(p partnercenter.SubscribedSKU) bool {
	return p.CapabilityStatus == "" || strings.EqualFold(p.CapabilityStatus, "Enabled")
}

// licensesPage maps the directory's answer to what is shown.
func licensesPage(ch views.Chrome, customer views.CustomerHead, order productOrder, found directory.SKUsView, clock clock) views.LicensesPage {
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	path := licensesPath(customer.ID)
	count := ""
	if !found.ReadAt.IsZero() {
		count = views.Number(len(found.Products))
	}
	page := views.LicensesPage{
		Chrome:   ch,
		Customer: onTab(customer, tabLicenses, count),
		Path:     templ.SafeURL(path),
		Seats:    seatTotals(found.Products),
		Order:    order.label(),
		Columns:  productColumns(order, path),
		Banner:   readingBanner(found.Reading, "seats", path+"/seats", string(ch.Here), clock),
		Tell:     plural(len(found.Products), "product", "products") + ", " + order.label(),
	}
	for _, o := range productOrders {
		page.Sorts = append(page.Sorts, views.SortOption{Value: string(o.order), Label: o.label, On: o.order == order})
	}
	for _, sku := range order.sorted(found.Products) {
		page.Products = append(page.Products, productRow(sku, customer.ID))
	}
	if len(found.Products) == 0 && !found.ReadAt.IsZero() {
		page.Empty = &views.Nothing{Title: customer.Name + " has no licenses", Text: "Partner Center lists no product with seats here."}
		page.Tell = page.Empty.Title
	}
	return page
}

// seatTotals are the seats of what can be assigned.
func seatTotals(products []partnercenter.SubscribedSKU) (t views.SeatTotals) {
	for _, p := range products {
		if forTenant(p) {
			continue
		}
		t.Owned += p.Total
		t.Assigned += p.Consumed
		t.Grace += p.Warning
		t.Suspended += p.Suspended
		switch {
		case p.Available > 0:
			t.Free += p.Available
			t.FreeIn++
		case p.Available < 0:
			t.Over -= p.Available
		}
	}
	return t
}

func productColumns(order productOrder, path string) views.ProductColumns {
	column := func(up, down productOrder, first productOrder) views.Column {
		col := views.Column{}
		next := first
		switch order {
		case up:
			col.Sort, next = views.SortedUp, down
		case down:
			col.Sort, next = views.SortedDown, up
		}
		col.Href = templ.SafeURL(next.address(path))
		return col
	}
	return views.ProductColumns{
		Product:  column("name", "-name", "name"),
		Assigned: column("assigned", "-assigned", "-assigned"),
		Owned:    column("owned", "-owned", "-owned"),
		Free:     column("free", "-free", "-free"),
	}
}

func productRow(sku partnercenter.SubscribedSKU, customerID string) views.ProductRow {
	row := views.ProductRow{
		ID: sku.SKUID, Name: shown(productName(sku.Name, sku.PartNumber)), PartNumber: shown(sku.PartNumber),
		Owned: sku.Total, Assigned: sku.Consumed, Free: sku.Available, States: productStates(sku),
	}
	if sku.Name == "" {
		row.PartNumber = "" // it stands in for the name
	}
	if sku.Group == partnercenter.Group2 {
		row.Pill = "Minecraft"
	}
	if !forTenant(sku) {
		row.Users = templ.SafeURL(address(string(usersPath(customerID)), "license="+sku.SKUID))
		row.Bar = views.SeatBar(sku.Active, sku.Warning, sku.Consumed)
	}
	for _, p := range sku.ServicePlans {
		switch name := planName(p); {
		case strings.EqualFold(p.TargetType, "Tenant"):
			row.Off = append(row.Off, name+" (for the whole tenant)")
		case p.CapabilityStatus != "" && !strings.EqualFold(p.CapabilityStatus, "Enabled"):
			row.Off = append(row.Off, name+" ("+shown(sentence(p.CapabilityStatus))+")")
		default:
			row.On = append(row.On, name)
		}
	}
	slices.Sort(row.On)
	slices.Sort(row.Off)
	return row
}

// productStates are what is to be said of a product, the worst first.
func productStates(p partnercenter.SubscribedSKU) []views.State {
	var states []views.State
	say := func(tone, text string) { states = append(states, views.State{Text: text, Tone: tone}) }
	if !forTenant(p) {
		switch {
		case p.Available < 0:
			say(views.ToneBad, views.Number(-p.Available)+" over")
		case p.Available == 0 && p.Total > 0:
			say(views.ToneWarn, "No free seats")
		}
	}
	if p.Warning > 0 {
		say(views.ToneWarn, views.Number(p.Warning)+" in grace")
	}
	if p.Suspended > 0 {
		say(views.ToneOff, views.Number(p.Suspended)+" suspended")
	}
	told := p.Warning > 0 && strings.EqualFold(p.CapabilityStatus, "Warning") || p.Suspended > 0 && strings.EqualFold(p.CapabilityStatus, "Suspended")
	if !usable(p) && !told {
		say(views.ToneWarn, shown(sentence(p.CapabilityStatus)))
	}
	if len(states) == 0 {
		say(views.ToneOK, "Enabled")
	}
	return states
}

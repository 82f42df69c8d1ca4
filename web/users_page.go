package web

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

// usersList is one answer with what was asked: what the parts of the page
// follow from.
type usersList struct {
	path     string
	ask      usersAsk
	found    directory.UsersView
	part     bool
	selected preferences.Selection
}

// usersPage maps the directory's answer to what is shown.
func usersPage(ch views.Chrome, customer views.CustomerHead, list usersList, clock clock) views.UsersPage {
	found := list.found
	list.part = !found.Complete()
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	ch.Density = list.ask.density
	reading := templ.SafeURL(customersPath + "/" + customer.ID + "/reading")
	page := views.UsersPage{
		Chrome:   ch,
		Customer: onTab(customer, tabUsers, usersCount(found)),
		Path:     customer.Path,
		Query:    list.ask.Text,
		Chips:    list.chips(),
		Filters:  list.filters(),
		Hidden:   list.hidden(),
		Name:     list.head(directory.ByName),
		UPN:      list.head(directory.ByUPN),
		Columns:  list.columns(),
		Sorts:    list.sorts(),
		Rows:     list.rows(clock, ch.Sharing),
		Shown:    found.Matching,
		Total:    found.Read,
		Part:     list.part,
		Read:     clock.at(found.ReadAt),
		Bulk:     list.bulk(customer.ID),
		Tools:    list.tools(),
		Licenses: list.licenses(customer.ID, clock, string(ch.Here)),
		Status:   list.status(clock),
		Banner:   readingBanner(found.Reading, "users", string(reading), string(ch.Here), clock),
		Empty:    list.nothing(customer, ch.Sharing),
		Pager:    pager(found.Page, found.Pages, found.Size, found.Matching, len(found.Rows), list.part, list.pageHref),
		Refresh:  reading,
		Tell:     list.tell(),
		Exact:    found.Exact != "" || found.Matching == 1,
	}
	page.Status.Blank = page.Empty != nil
	page.Pager.Said = list.ask.own.elsewhere()
	for _, size := range directory.Sizes {
		page.Pager.Sizes = append(page.Pager.Sizes, views.SizeOption{Size: size, On: size == found.Size})
	}
	if list.ask.ofLicenses() && list.licensesPart() {
		page.Of, page.Pager.Part = list.ofRead(), true
	}
	if list.ask.Text != "" || list.filtered() || list.ask.only {
		page.Clear = list.everybody()
	}
	return page
}

func (l usersList) rows(clock clock, sharing bool) []views.UserRow {
	rows, names := l.found.Rows, l.found.Names
	products := tagsOf(names)
	var licenses []views.LicenseTag
	out := make([]views.UserRow, len(rows))
	for i, r := range rows {
		out[i] = views.UserRow{
			ID:          r.ID,
			DisplayName: shown(r.DisplayName),
			NameMarks:   segments(r.DisplayName, r.NameMarks),
			UPN:         shown(r.UPN),
			UPNMarks:    segments(r.UPN, r.UPNMarks),
			Location:    countryName(r.Location),
			DomainType:  domainType(r.DomainType),
			Synced:      clock.ago(r.Synced),
			Guest:       r.Guest,
			FirstName:   shown(r.FirstName),
			LastName:    shown(r.LastName),
			Phone:       r.Phone,
			Ticked:      l.selected.Has(r.ID),

			Licenses:     products.of(r.Licenses, &licenses),
			LicensesRead: r.LicensesRead,
			Roles:        roleNames(r.Roles, names),
		}
		if sharing {
			out[i].Phone = maskPhone(r.Phone)
		}
	}
	return out
}

// hasDigits says whether the text may have matched a phone number: then the
// list shows them, so that one sees why a user is there.
func hasDigits(text string) bool {
	digits := 0
	for _, r := range text {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	return digits >= 4
}

// domainType is how the domain signs in, in a word; "none" is not told apart
// by Partner Center and says nothing.
func domainType(wire string) string {
	switch wire {
	case "", "none":
		return ""
	case "managed": // the two that nearly every row has cost nothing
		return "Managed"
	case "federated":
		return "Federated"
	}
	return sentence(wire)
}

// with is the address of the list with what it asks for changed, from its
// first page.
func (l usersList) with(change func(*usersAsk)) templ.SafeURL {
	ask := l.ask
	ask.Page = 1
	change(&ask)
	ask.plain = ask.own.elsewhere()
	return templ.SafeURL(address(l.path, ask.Encode()))
}

// everybody is the address of all users, shown as they are now.
func (l usersList) everybody() templ.SafeURL {
	return l.with(func(a *usersAsk) { a.Query, a.only = directory.Query{Sort: a.Sort, Page: 1, Size: a.Size}, false })
}

func (l usersList) pageHref(page int) string {
	return string(l.with(func(a *usersAsk) { a.Page = page }))
}

// here is the address of the list as it is.
func (l usersList) here() templ.SafeURL {
	return l.with(func(a *usersAsk) { a.Page = l.ask.Page })
}

func (l usersList) filtered() bool {
	q := l.ask.Query
	return q.Synced != directory.Any || q.Guest != directory.Any || len(q.Locations) > 0 || len(q.Domains) > 0 || l.ask.ofLicenses() || len(q.Roles) > 0
}

func (l usersList) status(clock clock) views.UsersStatusLine {
	r := l.found.Reading
	line := views.UsersStatusLine{
		Reading: r.State == directory.StateLoading || r.State == directory.StateGrowing || r.Refreshing,
		Loading: r.State == directory.StateLoading,
		Read:    r.Read,
		Show:    l.here(),
		Finish:  clock.at(r.ReadAt),
	}
	line.Poll = templ.SafeURL(withParameter(string(line.Show), "read="+strconv.Itoa(r.Read)))
	return line
}

func withParameter(href, parameter string) string {
	if strings.Contains(href, "?") {
		return href + "&" + parameter
	}
	return href + "?" + parameter
}

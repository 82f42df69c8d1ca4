package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// userPatience is how long a user's page waits for Partner Center: then it
// shows what the list has, and says what is missing.
const userPatience = 8 * time.Second

// showUser answers GET /customers/:customer/users/:user.
func (s *server) showUser(c echo.Context) error {
	customerID, userID := strings.ToLower(c.Param("customer")), strings.ToLower(c.Param("user"))
	if !isGUID(customerID) {
		return s.openCustomer(c)
	}
	with := strings.TrimSpace(c.QueryParam("compare"))
	if target(c.Request()) == findTarget && wantsFragment(c.Request()) {
		return s.findColleague(c, customerID, userID, with)
	}
	if other := strings.ToLower(with); isGUID(other) && other != userID {
		return s.compareUsers(c, customerID, userID, other)
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), userPatience)
	defer cancel()
	found, err := s.directory.User(ctx, s.viewer(c), customerID, userID)
	if err != nil {
		return s.userRefused(c, customerID, userID, err)
	}
	customer, done, err := s.userLookedAt(c, customerID, userID)
	if done || err != nil {
		return err
	}
	find, err := s.colleagues(c, customer, found.User, with)
	switch {
	case err != nil:
		return err
	case find.Query == "" && c.QueryParams().Has("compare"):
		return c.Redirect(http.StatusSeeOther, string(find.Path))
	case len(find.Hits) == 1 && find.Notice+find.Note == "": // nobody else can be meant
		return goTo(c, string(find.Hits[0].Href))
	}
	w := s.wants(c, "see licenses", "The licenses", "Directory Readers", customer.Name)
	page := userPage(s.chrome(c, views.NavCustomers, customer.Name+" · "+userTitle(found.User)), customer, found, w, s.clock(c))
	page.List = s.listBehind(c, customer.Path)
	page.Elsewhere = s.elsewhere(customerID, found.User.ID)
	page.Find = find
	return render(c, views.User(page), nil)
}

// userTitle is what a user is called where there is one line.
func userTitle(u partnercenter.User) string {
	if name := shown(u.DisplayName); name != "" {
		return name
	}
	return shown(u.UserPrincipalName)
}

// userLookedAt takes the ticket that a link brought along, puts the view of
// these users on the trail, and gives whose page it is. done tells that the
// answer is given: the address without the ticket.
func (s *server) userLookedAt(c echo.Context, customerID string, userIDs ...string) (customer views.CustomerHead, done bool, err error) {
	clean, err := s.takeTicket(c, customerID)
	switch {
	case err != nil:
		return customer, false, err
	case clean != "":
		return customer, true, goTo(c, clean)
	}
	customer, err = s.customerHead(c, customerID)
	if err != nil {
		return customer, false, err
	}
	for _, id := range userIDs {
		if err := s.recorded(c, audit.KindUserRead, customerID, id); err != nil {
			return customer, false, err
		}
	}
	return customer, false, nil
}

// userRefused words why a user can't be shown. Who was deleted is shown as such.
func (s *server) userRefused(c echo.Context, customerID, userID string, err error) error {
	switch {
	case errors.Is(err, partnercenter.ErrBadID): // nobody was asked: not even whether the person may know
		if _, refused := s.directory.Prove(c.Request().Context(), s.viewer(c), customerID, directory.KindUsers); refused != nil {
			return s.usersRefused(c, customerID, refused)
		}
		return s.userNotFound(c, customerID, err)
	case errors.Is(err, partnercenter.ErrNotFound):
		return s.deletedUser(c, customerID, userID, err)
	}
	return s.usersRefused(c, customerID, err)
}

// deletedUser shows who is not among the users but among the deleted ones.
func (s *server) deletedUser(c echo.Context, customerID, userID string, err error) error {
	found, deletedErr := s.directory.Deleted(c.Request().Context(), s.viewer(c), customerID, directory.Query{Text: userID})
	if deletedErr != nil || len(found.Rows) != 1 || found.Rows[0].ID != userID {
		return s.userNotFound(c, customerID, err)
	}
	customer, done, err := s.userLookedAt(c, customerID, userID)
	if done || err != nil {
		return err
	}
	u, clock := deletedAccount(found.Rows[0]), s.clock(c)
	page := userPage(s.chrome(c, views.NavCustomers, customer.Name+" · "+userTitle(u)+", deleted"), customer, directory.UserView{User: u, ReadAt: found.ReadAt}, wanted{}, clock)
	page.List, page.Deleted = customer.Path, s.listBehind(c, templ.SafeURL(deletedPath(customerID)))
	page.Licenses, page.Roles, page.SyncedNote = views.LicensesCard{}, views.RolesCard{}, ""
	page.Restoration = &views.Restoration{Command: restoreCommand(customerID, userID), Tone: views.ToneWarn,
		Text: userTitle(u) + " was deleted on " + clock.day(u.SoftDeletion) + "; " + leftWords(u.SoftDeletion, clock) + " to restore."}
	return render(c, views.User(page), nil)
}

// deletedAccount is a row of the deleted users in the form of the SDK.
func deletedAccount(r directory.UserRow) partnercenter.User {
	return partnercenter.User{
		ID: r.ID, UserPrincipalName: r.UPN, DisplayName: r.DisplayName, FirstName: r.FirstName, LastName: r.LastName, PhoneNumber: r.Phone,
		UsageLocation: r.Location, DomainType: partnercenter.UserDomainType(r.DomainType), LastDirectorySync: r.Synced,
		State: partnercenter.UserInactive, SoftDeletion: r.Deleted,
	}
}

// userNotFound tells that the user is not there, to somebody who may know:
// the customer's users have been proved to them by the call that failed.
func (s *server) userNotFound(c echo.Context, customerID string, err error) error {
	head, headErr := s.customerHead(c, customerID)
	if headErr != nil {
		return headErr
	}
	t := s.wants(c, "see users", "The user", "Directory Readers", head.Name).trouble(err)
	t.Status, t.Customer = 404, &head
	t.Problem.Kind = views.ProblemNotFound
	t.What = "This user is not at " + head.Name + "."
	t.Means = "There is no user with this ID, nor a deleted one who can still be restored. It may have been deleted, or belong to another customer."
	t.Next = "Look in the list of users."
	t.Actions = []views.Action{{Label: "Users of " + head.Name, Href: head.Path, Primary: true}, {Label: "Deleted users", Href: templ.SafeURL(deletedPath(customerID))}}
	return t
}

// listBehind is the list that the person came from, as it was, so that the
// crumb leads back to the same search.
func (s *server) listBehind(c echo.Context, list templ.SafeURL) templ.SafeURL {
	from, err := url.Parse(c.Request().Referer())
	if err == nil && from.Host == c.Request().Host && from.Path == string(list) {
		return templ.SafeURL(auth.ReturnTo(from.RequestURI()))
	}
	return list
}

// userPage maps what was read of one user to what is shown.
func userPage(ch views.Chrome, customer views.CustomerHead, found directory.UserView, w wanted, clock clock) views.UserPage {
	u := found.User
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	page := views.UserPage{
		Chrome:      ch,
		Customer:    customer,
		ID:          u.ID,
		DisplayName: shown(u.DisplayName),
		UPN:         shown(u.UserPrincipalName),
		Guest:       strings.Contains(u.UserPrincipalName, "#EXT#"),
		Synced:      clock.ago(u.LastDirectorySync),
		Facts:       userFacts(u, clock, ch.Sharing),
		Licenses:    licensesCard(found, w, clock),
		Roles:       rolesCard(found, w, clock),
		Seats:       templ.SafeURL(licensesPath(customer.ID)),
	}
	if !u.LastDirectorySync.IsZero() {
		page.SyncedNote = "Managed in " + customer.Name + "'s own directory, last synced " + page.Synced.Text +
			". Name and sign-in name are changed there."
	}
	if found.Stale {
		title := "Partner Center doesn't answer"
		if errors.Is(found.Err, partnercenter.ErrThrottled) {
			title = "Partner Center asks us to wait"
		}
		page.Banner = &views.Banner{Kind: views.BannerWarn, Title: title,
			Text:          "What you see was read at " + clock.at(found.ReadAt).Text + " and may have changed since. It can be read, not changed.",
			CorrelationID: correlationOf(found.Err), RetrySeconds: retrySeconds(found.Err),
			Actions: []views.Action{{Label: "Try again", Href: ch.Here, Primary: true}}}
		page.Licenses = views.LicensesCard{Withheld: &views.Withheld{Title: "Licenses aren't shown", Text: "They are read each time the page is opened, and Partner Center doesn't answer."}}
		page.Roles = views.RolesCard{Withheld: &views.Withheld{Title: "Roles aren't shown", Text: "They are read each time the page is opened, and Partner Center doesn't answer."}}
	}
	return page
}

func correlationOf(err error) string {
	if pe, ok := errors.AsType[*partnercenter.Error](err); ok {
		return pe.CorrelationID
	}
	return ""
}

func userFacts(u partnercenter.User, clock clock, sharing bool) []views.Fact {
	phone := views.Fact{Label: "Phone", Text: u.PhoneNumber, Copy: u.PhoneNumber != ""}
	if sharing {
		phone = views.Fact{Label: "Phone", Text: maskPhone(u.PhoneNumber)}
	}
	facts := []views.Fact{
		{Label: "First name", Text: u.FirstName},
		{Label: "Last name", Text: u.LastName},
		{Label: "Domain", Text: domainOf(u.UserPrincipalName)},
		phone,
	}
	location := views.Fact{Label: "Usage location", Text: countryName(u.UsageLocation)}
	if u.UsageLocation == "" {
		location.Text, location.Warn = "Not set", true
	}
	facts = append(facts, location, views.Fact{Label: "Domain type", Text: domainType(string(u.DomainType))})
	synced := views.Fact{Label: "Synced", Text: "Cloud only"}
	if !u.LastDirectorySync.IsZero() {
		synced = views.Fact{Label: "Synced", Time: clock.ago(u.LastDirectorySync)}
	}
	facts = append(facts, synced, views.Fact{Label: "State", Text: stateName(u)})
	if !u.SoftDeletion.IsZero() {
		facts = append(facts, views.Fact{Label: "Deleted", Time: clock.ago(u.SoftDeletion)})
	}
	facts = append(facts, views.Fact{Label: "Object ID", Text: u.ID, Copy: true, Key: "i", Code: true})
	if u.ImmutableID != "" {
		facts = append(facts, views.Fact{Label: "Immutable ID", Text: u.ImmutableID, Copy: true, Code: true})
	}
	for i := range facts {
		facts[i].Text = shown(facts[i].Text)
	}
	return facts
}

// domainOf is the right half of a user principal name.
func domainOf(upn string) string {
	_, domain, _ := strings.Cut(upn, "@")
	return domain
}

// stateName tells who is deleted; it says nothing about blocked sign-in.
func stateName(u partnercenter.User) string {
	switch u.State {
	case partnercenter.UserActive:
		return "Active"
	case partnercenter.UserInactive:
		return "Deleted"
	}
	return sentence(string(u.State))
}

func licensesCard(found directory.UserView, w wanted, clock clock) views.LicensesCard {
	if found.LicensesErr != nil {
		w.Verb, w.Things, w.Role = "see licenses", "The licenses", "Directory Readers"
		withheld, problem := cardTrouble(found.LicensesErr, w, "Licenses aren't shown")
		return views.LicensesCard{Withheld: withheld, Trouble: problem}
	}
	card := views.LicensesCard{Read: clock.at(found.ReadAt)}
	products := map[string]partnercenter.SubscribedSKU{}
	for _, sku := range found.SKUs {
		products[sku.SKUID] = sku
	}
	for _, l := range found.Licenses {
		row := views.LicenseRow{Name: shown(productName(l.Name, l.PartNumber)), PartNumber: shown(l.PartNumber)}
		product, known := products[l.SKUID]
		if known {
			row.Seats = views.Number(product.Consumed) + " of " + views.Number(product.Total) + " seats assigned at this customer"
		}
		row.On, row.Off = plans(l.ServicePlans, product.ServicePlans)
		card.Licenses = append(card.Licenses, row)
	}
	slices.SortStableFunc(card.Licenses, func(a, b views.LicenseRow) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return card
}

// productName is the name as the service gives it, else the part number: a
// person never has to read a GUID.
func productName(name, partNumber string) string {
	if name != "" {
		return name
	}
	if partNumber != "" {
		return partNumber
	}
	return "Product without a name"
}

// plans are the service plans that are on for the user, and those of the
// product that are not.
func plans(users, product []partnercenter.ServicePlan) (on, off []string) {
	has := map[string]bool{}
	for _, p := range users {
		has[p.ID] = true
		if strings.EqualFold(p.CapabilityStatus, "Disabled") {
			off = append(off, planName(p))
			continue
		}
		on = append(on, planName(p))
	}
	for _, p := range product {
		if !has[p.ID] && !strings.EqualFold(p.TargetType, "Tenant") {
			off = append(off, planName(p))
		}
	}
	return on, off
}

func planName(p partnercenter.ServicePlan) string {
	if p.DisplayName != "" {
		return shown(p.DisplayName)
	}
	return shown(p.ServiceName)
}

func rolesCard(found directory.UserView, w wanted, clock clock) views.RolesCard {
	if found.RolesErr != nil {
		w.Verb, w.Things, w.Role = "see roles", "The roles", "Directory Readers"
		withheld, problem := cardTrouble(found.RolesErr, w, "Roles aren't shown")
		return views.RolesCard{Withheld: withheld, Trouble: problem}
	}
	card := views.RolesCard{Read: clock.at(found.ReadAt)}
	for _, r := range found.Roles {
		card.Roles = append(card.Roles, roleName(r.Name))
	}
	slices.Sort(card.Roles)
	return card
}

// roleName is today's name of a role: Partner Center sends two under their old ones.
func roleName(wire string) string {
	switch wire {
	case "Company Administrator":
		return "Global Administrator"
	case "User Account Administrator":
		return "User Administrator"
	}
	return wire
}

// cardTrouble is why a part of the page is left out: not allowed, or failed.
func cardTrouble(err error, w wanted, title string) (*views.Withheld, *views.Problem) {
	if errors.Is(err, partnercenter.ErrForbidden) {
		p := w.roleMissing()
		return &views.Withheld{Title: title, Text: p.Means + " " + p.Next, CopyText: p.CopyText, CorrelationID: correlationOf(err)}, nil
	}
	_, p := w.problem(err)
	return nil, &p
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// rolesTarget is the element that the roles page's own poll fills.
const rolesTarget = "roles-status"

// listRoles answers GET /customers/:customer/roles: whole, as the fragment, or
// as the line that tells how old the list is.
func (s *server) listRoles(c echo.Context) error {
	customerID := c.Param("customer")
	if !isGUID(customerID) || customerID != strings.ToLower(customerID) {
		return s.openCustomer(c)
	}
	path, poll := rolesPath(customerID), target(c.Request()) == rolesTarget
	if !poll && !c.QueryParams().Has("ticket") && c.Request().URL.RequestURI() != path {
		if !wantsFragment(c.Request()) {
			return c.Redirect(http.StatusSeeOther, path)
		}
		c.Response().Header().Set("HX-Replace-Url", path)
	}
	found, loading, err := soonly(c, poll, func(ctx context.Context) (directory.RolesView, error) {
		return s.directory.Roles(ctx, s.viewer(c), customerID)
	})
	if err != nil {
		return s.customerRefused(c, customerID, tabRoles, s.wantsRoles(c), err)
	}
	customer, done, err := s.lookedAt(c, customerID, audit.KindRolesList, loading, poll)
	if done || err != nil {
		return err
	}
	clock := s.clock(c)
	page := rolesPage(s.chrome(c, views.NavCustomers, customer.Name+" · Roles"), customer, found, clock)
	page.Age = listAge("Roles", found.Reading, loading, poll && !unpainted(c), path, path+"/reading", s.waits(customerID), clock)
	if poll {
		return renderStatus(c, http.StatusOK, views.RolesStatus(page))
	}
	return render(c, views.Roles(page), views.RolesFragment(page))
}

// readRoles answers POST /customers/:customer/roles/reading: the roles and
// their members anew.
func (s *server) readRoles(c echo.Context) error {
	customerID := strings.ToLower(c.Param("customer"))
	if !isGUID(customerID) {
		return notFound()
	}
	if c.FormValue("do") != "refresh" {
		return badRequest("The form names nothing to do.", "Go back and use its buttons.")
	}
	if err := s.directory.RefreshRoles(c.Request().Context(), s.viewer(c), customerID); err != nil {
		return s.customerRefused(c, customerID, tabRoles, s.wantsRoles(c), err)
	}
	return backTo(c, rolesPath(customerID))
}

func (s *server) wantsRoles(c echo.Context) wanted {
	return s.wants(c, "see roles", "The roles", "Directory Readers", "")
}

// A role's template ID, the same in every tenant. Source: API facts 9.3.
const (
	globalAdministrator         = "62e90394-69f5-4237-9190-012177145e10"
	userAdministrator           = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	helpdeskAdministrator       = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	serviceSupportAdministrator = "f023fd81-a637-4b56-95fd-791ac0226033"
)

// roleNotes are what the roles that Partner Center knows are good for, the
// mightiest first. Microsoft labels three of them privileged.
var roleNotes = []struct {
	id         string
	privileged bool
	means      string
}{
	{globalAdministrator, true, "Can do everything at this customer."},
	{userAdministrator, true, "Manages users, licenses and the passwords of most."},
	{helpdeskAdministrator, true, "Resets passwords of users without a role, and of a few others."},
	{serviceSupportAdministrator, false, "Reads service health and opens support requests."},
}

// rolesPage maps the directory's answer to what is shown.
func rolesPage(ch views.Chrome, customer views.CustomerHead, found directory.RolesView, clock clock) views.RolesPage {
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	path := rolesPath(customer.ID)
	count := ""
	if !found.ReadAt.IsZero() {
		count = views.Number(len(found.Roles))
	}
	page := views.RolesPage{
		Chrome:   ch,
		Customer: onTab(customer, tabRoles, count),
		Path:     templ.SafeURL(path),
		Banner:   readingBanner(found.Reading, "roles", path+"/reading", string(ch.Here), clock),
		Tell:     plural(len(found.Roles), "role", "roles"),
	}
	held := map[string][]string{} // role names by user
	for _, r := range found.Roles {
		page.Part = page.Part || r.Err != nil
		for _, m := range r.Members {
			held[m.ID] = append(held[m.ID], roleName(r.Role.Name))
		}
	}
	page.Members = len(held)
	for _, r := range found.Roles {
		page.Roles = append(page.Roles, roleCard(r, customer.ID, path, string(ch.Here), held))
	}
	slices.SortStableFunc(page.Roles, func(a, b views.RoleCard) int { return roleRank(a.ID) - roleRank(b.ID) })
	if len(found.Roles) == 0 && !found.ReadAt.IsZero() {
		page.Empty = &views.Nothing{Title: "Partner Center knows no roles of " + customer.Name, Text: "It listed none."}
		page.Tell = page.Empty.Title
	}
	return page
}

func roleRank(id string) int {
	for i, n := range roleNotes {
		if n.id == id {
			return i
		}
	}
	return len(roleNotes)
}

func roleCard(r directory.RoleWithMembers, customerID, path, here string, held map[string][]string) views.RoleCard {
	card := views.RoleCard{ID: r.Role.ID, Name: shown(roleName(r.Role.Name)), Users: templ.SafeURL(address(string(usersPath(customerID)), "role="+url.QueryEscape(r.Role.ID)))}
	if card.Name != r.Role.Name {
		card.OldName = shown(r.Role.Name)
	}
	if rank := roleRank(r.Role.ID); rank < len(roleNotes) {
		card.Privileged, card.Means = roleNotes[rank].privileged, roleNotes[rank].means
	}
	if r.Err != nil {
		card.Trouble = &views.Banner{Kind: views.BannerWarn, Title: "Its members could not be read", Text: membersReason(r.Err) + " Somebody may have this role all the same.",
			CorrelationID: correlationOf(r.Err), RetrySeconds: retrySeconds(r.Err),
			Actions: []views.Action{{Label: "Read again", Href: templ.SafeURL(path + "/reading"), Post: []views.Hidden{{Name: "do", Value: "refresh"}, {Name: "return_to", Value: here}}}}}
	}
	for _, m := range r.Members {
		member := views.RoleMember{
			Href: usersPath(customerID) + templ.SafeURL("/"+strings.ToLower(m.ID)), ID: m.ID,
			Name: shown(m.DisplayName), UPN: shown(m.UserPrincipalName),
		}
		for _, other := range held[m.ID] {
			if other := shown(other); other != card.Name {
				member.Also = append(member.Also, other)
			}
		}
		card.Members = append(card.Members, member)
	}
	return card
}

// membersReason is why one role's members are missing.
func membersReason(err error) string {
	if errors.Is(err, partnercenter.ErrForbidden) {
		return "Partner Center refused them."
	}
	return cutReason(err)
}

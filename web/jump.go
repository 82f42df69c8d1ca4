package web

import (
	"errors"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// mostJumps is how many results of a kind the palette shows.
const mostJumps = 8

// jump answers GET /jump: places that match, users of the customer at hand
// first. It opens pages and never acts.
func (s *server) jump(c echo.Context) error {
	text := strings.TrimSpace(c.QueryParam("q"))
	found := views.JumpResults{Chrome: s.chrome(c, "", "Jump to"), Query: shown(text)}
	at := strings.ToLower(c.QueryParam("at"))
	if !isGUID(at) {
		at = ""
	}
	if at != "" && text != "" {
		if err := s.jumpToUsers(c, &found, at, text); err != nil {
			return err
		}
	}
	if sharing(c) {
		found.Note = "Sharing mode: other customers are not shown."
	} else if err := s.jumpToCustomers(c, &found, text); err != nil {
		return err
	}
	jumpToPages(&found, at, text)
	if text != "" && !sharing(c) {
		found.Groups = append(found.Groups, views.JumpGroup{Label: "All customers", Items: []views.JumpItem{
			{Kind: views.JumpUser, Href: findHref(text), Name: "Search the users of all customers for “" + shown(text) + "”"}}})
	}
	n := 0
	for _, g := range found.Groups {
		n += len(g.Items)
	}
	found.Tell = plural(n, "result", "results")
	return render(c, views.Jump(found), views.JumpFragment(found))
}

// jumpToUsers searches the customer at hand; what the person may not see there
// is named as not searched.
func (s *server) jumpToUsers(c echo.Context, found *views.JumpResults, customerID, text string) error {
	users, err := s.directory.Users(c.Request().Context(), s.viewer(c), customerID, directory.Query{Text: text, Size: directory.Sizes[0]})
	if err != nil {
		if why := refusal(err); why != "" { // the rest of the answer is theirs
			s.refused(c, customerID, why)
		}
		if !errors.Is(err, partnercenter.ErrNoRelationship) {
			found.Note = "Users of this customer were not searched."
		}
		return nil
	}
	head, err := s.customerHead(c, customerID)
	if err != nil {
		return err
	}
	if err := s.viewed(c, audit.KindUsersList, customerID); err != nil {
		return err
	}
	group := views.JumpGroup{Label: "Users at " + head.Name}
	for _, u := range users.Rows[:min(len(users.Rows), mostJumps)] {
		name, marks := shown(u.DisplayName), segments(u.DisplayName, u.NameMarks)
		if name == "" {
			name, marks = shown(u.UPN), segments(u.UPN, u.UPNMarks)
		}
		group.Items = append(group.Items, views.JumpItem{Kind: views.JumpUser, Href: usersPath(customerID) + templ.SafeURL("/"+u.ID), Name: name, Marks: marks, Where: shown(u.UPN)})
	}
	if len(group.Items) > 0 {
		found.Groups = append(found.Groups, group)
	}
	if !users.Complete() {
		found.Note = "Only the users of " + head.Name + " that are read so far were searched."
	}
	return nil
}

func (s *server) jumpToCustomers(c echo.Context, found *views.JumpResults, text string) error {
	been, err := s.prefs.Customers(c.Request().Context(), principal(c).Key)
	if err != nil {
		s.logFailure(c, "starred and opened customers not read", err)
	}
	customers, err := s.directory.Customers(c.Request().Context(), s.viewer(c), directory.CustomersQuery{Text: text, Opened: been.Opened, Sort: directory.CustomersSort{By: directory.CustomersByOpened, Descending: true}})
	if err != nil {
		return s.wants(c, "see customers", "The customers", agentRoles, "").trouble(err)
	}
	if err := s.viewed(c, audit.KindCustomersList, ""); err != nil {
		return err
	}
	group := views.JumpGroup{Label: "Customers"}
	for _, r := range customers.Rows[:min(len(customers.Rows), mostJumps)] {
		group.Items = append(group.Items, views.JumpItem{Kind: views.JumpCustomer, Href: usersPath(r.ID), Name: shown(r.Name), Marks: segments(r.Name, r.NameMarks), Where: shown(r.Domain)})
	}
	if len(group.Items) > 0 {
		found.Groups = append(found.Groups, group)
	}
	return nil
}

// jumpToPages offers the pages of the customer at hand, and Rollcall's own.
func jumpToPages(found *views.JumpResults, at, text string) {
	type place struct{ name, href, where string }
	var places []place
	if at != "" {
		for _, tab := range customerTabs(at) {
			places = append(places, place{tab.Label, string(tab.Href), "this customer"})
		}
	}
	places = append(places, place{"Customers", customersPath, ""}, place{"Find a user", findPath, ""}, place{"Settings", "/settings", ""}, place{"Help", "/help", ""})
	group := views.JumpGroup{Label: "Pages"}
	for _, p := range places {
		if strings.Contains(strings.ToLower(p.name), strings.ToLower(text)) {
			group.Items = append(group.Items, views.JumpItem{Kind: views.JumpPage, Href: templ.SafeURL(p.href), Name: p.name, Where: p.where})
		}
	}
	if len(group.Items) > 0 {
		found.Groups = append(found.Groups, group)
	}
}

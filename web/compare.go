package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// findTarget is the element that colleagues who match are put into.
const findTarget = "compare-results"

// mostColleagues is how many of those who match are shown.
const mostColleagues = 8

// userPath is the address of one user.
func userPath(customerID, userID string) string { return string(usersPath(customerID)) + "/" + userID }

// comparePath is the address of two users side by side.
func comparePath(customerID, userID, other string) templ.SafeURL {
	return templ.SafeURL(address(userPath(customerID, userID), "compare="+other))
}

// findColleague answers GET /customers/:customer/users/:user?compare= for the
// hits alone, while somebody types.
func (s *server) findColleague(c echo.Context, customerID, userID, text string) error {
	if _, err := s.directory.Prove(c.Request().Context(), s.viewer(c), customerID, directory.KindUsers); err != nil {
		return s.usersRefused(c, customerID, err)
	}
	if !isGUID(userID) {
		return notFound()
	}
	customer, err := s.customerHead(c, customerID)
	if err != nil {
		return err
	}
	find, err := s.colleagues(c, customer, partnercenter.User{ID: userID}, text)
	if err != nil {
		return err
	}
	return render(c, views.CompareHits(find), views.CompareHits(find))
}

// colleagues are the users who match, but for the user themself.
func (s *server) colleagues(c echo.Context, customer views.CustomerHead, u partnercenter.User, text string) (views.CompareFind, error) {
	find := views.CompareFind{Path: templ.SafeURL(userPath(customer.ID, u.ID)), Query: shown(text)}
	if text == "" {
		return find, nil
	}
	if strings.EqualFold(text, u.ID) {
		find.Notice = "That is the same user. Choose somebody else."
		find.Tell = find.Notice
		return find, nil
	}
	found, err := s.directory.Users(c.Request().Context(), s.viewer(c), customer.ID, directory.Query{Text: text, Size: directory.Sizes[0]})
	if err != nil {
		return find, s.usersRefused(c, customer.ID, err)
	}
	if err := s.viewed(c, audit.KindUsersList, customer.ID); err != nil {
		return find, err
	}
	others := slices.DeleteFunc(slices.Clone(found.Rows), func(r directory.UserRow) bool { return r.ID == u.ID })
	self := len(found.Rows) - len(others)
	if found.Exact != "" && found.Exact != u.ID { // exactly who was typed
		others = others[:1]
	}
	for _, r := range others[:min(len(others), mostColleagues)] {
		find.Hits = append(find.Hits, views.CompareHit{
			Href: comparePath(customer.ID, u.ID, r.ID), ID: r.ID,
			Name: shown(r.DisplayName), Marks: segments(r.DisplayName, r.NameMarks), UPN: shown(r.UPN), UPNMarks: segments(r.UPN, r.UPNMarks),
		})
	}
	matching := found.Matching - self
	switch {
	case len(find.Hits) == 0 && self > 0:
		find.Notice = "Nobody but the same user matches. Choose somebody else."
	case len(find.Hits) == 0:
		find.Notice = "No user of " + customer.Name + " matches “" + find.Query + "”."
	case found.Exact == "" && matching > len(find.Hits):
		find.Note = plural(matching, "user matches", "users match") + ": type more of the name."
	}
	if !found.Complete() {
		find.Note = strings.TrimSpace(find.Note + " " + plural(found.Read, "user was", "users were") + " searched so far; there are more.")
	}
	find.Tell = cmp.Or(find.Notice, plural(len(find.Hits), "user matches", "users match"))
	return find, nil
}

// compareUsers answers GET /customers/:customer/users/:user?compare=ID: both
// side by side, differences first.
func (s *server) compareUsers(c echo.Context, customerID, userID, otherID string) error {
	if canonical := string(comparePath(customerID, userID, otherID)); !c.QueryParams().Has("ticket") && c.Request().URL.RequestURI() != canonical {
		return goTo(c, canonical)
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), userPatience)
	defer cancel()
	var left, right directory.UserView
	var err, otherErr error
	var both sync.WaitGroup
	both.Go(func() { left, err = s.directory.User(ctx, s.viewer(c), customerID, userID) })
	both.Go(func() { right, otherErr = s.directory.User(ctx, s.viewer(c), customerID, otherID) })
	both.Wait()
	switch {
	case err != nil:
		return s.userRefused(c, customerID, userID, err)
	case otherErr != nil:
		return s.aloneWith(c, customerID, left, otherID, otherErr)
	}
	customer, done, err := s.userLookedAt(c, customerID, userID, otherID)
	if done || err != nil {
		return err
	}
	w := s.wants(c, "see licenses", "The licenses", "Directory Readers", customer.Name)
	title := customer.Name + " · " + userTitle(left.User) + " and " + userTitle(right.User)
	page := comparePage(s.chrome(c, views.NavCustomers, title), customer, left, right, w, s.clock(c))
	page.List = s.listBehind(c, customer.Path)
	return render(c, views.Compare(page), nil)
}

// aloneWith shows the one user, and why there is no other beside them.
func (s *server) aloneWith(c echo.Context, customerID string, found directory.UserView, otherID string, err error) error {
	if why := refusal(err); why != "" { // the other's page is theirs
		s.refused(c, customerID, why)
	}
	customer, done, headErr := s.userLookedAt(c, customerID, found.User.ID)
	if done || headErr != nil {
		return headErr
	}
	w := s.wants(c, "see users", "The user", "Directory Readers", customer.Name)
	_, problem := w.problem(err)
	notice := problem.What
	if errors.Is(err, partnercenter.ErrNotFound) {
		notice = "No user of " + customer.Name + " has this ID. They may have been deleted."
	}
	page := userPage(s.chrome(c, views.NavCustomers, customer.Name+" · "+userTitle(found.User)), customer, found, w, s.clock(c))
	page.List = s.listBehind(c, customer.Path)
	page.Elsewhere = s.elsewhere(customerID, found.User.ID)
	page.Find = views.CompareFind{Path: templ.SafeURL(userPath(customerID, found.User.ID)), Query: otherID, Notice: notice, Tell: notice}
	return render(c, views.User(page), nil)
}

// comparePage maps what was read of both to what is shown.
func comparePage(ch views.Chrome, customer views.CustomerHead, left, right directory.UserView, w wanted, clock clock) views.ComparePage {
	ch.At = views.JumpPlace{CustomerID: customer.ID, Name: customer.Name}
	ch.Icon = iconPath(customer.ID)
	side := func(v directory.UserView) views.ComparedUser {
		return views.ComparedUser{
			Href: templ.SafeURL(userPath(customer.ID, v.User.ID)), ID: v.User.ID, Name: shown(v.User.DisplayName), UPN: shown(v.User.UserPrincipalName),
			Synced: !v.User.LastDirectorySync.IsZero(), Guest: isGuest(v.User),
		}
	}
	page := views.ComparePage{
		Chrome: ch, Customer: customer, Left: side(left), Right: side(right),
		Swap: comparePath(customer.ID, right.User.ID, left.User.ID),
		Find: views.CompareFind{Path: templ.SafeURL(userPath(customer.ID, left.User.ID))},
	}
	read := left.ReadAt
	if right.ReadAt.Before(read) {
		read = right.ReadAt
	}
	page.Read = clock.at(read)
	if left.Stale || right.Stale {
		failed := cmp.Or(left.Err, right.Err)
		page.Banner = &views.Banner{Kind: views.BannerWarn, Title: "Partner Center doesn't answer", CorrelationID: correlationOf(failed),
			Text:    "What you see was read at " + page.Read.Text + " and may have changed since. Licenses and roles can't be compared.",
			Actions: []views.Action{{Label: "Try again", Href: ch.Here, Primary: true}}}
	}
	var rows []views.CompareRow
	if err := cmp.Or(left.LicensesErr, right.LicensesErr); err == nil {
		rows = append(rows, compareLicenses(left, right)...)
	} else if page.Banner == nil {
		page.Missing = append(page.Missing, missing(err, w, "see licenses", "The licenses", "Licenses aren't compared"))
	}
	if err := cmp.Or(left.RolesErr, right.RolesErr); err == nil {
		rows = append(rows, compareRoles(left, right)...)
	} else if page.Banner == nil {
		page.Missing = append(page.Missing, missing(err, w, "see roles", "The roles", "Roles aren't compared"))
	}
	for _, row := range append(rows, compareDetails(left.User, right.User)...) {
		if row.Left == row.Right {
			page.Same = append(page.Same, row)
		} else {
			page.Different = append(page.Different, row)
		}
	}
	return page
}

func missing(err error, w wanted, verb, things, title string) views.Missing {
	w.Verb, w.Things, w.Role = verb, things, "Directory Readers"
	withheld, problem := cardTrouble(err, w, title)
	return views.Missing{Withheld: withheld, Trouble: problem}
}

// has is a value that one has or has not.
func has(yes bool, is, isNot string) views.CompareValue {
	if yes {
		return views.CompareValue{Text: is, Mark: views.MarkYes}
	}
	return views.CompareValue{Text: isNot, Mark: views.MarkNo}
}

// compareLicenses has a row for each license of either, and for what both
// have, one for each service plan that only one has on.
func compareLicenses(left, right directory.UserView) []views.CompareRow {
	l, r := licensesByID(left.Licenses), licensesByID(right.Licenses)
	var rows, plans []views.CompareRow
	for id, license := range merged(l, r) {
		name := shown(productName(license.Name, license.PartNumber))
		kind := "License"
		if license.Name != "" && license.PartNumber != "" {
			kind += " · " + shown(license.PartNumber)
		}
		_, onLeft := l[id]
		_, onRight := r[id]
		rows = append(rows, views.CompareRow{What: name, Kind: kind, Left: has(onLeft, "Assigned", "Not assigned"), Right: has(onRight, "Assigned", "Not assigned")})
		if onLeft && onRight {
			plans = append(plans, comparePlans(name, l[id].ServicePlans, r[id].ServicePlans)...)
		}
	}
	byName := func(a, b views.CompareRow) int {
		return cmp.Or(cmp.Compare(fold(a.What), fold(b.What)), cmp.Compare(a.Kind, b.Kind))
	}
	slices.SortFunc(rows, byName)
	slices.SortFunc(plans, byName)
	return append(rows, plans...)
}

func licensesByID(licenses []partnercenter.License) map[string]partnercenter.License {
	out := map[string]partnercenter.License{}
	for _, l := range licenses {
		out[l.SKUID] = l
	}
	return out
}

// merged is what either has.
func merged[T any](a, b map[string]T) map[string]T {
	out := make(map[string]T, len(a)+len(b))
	for id, t := range b {
		out[id] = t
	}
	for id, t := range a {
		out[id] = t
	}
	return out
}

// comparePlans are the service plans of a license that only one has on; equal
// ones would drown them.
func comparePlans(license string, left, right []partnercenter.ServicePlan) []views.CompareRow {
	l, r := plansByID(left), plansByID(right)
	var rows []views.CompareRow
	for id, plan := range merged(l, r) {
		onLeft, onRight := isOn(l, id), isOn(r, id)
		if onLeft != onRight {
			rows = append(rows, views.CompareRow{What: planName(plan), Kind: "Service plan of " + license, Left: has(onLeft, "On", "Off"), Right: has(onRight, "On", "Off")})
		}
	}
	return rows
}

func plansByID(plans []partnercenter.ServicePlan) map[string]partnercenter.ServicePlan {
	out := map[string]partnercenter.ServicePlan{}
	for _, p := range plans {
		out[strings.ToLower(p.ID)] = p
	}
	return out
}

func isOn(plans map[string]partnercenter.ServicePlan, id string) bool {
	p, ok := plans[id]
	return ok && !strings.EqualFold(p.CapabilityStatus, "Disabled")
}

func compareRoles(left, right directory.UserView) []views.CompareRow {
	names := func(roles []partnercenter.DirectoryRole) map[string]string {
		out := map[string]string{}
		for _, r := range roles {
			out[strings.ToLower(r.ID)] = shown(roleName(r.Name))
		}
		return out
	}
	l, r := names(left.Roles), names(right.Roles)
	var rows []views.CompareRow
	for id, name := range merged(l, r) {
		_, onLeft := l[id]
		_, onRight := r[id]
		rows = append(rows, views.CompareRow{What: name, Kind: "Role", Left: has(onLeft, "Has it", "Doesn't have it"), Right: has(onRight, "Has it", "Doesn't have it")})
	}
	slices.SortFunc(rows, func(a, b views.CompareRow) int { return cmp.Compare(a.What, b.What) })
	return rows
}

func isGuest(u partnercenter.User) bool { return strings.Contains(u.UserPrincipalName, "#EXT#") }

// compareDetails leaves out what always differs: names, phone, IDs.
func compareDetails(left, right partnercenter.User) []views.CompareRow {
	row := func(what string, value func(partnercenter.User) views.CompareValue) views.CompareRow {
		return views.CompareRow{What: what, Kind: "Detail", Left: value(left), Right: value(right)}
	}
	text := func(value, none string) views.CompareValue {
		if value == "" {
			return views.CompareValue{Text: none}
		}
		return views.CompareValue{Text: shown(value)}
	}
	return []views.CompareRow{
		row("Usage location", func(u partnercenter.User) views.CompareValue {
			if u.UsageLocation == "" {
				return views.CompareValue{Text: "Not set", Mark: views.MarkWarn}
			}
			return text(countryName(u.UsageLocation), "")
		}),
		row("Domain", func(u partnercenter.User) views.CompareValue { return text(domainOf(u.UserPrincipalName), "None") }),
		row("Domain type", func(u partnercenter.User) views.CompareValue {
			return text(domainType(string(u.DomainType)), "Not told")
		}),
		row("Synced", func(u partnercenter.User) views.CompareValue {
			return has(!u.LastDirectorySync.IsZero(), "Synced", "Cloud only")
		}),
		row("Guest", func(u partnercenter.User) views.CompareValue { return has(isGuest(u), "Guest", "No guest") }),
		row("Immutable ID", func(u partnercenter.User) views.CompareValue { return has(u.ImmutableID != "", "Set", "Not set") }),
	}
}

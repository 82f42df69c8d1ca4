package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

// mostEntries is how many entries a pasted list may have.
const mostEntries = 1000

// longestListText is how much of a pasted list the trail keeps, in bytes.
const longestListText = 8 << 10

// selectFromList answers do=list of POST …/selection: whom the entries mean.
// Nothing is selected before the person has seen that.
func (s *server) selectFromList(c echo.Context, customerID string, form url.Values) error {
	ctx, v := c.Request().Context(), s.viewer(c)
	customer, err := s.customerHead(c, customerID)
	if err != nil {
		return err
	}
	page := views.SelectionListPage{
		Chrome:   s.chrome(c, views.NavCustomers, customer.Name+" · Select from a list"),
		Customer: customer,
		Path:     templ.SafeURL(customersPath + "/" + customerID + "/selection"),
		Back:     s.listOf(c, customerID),
	}
	page.Icon, page.At = iconPath(customerID), views.JumpPlace{CustomerID: customerID, Name: customer.Name}

	found, err := s.directory.ByID(ctx, v, customerID, form["user"]) // found before
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	for _, row := range found {
		page.Found = append(page.Found, foundUser(row, ""))
	}
	entries := listEntries(form.Get("entries"))
	if len(entries) > mostEntries {
		if err := s.listOnTrail(c, customerID, nil, len(found)); err != nil {
			return err
		}
		page.Mistake = "That is more than " + views.Number(mostEntries) + " entries. Nothing was looked for; paste fewer at a time."
		page.NotFound = []string{form.Get("entries")}
		page.Title = "Error: " + page.Title
		return renderStatus(c, http.StatusUnprocessableEntity, views.SelectionList(page))
	}
	matches, err := s.matches(c, customerID, entries)
	if err != nil {
		return s.usersRefused(c, customerID, err)
	}
	if err := s.listOnTrail(c, customerID, matches, len(found)); err != nil {
		return err
	}
	for _, m := range matches {
		switch len(m.Rows) {
		case 0:
			page.NotFound = append(page.NotFound, shown(m.Entry))
		case 1:
			if !slices.ContainsFunc(page.Found, func(u views.FoundUser) bool { return u.ID == m.Rows[0].ID }) {
				page.Found = append(page.Found, foundUser(m.Rows[0], m.Entry))
			}
		default:
			one := views.AmbiguousEntry{Entry: shown(m.Entry)}
			for _, row := range m.Rows {
				one.Users = append(one.Users, foundUser(row, ""))
			}
			page.Ambiguous = append(page.Ambiguous, one)
		}
	}
	if view, _, err := s.directory.All(ctx, v, customerID, directory.Query{}); err == nil && !view.Complete() {
		page.Part = plural(view.Read, "user", "users") + " are read so far. Someone who is not found may still exist."
	}
	return renderStatus(c, http.StatusOK, views.SelectionList(page))
}

// listOnTrail puts on the trail whom a pasted list is looked up for, and how
// many users it shows; before are those that a list before it found.
func (s *server) listOnTrail(c echo.Context, customerID string, matches []directory.Match, before int) error {
	e := s.entry(c, audit.KindFind, customerID, "")
	entries, users := make([]string, len(matches)), before
	for i, m := range matches {
		entries[i] = m.Entry
		users += len(m.Rows)
	}
	text := strings.Join(entries, "; ")
	if len(text) > longestListText {
		text = strings.ToValidUTF8(text[:longestListText], "") + "…"
	}
	e.Detail = map[string]string{"text": text, "entries": strconv.Itoa(len(entries)), "found": strconv.Itoa(users)}
	_, err := s.trail.Append(c.Request().Context(), e)
	return trailTrouble(err)
}

// listOf is the list of users on which the form stood, as it was.
func (s *server) listOf(c echo.Context, customerID string) templ.SafeURL {
	list := usersList{path: string(usersPath(customerID)), ask: s.askOf(c, customerID)}
	return list.here()
}

func foundUser(row directory.UserRow, entry string) views.FoundUser {
	return views.FoundUser{ID: row.ID, Name: shown(row.DisplayName), UPN: shown(row.UPN), Entry: shown(entry)}
}

// matches finds whom the entries mean. A comma may part two entries or two
// parts of a name: what means nobody as it stands is taken apart.
func (s *server) matches(c echo.Context, customerID string, entries []string) ([]directory.Match, error) {
	ctx, v := c.Request().Context(), s.viewer(c)
	whole, err := s.directory.Match(ctx, v, customerID, entries)
	if err != nil {
		return nil, err
	}
	var out []directory.Match
	for _, m := range whole {
		if len(m.Rows) > 0 || !strings.Contains(m.Entry, ",") {
			out = append(out, m)
			continue
		}
		parts, err := s.directory.Match(ctx, v, customerID, pieces(m.Entry, ","))
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// listEntries takes a pasted list apart: a line, or what semicolons or tabs
// part; of addresses side by side, each.
func listEntries(text string) []string {
	var out []string
	for _, piece := range pieces(text, "\n\r\t;") {
		if strings.Count(piece, "@") > 1 && !strings.ContainsAny(piece, "<,") {
			out = append(out, strings.Fields(piece)...)
			continue
		}
		out = append(out, piece)
	}
	return slices.Compact(out)
}

// pieces are what is between the separators, without blanks around and what
// nobody means.
func pieces(text, separators string) []string {
	var out []string
	for piece := range strings.FieldsFuncSeq(strings.ToValidUTF8(text, ""), func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if piece = strings.Join(strings.FieldsFunc(piece, notPrintable), " "); piece != "" {
			out = append(out, piece)
		}
	}
	return out
}

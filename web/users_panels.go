package web

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/views"
)

// panelTarget is the element that panels open in.
const panelTarget = "users-panel"

// tools are the links that open a panel.
func (l usersList) tools() []views.Tool {
	return []views.Tool{
		tool(l.here(), "views", "Views", "bookmark"),
		tool(l.here(), "list", "Select from a list", "list-checks"),
		tool(l.here(), "columns", "Columns", "columns-3"),
		tool(l.here(), toolCommand, "Copy as command", "terminal"),
	}
}

// toolCommand opens the list as lines for a shell.
const toolCommand = "command"

// tool opens a panel over the list that is here.
func tool(here templ.SafeURL, name, label, icon string) views.Tool {
	return views.Tool{Name: name, Label: label, Icon: icon, Bare: true, Href: panelHref(here, name)}
}

// panelHref is the address of the list that is here with a panel open.
func panelHref(here templ.SafeURL, name string) templ.SafeURL {
	return templ.SafeURL(withParameter(string(here), "panel="+name))
}

// panelOf is the panel that is asked for; a button that moves a column stays
// in that of the columns.
func panelOf(v url.Values) string {
	if v.Has("up") || v.Has("down") {
		return "columns"
	}
	return v.Get("panel")
}

// showPanel answers with a panel alone, where the script puts it over the list,
// or without script with the page that has it.
func (s *server) showPanel(c echo.Context, list usersList, page views.UsersPage, name string) error {
	panel, err := s.panel(c, list, page, name)
	if err != nil {
		return err
	}
	at := panelTarget
	if i := slices.IndexFunc(page.Filters, func(f views.Filter) bool { return f.Name == name }); i >= 0 {
		at = "filter-" + name
		page.Filters[i] = list.lazy(name, true)
	} else {
		page.Panel = panel
	}
	if target(c.Request()) != at {
		panel = nil
	}
	return render(c, views.Users(page), panel)
}

// panel is what stands in the panel of that name; an unknown one is none.
func (s *server) panel(c echo.Context, list usersList, page views.UsersPage, name string) (templ.Component, error) {
	switch name {
	case "license", "plan", "location", "domain", "role":
		return views.FilterOptions(list.lazy(name, true)), nil
	case "columns":
		return views.ColumnsChooser(list.columnsPanel(c.QueryParams())), nil
	case "views":
		return s.viewsPanel(c, list, page, "", "")
	case toolCommand:
		return views.Commands(list.commandPanel(page.Customer, s.cfg)), nil
	case "list":
		return views.SelectFromList(views.ListPanel{Path: page.Bulk.Path, Here: list.here()}), nil
	case "upns":
		return s.namesPanel(c, list, page)
	}
	return nil, nil
}

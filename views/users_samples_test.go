package views

import "github.com/a-h/templ"

// selected has users ticked, on this page and others.
func selected(p *UsersPage) {
	for i := range 3 {
		p.Rows[2*i+1].Ticked = true
	}
	p.Bulk.Selected, p.Bulk.All, p.Bulk.Only = 14, 412, p.Path+"?only=selected"
	p.Bulk.Tools = []Tool{{Name: "upns", Label: "Copy UPNs", Icon: "copy", Href: p.Path + "?panel=upns"}}
}

func onlySelected(p *UsersPage) {
	selected(p)
	p.Rows, p.Shown = p.Rows[:2], 2
	p.Bulk.All, p.Bulk.Only, p.Bulk.Everybody, p.Clear = 0, "", p.Path, p.Path
	p.Pager = Pager{From: 1, To: 2, Of: 2}
}

// readingLicenses has them on their way.
func readingLicenses(p *UsersPage) {
	p.Licenses.Text, p.Licenses.Reading = "9 of 412 read", true
	for i := range p.Rows {
		p.Rows[i].LicensesRead = i < 9
	}
	p.Chips[0].Count, p.Chips[0].Of = 1, "of 9 read"
}

// withheldColumns leaves out what the person may not see.
func withheldColumns(p *UsersPage) {
	p.Columns = []UserColumn{p.Columns[1], p.Columns[2], p.Columns[3]}
	p.Chips, p.Licenses = p.Chips[1:], LicensesLine{}
	p.Withheld = &Withheld{Title: "Licenses and roles aren’t shown", Text: "This needs the role Directory Readers at " + contosoName + ". Whoever manages admin relationships at Fabrikam Cloud Services can give it.", CopyText: "Please give me Directory Readers."}
}

// openFilter is a page without script, with the choices of a filter on it.
func openFilter(p *UsersPage) {
	f := sampleLicenseFilter(p.Path)
	f.Open = true
	p.Filters = append([]Filter{f}, p.Filters...)
}

func sampleLicenseFilter(path templ.SafeURL) Filter {
	return Filter{Name: "license", Label: "License", Load: path + "?panel=license", Clear: path, Applied: 1, Note: "Licenses of 398 of 412 users are read.", Options: []FilterOption{
		{Value: "none", Label: "Unlicensed", Count: 37, Part: true},
		{Value: "06ebc4ee-1bb5-47dd-8120-11324bc54e06", Label: "Microsoft 365 E5", Title: "SPE_E5", Count: 61, Part: true, On: true},
	}}
}

func samplePanels() map[string]templ.Component {
	path := templ.SafeURL("/customers/" + contosoID + "/users")
	columns := ColumnsPanel{Path: path, Keep: "/settings", Order: "licenses,location,domain,synced,roles,phone", Reset: path, Hidden: []Hidden{{"q", "mul"}}}
	for i, kind := range []UserColumnKind{ColumnLicenses, ColumnLocation, ColumnDomainType, ColumnSynced, ColumnRoles, ColumnLastSynced, ColumnNames, ColumnPhone, ColumnID} {
		columns.Columns = append(columns.Columns, ColumnChoice{Key: "c" + string('a'+rune(i)), Label: kind.Label(), On: i < 5})
	}
	columns.Columns[4].On, columns.Columns[4].Withheld = false, "You may not see roles here."
	return map[string]templ.Component{
		"columns": ColumnsChooser(columns),
		"views":   ViewsChooser(sampleViews()),
		"command": Commands(CommandPanel{Left: "The order of columns can't be said.", Commands: []Command{
			{ID: "rollcall", Label: "With rollcall", Note: "Signed in with: rollcall login", Line: "rollcall users list " + contosoID + " --search 'müller' --synced"},
			{ID: "curl", Label: "With curl", Note: "Reads the first page; a token is in TOKEN.", Line: "curl --fail --header \"Authorization: Bearer $TOKEN\" 'https://api.partnercenter.microsoft.com/v1/customers/" + contosoID + "/users?size=500'"},
		}}),
		"list": SelectFromList(ListPanel{Path: "/customers/" + contosoID + "/selection", Here: path}),
		"upns": SelectedNames(NamesPanel{Count: 2, Gone: 1, Text: "a.alfarsi@contoso.example\nj.mueller@contoso.example\n"}),
	}
}

func sampleViews() ViewsPanel {
	path := templ.SafeURL("/customers/" + contosoID + "/users")
	return ViewsPanel{
		Path: "/customers/" + contosoID + "/views", Here: path + "?guest=yes", Query: "guest=yes", Customer: contosoName, Plain: path + "?view=none", Settings: "/settings#views",
		Views: []ViewLink{
			{ID: "a", Name: "Guests", Href: path + "?view=a", Note: "For all customers", On: true, Default: true},
			{ID: "b", Name: "Unlicensed in Berlin", Href: path + "?view=b", Note: "Shared by Tomás Herrera"},
		},
	}
}

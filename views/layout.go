package views

// htmxConfig are htmx's settings, which it reads from a <meta>: no second
// prefix to look for, no style sheet of its own, errors after half a minute.
const htmxConfig = `{"prefix":"","includeIndicatorCSS":false,"defaultTimeout":30000}`

// themes are the choices of the account menu and the settings.
var themes = []struct{ theme, label, icon string }{
	{ThemeSystem, "As the system", "monitor"},
	{ThemeLight, "Light", "sun"},
	{ThemeDark, "Dark", "moon"},
}

func jumpPlaceholder(at JumpPlace) string {
	if at.Name == "" {
		return "Customer, domain, page"
	}
	return "Users at " + at.Name + ", customers, pages"
}

func faultsOn(faults []DemoFault) int {
	n := 0
	for _, f := range faults {
		if f.On {
			n++
		}
	}
	return n
}

package views

// htmxConfig are htmx's settings, which it reads from a <meta>: no second
// prefix to look for, no style sheet of its own, errors after half a minute.
const htmxConfig = `{"prefix":"","includeIndicatorCSS":false,"defaultTimeout":30000}`

// themes are the choices of the account menu and the settings. The form's word
// for the system's theme is not empty, so that the field is told from a missing one.
var themes = []struct{ theme, value, label, icon string }{
	{ThemeSystem, "system", "As the system", "monitor"},
	{ThemeLight, "light", "Light", "sun"},
	{ThemeDark, "dark", "Dark", "moon"},
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

package config

import (
	"fmt"
	"strings"
)

// Markdown is docs/configuration.md: every setting, from the same table that
// flags, variables and checks come from.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Written by "go generate ./internal/config" from internal/config/settings.go; changes here are lost. -->

A setting is a flag, or an environment variable; the flag wins. Lists are separated by commas. A secret has a
variable or a file, never a flag. ` + "`rollcall serve`" + ` tells all mistakes at once, with what to write instead, and refuses
to start on a ` + "`ROLLCALL_`" + ` variable that it doesn't know.

`)
	for _, command := range []struct {
		is    Command
		title string
	}{
		{Serve, "`rollcall serve`"},
		{Demo, "`rollcall demo`"},
		{Login, "`rollcall login`"},
		{Database | Keys | Sessions, "The administrator's commands: `rollcall activity`, `sessions`, `keys`, `backup`, `restore`, `migrate` (each has those it needs)"},
		{CLI, "Commands that call Partner Center: `rollcall customers`, `rollcall users`, `rollcall licenses` and the like"},
	} {
		fmt.Fprintf(&b, "## %s\n\n| flag | variable | default | what it sets |\n|---|---|---|---|\n", command.title)
		for _, s := range For(command.is).settings {
			flag, fallback := "`--"+s.Flag+"`", "none"
			if s.Secret {
				flag = "(none: secret)"
			}
			if s.Default != "" {
				fallback = "`" + s.Default + "`"
			}
			if s.Required&command.is != 0 {
				fallback = "**required**"
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", flag, s.Variable(), fallback, plain(s.Help))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

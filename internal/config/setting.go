package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Command is one of the commands that settings belong to, or several.
type Command uint16

// The commands that have settings.
const (
	Serve    Command = 1 << iota // rollcall serve
	Demo                         // rollcall demo
	CLI                          // the commands that call Partner Center themselves
	Login                        // rollcall login
	Logout                       // rollcall logout
	Database                     // the administrator's commands, which work on a server's database
	Keys                         // those of them that need its keys
	Sessions                     // those of them that tell which sessions live
)

// Setting is one thing that can be set.
type Setting struct {
	Flag     string  // its name: "base-url" is --base-url and ROLLCALL_BASE_URL
	Default  string  // as it would be written; empty for none
	Help     string  // one line with the unit; the placeholder of the value in back quotes
	For      Command // the commands that have it
	Required Command // those of them that can't do without
	Secret   bool    // only the environment has it, and it is never printed

	set   func(*Config, string) error // checks a value, and keeps it
	overt func(string) bool           // nil, or whether a value must not be a flag, being secret in part
}

// Variable is the setting's environment variable.
func (s Setting) Variable() string {
	return "ROLLCALL_" + strings.ToUpper(strings.ReplaceAll(s.Flag, "-", "_"))
}

// Set is the settings of some command.
type Set struct {
	command  Command
	settings []Setting
}

// For returns the settings of a command.
func For(command Command) Set {
	s := Set{command: command}
	for _, setting := range settings() {
		if setting.For&command != 0 {
			s.settings = append(s.settings, setting)
		}
	}
	return s
}

// AddFlags adds a flag for each setting that is not secret. Values stay text
// until Load, so that one mistake doesn't hide the next.
func (s Set) AddFlags(flags *pflag.FlagSet) {
	for _, setting := range s.settings {
		if setting.Secret {
			continue
		}
		help := fmt.Sprintf("%s [%s]", setting.Help, setting.Variable())
		if setting.Default == "true" || setting.Default == "false" {
			flag := flags.VarPF((*switchText)(new(setting.Default)), setting.Flag, "", help)
			flag.NoOptDefVal = "true"
			continue
		}
		flags.String(setting.Flag, setting.Default, help)
	}
}

// switchText is the text of a switch: like the others it is checked by Load,
// but the flag alone stands for true, as the help of a switch says by itself.
type switchText string

func (s *switchText) String() string     { return string(*s) }
func (s *switchText) Set(v string) error { *s = switchText(v); return nil }
func (s *switchText) Type() string       { return "bool" }

// Load takes each setting from its flag, else from its variable in environ
// (the form of os.Environ), else from its default, and checks it. The error
// joins all mistakes, each with what to write instead. flags may be nil.
func (s Set) Load(flags *pflag.FlagSet, environ []string) (Config, error) {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}

	var config Config
	var bad []error
	for _, setting := range s.settings {
		value, from := setting.Default, "--"+setting.Flag
		if setting.Secret {
			from = setting.Variable()
		}
		if v := env[setting.Variable()]; v != "" {
			value, from = v, setting.Variable()
		}
		if flags != nil && !setting.Secret && flags.Changed(setting.Flag) {
			value, from = flags.Lookup(setting.Flag).Value.String(), "--"+setting.Flag
		}
		if setting.overt != nil && from == "--"+setting.Flag && setting.overt(value) {
			bad = append(bad, fmt.Errorf("%s: it holds a password, which a list of processes would show; set %s instead", from, setting.Variable()))
			continue
		}
		if value == "" {
			if setting.Required&s.command != 0 {
				bad = append(bad, fmt.Errorf("--%s is missing: %s (or set %s)", setting.Flag, plain(setting.Help), setting.Variable()))
			}
			continue
		}
		if err := setting.set(&config, value); err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", from, err))
		}
	}
	if s.command == Serve {
		bad = append(bad, unknown(env)...)
	}
	if len(bad) == 0 {
		bad = append(bad, config.together()...)
	}
	return config, errors.Join(bad...)
}

// Given reports whether a setting was set by its flag or variable, and so is
// not at its default. flags may be nil.
func (s Set) Given(flags *pflag.FlagSet, environ []string, flag string) bool {
	for _, setting := range s.settings {
		if setting.Flag != flag {
			continue
		}
		if flags != nil && !setting.Secret && flags.Changed(flag) {
			return true
		}
		for _, pair := range environ {
			if name, value, _ := strings.Cut(pair, "="); name == setting.Variable() && value != "" {
				return true
			}
		}
	}
	return false
}

// unknown finds variables that look like settings and are none: a mistyped
// ROLLCALL_REQUIRE_MFA would otherwise be ignored in silence.
func unknown(env map[string]string) []error {
	var names []string
	for _, setting := range settings() {
		names = append(names, setting.Variable())
	}
	var bad []error
	for name, value := range env {
		if value != "" && strings.HasPrefix(name, "ROLLCALL_") && !strings.HasPrefix(name, "ROLLCALL_TEST_") && !slices.Contains(names, name) {
			bad = append(bad, fmt.Errorf("%s is no setting of Rollcall: take it away, or look up its name in docs/configuration.md", name))
		}
	}
	slices.SortFunc(bad, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return bad
}

// plain is a help text without the back quotes of its placeholder.
func plain(help string) string { return strings.ReplaceAll(help, "`", "") }

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// program is what the commands share.
type program struct {
	in      io.Reader
	out     io.Writer
	errOut  io.Writer
	environ []string // in the form of os.Environ
}

// clock is the time that messages and waits go by; tests have their own.
var clock = time.Now

// commands is the one list of them, in the order of the help.
func (p *program) commands() []*cobra.Command {
	return []*cobra.Command{
		newDemo(p),
		newServe(p),
		newLogin(p),
		newLogout(p),
		newWhoami(p),
		newCustomers(p),
		newUsers(p),
		newLicenses(p),
		newSKUs(p),
		newRoles(p),
		newDomains(p),
		newAuditRecords(p),
		newEmulator(p),
		newDoctor(p),
		newActivity(p),
		newSessions(p),
		newKeys(p),
		newBackup(p),
		newRestore(p),
		newMigrate(p),
		newCompletion(p),
		newVersion(p),
	}
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "rollcall",
		Short: "See the users and licenses of the customers you look after, through the Partner Center API",
		Example: `  rollcall demo
  ROLLCALL_API_URL=http://127.0.0.1:8081 ROLLCALL_TOKEN=admin-agent rollcall users list northwind.example`,
		Args:              noArguments,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Version:           version(),
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("rollcall {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misuse("%s. See %s --help.", flagMistake(err), cmd.CommandPath())
	})
	root.SetHelpTemplate(helpTemplate)
	root.PersistentFlags().BoolP("help", "h", false, "print this help")
	root.Flags().Bool("version", false, "print the version")
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, Args: cobra.ArbitraryArgs, RunE: helpFor})
	root.AddCommand(p.commands()...)
	return root
}

// flagMistake says what to write instead of a value that a flag can't take.
func flagMistake(err error) string {
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(bare.GetFlag())
		return fmt.Sprintf("--%s needs a value: %s", bare.GetFlag().Name, value)
	}
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err.Error()
	}
	flag, wanted := invalid.GetFlag(), ""
	switch flag.Value.Type() {
	case "int", "uint64":
		wanted = "is no whole number; write it like " + cmp.Or(strings.TrimPrefix(flag.DefValue, "0"), "10")
	case "bool":
		wanted = "is neither true nor false; write one of them, or the flag alone for true"
	case "duration":
		wanted = "is no time; write it like 90s or 24h"
	default: // a type of ours, whose words these are
		wanted = invalid.Unwrap().Error()
	}
	return fmt.Sprintf("--%s: %q %s", flag.Name, invalid.GetValue(), wanted)
}

// helpTemplate answers in this order: what it does, usage, examples, commands,
// flags with unit, default and variable, what else there is to know, where to
// read more.
const helpTemplate = `{{.Short}}.

Usage:
{{if .HasAvailableSubCommands}}  {{.CommandPath}} COMMAND{{else}}  {{.UseLine}}{{end}}

Examples:
{{.Example}}
{{if .HasAvailableSubCommands}}
Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}
{{end}}
Flags:
{{.Flags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}
{{with .Long}}
{{.}}
{{end}}
{{if .HasAvailableSubCommands}}More about a command: {{.CommandPath}} COMMAND --help
{{else}}Read more: docs/cli.md, docs/configuration.md
{{end}}`

// helpFor answers "rollcall help users list".
func helpFor(cmd *cobra.Command, words []string) error {
	found, rest, err := cmd.Root().Find(words)
	if err != nil || len(rest) > 0 {
		return misuse("There is no command %q. rollcall --help lists them.", strings.Join(words, " "))
	}
	return found.Help()
}

// noArguments is for commands that are whole without a word after them; a word
// after a command that only has others below it is a mistyped command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return misuse("%s takes no %q. See %s --help.", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	meant := ""
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		meant = fmt.Sprintf(" Did you mean %s %s?", cmd.CommandPath(), near[0])
	}
	return misuse("There is no command %s %s.%s %s --help lists them.", cmd.CommandPath(), args[0], meant, cmd.CommandPath())
}

// newVersion answers rollcall version.
func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  rollcall version\n  rollcall --version",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.out, "rollcall %s\n", version())
			return err
		},
	}
}

// release is set by the linker for released programs.
var release = ""

// version names the release, else the commit it was built from.
func version() string {
	name, commit := release, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if name == "" && info.Main.Version != "(devel)" {
			name = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = ", commit " + setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	if name == "" {
		name = "unreleased"
	}
	return fmt.Sprintf("%s (%s, %s/%s%s)", name, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit)
}

package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// arguments is for commands about things that are named in this order. A name
// in brackets may be left out.
func arguments(names ...string) cobra.PositionalArgs {
	needed := 0
	for _, name := range names {
		if !strings.HasPrefix(name, "[") {
			needed++
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < needed:
			return misuse("%s needs a %s. Write it like: %s", cmd.CommandPath(), names[len(args)], firstExample(cmd))
		case len(args) > len(names) && yesOrNo(args[len(args)-1]):
			return misuse("%s takes %s, and no %q. What a flag is to be stands behind an equals sign, as in --synced=false.", cmd.CommandPath(), strings.Join(names, " "), args[len(args)-1])
		case len(args) > len(names) && len(names) == 1:
			return misuse("%s takes one %s, not %d. Put a name with spaces in quotes.", cmd.CommandPath(), names[0], len(args))
		case len(args) > len(names):
			return misuse("%s takes %s, and no %q. Put a name with spaces in quotes.", cmd.CommandPath(), strings.Join(names, " "), args[len(names)])
		}
		for i, arg := range args {
			if strings.TrimSpace(arg) == "" {
				return misuse("%s is empty. Write it like: %s", strings.Trim(names[i], "[]"), firstExample(cmd))
			}
		}
		return nil
	}
}

// yesOrNo reports whether somebody may have meant it for the flag before it.
func yesOrNo(word string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no"}, strings.ToLower(word))
}

func firstExample(cmd *cobra.Command) string {
	line, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	return line
}

// group is a command that only holds others.
func group(use, short, example string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: example,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(below...)
	return cmd
}

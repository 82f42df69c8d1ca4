package main

import (
	"github.com/spf13/cobra"
)

// shells are those that completion scripts are written for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// newCompletion answers rollcall completion SHELL.
func newCompletion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that lets a shell complete commands, customers and users",
		Long: `SHELL is bash, zsh, fish or powershell. Domains, user principal names, SKUs and
roles come live from Partner Center, with your own sign-in, within two seconds.

  bash        rollcall completion bash > /etc/bash_completion.d/rollcall
              (needs the package bash-completion)
  zsh         rollcall completion zsh > "${fpath[1]}/_rollcall"
  fish        rollcall completion fish > ~/.config/fish/completions/rollcall.fish
  PowerShell  rollcall completion powershell >> $PROFILE`,
		Example:           "  rollcall completion bash > /etc/bash_completion.d/rollcall\n  rollcall completion fish > ~/.config/fish/completions/rollcall.fish",
		Args:              arguments("SHELL"),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.out, true)
			case "zsh":
				return root.GenZshCompletion(p.out)
			case "fish":
				return root.GenFishCompletion(p.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(p.out)
			}
			return misuse("%q is no shell that completion is there for; write bash, zsh, fish or powershell", args[0])
		},
	}
}

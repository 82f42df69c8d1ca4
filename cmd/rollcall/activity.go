package main

import (
	"github.com/spf13/cobra"
)

// newActivity holds the commands about a server's trail.
func newActivity(p *program) *cobra.Command {
	return group("activity", "What people did through Rollcall, and whether the record of it is whole",
		"  rollcall activity list --since 2026-03-01\n  rollcall activity verify --anchors /var/log/rollcall.log",
		newActivityList(p), newActivityVerify(p), newActivityCut(p))
}

// onServer is what every administrator's command says of where it works.
const onServer = `It works on a server's database, also while that serves; run it there, as the
account that serves.`

package main

import "github.com/rollcall-app/rollcall/internal/export"

// appendCSV appends one line in the form of RFC 4180, each cell guarded.
func appendCSV(to []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			to = append(to, ',')
		}
		to = export.AppendCell(to, cell)
	}
	return append(to, '\n')
}

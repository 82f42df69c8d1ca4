package main

import (
	"strings"
	"unicode"
)

// appendCSV appends one line in the form of RFC 4180, each cell guarded.
func appendCSV(to []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			to = append(to, ',')
		}
		guard := formula(cell)
		if !guard && !strings.ContainsAny(cell, "\",\r\n") && !strings.HasPrefix(cell, " ") {
			to = append(to, cell...)
			continue
		}
		to = append(to, '"')
		if guard {
			to = append(to, '\'')
		}
		for rest := cell; ; {
			before, after, found := strings.Cut(rest, `"`)
			to = append(to, before...)
			if !found {
				break
			}
			to = append(to, `""`...)
			rest = after
		}
		to = append(to, '"')
	}
	return append(to, '\n')
}

// formula reports whether a spreadsheet could take a cell for a formula: its
// first character that is no space begins one, or is a tab or line break that
// some programs cut away. Such a cell gets an apostrophe in front.
func formula(cell string) bool {
	for _, r := range cell {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
			return true
		}
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return false
}

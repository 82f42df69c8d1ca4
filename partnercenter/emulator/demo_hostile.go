package emulator

import (
	"fmt"
	"strings"
	"time"
)

// hostileStaff have names that are something else to careless software:
// markup, formulas, characters that turn the direction of writing or take no
// room, far too many letters.
var hostileStaff = []writtenPerson{
	{"<b>Test</b> & \"Quote\" ; DROP TABLE", "<img src=x onerror=alert(1)>", "&amp;", "markup@nodpublishers.example", "NL", 0, 0, false},
	{"=cmd|'/c calc'!A1", "+1", "@SUM(A1)", "formula@nodpublishers.example", "NL", 0, 0, false},
	{"-1+2\t=3", "\t=1", "＝1", "formula2@nodpublishers.example", "NL", 0, 0, false},
	{"Jan \u202egnp.exe", "Jan\u200b", "\u2066Janssen", "direction@nodpublishers.example", "NL", 0, 0, false},
	{"Line one\nLine two\r\nX-Header: yes", "Line\u2028one", "Line\u2029two", "lines@nodpublishers.example", "NL", 0, 0, false},
	{"\x1b[31mred\x1b[0m \a\u009b2J", "{{ .Secret }}", "${jndi:x}", "terminal@nodpublishers.example", "NL", 0, 0, false},
	{strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 7) + "Sr.", "Hubert Blaine", strings.Repeat("Wolfe", 12), "long@nodpublishers.example", "NL", 0, 0, false},
	{"Z̷̢̛͎a̸͚̋l̶̰̈g̶̜͝o̶͔͒ 👩🏽‍💻", "👩🏽‍💻", "Z̷a̸l̶g̶o̶", "combining@nodpublishers.example", "NL", 0, 0, false},
	{"undefined", "null", "None", "null@nodpublishers.example", "NL", 0, 0, false},
}

// hostile is the customer that has them.
func hostile(now time.Time) customerRow {
	row := customerRow{
		id: HostileCustomerID, name: "Nod Publishers", domains: "nodpublishers.example",
		country: "NL", city: "Utrecht", users: 33, mix: "benelux", kit: "small",
	}
	for i, w := range hostileStaff {
		who := w.person(i, now)
		who.id = fmt.Sprintf("badba5e0-0000-4000-8000-%012x", i+1)
		row.written = append(row.written, who)
	}
	return row
}

package web

import "testing"

var kept string // so that the call below is not left out

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"Jürgen Müller-Lüdenscheidt": "Jürgen Müller-Lüdenscheidt",
		"محمد\u200f (Riyadh)":        "محمد\u200f (Riyadh)",
		"名前 👩🏽‍💻 – “quoted” €5 £3 ° ½": "名前 👩🏽‍💻 – “quoted” €5 £3 ° ½",
		"Jan \u202egnp.exe":               "Jan \ufffdgnp.exe",
		"\u2066Janssen\u2069":             "\ufffdJanssen\ufffd",
		"Line one\nLine two\r\nX: y\t.":   "Line one Line two  X: y .",
		"Line\u2028one\u2029":             "Line one ",
		"\x1b[31mred\x1b[0m \a\u009b2J":   "\ufffd[31mred\ufffd[0m \ufffd\ufffd2J",
		"\x00\x7f":                        "\ufffd\ufffd",
		"<b>\"Quote\" & 'such' {{x}}</b>": "<b>\"Quote\" & 'such' {{x}}</b>",
	} {
		if got := shown(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { kept = shown("Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine") }); n != 0 {
		t.Errorf("a plain name costs %v allocations", n)
	}
}

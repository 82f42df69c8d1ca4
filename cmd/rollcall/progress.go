package main

import (
	"fmt"
	"io"
)

// progress is the one line that counts while a list goes somewhere else than
// the terminal; where the person watches the rows, or nobody does, it is silent.
type progress struct {
	out   io.Writer // nil: silent
	what  string    // "users read so far"
	shown bool
}

// progress counts things that are read, unless the person sees their rows.
func (p *program) progress(many string, rowsShown bool) *progress {
	return p.counting(many+" read so far", rowsShown)
}

func (p *program) counting(what string, rowsShown bool) *progress {
	if watched, _ := terminal(p.errOut); !watched || rowsShown {
		return &progress{}
	}
	return &progress{out: p.errOut, what: what}
}

func (g *progress) at(n int) {
	if g.out != nil && n%tableSample == 0 {
		g.show(n)
	}
}

func (g *progress) show(n int) {
	if g.out != nil {
		fmt.Fprintf(g.out, "\r%s %s", grouped(n), g.what)
		g.shown = true
	}
}

func (g *progress) clear() {
	if g.shown {
		fmt.Fprint(g.out, "\r\x1b[K")
		g.shown = false
	}
}

// note tells a person at a terminal something beside the results; a pipe gets
// nothing.
func (p *program) note(format string, args ...any) {
	if watched, _ := terminal(p.errOut); watched {
		fmt.Fprintln(p.errOut, visible(fmt.Sprintf(format, args...)))
	}
}

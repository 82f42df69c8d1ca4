package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
)

// show writes one thing: a line a field for people and in tab-separated form,
// else what list would write of it, but that JSON is the object alone.
func show[T any](p *program, o output, k kind[T], item T) error {
	toTerminal, _ := terminal(p.out)
	format := o.chosen(toTerminal)
	out := bufio.NewWriter(p.out)
	w, err := newRowWriter(out, format, k, o.columns)
	if err != nil {
		return err
	}
	w.onTerminal(toTerminal, 0, p.colour())
	switch format {
	case "json":
		document, err := w.document(&item)
		if err != nil {
			return err
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, appendVisibleJSON(nil, document), "", "  "); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", indented.Bytes())
	case "table", "tsv":
		if o.columns == "" {
			w.columns = k.all
		}
		writeFields(out, w, format, item)
	default:
		w.begin()
		w.row(item)
		w.end()
		if w.err != nil {
			return fmt.Errorf("writing it: %w", w.err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing it: %w", err)
	}
	return nil
}

// writeFields writes a line a field. People don't see what is empty; programs
// find every field.
func writeFields[T any](out *bufio.Writer, w *rowWriter[T], format string, item T) {
	cells := w.texts(item, true)
	widest := 0
	labels := make([]string, len(cells))
	for i, c := range w.columns {
		words := inWords(c.name)
		labels[i] = strings.ToUpper(words[:1]) + words[1:]
		if cells[i] != "" {
			widest = max(widest, lipgloss.Width(labels[i]))
		}
	}
	for i, cell := range cells {
		switch {
		case format == "tsv":
			fmt.Fprintf(out, "%s\t%s\n", w.columns[i].name, cell)
		case cell != "":
			label := labels[i]
			gap := strings.Repeat(" ", widest-lipgloss.Width(label)+2)
			if w.colour {
				label = lipgloss.NewStyle().Bold(true).Render(label)
			}
			fmt.Fprintf(out, "%s%s%s\n", label, gap, cell)
		}
	}
}

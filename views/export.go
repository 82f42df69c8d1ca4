package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// ExportMenu is where a list can be had as a file. The first is one click away,
// the others are behind it.
type ExportMenu struct {
	Files []ExportFile // the one most wanted first
}

// ExportFile is one way to have the list.
type ExportFile struct {
	Label string // "Excel", "Excel, for the customer: without IDs"
	Href  templ.SafeURL
}

// ExportPage stands between a list and its file where the file would be less
// than what was asked for, or would come late.
type ExportPage struct {
	Chrome
	Customer CustomerHead
	Heading  string        // "Export users"
	File     string        // the file's name
	List     templ.SafeURL // back to the list
	Status   ExportStatusLine
}

// ExportStatusLine is how far the reading has come that the file waits for.
// While Reading the page asks again every second (HX-Target: div#export-status)
// and gets ExportStatus; once File is set, the script fetches it.
type ExportStatusLine struct {
	Title   string // "Licenses of 398 of 412 users are read"
	Text    string
	Read    int // of Of; without that it is not known how many there are
	Of      int
	Reading bool
	Poll    templ.SafeURL // what the poll asks: the page's own address
	File    templ.SafeURL // all is read: the file; "" while something is missing
	Banner  *Banner       // why the reading ended
	Choices []Action
}

func exportAnnounce(s ExportStatusLine) string {
	if s.Reading {
		return "" // the title counts; the end is told
	}
	return s.Title
}

func decimal(n int) string { return strconv.Itoa(n) }

package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// ListAge is how old a short list is, and how the reading of it goes. While
// Reading the page asks again every second and gets this line alone; where
// nothing is painted yet, the list comes with it.
type ListAge struct {
	What    string // "Seats"
	Read    Time
	Reading bool
	Loading bool          // nothing is here yet
	Wait    int           // seconds that Partner Center wants no calls; 0: it does not mind
	Painted bool          // the page that asks shows the list already
	Done    bool          // and what was read behind it is newer
	Show    templ.SafeURL // the page's own address
	Refresh templ.SafeURL // where Refresh posts (do=refresh, return_to)
}

// poll asks how it goes; read=0 tells that nothing is painted yet.
func (a ListAge) poll() string {
	address := string(a.Show)
	switch {
	case !a.Loading:
		return address
	case strings.Contains(address, "?"):
		return address + "&read=0"
	}
	return address + "?read=0"
}

// asksToWait says that Partner Center wants no calls for a while.
func asksToWait(seconds int) string {
	return "Partner Center asks us to wait " + strconv.Itoa(seconds) + " s"
}

// goesOn is that, with what the person has to do about it.
func goesOn(seconds int) string {
	return asksToWait(seconds) + ". Reading goes on by itself; nothing to do."
}

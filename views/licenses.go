package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// LicensesPage is a customer's products and their seats.
type LicensesPage struct {
	Chrome
	Customer CustomerHead
	Path     templ.SafeURL // "/customers/{id}/licenses"
	Export   ExportMenu    // the true-up as a file
	Seats    SeatTotals
	Order    string // "what needs a look first"
	Columns  ProductColumns
	Sorts    []SortOption // the same as the columns' heads, for the select
	Products []ProductRow
	Counted  bool          // some row says how it has changed
	Checked  *LicenseCheck // the licenses of users that are held; nil: none, or not to be told
	Age      ListAge
	Banner   *Banner  // stale, failed: above the table, which stays
	Empty    *Nothing // a customer without products
	Tell     string   // read aloud after a swap: "13 products, most free seats first"
}

// SeatTotals are the seats of all products that can be assigned.
type SeatTotals struct {
	Owned, Assigned, Free, Over, Grace, Suspended int
	FreeIn                                        int // products with free seats
}

// LicenseCheck is how many users the products' numbers were compared with.
type LicenseCheck struct {
	Users, Of int // licenses read of so many users, of those known
	Part      bool
	Read      Time // when the oldest of them was read
}

// ProductColumns are the heads of the table of products.
type ProductColumns struct {
	Product, Assigned, Owned, Free Column
}

// ProductRow is one product that the customer subscribes to.
type ProductRow struct {
	ID         string // SKU ID
	Name       string
	PartNumber string        // "": not told
	Pill       string        // "Minecraft": managed apart from the others
	Users      templ.SafeURL // the list of those who have it; "": it is not for users
	Owned      int           // active and in grace
	Assigned   int
	Free       int    // below 0: so many over
	Since      *Since // own counts; nil: none yet
	Found      string // "Found on 58 of the users read"; "": nothing to compare, or the same
	FoundWarn  bool   // all users were read, so somebody has to look
	Bar        []BarPart
	States     []State
	On         []string // service plans, by name
	Off        []string // those that are not enabled, with why: "Sway (Disabled)"
}

// Since is how the numbers have changed since a day, by Rollcall's own counts.
type Since struct {
	Day             string // "1 June"
	Owned, Assigned int
}

// State is a word with a tone.
type State struct {
	Text string
	Tone string // ToneOK, ToneWarn, ToneBad, ToneOff
}

// Tones of a state.
const (
	ToneOK   = ""
	ToneWarn = "warn"
	ToneBad  = "bad"
	ToneOff  = "off"
)

// BarPart is one piece of a bar of seats, in thousandths of its width.
type BarPart struct {
	Kind     string // PartUsed, PartFull, PartGrace, PartOver
	At, Wide int
}

// Kinds of a bar's parts; what none covers is free.
const (
	PartUsed  = "used"
	PartFull  = "full" // used, and no seat is free
	PartGrace = "grace"
	PartOver  = "over"
)

// SeatBar cuts a bar for seats: assigned of active ones, assigned of those in
// grace, and assigned beyond what is owned.
func SeatBar(active, grace, assigned int) []BarPart {
	owned := active + grace
	width := max(owned, assigned)
	if width <= 0 || assigned <= 0 {
		return nil
	}
	var parts []BarPart
	at := 0
	add := func(kind string, seats int) {
		if seats <= 0 {
			return
		}
		from, to := at*1000/width, (at+seats)*1000/width
		if from > 0 {
			from += 8 // a gap, so that neighbours are told apart without colour
		}
		parts = append(parts, BarPart{kind, from, max(to-from, 6)})
		at += seats
	}
	kind := PartUsed
	if assigned == owned {
		kind = PartFull
	}
	add(kind, min(assigned, active))
	add(PartGrace, min(assigned, owned)-min(assigned, active))
	add(PartOver, assigned-owned)
	return parts
}

// permille writes thousandths as SVG has them: "70.6%".
func permille(n int) string { return strconv.Itoa(n/10) + "." + strconv.Itoa(n%10) + "%" }

// signed is a change: "+4", "−2"; "" for none.
func signed(n int) string {
	switch {
	case n > 0:
		return "+" + Number(n)
	case n < 0:
		return Number(n)
	}
	return ""
}

// percent is a share in whole numbers, never 100 % unless all, nor 0 % unless none.
func percent(n, of int) string {
	if of <= 0 {
		return ""
	}
	p := n * 100 / of
	if p == 0 && n > 0 {
		return "under 1%"
	}
	return strconv.Itoa(p) + "%"
}

// freeSeats is what is left of a product: "3", "0", "1 over".
func freeSeats(free int) string {
	if free < 0 {
		return Number(-free) + " over"
	}
	return Number(free)
}

func productsTally(p LicensesPage) string {
	return plural(len(p.Products), false, "product", "products")
}

func licensesCaption(p LicensesPage) string {
	return "Products of " + p.Customer.Name + " and their seats, " + p.Order
}

// freeNote says what the free seats mean.
func freeNote(s SeatTotals) string {
	switch {
	case s.Owned == 0:
		return ""
	case s.Free == 0:
		return "every seat is assigned"
	}
	return "paid for and unused, in " + plural(s.FreeIn, false, "product", "products")
}

// checkText says over how many users was counted.
func checkText(c LicenseCheck) string {
	if c.Users == c.Of && !c.Part {
		return "Compared with the licenses of all " + plural(c.Of, false, "user", "users") + ", read "
	}
	return "Compared with the licenses of " + Number(c.Users) + " of " + plural(c.Of, c.Part, "user", "users") + ", read "
}

func plansCount(r ProductRow) string {
	return plural(len(r.On)+len(r.Off), false, "service plan", "service plans")
}

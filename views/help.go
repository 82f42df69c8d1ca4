package views

import "github.com/a-h/templ"

// HelpPage is the same as the help dialog, and what each message means.
type HelpPage struct {
	Chrome
	AdminCenter templ.SafeURL // where to look for what Partner Center doesn't tell
}

// keys are those that do something today; each has a visible equivalent.
var keys = []struct {
	keys []string
	does string
}{
	{[]string{"/"}, "Search this list; Enter opens the one hit or goes to the first"},
	{[]string{"Ctrl", "K"}, "Go to a customer, a user, a page"},
	{[]string{"J", "K"}, "Next or previous row; the arrow keys do the same"},
	{[]string{"↵"}, "Open"},
	{[]string{"L"}, "Open at the user’s licenses"},
	{[]string{"X"}, "Select the row; with Shift all rows from the one selected last"},
	{[]string{"A"}, "Select all on this page; again, all that match"},
	{[]string{"B"}, "Go to what can be done with the selected, and back"},
	{[]string{"Y"}, "Copy the user principal name"},
	{[]string{"I"}, "Copy the user’s ID"},
	{[]string{"R"}, "Read again from Partner Center"},
	{[]string{"C"}, "Copy a link to what you see"},
	{[]string{"G", "C"}, "Go to customers"},
	{[]string{"G", "U"}, "Go to the users of this customer"},
	{[]string{"G", "L"}, "Go to its licenses: which seats are free"},
	{[]string{"?"}, "Help"},
	{[]string{"Esc"}, "Close what lies on top"},
}

// messages are those that people ask about, in the order they meet them.
var messages = []struct{ says, means string }{
	{"4,500 users read so far", "Partner Center gives a list in pages and never says how many there are. Search and counts cover what is read; the rows on screen stay where they are while the rest arrives."},
	{"Reading stopped", "Partner Center stopped answering midway. What was read is shown. Someone you don’t find may still exist: go on from here, or start again."},
	{"Partner Center asks us to wait", "It limits how often it may be asked. Rollcall waits as long as it says and then goes on by itself."},
	{"As read at 14:02", "Partner Center does not answer, so the last list is shown. It can be read, not changed."},
	{"No relationship with this customer", "Partner Center knows no relationship between your company and this customer ID. It may have ended, or the ID may be wrong; it does not tell which."},
	{"A role is missing", "The relationship is there, but your delegated admin privileges (GDAP) at this customer don’t cover what you asked for. Whoever manages admin relationships at your company can give you a role."},
	{"Refused without a second factor", "Microsoft wants partner staff to sign in with a second factor. Sign in with it and you return to where you were."},
	{"1 over", "More seats of a product are assigned than the customer owns, as after a cut of seats. Those who have it keep it for now; free a seat or order one."},
	{"5 in grace", "So many seats have expired and can be used for a while yet. When that ends they are suspended: renew them, or take them from those who have one."},
	{"Found on 58 of the users read", "Partner Center counts what is assigned; Rollcall counts on whom it was found, among the users whose licenses it has read."},
	{"Privileged", "Microsoft labels this role so: who has it can come to more power, or take over other accounts."},
	{"Correlation ID", "It ties together all calls of one action. Quote it to whoever runs Rollcall, or to Microsoft’s support."},
}

package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Entry is something that happened, or is about to, as its doer reports it.
type Entry struct {
	Kind          string // one of the constants below
	Person        string // key; empty where nobody is signed in
	PersonName    string
	Address       string
	CustomerID    string
	TargetID      string // user, role, session…
	Ticket        string
	CorrelationID string
	Detail        map[string]string // changed fields before and after, counts; never a secret
}

// The kinds of entries. One that is not here is refused, so that who looks for
// a kind finds all of it.
const (
	KindSignIn        = "sign-in"
	KindSignInRefused = "sign-in.refused"
	KindSignOut       = "sign-out"
	KindRefused       = "refused"       // to somebody signed in: by their level, or by Partner Center
	KindSessionEnded  = "session.ended" // by its owner elsewhere, an administrator, or the provider
	KindStepUp        = "step-up"
	KindCustomersList = "customers.list"
	KindUsersList     = "users.list"
	KindDeletedList   = "users.deleted.list"
	KindLicensesList  = "licenses.list"
	KindRolesList     = "roles.list"
	KindUserRead      = "user.read"
	KindFind          = "find"
	KindSweep         = "find.sweep" // the users of all customers are read, to be found
	KindSelectAll     = "select-all"
	KindExport        = "export"
	KindTrailRead     = "trail.read"
	KindTrailCut      = "trail.cut"
	KindTrailRestored = "trail.restored"
	KindBackup        = "backup" // a copy of the database, by its administrator; so are the next two
	KindKeysResealed  = "keys.resealed"
	KindKeyRetired    = "key.retired"
)

var kinds = []string{
	KindBackup, KindCustomersList, KindExport, KindFind, KindSweep, KindKeyRetired, KindKeysResealed, KindLicensesList, KindRefused,
	KindRolesList, KindSelectAll, KindSessionEnded, KindSignIn, KindSignInRefused, KindSignOut, KindStepUp, KindTrailCut, KindTrailRead,
	KindTrailRestored, KindUserRead, KindDeletedList, KindUsersList,
}

// Kinds are those of all entries that there are, by the alphabet.
func Kinds() []string { return slices.Clone(kinds) }

// Row is an entry on the trail.
type Row struct {
	Seq  int64
	Time time.Time
	Entry
}

// ErrEntry is the error of an entry that is not fit for the trail: a mistake
// of whoever made it.
var ErrEntry = errors.New("audit: not an entry")

const (
	longestField  = 512      // bytes of one field; longer ones end in an ellipsis
	longestDetail = 64 << 10 // bytes of all detail; longer is an error
)

// row makes the row of an entry. Text from outside is cleaned of what a
// database can't keep, so that it can't stop the trail.
func (e Entry) row() (store.TrailRow, error) {
	if !slices.Contains(kinds, e.Kind) {
		return store.TrailRow{}, fmt.Errorf("%w: kind %q", ErrEntry, e.Kind)
	}
	detail := make(map[string]string, len(e.Detail))
	for k, v := range e.Detail {
		detail[clean(k)] = clean(v)
	}
	text, err := json.Marshal(detail) // keys come sorted
	if err != nil {
		return store.TrailRow{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if len(text) > longestDetail {
		return store.TrailRow{}, fmt.Errorf("%w: %d bytes of detail, at most %d fit", ErrEntry, len(text), longestDetail)
	}
	return store.TrailRow{
		Kind:          e.Kind,
		Person:        cut(e.Person),
		PersonName:    cut(e.PersonName),
		Address:       cut(e.Address),
		CustomerID:    cut(e.CustomerID),
		TargetID:      cut(e.TargetID),
		Ticket:        cut(e.Ticket),
		CorrelationID: cut(e.CorrelationID),
		Detail:        string(text),
	}, nil
}

func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

func cut(s string) string {
	if s = clean(s); len(s) <= longestField {
		return s
	}
	end := longestField - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

func rowOf(r store.TrailRow) (Row, error) {
	row := Row{Seq: r.Seq, Time: r.Time, Entry: Entry{
		Kind: r.Kind, Person: r.Person, PersonName: r.PersonName, Address: r.Address, CustomerID: r.CustomerID,
		TargetID: r.TargetID, Ticket: r.Ticket, CorrelationID: r.CorrelationID,
	}}
	if err := json.Unmarshal([]byte(r.Detail), &row.Detail); err != nil {
		return Row{}, fmt.Errorf("audit: detail of row %d: %w", r.Seq, err)
	}
	if len(row.Detail) == 0 {
		row.Detail = nil
	}
	return row, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
)

// keys reads the key file; nil where that can't be done.
func (d *doctor) keys() *auth.KeyRing {
	if d.set.KeyFile == "" {
		return nil
	}
	keys, err := readKeys(d.set.KeyFile)
	if err != nil {
		d.fail("keys", "Make a key with: rollcall keys generate", "%s", strings.TrimPrefix(err.Error(), "--key-file: "))
		return nil
	}
	if who := readers(d.set.KeyFile); who != "" {
		d.warn("keys", "chmod 600 "+d.set.KeyFile, "%s can read %s", who, d.set.KeyFile)
	} else {
		d.ok("keys", "%s in %s; %s seals", keyKind().counted(len(keys.IDs())), d.set.KeyFile, keys.IDs()[0])
	}
	return keys
}

func (d *doctor) secret() {
	if d.set.ClientSecretFile == "" {
		return
	}
	if who := readers(d.set.ClientSecretFile); who != "" {
		d.warn("client secret", "chmod 600 "+d.set.ClientSecretFile, "%s can read %s", who, d.set.ClientSecretFile)
		return
	}
	d.ok("client secret", "only its owner can read %s", d.set.ClientSecretFile)
}

// readers says who but its owner can read a file; empty: nobody.
func readers(path string) string {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" { // there the folder decides
		return ""
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o004 != 0:
		return "everybody on this machine"
	case mode&0o040 != 0:
		return "its group"
	}
	return ""
}

// database looks at the tables, the trail, and whose keys rows need.
func (d *doctor) database(ctx context.Context, keys *auth.KeyRing) {
	if d.set.Database == "" {
		return
	}
	st, err := store.Open(ctx, store.Options{DSN: d.set.Database, Visit: true})
	if err != nil {
		d.noDatabase(err)
		return
	}
	defer st.Close()
	d.ok("database", "%s has the tables of this version", st.Location())
	d.role(ctx, st)
	if off := time.Until(st.Now()); st.Shared() && off.Abs() > clockWrong {
		d.warn("clock of the database", "Keep both by NTP.", "PostgreSQL's differs from this machine's by %v", off.Round(time.Second))
	}
	if keys == nil {
		return
	}
	key, earlier := keys.TrailKeys()
	trail, err := audit.Visit(st, key, audit.Options{Earlier: earlier})
	if err != nil {
		d.fail("trail", "", "%v", err)
		return
	}
	if err := trail.CheckNewest(ctx); err != nil {
		d.fail("trail", "Look with: rollcall activity verify --anchors LOG", "%v", err)
	} else {
		d.ok("trail", "its newest row is as it was written")
	}
	office := auth.OpenOffice(st, trail, keys, auth.OfficeOptions{Idle: d.set.IdleTimeout})
	d.missingKeys(ctx, office)
	d.signIns(ctx, trail, office)
}

func (d *doctor) noDatabase(err error) {
	path, isFile := strings.CutPrefix(d.set.Database, "sqlite:")
	switch {
	case isFile && errors.Is(err, fs.ErrNotExist):
		folder := filepath.Dir(path)
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			d.fail("database", "Make the folder, for the account that serves.", "there is no folder %s", folder)
			return
		}
		d.warn("database", "", "%s is not there yet; rollcall serve makes it when it first starts", path)
	case errors.Is(err, store.ErrNoTables) && !isFile:
		d.warn("database", "With two roles: rollcall migrate --serve-as ROLE", "it has no tables yet; rollcall serve makes them when it first starts")
	case errors.Is(err, store.ErrTables):
		d.warn("database", "With two roles of PostgreSQL: rollcall migrate", "%v; rollcall serve brings them up to date when it starts", err)
	default:
		d.fail("database", "Check address, account and network.", "%v", err)
	}
}

// role tells whether who serves could also rewrite the trail.
func (d *doctor) role(ctx context.Context, st *store.Store) {
	if !st.Shared() {
		return
	}
	switch may, err := st.MayCut(ctx); {
	case err != nil:
		d.fail("role", "Check what the role may read.", "%v", err)
	case may && d.set.TrailRetention == 0:
		d.warn("role", "Serve with a second role: docs/postgresql.md", "this role owns the tables, so whoever gets its password can rewrite the trail")
	case may:
		d.ok("role", "it owns the tables, as --trail-retention needs")
	case d.set.TrailRetention > 0:
		d.fail("role", "Leave out --trail-retention; the owner runs rollcall activity cut.", "this role may not take rows of the trail away, so rollcall serve won't start")
	default:
		d.ok("role", "it can't change a row of the trail")
	}
}

func (d *doctor) missingKeys(ctx context.Context, office *auth.Office) {
	used, err := office.KeysInUse(ctx)
	if err != nil {
		d.fail("keys in use", "Check the database.", "%v", err)
		return
	}
	for _, k := range used {
		if k.Place == 0 {
			d.fail("keys in use", "Put the key back, as a line after the first.", "%d rows of sign-ins and %d of the trail need key %s, which is not in the file", k.Sealed, k.Signed, k.ID)
		}
	}
}

// evidence is how many of the latest sign-ins are looked at.
const evidence = 500

// signIns looks at what only real sign-ins show.
func (d *doctor) signIns(ctx context.Context, trail *audit.Trail, office *auth.Office) {
	rows, err := trail.List(ctx, audit.Filter{Kinds: []string{audit.KindSignIn, audit.KindSignInRefused}, Limit: evidence})
	if err != nil {
		d.fail("sign-ins", "Check the database.", "%v", err)
		return
	}
	proved, refused := map[string]int{}, map[string]int{}
	for _, row := range rows {
		if row.Kind == audit.KindSignIn {
			proved[row.Detail["mfa"]]++
		} else {
			refused[row.Detail["reason"]]++
		}
	}
	d.secondFactor(proved, refused)
	health, err := office.Health(ctx)
	if err != nil {
		d.fail("renewing tokens", "Check the database.", "%v", err)
		return
	}
	d.renewal(health)
}

// secondFactor tells how sign-ins show a second factor. The words of the trail
// are auth's own.
func (d *doctor) secondFactor(proved, refused map[string]int) {
	const check = "second factor"
	without := refused["no multi-factor authentication"]
	byClaim := proved["acrs"] + proved["amr"]
	switch {
	case len(proved) == 0 && without == 0:
		d.warn(check, "Sign in once, then run this again.", "nobody has signed in yet, so nothing shows how one is proved")
	case without > 0 && byClaim == 0 && proved["partner-center"] == 0:
		d.fail(check, "Require it at the provider; with Entra, set an authentication context and --mfa-contexts.", "%d sign-ins were refused for showing none, and none was let in", without)
	case proved[""] > 0 && d.set.RequireMFA:
		d.warn(check, "They end within --absolute-timeout.", "%d sign-ins are from when --require-mfa was off", proved[""])
	case proved["partner-center"] > 0 && byClaim == 0:
		d.warn(check, "Works as it is; with Entra, an authentication context and --mfa-contexts shows it by itself.", "the ID token shows none, so Partner Center is asked at each sign-in")
	default:
		d.ok(check, "shown by acrs %d times, by amr %d, by Partner Center %d", proved["acrs"], proved["amr"], proved["partner-center"])
	}
}

// renewal tells whether sign-ins outlive their first token.
func (d *doctor) renewal(h auth.Health) {
	const check = "renewing tokens"
	switch {
	case h.Grants == 0:
		d.warn(check, "Sign in once, then run this again.", "nobody is signed in, so nothing shows whether tokens can be renewed")
	case h.Endless > 0:
		d.fail(check, "Allow offline_access for the application at the provider.", "%d of %d sign-ins came without a refresh token: they end with their first token", h.Endless, h.Grants)
	case h.Refused > 0:
		d.warn(check, "Those people sign in once more.", "the provider wants %d of %d people to sign in anew", h.Refused, h.Grants)
	case h.Refreshed == 0:
		d.ok(check, "all %d sign-ins have a refresh token; none was old enough to need it", h.Grants)
	default:
		d.ok(check, "%d of %d sign-ins were renewed", h.Refreshed, h.Grants)
	}
}

// plenty is how much free space nobody has to look at.
const plenty = 1 << 30

func (d *doctor) space() {
	path, isFile := strings.CutPrefix(d.set.Database, "sqlite:")
	if !isFile || path == "" {
		return
	}
	free, err := store.Free(path)
	if err != nil {
		return // there is no folder, as is told above
	}
	d.found = append(d.found, spaceFinding(filepath.Dir(path), free))
}

func spaceFinding(folder string, free int64) finding {
	f := finding{resultOK, "free space", fmt.Sprintf("%s on the disk of %s", size(free), folder), ""}
	switch {
	case free < store.LeastFree:
		f.Result, f.Do = resultFailed, "Free some: nobody can sign in, only the trail is written."
	case free < plenty:
		f.Result, f.Do = resultWarning, fmt.Sprintf("Free some: below %s only the trail is written.", size(store.LeastFree))
	}
	return f
}

// size writes bytes in the unit that people know.
func size(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}

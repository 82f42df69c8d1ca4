package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
)

// newKeysList answers rollcall keys list.
func newKeysList(p *program) *cobra.Command {
	var opts output
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys of a key file, and what each is still needed for",
		Long: onServer + `
A key is shown by its ID, which tells nothing of it. It may go once it opens no sign-in
and checks no row of the trail. A key that rows need and the file lacks is listed last,
as missing, and makes the exit code 1.`,
		Example: `  rollcall keys list --key-file /etc/rollcall/keys
  rollcall keys list --database sqlite:rollcall.db --key-file /etc/rollcall/keys -o json`,
		Args: noArguments,
	}
	opts.addFlags(cmd, "")
	return p.inOffice(cmd, officeSettings, func([]string) error { return opts.check() }, func(ctx context.Context, o *office, _ []string) error {
		keys, err := o.auth.KeysInUse(ctx)
		if err != nil {
			return err
		}
		if _, err := list(p, listing{output: opts}, keyKind(), each(keys)); err != nil {
			return err
		}
		for _, k := range keys {
			if k.Place == 0 {
				return &problem{code: exitFailed, text: "Rows need a key that is not in the file.", next: "Put it back, as a line after the first. Without it sign-ins end, and rows of the trail can't be checked."}
			}
		}
		return nil
	})
}

// keyJSON is a key as -o json prints it.
type keyJSON struct {
	ID      string `json:"id"`
	Use     string `json:"use"` // seals, opens, missing
	SignIns int64  `json:"signIns"`
	Trail   int64  `json:"trail"`
}

// keyUse is what a key is for: the first seals and opens, the others only open.
func keyUse(k auth.KeyUse) string {
	switch k.Place {
	case 0:
		return "missing"
	case 1:
		return "seals"
	}
	return "opens"
}

func keyKind() kind[auth.KeyUse] {
	type k = auth.KeyUse
	return kind[k]{
		one: "key", many: "keys",
		short: []string{"id", "use", "signIns", "trail"},
		all: []column[k]{
			{name: "id", text: func(x k) string { return x.ID }},
			{name: "use", text: keyUse},
			{name: "signIns", title: "ROWS OF SIGN-INS", text: func(x k) string { return strconv.FormatInt(x.Sealed, 10) }},
			{name: "trail", title: "ROWS OF THE TRAIL", text: func(x k) string { return strconv.FormatInt(x.Signed, 10) }},
		},
		json: func(x *k) any { return keyJSON{x.ID, keyUse(*x), x.Sealed, x.Signed} },
		id:   func(x k) string { return x.ID },
	}
}

// newKeysReseal answers rollcall keys reseal.
func newKeysReseal(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal with the first key what another one has sealed",
		Long: onServer + ` Do it once the new key is first in the key file of every
replica, and those have been restarted. A sign-in that is just being renewed is left for
the next time; one that no key opens is deleted. Rows of the trail keep their codes.`,
		Example: `  rollcall keys reseal --key-file /etc/rollcall/keys
  rollcall keys reseal --database sqlite:rollcall.db --key-file /etc/rollcall/keys`,
		Args: noArguments,
	}
	return p.inOffice(cmd, officeSettings, nil, func(ctx context.Context, o *office, _ []string) error {
		n, err := o.auth.Reseal(ctx)
		if err != nil {
			return &problem{code: exitPartly, err: err, text: fmt.Sprintf("%s rows were sealed anew, then it failed: %v.", grouped(n), err), next: "Run it again: it goes on where it stopped."}
		}
		if n > 0 {
			resealed := administrator(audit.KindKeysResealed)
			resealed.Detail = map[string]string{"rows": strconv.Itoa(n)}
			if _, err := o.trail.Append(ctx, resealed); err != nil {
				return trailTrouble(err, fmt.Sprintf("%s rows were sealed anew, and the trail does not say so.", grouped(n)))
			}
		}
		_, err = fmt.Fprintf(p.out, "%s rows were sealed anew.\n", grouped(n))
		return err
	})
}

// newKeysRetire answers rollcall keys retire.
func newKeysRetire(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retire KEY",
		Short: "Take a key out of the key file, once no row needs it",
		Long: onServer + ` KEY is the ID that rollcall keys list shows. It is refused for
the first key, and while a row of a sign-in or of the trail needs it: those of the trail
go with --trail-retention only, so an old key stays as long as they do. Copy the file to
the other replicas then.`,
		Example: `  rollcall keys retire 0a1b2c3d4e5f --key-file /etc/rollcall/keys
  rollcall keys retire 0a1b2c3d4e5f --database sqlite:rollcall.db --key-file /etc/rollcall/keys`,
		Args: arguments("KEY"),
	}
	return p.inOffice(cmd, officeSettings, nil, func(ctx context.Context, o *office, args []string) error {
		return p.keysRetire(ctx, o, args[0])
	})
}

func (p *program) keysRetire(ctx context.Context, o *office, id string) error {
	keys, err := o.auth.KeysInUse(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.ID != id || k.Place == 0 {
			continue
		}
		if k.Sealed > 0 {
			return &problem{code: exitRefused, text: fmt.Sprintf("%s rows of sign-ins are sealed with it. The file is as it was.", grouped(int(k.Sealed))), next: "Seal them anew with: rollcall keys reseal"}
		}
		if k.Signed > 0 {
			return &problem{code: exitRefused, text: fmt.Sprintf("%s rows of the trail are signed with it and could not be checked without. The file is as it was.", grouped(int(k.Signed))), next: "Leave it there until retention has taken them."}
		}
	}
	file, err := os.ReadFile(o.file) //nolint:gosec // G304: the administrator names this file
	if err != nil {
		return err
	}
	kept, err := auth.WithoutKey(file, id)
	switch {
	case errors.Is(err, auth.ErrNoKey):
		return &problem{code: exitNotFound, err: err, text: fmt.Sprintf("There is no key %q in the file.", id), next: "rollcall keys list shows those that are."}
	case errors.Is(err, auth.ErrSealingKey):
		return &problem{code: exitRefused, err: err, text: "It is the first key, which seals. The file is as it was.", next: "Put another one first, restart all replicas, and run: rollcall keys reseal"}
	case err != nil:
		return err
	}
	retired := administrator(audit.KindKeyRetired)
	retired.TargetID = id
	if _, err := o.trail.Append(ctx, retired); err != nil {
		return trailTrouble(err, "The file is as it was.")
	}
	if err := replaceFile(o.file, kept); err != nil {
		kept := &problem{code: exitFailed, err: err, text: fmt.Sprintf("The key file can't be written: %v. It is as it was.", err), next: "Take the key's line out by hand."}
		return errors.Join(kept, o.failed(ctx, retired))
	}
	_, err = fmt.Fprintf(p.out, "The key %s was taken out of %s.\n", id, o.file)
	return err
}

// replaceFile puts text into a file's place, whole or not at all, with the
// rights it had.
func replaceFile(path string, text []byte) (err error) {
	was, err := os.Stat(path)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next.Name()))
		}
	}()
	_, err = next.Write(text)
	if err = errors.Join(err, next.Chmod(was.Mode().Perm()), sameOwner(next, was), next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}

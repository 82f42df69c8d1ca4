package main

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

// downloads lets the tab keep files, and gives the folder they come to.
func (b *tab) downloads() string {
	b.t.Helper()
	dir := b.t.TempDir()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: dir})
		return err
	}))
	return dir
}

// comes waits for a file whose name is as wanted, takes it away, and gives its bytes.
func (b *tab) comes(dir, name string) []byte {
	b.t.Helper()
	wanted := regexp.MustCompile("^" + name + "$")
	for deadline := time.Now().Add(patience); ; b.do(nextFrame) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, e := range entries {
			if wanted.MatchString(e.Name()) {
				file := filepath.Join(dir, e.Name())
				body, err := os.ReadFile(file)
				if err == nil && len(body) == 0 { // the browser keeps the name until the file is whole
					continue
				}
				if err == nil {
					err = os.Remove(file)
				}
				if err != nil {
					b.t.Fatal(err)
				}
				return body
			}
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("no file %s came, but %v\n%s", name, entries, b.describe())
		}
	}
}

const aMinute = `\d{4}-\d\d-\d\d-\d{4}`

// TestExport takes lists away: with one click into Excel, as the list was
// searched and narrowed a moment before; with script and without.
func TestExport(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]screen{
		"with script":    desktop,
		"without script": {width: desktop.width, height: desktop.height, scriptOff: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := theDemo(t)
			b := openTab(t, s)
			b.signIn(d.url, priya)
			b.openRead(d.users(users118, "columns=location,domain"))
			dir := b.downloads()

			// The list is narrowed first, which leaves the head of the page alone.
			b.swap(s, `.chip[href*="synced=yes"]`)
			b.waitFor(`location.search.includes("synced=yes")`)
			count := strings.Fields(b.text("#users-strip .tally"))[0]
			b.click(`#export-place > .split > a`)
			book, err := excelize.OpenReader(strings.NewReader(string(b.comes(dir, `adatum\.example-users-`+aMinute+`\.xlsx`))))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := book.GetRows("Users")
			if err != nil || len(rows)-1 != atoi(t, count) || !strings.HasPrefix(strings.Join(rows[0], ","), "Display name,User principal name,") || rows[0][len(rows[0])-1] != "ID" {
				t.Errorf("%d rows under %v, the view shows %s; %v", len(rows)-1, rows[0], count, err)
			}

			// The others are behind the arrow.
			b.click(`#export-place button[popovertarget="export"]`)
			b.click(`#export a[href*=".csv"][href*="for=customer"]`)
			table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b.comes(dir, `adatum\.example-users-`+aMinute+`\.csv`)), "\ufeff"))).ReadAll()
			if err != nil || len(table) != len(rows) || !strings.HasPrefix(strings.Join(table[0], ","), "displayName,userPrincipalName,") || slices.Contains(table[0], "id") {
				t.Errorf("%d lines under %v, %v", len(table), table[0], err)
			}
			b.want("the page", `document.querySelector("h1").textContent.trim()`, "Adatum Corporation")

			b.open(d.url + "/customers/" + users118 + "/licenses")
			b.click(`#export-place > .split > a`)
			b.comes(dir, `adatum\.example-licenses-`+aMinute+`\.xlsx`)
			b.open(d.url + "/customers/" + users118 + "/users/deleted")
			b.click(`#export-place > .split > a`)
			b.comes(dir, `adatum\.example-deleted-users-`+aMinute+`\.xlsx`)
		})
	}
}

func atoi(t *testing.T, s string) (n int) {
	t.Helper()
	for _, r := range strings.ReplaceAll(s, ",", "") {
		if r < '0' || r > '9' {
			t.Fatalf("%q is no number", s)
		}
		n = 10*n + int(r-'0')
	}
	return n
}

// TestExportWaits: a file that needs more than is read asks first, shows how
// far that has come, and comes by itself.
func TestExportWaits(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	b := openTab(t, desktop)
	axe := theAxe(t)
	b.signIn(d.url, priya)
	b.openRead(d.users(users12, "columns=location"))
	dir := b.downloads()
	b.faults("slow")
	b.open(d.url + "/customers/" + users12 + "/users.csv?columns=licenses")
	b.reads("Export users", "of 12 users are read", "When all are read, the whole file comes by itself.", "Export without licenses")
	for _, look := range screens {
		b.wear(look)
		axe.check(b, look)
		if keepsPictures() {
			b.shoot("export-waits-" + look.String())
		}
	}
	b.reflows()
	b.wear(desktop)
	other := b.beside(desktop)
	other.open(d.url + "/help")
	other.noFaults()
	file := string(b.comes(dir, `a-datum\.example-users-`+aMinute+`\.csv`))
	if strings.Contains(file, "not read") || strings.Count(file, "\r\n") != 13 {
		t.Errorf("the file is not whole: %q", file)
	}
}

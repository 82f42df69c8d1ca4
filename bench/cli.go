package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// program is one that lists users as CSV.
type program struct {
	name    string
	command []string
	env     []string
	version []string // command that tells its version
	once    bool     // so slow that it runs in the first round only
}

const ours = "rollcall users list -o csv"

// cli has each program list all users of northwind.example as CSV, from an
// emulator in a process of its own.
func cli(out io.Writer, opts options) error {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	rollcall, simple := filepath.Join(folder, "rollcall"), filepath.Join(folder, "simple")
	if opts.binary != "" {
		rollcall = opts.binary
	} else if err := build("..", rollcall, "./cmd/rollcall"); err != nil {
		return err
	}
	if err := build(".", simple, "./simple"); err != nil {
		return err
	}
	base, stop, err := startChild(exec.Command(rollcall, "emulator", "--listen", "127.0.0.1:0", "--users", strconv.Itoa(opts.users)), "Partner Center emulator: ")
	if err != nil {
		return err
	}
	defer stop()

	env := []string{"BASE=" + base, "TOKEN=admin-agent", "CUSTOMER=" + emulator.NorthwindID}
	all := []program{
		{ours, []string{rollcall, "users", "list", emulator.NorthwindDomain, "-o", "csv"}, []string{"ROLLCALL_API_URL=" + base, "ROLLCALL_TOKEN=admin-agent"}, nil, false},
		{"simple Go, encoding/json and encoding/csv", []string{simple}, env, nil, false},
		{"Node, fetch", []string{"node", "peers/fetch.mjs"}, env, []string{"node", "--version"}, false},
		{"curl and jq a page", []string{"bash", "peers/curl-jq.sh"}, env, []string{"jq", "--version"}, true},
	}
	if graphPages, err := graphServer(base, env[2]); err != nil {
		return err
	} else {
		defer graphPages.Close()
		all = append(all, program{"Microsoft Graph JavaScript client, PageIterator", []string{"node", "peers/graph.mjs"}, append([]string{"BASE=" + graphPages.URL}, env[1:]...), nil, false})
	}

	fmt.Fprintf(out, "%d users to CSV, 0 ms a page. %s.\n", opts.users, machine()+inRounds(opts))
	fmt.Fprintf(out, "Memory is the program's greatest resident set; below about 12 MiB it can't be told.\n")
	var programs []program
	for _, p := range all {
		if missing := missing(p); missing != "" {
			fmt.Fprintf(out, "Left out: %s (%s).\n", p.name, missing)
			continue
		}
		if p.version != nil {
			version, err := exec.Command(p.version[0], p.version[1:]...).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			fmt.Fprintf(out, "%s %s. ", p.version[0], bytes.TrimSpace(version))
		}
		programs = append(programs, p)
	}
	fmt.Fprint(out, "Graph client as package-lock.json has it. curl and jq ran in one round only.\n\n")

	took := series{}
	var want [][]string
	for round := range opts.rounds {
		for _, p := range programs {
			if round > 0 && p.once {
				continue
			}
			file := filepath.Join(folder, "rows.csv")
			c, err := timed(p, file)
			if err != nil {
				return err
			}
			took.add(p.name, c)
			if round > 0 {
				continue
			}
			got, err := rowsOf(file)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if want == nil {
				want = got
			}
			if err := sameRows(want, got, opts.users); err != nil {
				return fmt.Errorf("%s gives something else: %w", p.name, err)
			}
		}
		want = nil
	}
	rows := [][]string{{"program", "wall, rollcall / it", "CPU, rollcall / it", "wall, s", "CPU, s", "peak memory, MiB"}}
	for _, p := range programs {
		rows = append(rows, []string{
			p.name, took.ratio(ours, p.name, wall).String(), took.ratio(ours, p.name, cpu).String(),
			fmt.Sprintf("%.2f", took.median(p.name, wall)/1e9), fmt.Sprintf("%.2f", took.median(p.name, cpu)/1e9),
			fmt.Sprintf("%.0f", took.median(p.name, memory)/(1<<20)),
		})
	}
	return table(out, rows)
}

func build(folder, to, what string) error {
	cmd := exec.Command("go", "build", "-o", to, what)
	cmd.Dir = folder
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", what, err, said)
	}
	return nil
}

// missing tells what a program lacks here; empty: nothing.
func missing(p program) string {
	needs := []string{p.command[0]}
	switch {
	case strings.Contains(p.name, "jq"):
		needs = append(needs, "curl", "jq")
	case strings.Contains(p.name, "Graph"):
		if _, err := os.Stat("node_modules/@microsoft/microsoft-graph-client"); err != nil {
			return "run npm ci --prefix bench"
		}
	}
	for _, need := range needs {
		if _, err := exec.LookPath(need); err != nil {
			return need + " is not installed"
		}
	}
	return ""
}

// usage is what a program took, as wait gives it.
type usageJSON struct {
	Wall, CPU time.Duration
	Peak      int64 // bytes
}

// timed runs a program through wait, in a small process of its own: the kernel
// counts the memory of whoever starts a program as that program's.
func timed(p program, to string) (cost, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	cmd := exec.Command(self, append([]string{"wait", "--", to}, p.command...)...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", p.name, err)
	}
	var took usageJSON
	if err := json.Unmarshal(said, &took); err != nil {
		return cost{}, err
	}
	return cost{wall: took.Wall, cpu: took.CPU, bytes: float64(took.Peak)}, nil
}

// wait runs a command with its output in a file, and prints what it took.
func wait(out io.Writer, args []string) error {
	if len(args) < 2 {
		return errors.New("wait: a file and a command are needed")
	}
	file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd := exec.Command(args[1], args[2:]...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = file, &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, said.Bytes())
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return json.NewEncoder(out).Encode(usageJSON{
		Wall: time.Since(start), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Peak: used.Maxrss << 10,
	})
}

func rowsOf(file string) ([][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

func sameRows(want, got [][]string, users int) error {
	if len(got) != users+1 || len(want) != len(got) {
		return fmt.Errorf("%d lines, wanted %d and a header", len(got), users)
	}
	for i := range want {
		if a, b := strings.Join(want[i], "\x00"), strings.Join(got[i], "\x00"); a != b {
			return fmt.Errorf("line %d is %q, wanted %q", i+1, got[i], want[i])
		}
	}
	return nil
}

// graphServer answers the same users in Graph's envelope, made ready before:
// its client gets its pages sooner than the others do.
func graphServer(base, customer string) (*httptest.Server, error) {
	customer = strings.TrimPrefix(customer, "CUSTOMER=")
	pages := map[string][]byte{}
	path := fmt.Sprintf("/customers/%s/users?size=%d", customer, perPage)
	uri, token := path, ""
	for n := 0; uri != ""; n++ {
		r, err := http.NewRequest(http.MethodGet, base+"/v1"+uri, nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer admin-agent")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		var page struct {
			Items json.RawMessage `json:"items"`
			Links links           `json:"links"`
		}
		if err := json.Unmarshal(withoutBOM(body), &page); err != nil {
			return nil, fmt.Errorf("%s: %w", resp.Status, err)
		}
		uri, token = page.Links.next()
		graph := struct {
			Next  string          `json:"@odata.nextLink,omitempty"`
			Value json.RawMessage `json:"value"`
		}{Value: page.Items}
		if uri != "" {
			graph.Next = fmt.Sprintf("%s&page=%d", path, n+1)
		}
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(graph); err != nil {
			return nil, err
		}
		key := ""
		if n > 0 {
			key = strconv.Itoa(n)
		}
		pages[key] = b.Bytes()
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(pages[r.URL.Query().Get("page")])
	})), nil
}

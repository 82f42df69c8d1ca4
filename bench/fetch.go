package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// fetch reads a customer's users page after page, from a server in a process
// of its own that takes its time for each.
func fetch(out io.Writer, opts options) error {
	fmt.Fprintf(out, "Read all users, %d a page, over loopback. %s. CPU is the client's.\n", perPage, machine()+inRounds(opts))
	fmt.Fprintf(out, "Floor: pages × latency. Simple Go: net/http, io.ReadAll, encoding/json into plain structs.\n\n")
	rows := [][]string{{"latency", "pages", "wall, simple Go = 1", "CPU, simple Go = 1", "wall, ours / floor", "wall, simple Go / floor"}}
	for _, at := range []struct {
		latency time.Duration
		pages   int
	}{{0, 200}, {50 * time.Millisecond, 20}, {200 * time.Millisecond, 20}} {
		row, err := fetchAt(at.latency, at.pages, opts.rounds)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return table(out, rows)
}

func fetchAt(latency time.Duration, pages, rounds int) ([]string, error) {
	base, stop, err := startServer(pages, latency)
	if err != nil {
		return nil, err
	}
	defer stop()
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: base})
	if err != nil {
		return nil, err
	}
	ways := []struct {
		name string
		read func(func(keptUser)) error
	}{
		{"simple", func(each func(keptUser)) error { return simpleAll(base, each) }},
		{"ours", func(each func(keptUser)) error { return ourAll(client, each) }},
	}

	var lists [2][]keptUser // the same, before anything is measured
	for i, w := range ways {
		if err := w.read(func(u keptUser) { lists[i] = append(lists[i], u) }); err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	if err := same(lists[0], lists[1]); err != nil {
		return nil, err
	}
	if len(lists[0]) != pages*perPage {
		return nil, fmt.Errorf("%d users in %d pages", len(lists[0]), pages)
	}
	lists = [2][]keptUser{}

	took := series{}
	for range rounds {
		for _, w := range ways {
			users := 0
			c, err := measure(0, func() error { return w.read(func(keptUser) { users++ }) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			if users != pages*perPage {
				return nil, fmt.Errorf("%s: %d users", w.name, users)
			}
			took.add(w.name, c)
			took.add("floor", cost{wall: time.Duration(pages) * latency})
		}
	}
	row := []string{latency.String(), strconv.Itoa(pages), took.ratio("ours", "simple", wall).String(), took.ratio("ours", "simple", cpu).String(), "–", "–"}
	if latency > 0 {
		row[4], row[5] = exact(took.ratio("ours", "floor", wall)), exact(took.ratio("simple", "floor", wall))
	}
	return row, nil
}

func exact(s spread) string { return fmt.Sprintf("%.3f (%.3f–%.3f)", s.median, s.low, s.high) }

func ourAll(client *partnercenter.Client, each func(keptUser)) error {
	for u, err := range client.Customer(emulator.NorthwindID).Users().All(context.Background(), partnercenter.UsersOptions{PageSize: perPage}) {
		if err != nil {
			return err
		}
		each(kept(u))
	}
	return nil
}

// simpleAll is the client that one writes in an afternoon.
func simpleAll(base string, each func(keptUser)) error {
	uri, token := fmt.Sprintf("/customers/%s/users?size=%d", emulator.NorthwindID, perPage), ""
	for uri != "" {
		r, err := http.NewRequest(http.MethodGet, base+"/v1"+uri, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer admin-agent")
		r.Header.Set("Accept", "application/json")
		if token != "" {
			r.Header.Set("MS-ContinuationToken", token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", resp.Status, body)
		}
		var page wholePage
		if err := json.Unmarshal(withoutBOM(body), &page); err != nil {
			return err
		}
		for _, u := range page.Items {
			each(u.keptUser)
		}
		uri, token = page.Links.next()
	}
	return nil
}

// startServer runs this program's serve in a process of its own.
func startServer(pages int, latency time.Duration) (base string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(self, "serve", "--pages", strconv.Itoa(pages), "--latency", latency.String())
	cmd.Stderr = os.Stderr
	return startChild(cmd, "")
}

// startChild starts a server and waits for the line that tells its address.
func startChild(cmd *exec.Cmd, before string) (base string, stop func(), err error) {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("%s did not start: %w", cmd.Path, err)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return strings.TrimSpace(strings.TrimPrefix(line, before)), stop, nil
}

// serve listens until it is killed.
func serve(out io.Writer, pages int, latency time.Duration) error {
	handler, err := fromMemory(pages, latency)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: handler}
	return server.Serve(listener)
}

// fromMemory answers the emulator's pages, each after that latency.
func fromMemory(pages int, latency time.Duration) (http.HandlerFunc, error) {
	bodies, err := recordPages(pages)
	if err != nil {
		return nil, err
	}
	following := map[string][]byte{"": bodies[0]} // by the token that asks for it
	for i, body := range bodies[:len(bodies)-1] {
		var page struct {
			Links links `json:"links"`
		}
		if err := json.Unmarshal(withoutBOM(body), &page); err != nil {
			return nil, err
		}
		_, token := page.Links.next()
		following[token] = bodies[i+1]
	}
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		body := following[r.Header.Get("MS-ContinuationToken")]
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}, nil
}

// Command bench measures Rollcall beside its peers, on this machine and over
// loopback only. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags that the commands share.
type options struct {
	rounds int
	slice  time.Duration // how long one way is run within a round, for decode and load
	users  int           // at the customer that is read, for cli and size
	binary string        // of rollcall, for cli, load and size; empty: it is built

	connections int // for load
	people      int // for load and size
}

const usage = `usage: go -C bench run . COMMAND [flags]

  decode   a page of 500 users, by our decoder and by its peers
  fetch    all pages over loopback at 0, 50 and 200 ms a page
  cli      100,000 users to CSV: rollcall users list beside other programs
  size     a customer of many users at rollcall serve: reading, memory, search, sort, export
  load     the users page by rollcall serve, beside a handler that has the same bytes ready

flags: --rounds N (default 5), --slice DURATION (decode, load), --users N (cli, size; default 100,000), --rollcall FILE (cli, load, size),
       --connections N (load), --people N (load, size)
`

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("no command\n" + usage)
	}
	opts := options{}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.IntVar(&opts.rounds, "rounds", 5, "interleaved rounds; the median is told")
	flags.DurationVar(&opts.slice, "slice", 0, "how long one way runs in a round (decode: 60ms, load: 1s)")
	flags.IntVar(&opts.users, "users", 100_000, "users at the customer that is read (cli, size)")
	flags.StringVar(&opts.binary, "rollcall", "", "measure this `program` instead of building ../cmd/rollcall (cli, load, size)")
	flags.IntVar(&opts.connections, "connections", 8, "connections at once, 64 at most (load)")
	flags.IntVar(&opts.people, "people", 60, "people who are signed in, since each may ask 30 times a second (load, size)")
	pages := flags.Int("pages", 200, "pages (serve)")
	latency := flags.Duration("latency", 0, "what each page takes (serve)")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	opts.bound(args[0])
	switch args[0] {
	case "decode":
		return decode(out, opts)
	case "fetch":
		return fetch(out, opts)
	case "cli":
		return cli(out, opts)
	case "load":
		return load(out, opts)
	case "size":
		return size(out, opts)
	case "static": // started by load, for the same reason as serve
		return static(out, flags.Args())
	case "wait": // between cli and the programs it runs
		return wait(out, flags.Args())
	case "serve": // started by fetch, so that the server's CPU is not the client's
		return serve(out, *pages, *latency)
	}
	return fmt.Errorf("%q is no command\n%s", args[0], usage)
}

// bound fills in what differs between commands, and keeps load within what a
// machine bears: everything runs on it.
func (o *options) bound(command string) {
	if o.slice <= 0 {
		o.slice = 60 * time.Millisecond
		if command == "load" {
			o.slice = time.Second
		}
	}
	o.slice = min(o.slice, 10*time.Second)
	o.connections = min(max(o.connections, 1), 64)
	o.people = min(max(o.people, 1), 500)
}

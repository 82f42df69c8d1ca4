package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// cost is what something took.
type cost struct {
	wall, cpu time.Duration
	allocs    float64 // number
	bytes     float64 // allocated, or of peak memory
}

// cpuTime is what this process has used on all cores, garbage collection too.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// measure runs f again and again for about as long as slice, and returns the
// cost of one run.
func measure(slice time.Duration, f func() error) (cost, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start, runs := cpuTime(), time.Now(), 0
	for runs == 0 || time.Since(start) < slice {
		if err := f(); err != nil {
			return cost{}, err
		}
		runs++
	}
	wall, used := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	n := float64(runs)
	return cost{
		wall: time.Duration(float64(wall) / n), cpu: time.Duration(float64(used) / n),
		allocs: float64(after.Mallocs-before.Mallocs) / n, bytes: float64(after.TotalAlloc-before.TotalAlloc) / n,
	}, nil
}

// series is what rounds gave for each way: rounds[way][round].
type series map[string][]cost

func (s series) add(way string, c cost) { s[way] = append(s[way], c) }

// median of a figure over the rounds.
func (s series) median(way string, of func(cost) float64) float64 {
	return middle(figures(s[way], of))
}

// ratio of one way to another, round by round, since only what ran side by
// side can be compared on a busy machine.
func (s series) ratio(way, to string, of func(cost) float64) spread {
	var ratios []float64
	for i := range min(len(s[way]), len(s[to])) { // some run in the first round only
		ratios = append(ratios, of(s[way][i])/of(s[to][i]))
	}
	return spread{middle(ratios), slices.Min(ratios), slices.Max(ratios)}
}

func wall(c cost) float64   { return float64(c.wall) }
func cpu(c cost) float64    { return float64(c.cpu) }
func allocs(c cost) float64 { return c.allocs }
func memory(c cost) float64 { return c.bytes }

type spread struct{ median, low, high float64 }

func (s spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", short(s.median), short(s.low), short(s.high))
}

func short(f float64) string {
	switch {
	case f < 0.1:
		return fmt.Sprintf("%.4f", f)
	case f < 10:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.0f", f)
}

func figures(costs []cost, of func(cost) float64) []float64 {
	var all []float64
	for _, c := range costs {
		all = append(all, of(c))
	}
	return all
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// table writes rows as a table in Markdown that also reads well as it is.
func table(out io.Writer, rows [][]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	for i, row := range rows {
		fmt.Fprintf(w, "| %s\t|\n", strings.Join(row, "\t| "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	return w.Flush()
}

// machine tells what the figures are of.
func machine() string {
	model := "unknown processor"
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := "unknown"
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(b), " ")
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s, load %s at the start",
		model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

// inRounds tells how rounds were told.
func inRounds(opts options) string {
	return fmt.Sprintf("; %d interleaved rounds, medians (lowest–highest round)", opts.rounds)
}

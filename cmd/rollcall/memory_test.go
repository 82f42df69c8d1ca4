//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// listMemory is the most that a list of 100,000 users may take.
const listMemory = 64 << 20 // bytes

// TestListIsFlatInMemory lists 2,000 and then 100,000 users in a process of
// their own, and compares the most memory that each took.
func TestListIsFlatInMemory(t *testing.T) {
	peak := func(count int) int64 {
		server := httptest.NewServer(emulator.New(emulator.Options{BigUsers: count}))
		defer server.Close()
		command := exec.CommandContext(t.Context(), "rollcall", "users", "list", "northwind.example", "-o", "csv")
		command.Env = append(os.Environ(), "ROLLCALL_API_URL="+server.URL, "ROLLCALL_TOKEN=admin-agent")
		output, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		lines, most, some := 0, int64(0), make([]byte, 32<<10)
		for err == nil {
			var n int
			n, err = output.Read(some)
			lines += bytes.Count(some[:n], []byte("\n"))
			most = max(most, memorySoFar(command.Process.Pid))
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
		if lines != count+1 {
			t.Fatalf("%d lines for %d users", lines, count)
		}
		if most > 0 {
			return most
		}
		return peakMemory(t, command.ProcessState)
	}
	few, many := peak(2_000), peak(100_000)
	t.Logf("most memory: %.1f MiB with 2,000 users, %.1f MiB with 100,000", float64(few)/(1<<20), float64(many)/(1<<20))
	if many > listMemory {
		t.Errorf("100,000 users take %.1f MiB, want no more than 64", float64(many)/(1<<20))
	}
	if many > few+few/2 {
		t.Errorf("100,000 users take %.1f times the memory of 2,000", float64(many)/float64(few))
	}
}

// memorySoFar is the most memory in bytes that a process has had resident; 0
// where the system doesn't tell. What it tells at a process's end has the memory
// of whoever started it in it.
func memorySoFar(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kib int64
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(most, &kib)
	return kib << 10
}

// peakMemory is the most memory in bytes that an ended process had resident.
func peakMemory(t *testing.T, ended *os.ProcessState) int64 {
	t.Helper()
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("no resource usage from this system")
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss // bytes there, KiB elsewhere
	}
	return usage.Maxrss << 10
}

//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

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

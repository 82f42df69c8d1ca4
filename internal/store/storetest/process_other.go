//go:build !linux

package storetest

import "syscall"

// serverUser says as whom the server runs: whoever runs the tests.
func serverUser(string) (*syscall.SysProcAttr, error) { return nil, nil }

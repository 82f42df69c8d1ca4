package web

import (
	"net/netip"
	"testing"
)

func prefix(t testing.TB, text string) netip.Prefix {
	t.Helper()
	p, err := netip.ParsePrefix(text)
	must(t, err)
	return p
}

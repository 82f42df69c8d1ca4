package auth

import (
	"net/url"
	"strings"
	"testing"
)

func TestReturnTo(t *testing.T) {
	own := []string{
		"/", "/customers", "/customers?q=a+b&page=2", "/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users?synced=yes&sort=-location",
		"/customers/contoso.example", "/settings?x=//evil.example", "/jump?q=https%3A%2F%2Fevil.example", "/customers?q=100%", "/help?a=%0d%0a",
		"/customers?return_to=/customers", "/customers/x/users/y", "/sign-in-help", "/customers?q=%E5%90%8D", "/a%20b", "/customers?q=.././..",
		"/customers/", "/@me", "/x:y",
	}
	for _, path := range own {
		if got := ReturnTo(path); got != path {
			t.Errorf("%q became %q", path, got)
		}
	}
	if got := ReturnTo("/customers?q=a#users"); got != "/customers?q=a" {
		t.Errorf("with a fragment: %q", got)
	}

	hostile := []string{
		// other hosts, plainly
		"", "//evil.example", "///evil.example", "////evil.example", "//evil.example/%2f..", "https://evil.example", "http://evil.example/",
		"HTTPS://evil.example", "https:/evil.example", "https:evil.example", "//user@evil.example", "//evil.example:443/", "//[::1]/", "//0x7f000001/",
		"https://rollcall.example/customers", "//rollcall.example.evil.example", "ftp://evil.example", "ws://evil.example", "evil.example", "evil.example/x",
		// other schemes
		"javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
		"mailto:a@b.example", "blob:https://evil.example/1", " javascript:alert(1)",
		// slashes in disguise
		`/\evil.example`, `\/evil.example`, `\\evil.example`, `/\/evil.example`, `//\evil.example`, `/\\evil.example`, `/customers\..\..\evil`,
		"/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "/%2f%2fevil.example", "/x%2f..%2f..%2fevil",
		"/%252fevil.example", "/%25%32%66evil.example", "/%255cevil.example", "/.//evil.example", "/x//evil.example", "/customers//", "/／evil.example", "/⁄evil.example", "／／evil.example",
		// dots
		"/..", "/.", "/../evil", "/..//evil.example", "/./evil", "/x/../y", "/x/..", "/%2e%2e/evil", "/%2E%2E//evil.example", "/.%2e/evil", "/x/%2e/y",
		// controls, white space, line breaks
		"/\tevil", "/\nevil", "/\r\nLocation: https://evil.example", "/x\r\nSet-Cookie: a=b", "/%0d%0aevil", "/%09/evil.example", "/\t/evil.example", "/\x00", "/%00", "/x\x7f", "/x%7f",
		" /customers", "/customers ", "/a b", "/customers?q=a b", "/customers?q=a\nb", "/customers?q=a\\b", "\u2028/customers", "/customers\u2028", "/\u202eevil", "/\ufeff", "/\u00a0//evil.example",
		// broken
		"/%", "/%zz", "/%2", "/customers/%", "?q=a", "#x", ".", "..", "./x", "@evil.example", ":", "://", "*",
		"/\xff\xfe", "/" + strings.Repeat("a", longestReturn),
		// in a circle
		"/sign-in", "/sign-in/start", "/sign-in?return_to=/sign-in", "/sign-in/callback?code=x&state=y", "/sign-out", "/sign-out/", "/sign%2din", "/%73ign-in",
	}
	if len(hostile) < 60 {
		t.Errorf("only %d hostile ones", len(hostile))
	}
	for _, raw := range hostile {
		if got := ReturnTo(raw); got != "/" {
			t.Errorf("%q became %q, want /", raw, got)
		}
	}
}

func FuzzReturnTo(f *testing.F) {
	for _, seed := range []string{"/customers?q=a", "//evil.example", `/\evil.example`, "/%2fevil", "/..//x", "https://evil.example", "/\t/evil.example", "/a#b"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://rollcall.example/sign-in/callback?code=x")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := ReturnTo(raw)
		if ReturnTo(got) != got {
			t.Errorf("%q became %q, and that %q", raw, got, ReturnTo(got))
		}
		to, err := base.Parse(got)
		if err != nil {
			// What Go can't read, such as a stray % in a query, browsers still take for the same host.
			if path, _, _ := strings.Cut(got, "?"); !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
				t.Errorf("%q became %q: %v", raw, got, err)
			}
			return
		}
		if to.Host != base.Host || to.Scheme != base.Scheme || to.User != nil || strings.HasPrefix(to.Path, "//") || strings.HasPrefix(to.Path, "/sign-in/") {
			t.Errorf("%q became %q, which leads to %v", raw, got, to)
		}
		for i := range len(got) {
			if got[i] <= ' ' || got[i] >= 0x7f || got[i] == '\\' {
				t.Errorf("%q became %q", raw, got)
			}
		}
	})
}

package auth

import (
	"net/url"
	"strings"
)

// longestReturn is how many bytes a path to return to may have.
const longestReturn = 2048

// ReturnTo gives back raw when it is a path of our own, as [Service.Begin]
// takes it, else "/". It refuses more than it has to: our paths hold IDs,
// domains and words, so whatever looks odd is somebody's attempt to lead
// people elsewhere.
func ReturnTo(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	path, query, hasQuery := strings.Cut(raw, "?")
	if len(raw) > longestReturn || !ownPath(path) {
		return "/"
	}
	for i := range len(query) {
		if !plain(query[i]) {
			return "/"
		}
	}
	if hasQuery {
		path += "?" + query
	}
	return path
}

// ownPath reports whether path is absolute, without tricks, and leads to a page.
func ownPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
		return false
	}
	for i := range len(path) {
		if !plain(path[i]) {
			return false
		}
	}
	decoded, err := url.PathUnescape(path)
	if err != nil || strings.Count(decoded, "/") != strings.Count(path, "/") {
		return false
	}
	for i := range len(decoded) {
		if c := decoded[i]; c < ' ' || c == 0x7f || c == '\\' || c == '%' {
			return false
		}
	}
	for segment := range strings.SplitSeq(decoded, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	first, _, _ := strings.Cut(decoded[1:], "/")
	return first != "sign-in" && first != "sign-out" // they would lead in a circle
}

// plain reports whether a byte may stand in an address as it is: visible
// ASCII, but no backslash, which browsers take for a slash.
func plain(c byte) bool { return c > ' ' && c < 0x7f && c != '\\' }

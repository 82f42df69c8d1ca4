package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Each check returns the value, or an error that says what to write instead.

func listenAddress(v string) (string, error) {
	host, port, err := net.SplitHostPort(v)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if _, addrErr := netip.ParseAddr(host); err != nil || portErr != nil || n > 65535 || (host != "" && host != "localhost" && addrErr != nil) {
		return "", fmt.Errorf("%q is no address to listen on; write it like 127.0.0.1:8080, or :8080 for all networks", v)
	}
	return v, nil
}

func baseURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("%q is not an address; write it like https://rollcall.example", v)
	}
	if u.Scheme == "http" && !loopbackHost(u.Hostname()) {
		return nil, fmt.Errorf("%q is plain HTTP; write it like https://rollcall.example (a proxy in front may hold the certificate)", v)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%q has more than a host; Rollcall needs a host of its own: write it like https://rollcall.example", v)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

func issuer(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname()))) {
		return "", fmt.Errorf("%q is no issuer; write it as the provider's discovery document does, like https://login.microsoftonline.com/TENANT-ID/v2.0", v)
	}
	for part := range strings.SplitSeq(strings.ToLower(u.Path), "/") {
		if part == "common" || part == "organizations" || part == "consumers" {
			return "", fmt.Errorf("%q lets in people of any tenant; put your own tenant's ID in place of %q", v, part)
		}
	}
	return v, nil
}

func authority(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" ||
		(u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname()))) {
		return "", fmt.Errorf("%q is no authority; write scheme and host alone, like https://login.microsoftonline.com", v)
	}
	return strings.TrimRight(v, "/"), nil
}

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$`)

func tenant(v string) (string, error) {
	name := strings.ToLower(v)
	if !guid.MatchString(name) && (len(name) > 253 || !domainName.MatchString(name)) {
		return "", fmt.Errorf("%q is no tenant of your own; write its ID, like 7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b, or a domain of it, like fabrikam.onmicrosoft.com", v)
	}
	return name, nil
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

func profile(v string) (string, error) {
	if !profileName.MatchString(v) {
		return "", fmt.Errorf("%q is no name of a sign-in; write up to 40 lower-case letters, digits and hyphens, like work", v)
	}
	return v, nil
}

func apiURL(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname()))) {
		return "", fmt.Errorf("%q is no address of the API; write it like https://api.partnercenter.microsoft.com (http only on this machine)", v)
	}
	if path := strings.Trim(u.Path, "/"); path == "v1" || strings.HasSuffix(path, "/v1") {
		return "", fmt.Errorf("%q ends in /v1, which Rollcall adds itself; leave it out", v)
	}
	return strings.TrimRight(v, "/"), nil
}

func networks(v string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, item := range list(v) {
		prefix, err := netip.ParsePrefix(item)
		if address, addrErr := netip.ParseAddr(item); addrErr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no network; write it like 10.0.0.0/8 or 192.0.2.7", item)
		}
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("%q believes everybody; name the networks of your own proxies", item)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func tenants(v string) ([]string, error) {
	var all []string
	for _, item := range list(v) {
		item = strings.ToLower(item)
		if !guid.MatchString(item) {
			return nil, fmt.Errorf("%q is no tenant ID; write it like 7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", item)
		}
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all, nil
}

func list(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

func word(v string) (string, error) {
	if strings.ContainsAny(v, " \t\r\n") {
		return "", fmt.Errorf("%q has a space or a line break in it; write it without", v)
	}
	return v, nil
}

func readableFile(v string) (string, error) {
	info, err := os.Stat(v)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s; make it, or give its right path", v)
	case err != nil:
		return "", fmt.Errorf("%s can't be looked at: %w; give this account the right to read it", v, err)
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder; give the path of the file in it", v)
	case info.Mode().IsRegular() && info.Size() == 0:
		return "", fmt.Errorf("%s is empty; put the value in it", v)
	}
	file, err := os.Open(v) //nolint:gosec // G304: the administrator names this file
	if err != nil {
		return "", fmt.Errorf("%s can't be read: %w; give this account the right to read it", v, errors.Unwrap(err))
	}
	return v, file.Close()
}

// database checks the form only, and never repeats the value: it may hold a password.
func database(v string) (string, error) {
	path, isFile := strings.CutPrefix(v, "sqlite:")
	switch {
	case isFile && path == ":memory:":
		return "", errors.New("sqlite::memory: forgets the trail when it stops; write it like sqlite:/var/lib/rollcall/rollcall.db")
	case isFile && path != "":
		return v, nil
	case strings.HasPrefix(v, "postgres://"), strings.HasPrefix(v, "postgresql://"):
		if _, err := url.Parse(v); err == nil {
			return v, nil
		}
	}
	return "", errors.New("this is no database; write it like sqlite:/var/lib/rollcall/rollcall.db or postgres://rollcall@db.example/rollcall")
}

func holdsPassword(v string) bool {
	u, err := url.Parse(v)
	if err != nil {
		return true // not to be repeated either way
	}
	_, inside := u.User.Password()
	return inside || u.Query().Has("password")
}

func yesOrNo(v string) (bool, error) {
	switch v {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false; write one of them", v)
}

var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$`)

func hosts(v string) ([]string, error) {
	var all []string
	for _, item := range list(v) {
		item = strings.ToLower(item)
		if len(item) > 253 || !hostName.MatchString(item) {
			return nil, fmt.Errorf("%q is no host; write it without https:// and path, like oauth2.example", item)
		}
		all = append(all, item)
	}
	return all, nil
}

// contextName is how authentication contexts are called: c1 to c99 in Entra,
// an address elsewhere.
var contextName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:/._-]{0,127}$`)

func contexts(v string) ([]string, error) {
	var all []string
	for _, item := range list(v) {
		if !contextName.MatchString(item) {
			return nil, fmt.Errorf("%q is no authentication context; write its ID, like c1", item)
		}
		all = append(all, item)
	}
	return all, nil
}

func days(v string) (time.Duration, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 30 || n > 36500 {
		return 0, fmt.Errorf("%q is no number of days of 30 or more; write it like 730, or leave it out to keep all", v)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

func sessionTime(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d < time.Minute || d > 24*time.Hour {
		return 0, fmt.Errorf("%q is no time between 1m and 24h; write it like 60m", v)
	}
	return d, nil
}

func stopDelay(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > 5*time.Minute {
		return 0, fmt.Errorf("%q is no time between 0 and 5m; write it like 5s", v)
	}
	return d, nil
}

func memorySize(v string) (int64, error) {
	number, unit := v, int64(1)
	for suffix, factor := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if cut, ok := strings.CutSuffix(v, suffix); ok {
			number, unit = cut, factor
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > (1<<50)/unit || n*unit < 16<<20 {
		return 0, fmt.Errorf("%q is no size of 16MiB or more; write it like 512MiB or 2GiB", v)
	}
	return n * unit, nil
}

// numberWithin is a whole number between two others.
func numberWithin(v string, least, most int) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is no number from %d to %d; write it in digits alone", v, least, most)
	}
	return n, nil
}

func bearer(v string) (Token, error) {
	if v != strings.TrimSpace(v) || strings.ContainsAny(v, " \t\r\n") {
		return Token{}, errors.New("it has a space or a line break in it; give the token alone, without \"Bearer\"")
	}
	return Token{v}, nil
}

func logLevel(v string) (slog.Level, error) {
	word, err := oneOf(v, "debug", "info", "warn", "error")
	if err != nil {
		return 0, err
	}
	var level slog.Level
	return level, level.UnmarshalText([]byte(word))
}

func oneOf(v string, words ...string) (string, error) {
	if !slices.Contains(words, v) {
		last := len(words) - 1
		return "", fmt.Errorf("%q is unknown; write %s or %s", v, strings.Join(words[:last], ", "), words[last])
	}
	return v, nil
}

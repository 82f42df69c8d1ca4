package auth

import "strings"

// agentLabel says in words what browser asks, such as "Firefox on Windows".
// Nothing of the header itself is kept.
func agentLabel(userAgent string) string {
	name := func(known [][2]string, otherwise string) string {
		for _, k := range known {
			if strings.Contains(userAgent, k[0]) {
				return k[1]
			}
		}
		return otherwise
	}
	// In this order: most browsers claim to be several others, too.
	browser := name([][2]string{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}, "A browser")
	system := name([][2]string{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Macintosh", "macOS"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}, "")
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

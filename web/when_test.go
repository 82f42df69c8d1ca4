package web

import (
	"testing"
	"time"
)

func TestTimesAreRelativeWithTheExactOneBehind(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 16, 12, 4, 0, 0, time.UTC)
	c := clock{now: now, zone: berlin}
	for ago, want := range map[time.Duration]string{
		0:                     "just now",
		59 * time.Second:      "just now",
		14 * time.Minute:      "14 min ago",
		90 * time.Minute:      "1 h ago",
		26 * time.Hour:        "yesterday",
		6 * 24 * time.Hour:    "6 days ago",
		42 * 24 * time.Hour:   "1 mo ago",
		400 * 24 * time.Hour:  "12 May 2025",
		-2 * time.Hour:        "16 Jun 2026 16:04",
		-30 * time.Second:     "just now", // two clocks are never quite alike
		364 * 24 * time.Hour:  "12 mo ago",
		47 * time.Hour:        "yesterday",
		29*24*time.Hour + 1e9: "29 days ago",
	} {
		if got := c.ago(now.Add(-ago)); got.Text != want {
			t.Errorf("%v ago is %q, want %q", ago, got.Text, want)
		}
	}
	got := c.at(now.Add(-2 * time.Minute))
	if got.Text != "14:02" || got.Machine != "2026-06-16T12:02:00Z" || got.Exact != "16 Jun 2026 14:02:00 CEST" {
		t.Errorf("at = %+v", got)
	}
	if got := c.at(now.Add(-24 * time.Hour)).Text; got != "15 Jun 14:04" {
		t.Errorf("yesterday's time is %q", got)
	}
	if !c.ago(time.Time{}).IsZero() || !c.at(time.Time{}).IsZero() {
		t.Error("no time is shown as one")
	}
}

func TestCountryNames(t *testing.T) {
	for code, want := range map[string]string{"": "", "DE": "Germany", "VN": "Vietnam", "AE": "United Arab Emirates", "XZ9": "XZ9", "<b>": "<b>"} {
		if got := countryName(code); got != want {
			t.Errorf("countryName(%q) = %q, want %q", code, got, want)
		}
	}
}

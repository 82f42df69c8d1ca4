package web

import (
	"strconv"
	"time"

	"github.com/rollcall-app/rollcall/views"
)

// clock writes times as one person reads them: relative, with the exact time
// in their zone behind.
type clock struct {
	now  time.Time
	zone *time.Location
}

// ago is the time as "14 min ago"; the zero time is none.
func (c clock) ago(t time.Time) views.Time {
	if t.IsZero() {
		return views.Time{}
	}
	return c.write(t, c.relative(t))
}

// at is the time as "14:02", with the day when it was not today.
func (c clock) at(t time.Time) views.Time {
	if t.IsZero() {
		return views.Time{}
	}
	there, now := t.In(c.zone), c.now.In(c.zone)
	text := there.Format("15:04")
	if there.YearDay() != now.YearDay() || there.Year() != now.Year() {
		text = there.Format("2 Jan 15:04")
	}
	return c.write(t, text)
}

// day is the day as a sentence has it: "2 June", with the year when it is another.
func (c clock) day(t time.Time) string {
	there := t.In(c.zone)
	if there.Year() != c.now.In(c.zone).Year() {
		return there.Format("2 January 2006")
	}
	return there.Format("2 January")
}

func (c clock) write(t time.Time, text string) views.Time {
	return views.Time{
		Machine: t.UTC().Format(time.RFC3339),
		Text:    text,
		Exact:   t.In(c.zone).Format("2 Jan 2006 15:04:05 MST"),
	}
}

func (c clock) relative(t time.Time) string {
	switch d := c.now.Sub(t); {
	case d < -time.Minute:
		return t.In(c.zone).Format("2 Jan 2006 15:04")
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min ago"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h ago"
	case d < 48*time.Hour:
		return "yesterday"
	case d < 30*24*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " days ago"
	case d < 365*24*time.Hour:
		months := max(1, int(d/(30*24*time.Hour)))
		return strconv.Itoa(months) + " mo ago"
	}
	return t.In(c.zone).Format("2 Jan 2006")
}

// inWords is a length of time as people say it: "60 minutes", "12 hours".
func inWords(d time.Duration) string {
	if d >= 2*time.Hour && d%time.Hour == 0 {
		return plural(int(d/time.Hour), "hour", "hours")
	}
	return plural(int(d/time.Minute), "minute", "minutes")
}

package directory

import "time"

// An instant is seconds since 1970, in four bytes, until 2106; 0 is never.
type instant uint32

// parseInstant reads RFC 3339, also without a zone (then UTC): the service
// writes both. The zero time of .NET, year 1, is never. Source: API facts 6.
func parseInstant(text []byte) (at instant, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	const layout = "2006-01-02T15:04:05"
	if len(text) < len(layout) || text[4] != '-' || text[7] != '-' || text[10]|0x20 != 't' || text[13] != ':' || text[16] != ':' {
		return 0, false
	}
	year, ok1 := number(text[0:4])
	month, ok2 := number(text[5:7])
	day, ok3 := number(text[8:10])
	hour, ok4 := number(text[11:13])
	minute, ok5 := number(text[14:16])
	second, ok6 := number(text[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	offset, ok := zone(text[len(layout):])
	if !ok {
		return 0, false
	}
	unix := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix() - int64(offset)
	if unix <= 0 {
		return 0, true
	}
	return instant(min(unix, 1<<32-1)), true
}

// zone reads an optional fraction of a second and an optional zone; the
// offset is in seconds east.
func zone(text []byte) (offset int, ok bool) {
	if len(text) > 0 && text[0] == '.' {
		i := 1
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0, false
		}
		text = text[i:]
	}
	switch {
	case len(text) == 0, len(text) == 1 && text[0]|0x20 == 'z':
		return 0, true
	case len(text) != 6 || text[3] != ':' || text[0] != '+' && text[0] != '-':
		return 0, false
	}
	hours, ok1 := number(text[1:3])
	minutes, ok2 := number(text[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset = hours*3600 + minutes*60
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func number(digits []byte) (n int, ok bool) {
	for _, b := range digits {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return n, true
}

// time is the instant as a time, zero for never.
func (at instant) time() time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(int64(at), 0).UTC()
}

// is is 1 unless the instant is never.
func (at instant) is() uint8 {
	if at != 0 {
		return 1
	}
	return 0
}

package directory

import (
	"bytes"
	"math"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// An instant is seconds since 1970, in four bytes, until 2106; 0 is never.
type instant uint32

// parseInstant reads a time as Partner Center writes them. The zero time of
// .NET, year 1, is never.
func parseInstant(text []byte) (instant, error) {
	unix, ok := usualTime(text)
	if !ok {
		at, err := partnercenter.ParseTime(string(text))
		if err != nil {
			return 0, err
		}
		unix = at.Unix()
	}
	return instant(min(max(unix, 0), math.MaxUint32)), nil
}

// usualTime reads 2006-01-02T15:04:05Z, with or without a fraction and the Z,
// without an allocation. Whatever else there is to times is left to ParseTime.
func usualTime(text []byte) (unix int64, ok bool) {
	const usual = "2006-01-02T15:04:05"
	if len(text) < len(usual) || len(text) > len(usual)+len(".000000000Z") {
		return 0, false
	}
	rest := bytes.TrimSuffix(text[len(usual):], []byte("Z"))
	if len(rest) > 0 && (rest[0] != '.' || len(rest) == 1 || !areDigits(rest[1:])) {
		return 0, false
	}
	for i := range usual {
		if isDigit(usual[i]) != isDigit(text[i]) || !isDigit(usual[i]) && usual[i] != text[i] {
			return 0, false
		}
	}
	two := func(at int) int { return int(text[at]-'0')*10 + int(text[at+1]-'0') }
	year, month, day := two(0)*100+two(2), time.Month(two(5)), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	at := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	if at.Month() != month || at.Day() != day { // a 31st of June
		return 0, false
	}
	return at.Unix(), true
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func areDigits(text []byte) bool {
	for _, b := range text {
		if !isDigit(b) {
			return false
		}
	}
	return true
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

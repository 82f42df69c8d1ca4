package directory

// guid is an object ID in sixteen bytes.
type guid [16]byte

// parseGUID reads 8-4-4-4-12 hexadecimal digits, in either case.
func parseGUID[T string | []byte](s T) (id guid, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if s[at] == '-' {
			at++
		}
		high, low := unhex[s[at]], unhex[s[at+1]]
		if high|low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, true
}

// append writes the ID in lower case.
func (id guid) append(dst []byte) []byte {
	const digits = "0123456789abcdef"
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}

func (id guid) String() string { return string(id.append(nil)) }

// unhex is the value of a hexadecimal digit, 255 for any other byte.
var unhex = func() (table [256]byte) {
	for i := range table {
		switch b := byte(i); {
		case '0' <= b && b <= '9':
			table[i] = b - '0'
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			table[i] = b | 0x20 - 'a' + 10
		default:
			table[i] = 255
		}
	}
	return table
}()

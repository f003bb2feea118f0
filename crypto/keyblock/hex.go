package keyblock

const hexDigits = "0123456789ABCDEF"

// nibble returns the value of a hexadecimal digit. Lower case is refused: a block would have several spellings.
// ANSI X9.143, 3 (hex-ASCII).
func nibble(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// unhex fills dst from twice as many digits.
func unhex[T string | []byte](dst []byte, s T) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	for i := range dst {
		high, ok := nibble(s[2*i])
		low, fine := nibble(s[2*i+1])
		if !ok || !fine {
			return false
		}
		dst[i] = high<<4 | low
	}
	return true
}

func appendHex(dst, b []byte) []byte {
	for _, v := range b {
		dst = append(dst, hexDigits[v>>4], hexDigits[v&0xF])
	}
	return dst
}

// number reads a hexadecimal number that is no more than a key block is long.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		v, ok := nibble(s[i])
		if n = n<<4 | int(v); !ok || n > maxLength {
			return 0, false
		}
	}
	return n, true
}

func allHex(s string) bool {
	for i := range len(s) {
		if _, ok := nibble(s[i]); !ok {
			return false
		}
	}
	return true
}

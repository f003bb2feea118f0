package kernel

// PutBCD writes v into all of dst as binary coded decimal, right justified, and returns dst. Digits that do not fit are
// lost, so callers check their ranges first.
func PutBCD(dst []byte, v uint64) []byte {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte(v%10) | byte(v/10%10)<<4
		v /= 100
	}
	return dst
}

// BCD reads a number in format n. It reports false when a nibble is not a digit or the number does not fit 64 bits.
func BCD(b []byte) (uint64, bool) {
	if len(b) > 9 {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		if c>>4 > 9 || c&0x0F > 9 {
			return 0, false
		}
		v = v*100 + uint64(c>>4)*10 + uint64(c&0x0F)
	}
	return v, true
}

// Nibble returns the i-th half byte, from the left: a digit of a track or of a number in format n or cn.
func Nibble(b []byte, i int) byte {
	if i%2 == 0 {
		return b[i/2] >> 4
	}
	return b[i/2] & 0x0F
}

// SetNibble writes the i-th half byte, from the left; of v the lower half counts.
func SetNibble(b []byte, i int, v byte) {
	if i%2 == 0 {
		b[i/2] = b[i/2]&0x0F | v<<4
	} else {
		b[i/2] = b[i/2]&0xF0 | v&0x0F
	}
}

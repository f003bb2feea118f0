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

package pairing

import "strings"

// alphabet is that of base 45, which a QR code holds in its alphanumeric mode. RFC 9285, table 1.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// appendBase45 appends two bytes as three characters, a last one as two. RFC 9285, 4. The text never ends in a space,
// which scanners like to cut: the last digit of a group is at most 32.
func appendBase45(dst, b []byte) []byte {
	for len(b) >= 2 {
		n := int(b[0])<<8 | int(b[1])
		dst = append(dst, alphabet[n%45], alphabet[n/45%45], alphabet[n/(45*45)])
		b = b[2:]
	}
	if len(b) == 1 {
		dst = append(dst, alphabet[b[0]%45], alphabet[b[0]/45])
	}
	return dst
}

// fromBase45 reads what appendBase45 writes, and nothing else. RFC 9285, 6: groups above FFFF and FF are refused.
func fromBase45(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s)*2/3)
	for ; len(s) >= 3; s = s[3:] {
		c, d, e := strings.IndexByte(alphabet, s[0]), strings.IndexByte(alphabet, s[1]), strings.IndexByte(alphabet, s[2])
		n := c + d*45 + e*45*45
		if c < 0 || d < 0 || e < 0 || n > 0xFFFF {
			return nil, false
		}
		b = append(b, byte(n>>8), byte(n))
	}
	switch len(s) {
	case 0:
		return b, true
	case 2:
		c, d := strings.IndexByte(alphabet, s[0]), strings.IndexByte(alphabet, s[1])
		if n := c + d*45; c >= 0 && d >= 0 && n <= 0xFF {
			return append(b, byte(n)), true
		}
	}
	return nil, false
}

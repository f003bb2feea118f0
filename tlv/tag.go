package tlv

import "strconv"

// Tag is a BER-TLV tag as its bytes stand on the wire, first byte most significant: 0x5A, 0x9F02, 0xDF8117.
// The zero Tag is no tag: '00' is padding (Book 3, Annex B1).
type Tag uint32

// Class is the class of a tag, bits b8 and b7 of its first byte (Book 3, Annex B1).
type Class uint8

// The four classes.
const (
	Universal Class = iota
	Application
	ContextSpecific
	Private
)

// maxTag is the longest tag that is read: four bytes, as Book 3 Annex B allows for future use.
const maxTag = 4

// Len returns how many bytes the tag takes, 1 to 4.
func (t Tag) Len() int {
	switch {
	case t <= 0xFF:
		return 1
	case t <= 0xFFFF:
		return 2
	case t <= 0xFFFFFF:
		return 3
	}
	return 4
}

// First returns the tag's first byte.
func (t Tag) First() byte { return byte(t >> (8 * (t.Len() - 1))) }

// Constructed reports whether the value of an object with this tag holds further objects (b6 of the first byte).
func (t Tag) Constructed() bool { return t.First()&0x20 != 0 }

// Class returns the tag's class.
func (t Tag) Class() Class { return Class(t.First() >> 6) }

// Append appends the tag's bytes to dst.
func (t Tag) Append(dst []byte) []byte {
	switch t.Len() {
	case 4:
		return append(dst, byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
	case 3:
		return append(dst, byte(t>>16), byte(t>>8), byte(t))
	case 2:
		return append(dst, byte(t>>8), byte(t))
	}
	return append(dst, byte(t))
}

// Valid reports whether the bytes of t are one complete tag, no more and no less.
func (t Tag) Valid() bool {
	var b [maxTag]byte
	enc := t.Append(b[:0])
	got, n, code := readTag(enc, 0)
	return code == "" && n == len(enc) && got == t
}

// String returns the tag in upper-case hexadecimal, two digits a byte.
func (t Tag) String() string {
	const digits = "0123456789ABCDEF"
	var b [2 * maxTag]byte
	n := t.Len()
	for i := range n {
		c := byte(t >> (8 * (n - 1 - i)))
		b[2*i], b[2*i+1] = digits[c>>4], digits[c&0x0F]
	}
	return string(b[:2*n])
}

// ParseTag reads a tag written in hexadecimal, as String writes it; lower case is accepted.
func ParseTag(s string) (Tag, error) {
	v, err := strconv.ParseUint(s, 16, 32)
	t := Tag(v)
	if err != nil || len(s) != 2*t.Len() || !t.Valid() {
		return 0, &SyntaxError{Code: CodeTagText, Text: s}
	}
	return t, nil
}

// readTag reads the tag at b[at:]. It returns the tag and the offset behind it, or the code of what is wrong and
// the offset of the byte that is.
func readTag(b []byte, at int) (Tag, int, Code) {
	if at >= len(b) {
		return 0, at, CodeTruncated
	}
	t := Tag(b[at])
	at++
	if t&0x1F != 0x1F {
		return t, at, ""
	}
	for i := 1; ; i++ {
		if i == maxTag {
			return 0, at, CodeTagLong
		}
		if at >= len(b) {
			return 0, at, CodeTruncated
		}
		c := b[at]
		// Annex B1: the bytes after the first carry a tag number, which is not zero. Only the first of them is
		// held to that: ISO/IEC 8825-1, 8.1.2.4.2 c) forbids a leading zero there, a zero further on is a digit.
		if i == 1 && c&0x7F == 0 {
			return 0, at, CodeTagNumber
		}
		at++
		t = t<<8 | Tag(c)
		if c&0x80 == 0 {
			return t, at, ""
		}
	}
}

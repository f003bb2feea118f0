package tlv

// MaxLength is the longest value that three length bytes can announce.
const MaxLength = 0xFFFF

// Append appends one data object to dst, with the shortest length field. Values over MaxLength are a bug of the caller
// and panic.
func Append(dst []byte, t Tag, value []byte) []byte {
	dst = appendLength(t.Append(dst), len(value))
	return append(dst, value...)
}

// AppendHeader appends a tag and the length n, for a value that the caller appends itself.
func AppendHeader(dst []byte, t Tag, n int) []byte { return appendLength(t.Append(dst), n) }

// Open begins a constructed object whose length is not known yet. Append its contents to what Open returns, then give
// both to Close.
func Open(dst []byte, t Tag) (open []byte, mark int) {
	dst = append(t.Append(dst), 0)
	return dst, len(dst)
}

// Close ends the object that Open began: it writes the length and, where that takes more than one byte, moves the
// contents up.
func Close(dst []byte, mark int) []byte {
	n := len(dst) - mark
	extra := lengthSize(n) - 1
	for range extra {
		dst = append(dst, 0)
	}
	copy(dst[mark+extra:], dst[mark:mark+n])
	appendLength(dst[:mark-1], n)
	return dst
}

// Size returns how many bytes an object with tag t and a value of n bytes takes.
func Size(t Tag, n int) int { return t.Len() + lengthSize(n) + n }

func lengthSize(n int) int {
	switch {
	case n < 0x80:
		return 1
	case n <= 0xFF:
		return 2
	case n <= MaxLength:
		return 3
	}
	panic("tlv: value over MaxLength")
}

func appendLength(dst []byte, n int) []byte {
	switch lengthSize(n) {
	case 1:
		return append(dst, byte(n))
	case 2:
		return append(dst, 0x81, byte(n))
	}
	return append(dst, 0x82, byte(n>>8), byte(n))
}

package card

import "github.com/cardwright/emv/tlv"

// object is one data object of the card.
type object struct {
	tag   tlv.Tag
	value []byte
}

// store holds data objects in the order in which they came. There are some thirty: looking through them is fast enough
// and gives the same order every time.
type store []object

// get returns the value of t, nil where the store has none.
func (s store) get(t tlv.Tag) []byte {
	for i := range s {
		if s[i].tag == t {
			return s[i].value
		}
	}
	return nil
}

// has reports whether the store has t.
func (s store) has(t tlv.Tag) bool {
	for i := range s {
		if s[i].tag == t {
			return true
		}
	}
	return false
}

// set stores a value, in the place of an older one where there is one.
func (s *store) set(t tlv.Tag, value []byte) {
	for i := range *s {
		if (*s)[i].tag == t {
			(*s)[i].value = value
			return
		}
	}
	*s = append(*s, object{t, value})
}

// fit returns value in n bytes, cut and padded on the right: what a card makes of a value whose length is not that of
// the book.
func fit(value []byte, n int) []byte {
	out := make([]byte, n)
	copy(out, value)
	return out
}

// amount returns a numeric value in minor units. What is no decimal digit counts as its hexadecimal value, so that any
// bytes give a number; more than 16 digits give the last 16.
func amount(bcd []byte) uint64 {
	var n uint64
	for _, b := range bcd[max(0, len(bcd)-8):] {
		n = n*100 + uint64(b>>4)*10 + uint64(b&0x0F)
	}
	return n
}

// appendAmount appends n in size bytes, two decimal digits each.
func appendAmount(dst []byte, n uint64, size int) []byte {
	at := len(dst)
	for range size {
		dst = append(dst, 0)
	}
	for i := size - 1; i >= 0; i-- {
		dst[at+i] = byte(n/10%10)<<4 | byte(n%10)
		n /= 100
	}
	return dst
}

// bit is a bit of a data object: the byte, counted from 1, and the mask.
type bit uint16

func (b bit) in(value []byte) bool {
	at := int(b>>8) - 1
	return at < len(value) && value[at]&byte(b) != 0
}

func (b bit) set(value []byte) { value[int(b>>8)-1] |= byte(b) }

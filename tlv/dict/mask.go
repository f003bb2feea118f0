package dict

import "github.com/cardwright/emv/tlv"

const hidden = '*'

// Mask appends value to dst as text that may be logged and displayed, by the sensitivity of e:
//
//   - Public: upper-case hexadecimal; of an ICC certificate of SM2 the card number in it as '*'.
//   - PAN: the digits, all but the first six and the last four as '*'; of fewer than 13 digits only the last four, of
//     fewer than 8 none. Padding 'F' behind them stays.
//   - Track: of '56', '57' and '9F6B' the PAN part in the same way and everything behind its separator as '*'. '56' is
//     text and stays text: one character a byte. Other objects of the class are hidden whole.
//   - Cardholder and Secret: '*' only, two a byte.
//   - A template: its objects one by one, each as the strictest scope sees its tag.
//
// What can't be told apart is hidden whole: a nil entry, a tag inside a template that no scope knows, a number that holds
// other than decimal digits or too many of them, a track without separator. The result is as long as value written in
// hexadecimal, '56' excepted. Mask does not allocate but to grow dst.
func Mask(e *Entry, value, dst []byte) []byte {
	if e == nil {
		return hide(dst, 2*len(value))
	}
	if e.Tag.Constructed() {
		return maskObjects(value, dst, 0)
	}
	switch e.Sensitive {
	case Public:
		if e.Tag == 0x9F46 {
			return maskCertificate(value, dst)
		}
		return appendHex(dst, value)
	case PAN:
		return maskNumber(e, value, dst)
	case Track:
		switch e.Tag {
		case 0x57, 0x9F6B:
			return maskTrack2(value, dst)
		case 0x56:
			return maskTrack1(value, dst)
		}
	case Cardholder, Secret:
	}
	return hide(dst, 2*len(value))
}

// maxPAN is the longest card number: ISO/IEC 7812-1.
const maxPAN = 19

// PCI DSS v4, 3.4.1: at most the first six and the last four digits. Short numbers show less, so that what is hidden is
// never less than what is shown.
func shownDigits(n int) (first, last int) {
	switch {
	case n >= 13:
		return 6, 4
	case n >= 8:
		return 0, 4
	}
	return 0, 0
}

func nibble(b []byte, i int) byte {
	if i&1 == 0 {
		return b[i/2] >> 4
	}
	return b[i/2] & 0x0F
}

func hide(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, hidden)
	}
	return dst
}

// maskDigits appends the first n nibbles of b, which must be decimal and at most limit; otherwise they are all hidden.
func maskDigits(b []byte, n, limit int, dst []byte) []byte {
	if n > limit {
		return hide(dst, n)
	}
	for i := range n {
		if nibble(b, i) > 9 {
			return hide(dst, n)
		}
	}
	first, last := shownDigits(n)
	for i := range n {
		if i < first || i >= n-last {
			dst = append(dst, '0'+nibble(b, i))
		} else {
			dst = append(dst, hidden)
		}
	}
	return dst
}

// maskNumber masks a card number in compressed numeric form. A number that is not '5A' (the DS ID of C-2: PAN and PAN
// Sequence Number) may be as long as its entry says.
func maskNumber(e *Entry, value, dst []byte) []byte {
	limit := maxPAN
	if e.Tag != 0x5A {
		limit = 2 * int(e.Max)
	}
	n := 2 * len(value)
	digits := n
	for digits > 0 && nibble(value, digits-1) == 0x0F {
		digits--
	}
	dst = maskDigits(value, digits, limit, dst)
	for range n - digits {
		dst = append(dst, 'F')
	}
	return dst
}

// maskTrack2 masks the form of Book 3, Annex A: PAN, separator 'D', the rest.
func maskTrack2(value, dst []byte) []byte {
	n := 2 * len(value)
	for i := range n {
		if nibble(value, i) == 0x0D {
			dst = append(maskDigits(value, i, maxPAN, dst), 'D')
			return hide(dst, n-i-1)
		}
	}
	return hide(dst, n)
}

// maskTrack1 masks the text of ISO/IEC 7813: format code 'B' (with or without start sentinel), PAN, separator '^', the
// rest.
func maskTrack1(value, dst []byte) []byte {
	start := 0
	if start < len(value) && value[start] == '%' {
		start++
	}
	if start < len(value) && value[start] == 'B' {
		start++
	}
	end := start
	for end < len(value) && value[end] >= '0' && value[end] <= '9' {
		end++
	}
	if end-start > maxPAN || end == len(value) || value[end] != '^' {
		return hide(dst, len(value))
	}
	dst = append(dst, value[:start]...)
	first, last := shownDigits(end - start)
	for i := start; i < end; i++ {
		if i-start < first || i >= end-last {
			dst = append(dst, value[i])
		} else {
			dst = append(dst, hidden)
		}
	}
	dst = append(dst, '^')
	return hide(dst, len(value)-end-1)
}

// MaskTag is Mask for a tag whose meaning depends on who asks: what hides most counts. A tag that no scope knows is hidden.
func MaskTag(t tlv.Tag, value, dst []byte) []byte { return Mask(strictest(t), value, dst) }

// SensitivityOf returns how a value is treated whose tag can have several meanings: the strictest counts. A tag that no
// scope knows is Secret: it could hold anything.
func SensitivityOf(t tlv.Tag) Sensitivity {
	if e := strictest(t); e != nil {
		return e.Sensitive
	}
	return Secret
}

// MaskObjects appends a string of data objects, such as the answer of a card, with each value masked as MaskTag would. What
// breaks the encoding is hidden from there on.
func MaskObjects(objects, dst []byte) []byte { return maskObjects(objects, dst, 0) }

// maskObjects masks the objects of a template. What breaks the encoding is hidden from there on.
func maskObjects(value, dst []byte, depth int) []byte {
	if depth >= tlv.MaxDepth {
		return hide(dst, 2*len(value))
	}
	at := 0
	c := tlv.Read(value)
	for c.Next() {
		v := c.Value()
		dst = appendHex(dst, value[at:c.Offset()])
		at = c.Offset() + len(v)
		switch e := strictest(c.Tag()); {
		case c.Tag().Constructed():
			dst = maskObjects(v, dst, depth+1)
		case e != nil && e.Sensitive == Track && e.Tag == 0x56:
			// Text would not be as long as the hexadecimal around it.
			dst = hide(dst, 2*len(v))
		default:
			dst = Mask(e, v, dst)
		}
	}
	if c.Err() != nil {
		return hide(dst, 2*(len(value)-at))
	}
	return appendHex(dst, value[at:])
}

// strictest returns the entry of t that hides most, or nil when no scope knows the tag.
func strictest(t tlv.Tag) *Entry {
	id := index.find(t)
	if id == none {
		return nil
	}
	from := int(index.first[id])
	e := &table[from]
	for i := from + 1; i < len(table) && table[i].Tag == t; i++ {
		if table[i].Sensitive > e.Sensitive {
			e = &table[i]
		}
	}
	return e
}

func appendHex(dst, b []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range b {
		dst = append(dst, digits[c>>4], digits[c&0x0F])
	}
	return dst
}

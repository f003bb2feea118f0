package pn532

import "bytes"

// The bytes of a frame (UM0701-02, 6.2.1): preamble 00, start code 00 FF, length and its complement, TFI, data, the
// complement of their sum, postamble 00.
const (
	toChip   = 0xD4 // TFI of a frame to the chip
	fromChip = 0xD5 // and from it
	tfiError = 0x7F // the one byte of an error frame (6.2.1.5)

	maxPayload = 265 // TFI and 264 bytes (6.2.1.2)
	maxShort   = 255 // the same in a normal frame (6.2.1.1)
)

// Frames without data (UM0701-02, 6.2.1.3 and 6.2.1.4).
var (
	frameACK  = []byte{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00}
	frameNACK = []byte{0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00}
)

// appendFrame appends the frame that carries a payload, its TFI included: a normal one where that is enough, an extended
// one otherwise (UM0701-02, 6.2.1.1 and 6.2.1.2).
func appendFrame(dst, payload []byte) []byte {
	dst = append(dst, 0x00, 0x00, 0xFF)
	n := len(payload)
	if n <= maxShort {
		dst = append(dst, byte(n), byte(-n))
	} else {
		dst = append(dst, 0xFF, 0xFF, byte(n>>8), byte(n), byte(-(n>>8 + n)))
	}
	dst = append(dst, payload...)
	return append(dst, -sum(payload), 0x00)
}

func sum(b []byte) (s byte) {
	for _, c := range b {
		s += c
	}
	return s
}

// frameKind is what a frame is.
type frameKind uint8

const (
	noFrame frameKind = iota // the bytes so far hold none that is whole
	ackFrame
	nackFrame
	dataFrame
	errorFrame
)

// decoder finds frames in a stream of bytes that may be disturbed. What is no frame it drops: a checksum that is wrong, or
// a frame without its postamble, costs only the start code, so a good frame behind is still found.
//
// The postamble is insisted on: a frame from which the line lost a byte 00 has a right checksum one byte early.
type decoder struct {
	buf   []byte
	noise bool // something was dropped since it was reset
}

// feed adds bytes from the line.
func (d *decoder) feed(b []byte) { d.buf = append(d.buf, b...) }

// reset forgets everything.
func (d *decoder) reset() {
	clear(d.buf[:cap(d.buf)]) // it held card data
	d.buf, d.noise = d.buf[:0], false
}

// empty reports whether nothing of a frame is there. A lone 00 is the preamble of one, or the line's.
func (d *decoder) empty() bool { return len(bytes.Trim(d.buf, "\x00")) == 0 }

// skip gives up the frame that is not whole and looks behind its start code.
func (d *decoder) skip() {
	if i := bytes.Index(d.buf, []byte{0x00, 0xFF}); i >= 0 {
		d.drop(i + 1)
	} else {
		d.drop(len(d.buf))
	}
	d.noise = true
}

func (d *decoder) drop(n int) {
	rest := copy(d.buf, d.buf[n:])
	clear(d.buf[rest:])
	d.buf = d.buf[:rest]
}

// next returns the next frame that is whole, and its payload, TFI included, appended to dst.
func (d *decoder) next(dst []byte) (frameKind, []byte) {
	for {
		start := bytes.Index(d.buf, []byte{0x00, 0xFF})
		if start < 0 { // nothing but, perhaps, the first byte of a start code
			if n := len(d.buf); n > 1 {
				d.noise = d.noise || !d.empty()
				d.drop(n - 1)
			}
			return noFrame, dst
		}
		kind, head, n := header(d.buf[start+2:])
		whole := start + 2 + head + n + 1 // with the postamble
		if kind == dataFrame {
			whole++ // and the checksum
		}
		switch {
		case kind == noFrame && head == 0: // the header is not whole
			return noFrame, dst
		case kind == noFrame:
			d.skip()
			continue
		case len(d.buf) < whole:
			return noFrame, dst
		case d.buf[whole-1] != 0x00:
			d.skip()
			continue
		}
		payload := d.buf[start+2+head : start+2+head+n]
		if kind == dataFrame {
			if sum(payload)+d.buf[whole-2] != 0 {
				d.skip()
				continue
			}
			if payload[0] == tfiError && n == 1 {
				kind = errorFrame
			}
			dst = append(dst, payload...)
		}
		d.noise = d.noise || start > 1
		d.drop(whole)
		return kind, dst
	}
}

// header reads what follows a start code. It returns how long the header is and how long the payload; noFrame and 0 where
// bytes are missing, noFrame and a length where they can't be a header.
func header(b []byte) (kind frameKind, head, n int) {
	switch {
	case len(b) < 2:
		return noFrame, 0, 0
	case b[0] == 0x00 && b[1] == 0xFF:
		return ackFrame, 2, 0
	case b[0] == 0xFF && b[1] == 0x00:
		return nackFrame, 2, 0
	case b[0] == 0xFF && b[1] == 0xFF:
		if len(b) < 5 {
			return noFrame, 0, 0
		}
		if n = int(b[2])<<8 | int(b[3]); b[2]+b[3]+b[4] != 0 || n == 0 || n > maxPayload {
			return noFrame, 5, 0
		}
		return dataFrame, 5, n
	case b[0]+b[1] != 0 || b[0] == 0:
		return noFrame, 2, 0
	}
	return dataFrame, 2, int(b[0])
}

package mastercard

import "github.com/cardwright/emv/kernel"

// rewriteTrack2 puts what the relay resistance protocol found into the discretionary data of Track 2 Equivalent Data (57),
// where an issuer that gets no chip data sees it (C-2, S910): 13 digits behind a card number of up to 16, otherwise 10.
//
//	CA key index, 0 from 0A on · RRP counter · device entropy bytes 3 and 4, five digits ·
//	device entropy byte 2, three digits (the 13 digits only) · measured time in milliseconds, three digits
func (t *transaction) rewriteTrack2() {
	track := t.Data.Get(tagTrack2Eq)
	parsed, ok := kernel.ParseTrack2(track)
	entropy := t.Data.Get(tagDeviceEntropy)
	if !ok || len(entropy) != 4 {
		return
	}
	pan := len(parsed.PAN.Unmasked())
	var out digits
	for i := range pan + 8 { // PAN, separator, expiry and service code stay
		out.add(kernel.Nibble(track, i))
	}
	index := t.byteOf(tagCAIndex)
	if index >= 0x0A {
		index = 0
	}
	out.add(index)
	out.add(t.byteOf(tagRRPCounter) % 10)
	out.number(int(entropy[2])<<8|int(entropy[3]), 5)
	if pan <= 16 {
		out.number(int(entropy[1]), 3)
	}
	out.number(min(t.binary(tagMeasured)/10, 999), 3)
	t.set(tagTrack2Eq, out.bytes())
}

// digits collects nibbles: those of a track.
type digits struct {
	b [20]byte
	n int
}

func (d *digits) add(nibble byte) {
	if d.n%2 == 0 {
		d.b[d.n/2] = nibble << 4
	} else {
		d.b[d.n/2] |= nibble & 0x0F
	}
	d.n++
}

// number adds the last n digits of v.
func (d *digits) number(v, n int) {
	power := 1
	for range n - 1 {
		power *= 10
	}
	for ; power > 0; power /= 10 {
		d.add(byte(v / power % 10))
	}
}

// bytes returns the track, padded with 'F' to whole bytes.
func (d *digits) bytes() []byte {
	if d.n%2 == 1 {
		d.add(0x0F)
	}
	return d.b[:d.n/2]
}

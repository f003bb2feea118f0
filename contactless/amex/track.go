package amex

import (
	"fmt"

	"github.com/cardwright/emv/kernel"
)

// drawMonth makes the Unpredictable Number of mag-stripe mode (C-4, 3.8.1): a month that lies as many months before the
// card's Application Effective Date as is drawn, 0 to the Unpredictable Number Range; YYMM behind two bytes of zero.
func (t *transaction) drawMonth() error {
	un := t.Data.Get(tagUN) // the entry point's, whose place serves for drawing
	back, err := kernel.Draw(t.Env.Rand, un, int(t.options.unRange())+1)
	if err != nil {
		return fmt.Errorf("amex: drawing the unpredictable number: %w", err)
	}
	effective := t.Data.Get(tagEffective) // a date, as was seen when it was read
	year, _ := kernel.BCD(effective[:1])
	month, _ := kernel.BCD(effective[1:2])
	const century = 12 * 100
	months := (century + 12*int(year) + int(month) - 1 - back) % century
	clear(un)
	kernel.PutBCD(un[2:3], uint64(months/12))
	kernel.PutBCD(un[3:], uint64(months%12+1))
	return nil
}

// nameSize is how many characters of the cardholder's name track 1 has (C-4, 3.9.1).
const nameSize = 21

// digits is a number in the decimal digits of a track.
type digits [5]byte

// lastFive returns the last five decimal digits of the number that bytes are.
func lastFive(b ...byte) (d digits) {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = '0' + byte(n%10)
		n /= 10
	}
	return d
}

// buildTracks makes the pseudo tracks of mag-stripe mode (C-4, 3.9.1), in which the code of five digits (5CSC) stands for the
// cryptogram: its last three bytes as a number. The service code is that of 57, which need not be that of 5F30.
//
//	track 1  B PAN ^ name (21) ATC (5) ^ YYMM service code number (4) 5CSC
//	track 2    PAN D                     YYMM service code number (4) 5CSC ATC (5)
func (t *transaction) buildTracks() {
	ac := t.Data.Get(tagCryptogram)
	code := lastFive(ac[len(ac)-3:]...)
	counter := lastFive(t.atc[:]...)

	var tail [16]byte // YYMM, service code, number, 5CSC
	expiry, service, un := t.Data.Get(tagExpiry), t.track2.ServiceCode, t.Data.Get(tagUN)
	unpack(tail[0:4], expiry[0], expiry[1])
	var three [4]byte
	unpack(three[:], service[0], service[1])
	copy(tail[4:7], three[1:])
	unpack(tail[7:11], un[2], un[3])
	copy(tail[11:], code[:])

	var room [76]byte
	track1 := append(room[:0], 'B')
	track1 = t.appendNumber(track1)
	track1 = append(track1, '^')
	track1 = t.appendName(track1)
	track1 = append(track1, counter[:]...)
	track1 = append(track1, '^')
	t.set(tagTrack1, append(track1, tail[:]...))

	var characters [37]byte
	track2 := t.appendNumber(characters[:0])
	track2 = append(track2, 'D')
	track2 = append(track2, tail[:]...)
	track2 = append(track2, counter[:]...)
	var packed [19]byte
	pack(packed[:], track2)
	t.set(tagTrack2, packed[:])
	clear(room[:])
	clear(characters[:])
	clear(packed[:])
}

// appendNumber appends the digits of the card number.
func (t *transaction) appendNumber(dst []byte) []byte {
	pan := t.Data.Get(tagPAN)
	for i := range panDigits {
		dst = append(dst, '0'+kernel.Nibble(pan, i))
	}
	return dst
}

// appendName appends the cardholder's name, cut or padded. What track 1 has no character for, or uses itself, is a space: a
// card must not write fields of its own.
func (t *transaction) appendName(dst []byte) []byte {
	name := t.Data.Get(tagName)
	for i := range nameSize {
		c := byte(' ')
		if i < len(name) && name[i] >= 0x20 && name[i] <= 0x5F && name[i] != '^' && name[i] != '?' && name[i] != '%' {
			c = name[i]
		}
		dst = append(dst, c)
	}
	return dst
}

// unpack writes the digits of bytes in binary coded decimal as characters.
func unpack(dst []byte, b ...byte) {
	for i := range dst {
		dst[i] = '0' + kernel.Nibble(b, i)
	}
}

// pack writes characters of track 2 as half bytes, with 'F' behind an odd number.
func pack(dst, characters []byte) {
	for i := range dst {
		dst[i] = 0xFF
	}
	for i, c := range characters {
		n := c - '0'
		if c == 'D' {
			n = 0x0D
		}
		kernel.SetNibble(dst, i, n)
	}
}

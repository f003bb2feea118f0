package mastercard

import "github.com/cardwright/emv/kernel"

// track is Track 1 Data (56) or Track 2 Data (9F6B) as characters, up to 76 of them, with the place where the discretionary
// data begin; those are empty where the track can't be read.
type track struct {
	chars [76]byte
	from  int
	to    int
}

func (t *track) discretionary() []byte { return t.chars[t.from:t.to] }

// readTrack2 reads Track 2 Data: PAN, separator 'D', expiry and service code of seven digits, discretionary data, padded
// with 'F'.
func readTrack2(v []byte) (t track) {
	end := min(2*len(v), len(t.chars))
	for end > 0 && kernel.Nibble(v, end-1) == 0x0F {
		end--
	}
	separator := -1
	for i := range end {
		n := kernel.Nibble(v, i)
		if n == 0x0D && separator < 0 {
			separator = i
		} else if n > 9 {
			return track{}
		}
		t.chars[i] = '0' + n
	}
	t.from, t.to = separator+8, end
	if separator < 1 || t.from > t.to {
		return track{}
	}
	return t
}

// readTrack1 reads Track 1 Data: format code, PAN, '^', name, '^', expiry and service code of seven characters,
// discretionary data.
func readTrack1(v []byte) (t track) {
	separators := 0
	t.to = copy(t.chars[:], v)
	for i, c := range t.chars[:t.to] {
		if c == '^' {
			if separators++; separators == 2 {
				t.from = i + 8
			}
		}
	}
	if separators != 2 || t.from > t.to {
		return track{}
	}
	return t
}

// holds reports whether the discretionary data have room for every position that a bitmap names, and one digit for the
// length of the unpredictable number.
func (t *track) holds(bitmaps ...[]byte) bool {
	n := t.to - t.from
	for _, b := range bitmaps {
		for i := n; i < 8*len(b); i++ {
			if marked(b, i) {
				return false
			}
		}
	}
	return n > 0
}

// marked reports whether a bitmap names a position, which counts from 0 at the last digit.
func marked(bitmap []byte, position int) bool {
	return bitmap[len(bitmap)-1-position/8]>>(position%8)&1 != 0
}

// put writes the last n digits of v into positions that the bitmap names, from the right, after the first skip of them.
func (t *track) put(bitmap []byte, skip, n, v int) {
	for i := 0; i < 8*len(bitmap) && n > 0; i++ {
		switch {
		case !marked(bitmap, i):
		case skip > 0:
			skip--
		default:
			t.chars[t.to-1-i] = '0' + byte(v%10)
			v /= 10
			n--
		}
	}
}

// fill puts checksum, unpredictable number and transaction counter into the discretionary data, and the length of the
// number into the last digit (C-2, S13.14 to S13.19).
func (t *track) fill(pcvc3, punatc []byte, natc, cvc3, number, digits, atc, last int) {
	t.put(pcvc3, 0, ones(pcvc3), cvc3)
	t.put(punatc, 0, digits, number)
	t.put(punatc, digits, natc, atc)
	t.chars[t.to-1] = '0' + byte(last)
}

// buildTracks makes the tracks that go online. A device that verified its owner says so by five added to the length of the
// unpredictable number.
func (t *transaction) buildTracks() {
	last := t.un
	if pciiVerified.In(t.Data.Get(tagPCII)) {
		last = (t.un + 5) % 10
	}
	number, atc := int(t.number(tagUNNumeric)), t.binary(tagATC)
	two := readTrack2(t.Data.Get(tagTrack2))
	two.fill(
		t.Data.Get(tagPCVC3Track2), t.Data.Get(tagPUNATCTrack2), int(t.byteOf(tagNATCTrack2)),
		t.binary(tagCVC3Track2), number, t.un, atc, last,
	)
	var packed digits
	for _, c := range two.chars[:two.to] {
		packed.add(c - '0')
	}
	t.set(tagTrack2, packed.bytes())
	if !t.Data.Has(tagTrack1) {
		return
	}
	one := readTrack1(t.Data.Get(tagTrack1))
	one.fill(
		t.Data.Get(tagPCVC3Track1), t.Data.Get(tagPUNATCTrack1), int(t.byteOf(tagNATCTrack1)),
		t.binary(tagCVC3Track1), number, t.un, atc, last,
	)
	t.set(tagTrack1, one.chars[:one.to])
}

package decode

import (
	"strings"

	"github.com/cardwright/emv/tlv"
)

// minimum are the objects that an issuer needs to verify a cryptogram (Book 2, 8.1.1), and the cryptogram itself.
var minimum = []tlv.Tag{
	0x9F26, 0x9F10, 0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36,
}

// de55Part reads field 55 and says what of the recommended minimum it lacks.
func (d *Decoder) de55Part(b []byte) ([]Part, error) {
	p := Part{Kind: "de55"}
	if n := lengthPrefix(b); n > 0 {
		b = b[n:]
		p.Notes = append(p.Notes, "begins with its length, "+count(n, "byte"))
	}
	d.meetAll(b)
	c := d.read(b)
	var err error
	p.Objects, err = d.objects(&c)
	if err != nil {
		return []Part{p}, fault(err)
	}
	var missing []string
	for _, t := range minimum {
		if _, ok := tlv.Find(b, t); !ok {
			missing = append(missing, t.String())
		}
	}
	if answer(b) {
		missing = nil
	}
	if missing != nil {
		p.Notes = append(p.Notes, "lacks of the recommended minimum (Book 2, 8.1.1): "+strings.Join(missing, " "))
	}
	return []Part{p}, nil
}

// answer reports whether field 55 is an issuer's: it has no cryptogram of a card to verify.
func answer(b []byte) bool {
	for _, t := range []tlv.Tag{0x91, 0x71, 0x72, 0x8A} {
		if _, ok := tlv.Find(b, t); ok {
			if _, ok := tlv.Find(b, 0x9F26); !ok {
				return true
			}
		}
	}
	return false
}

// lengthPrefix returns how many bytes in front of b say how many follow: three characters, two bytes of binary coded
// decimal, or one or two of binary. Zero when there are none.
func lengthPrefix(b []byte) int {
	n := len(b)
	if n >= 3 && decimal(b[0]-'0', b[1]-'0', b[2]-'0') == n-3 && n > 3 {
		return 3
	}
	if n > 2 && (decimal(b[0]>>4, b[0]&0x0F, b[1]>>4, b[1]&0x0F) == n-2 || int(b[0])<<8|int(b[1]) == n-2) {
		return 2
	}
	if n > 1 && int(b[0]) == n-1 && tlv.Check(b) != nil {
		return 1
	}
	return 0
}

// decimal returns the number of the digits, or -1 when one is none.
func decimal(digits ...byte) int {
	v := 0
	for _, d := range digits {
		if d > 9 {
			return -1
		}
		v = v*10 + int(d)
	}
	return v
}

package pin

import "io"

// Encode1 makes b a block of format 1, which needs no PAN: the PIN, filled with the transaction field, here random
// digits of '0' to 'F' for which 8 bytes are read. On an error b is zero. ISO 9564-1, 9.3.3.
//
// The errors are CodeLength and CodeRandom.
func (b *Block) Encode1(p *PIN, random io.Reader) error {
	b.Wipe()
	f, err := drawFill(random, 0)
	if err != nil {
		return err
	}
	return put(b[:], format1, p, &f)
}

// Decode1 makes dst the PIN of a block of format 1, whatever its transaction field. On an error dst is the zero PIN.
//
// The errors are CodeControl, CodeLength and CodeDigit.
func (b *Block) Decode1(dst *PIN) error { return take(dst, b[:], format1, 0, 0xF) }

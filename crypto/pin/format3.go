package pin

import "io"

// Encode3 makes b a block of format 3: the PIN, filled with random digits of 'A' to 'F' for which 8 bytes are read,
// combined with the PAN. On an error b is zero. ISO 9564-1, 9.3.5.
//
// The errors are CodeLength, CodePAN and CodeRandom.
func (b *Block) Encode3(p *PIN, pan []byte, random io.Reader) error {
	b.Wipe()
	f, err := drawFill(random, 0xA)
	if err != nil {
		return err
	}
	return b.encodeAccount(format3, p, pan, &f)
}

// Decode3 makes dst the PIN of a block of format 3. On an error dst is the zero PIN.
//
// The errors are CodePAN, CodeControl, CodeLength, CodeDigit and CodeFill.
func (b *Block) Decode3(dst *PIN, pan []byte) error { return b.decodeAccount(dst, format3, pan, 0xA) }

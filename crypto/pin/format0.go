package pin

import "crypto/subtle"

// Encode0 makes b a block of format 0: the PIN, filled with 'F', combined with the PAN. On an error b is zero.
// ISO 9564-1, 9.3.2; ANSI X9.8, format 0.
//
// The errors are CodeLength and CodePAN.
func (b *Block) Encode0(p *PIN, pan []byte) error {
	f := fillOf(0xF)
	return b.encodeAccount(format0, p, pan, &f)
}

// Decode0 makes dst the PIN of a block of format 0. On an error dst is the zero PIN.
//
// The errors are CodePAN, CodeControl, CodeLength, CodeDigit and CodeFill: of another PAN the last two, mostly.
func (b *Block) Decode0(dst *PIN, pan []byte) error { return b.decodeAccount(dst, format0, pan, 0xF) }

// encodeAccount makes a block of format 0 or 3: the PIN field, exclusive-or the account number field.
func (b *Block) encodeAccount(control byte, p *PIN, pan []byte, f *fill) error {
	b.Wipe()
	account, err := accountField(pan)
	if err != nil {
		return err
	}
	if err := put(b[:], control, p, f); err != nil {
		return err
	}
	subtle.XORBytes(b[:], b[:], account[:])
	return nil
}

// decodeAccount opens a block of format 0 or 3, whose fill digits are least to 'F'.
func (b *Block) decodeAccount(dst *PIN, control byte, pan []byte, least byte) error {
	dst.Wipe()
	account, err := accountField(pan)
	if err != nil {
		return err
	}
	var field Block
	defer field.Wipe()
	subtle.XORBytes(field[:], b[:], account[:])
	return take(dst, field[:], control, least, 0xF)
}

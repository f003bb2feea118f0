package pin

// The reference control parameters P2 of VERIFY that say how its data field holds the PIN. Book 3, 6.5.12.2, Table 24.
const (
	VerifyPlaintext  = 0x80 // a Block of format 2
	VerifyEnciphered = 0x88 // what EncipherOffline made
)

// Encode2 makes b a block of format 2: the PIN, filled with 'F'. It is what a terminal sends to a card in a VERIFY
// command with VerifyPlaintext, and what EncipherOffline enciphers; it goes nowhere else. On an error b is zero.
// ISO 9564-1, 9.3.4; Book 3, 6.5.12.2, Table 25.
//
// The error is CodeLength.
func (b *Block) Encode2(p *PIN) error {
	b.Wipe()
	f := fillOf(0xF)
	return put(b[:], format2, p, &f)
}

// Decode2 makes dst the PIN of a block of format 2. On an error dst is the zero PIN.
//
// The errors are CodeControl, CodeLength, CodeDigit and CodeFill.
func (b *Block) Decode2(dst *PIN) error { return take(dst, b[:], format2, 0xF, 0xF) }

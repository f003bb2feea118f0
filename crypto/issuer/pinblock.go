package issuer

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// PINBlock is a block of 8 bytes with a new PIN for the card, before it is enciphered: the data of PIN CHANGE/UNBLOCK.
// It prints, logs and marshals as "[pin]".
type PINBlock [8]byte

// PINBlockVIS makes dst the block of VIS for a PIN that the issuer changes: the PIN's length and digits, filled with 'F',
// XORed with bytes 5 to 8 of acMaster, the ICC master key for application cryptograms (16 bytes). Where the card is told
// the PIN that it has (P1 P2 '00 01'), current is XORed in too: its digits from the left, zeros behind them; otherwise
// current is the zero PIN. VIS, PIN CHANGE/UNBLOCK command.
//
// The errors are CodePIN and CodeKeyLength.
func PINBlockVIS(dst *PINBlock, acMaster *Key, pin, current *PIN) error {
	if acMaster.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: acMaster.size}
	}
	if pin.size == 0 {
		return &Error{Code: CodePIN}
	}
	dst.fill(0x00, pin)
	subtle.XORBytes(dst[4:], dst[4:], acMaster.bytes[4:8])
	for i, d := range current.Digits() {
		dst[i/2] ^= (d - '0') << (4 * (1 - i%2))
	}
	return nil
}

// PINBlockFormat2 makes dst the block of format 2: '2', the PIN's length and digits, filled with 'F'. M/Chip and Visa's
// cryptogram version '22' put it into PIN CHANGE/UNBLOCK. ISO 9564-1, 9.3.3; Book 3, 6.5.12.
//
// The error is CodePIN.
func PINBlockFormat2(dst *PINBlock, pin *PIN) error {
	if pin.size == 0 {
		return &Error{Code: CodePIN}
	}
	dst.fill(0x20, pin)
	return nil
}

// fill writes control and length, the digits, and 'F' behind them.
func (b *PINBlock) fill(control byte, pin *PIN) {
	for i := range b {
		b[i] = 0xFF
	}
	b[0] = control | byte(pin.size)
	for i, d := range pin.Digits() {
		shift := 4 * (1 - i%2)
		b[1+i/2] &^= 0x0F << shift
		b[1+i/2] |= (d - '0') << shift
	}
}

// Wipe overwrites the block.
func (b *PINBlock) Wipe() { *b = PINBlock{} }

// Format writes the mask, whatever the verb.
func (b PINBlock) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(maskedPIN)) }

// String returns the mask.
func (b PINBlock) String() string { return maskedPIN }

// MarshalText returns the mask.
func (b PINBlock) MarshalText() ([]byte, error) { return []byte(maskedPIN), nil }

// LogValue returns the mask.
func (b PINBlock) LogValue() slog.Value { return slog.StringValue(maskedPIN) }

package pin

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// Field is the plain text PIN field of format 4, 16 bytes. It is as secret as its PIN and masks itself so.
// ISO 9564-1, 9.4.2.1.
type Field [16]byte

// AESBlock is a PIN block of format 4, enciphered.
type AESBlock [16]byte

// Encode4 makes f the PIN field of format 4: the PIN, filled with 'A', then 8 random bytes. On an error f is zero.
//
// The errors are CodeLength and CodeRandom.
func (f *Field) Encode4(p *PIN, random io.Reader) error {
	f.Wipe()
	if _, err := io.ReadFull(random, f[8:]); err != nil {
		f.Wipe()
		return &Error{Code: CodeRandom, Err: err}
	}
	a := fillOf(0xA)
	if err := put(f[:8], format4, p, &a); err != nil {
		f.Wipe()
		return err
	}
	return nil
}

// Decode4 makes dst the PIN of a PIN field of format 4. On an error dst is the zero PIN.
//
// The errors are CodeControl, CodeLength, CodeDigit and CodeFill.
func (f *Field) Decode4(dst *PIN) error { return take(dst, f[:8], format4, 0xA, 0xA) }

// EncipherAES enciphers a PIN field with its PAN under an AES key of 16, 24 or 32 bytes. ISO 9564-1, 9.4.2.3.
//
// The errors are CodeControl (f is not of format 4), CodePAN, mac.CodeKeyLength and mac.CodeCipher.
func EncipherAES(f *Field, pan, key []byte) (AESBlock, error) {
	if f[0]>>4 != format4 {
		return AESBlock{}, &Error{Code: CodeControl}
	}
	account, err := PANField(pan)
	if err != nil {
		return AESBlock{}, err
	}
	aes, err := mac.NewAES(key)
	if err != nil {
		return AESBlock{}, err
	}
	var b AESBlock
	aes.Encrypt(b[:], f[:])                 // intermediate block A
	subtle.XORBytes(b[:], b[:], account[:]) // intermediate block B
	aes.Encrypt(b[:], b[:])
	return b, nil
}

// DecipherAES makes dst the PIN field of an enciphered block. Whether key and PAN were right, Decode4 finds out: a
// wrong key or PAN makes a random field. On an error dst is zero. ISO 9564-1, 9.4.2.4.
//
// The errors are CodePAN, mac.CodeKeyLength and mac.CodeCipher.
func DecipherAES(dst *Field, b AESBlock, pan, key []byte) error {
	dst.Wipe()
	account, err := PANField(pan)
	if err != nil {
		return err
	}
	aes, err := mac.NewAES(key)
	if err != nil {
		return err
	}
	*dst = Field(b)
	aes.Decrypt(dst[:], dst[:])
	subtle.XORBytes(dst[:], dst[:], account[:])
	aes.Decrypt(dst[:], dst[:])
	return nil
}

// Wipe overwrites the field.
func (f *Field) Wipe() { *f = Field{} }

// Format writes the mask, whatever the verb.
func (f Field) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(mask.PINText)) }

// String returns the mask.
func (f Field) String() string { return mask.PINText }

// MarshalText returns the mask.
func (f Field) MarshalText() ([]byte, error) { return []byte(mask.PINText), nil }

// LogValue returns the mask.
func (f Field) LogValue() slog.Value { return slog.StringValue(mask.PINText) }

package pin

import "github.com/cardwright/emv/crypto/mac"

// TDESBlock is a PIN block of format 0, 1 or 3, enciphered.
type TDESBlock [8]byte

// EncipherTDES enciphers a block of format 0, 1 or 3 under a TDES key of 16 or 24 bytes. A block of format 2 is for a
// card and never travels so. ISO 9564-1, 9.2 and 9.3.
//
// The errors are CodeFormat, mac.CodeKeyLength and mac.CodeCipher.
func EncipherTDES(b *Block, key []byte) (TDESBlock, error) {
	switch b.Control() {
	case format0, format1, format3:
	default:
		return TDESBlock{}, &Error{Code: CodeFormat}
	}
	tdes, err := mac.NewTDES(key)
	if err != nil {
		return TDESBlock{}, err
	}
	var e TDESBlock
	tdes.Encrypt(e[:], b[:])
	return e, nil
}

// DecipherTDES makes dst the clear block. Whether the key was right, decoding finds out. On an error dst is zero.
//
// The errors are mac.CodeKeyLength and mac.CodeCipher.
func DecipherTDES(dst *Block, e TDESBlock, key []byte) error {
	dst.Wipe()
	tdes, err := mac.NewTDES(key)
	if err != nil {
		return err
	}
	*dst = Block(e)
	tdes.Decrypt(dst[:], dst[:])
	return nil
}

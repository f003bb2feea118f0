package p2pe

import (
	"bytes"
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
	"github.com/cardwright/emv/crypto/pin"
)

// Host opens what a terminal enciphered in one transaction. It holds working keys: it masks itself, must not be copied, and is
// wiped when the message is read. The zero Host opens nothing.
type Host struct {
	mask.Key
	keys keys
}

// UseAES makes h the host of an AES DUKPT transaction, as dukpt.HostAES derives it, with the type of working keys that was
// agreed on: 0 is AES-128. The errors are CodeAlgorithm and CodeKey.
func (h *Host) UseAES(transaction *dukpt.AESTransaction, of dukpt.KeyType) error {
	return h.keys.setAES(transaction, of)
}

// UseTDES makes h the host of a TDES DUKPT transaction. The error is CodeKey.
func (h *Host) UseTDES(transaction *dukpt.TDESTransaction) error { return h.keys.setTDES(transaction) }

// Wipe overwrites the working keys.
func (h *Host) Wipe() { h.keys.wipe() }

// Open makes dst what a value holds, which must be the content that is asked for and not a PIN block. On an error dst is
// empty. The errors are CodeForm, CodeContent, CodeAlgorithm, CodeKSN, CodeMAC and CodeKey.
func (h *Host) Open(dst *Clear, v *Value, want Content) error {
	dst.Wipe()
	if want == PINBlock {
		return &Error{Code: CodeContent, Content: want}
	}
	if err := h.verify(v, want); err != nil {
		return err
	}
	b, err := h.keys.cipher(&h.keys.data)
	if err != nil {
		return err
	}
	text := dst.bytes[:len(v.Ciphertext)]
	cipher.NewCBCDecrypter(b, v.Vector).CryptBlocks(text, v.Ciphertext)
	// ISO/IEC 9797-1, padding method 2: a byte '80', then zeros, in the last block.
	n := bytes.LastIndexByte(text, 0x80)
	if n <= 0 || len(bytes.TrimLeft(text[n+1:], "\x00")) != 0 || len(text)-n > b.BlockSize() || n > maxData {
		dst.Wipe()
		return &Error{Code: CodeForm, Content: want} // the MAC was right: a terminal that pads otherwise
	}
	clear(text[n:])
	dst.size = n
	return nil
}

// OpenPIN makes dst the PIN of a PIN block, for the PAN of 8 to 19 ASCII digits that it was made with. On an error dst is the
// zero PIN. The errors are those of Open, CodePAN and CodePIN.
func (h *Host) OpenPIN(dst *pin.PIN, v *Value, pan []byte) error {
	dst.Wipe()
	if !isPAN(pan) {
		return &Error{Code: CodePAN, Content: PINBlock}
	}
	if err := h.verify(v, PINBlock); err != nil {
		return err
	}
	var err error
	if v.Algorithm.block() == 8 {
		var block pin.Block
		defer block.Wipe()
		if err = pin.DecipherTDES(&block, pin.TDESBlock(v.Ciphertext), h.keys.pin.Bytes()); err == nil {
			err = block.Decode0(dst, pan)
		}
	} else {
		var field pin.Field
		defer field.Wipe()
		if err = pin.DecipherAES(&field, pin.AESBlock(v.Ciphertext), pan, h.keys.pin.Bytes()); err == nil {
			err = field.Decode4(dst)
		}
	}
	if err != nil {
		return &Error{Code: CodePIN, Content: PINBlock, Err: err}
	}
	return nil
}

// verify checks all of a value before anything is deciphered.
func (h *Host) verify(v *Value, want Content) error {
	if h.keys.algorithm == "" {
		return &Error{Code: CodeKey, Content: want}
	}
	if err := v.check(); err != nil {
		return err
	}
	switch {
	case v.Content != want:
		return &Error{Code: CodeContent, Content: want}
	case v.Algorithm != h.keys.algorithm:
		return &Error{Code: CodeAlgorithm, Content: want}
	case !bytes.Equal(v.KSN, h.keys.ksn):
		return &Error{Code: CodeKSN, Content: want}
	}
	sum, err := h.keys.authenticate(v)
	if err != nil {
		return err
	}
	if !mac.Verify(sum, v.MAC, len(sum)) {
		return &Error{Code: CodeMAC, Content: want}
	}
	return nil
}

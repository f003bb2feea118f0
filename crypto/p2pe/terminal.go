package p2pe

import (
	"bytes"
	"crypto/cipher"
	"io"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
	"github.com/cardwright/emv/crypto/pin"
)

// maxData is the length of the longest track, track 1, in characters without sentinels and LRC. ISO/IEC 7813, 4.
const maxData = 76

// Terminal enciphers what one transaction has. It holds working keys: it masks itself, must not be copied, and is wiped when
// the message is made. The zero Terminal enciphers nothing.
type Terminal struct {
	mask.Key
	keys   keys
	random io.Reader
	hasPIN bool
}

// UseAES makes t the terminal of an AES DUKPT transaction with working keys of a type: 0 is AES-128; TDES2 and TDES3 are for
// hosts that ask for TDES. random gives vectors and the fill of PIN blocks. The transaction is not kept: the caller wipes it.
// The errors are CodeAlgorithm, CodeKey, and CodeRandom where random is nil.
func (t *Terminal) UseAES(transaction *dukpt.AESTransaction, of dukpt.KeyType, random io.Reader) error {
	t.Wipe()
	if random == nil {
		return &Error{Code: CodeRandom}
	}
	t.random = random
	return t.keys.setAES(transaction, of)
}

// UseTDES makes t the terminal of a TDES DUKPT transaction, for hosts that ask for it. The errors are CodeKey and
// CodeRandom.
func (t *Terminal) UseTDES(transaction *dukpt.TDESTransaction, random io.Reader) error {
	t.Wipe()
	if random == nil {
		return &Error{Code: CodeRandom}
	}
	t.random = random
	return t.keys.setTDES(transaction)
}

// Wipe overwrites the working keys.
func (t *Terminal) Wipe() {
	t.keys.wipe()
	t.random, t.hasPIN = nil, false
}

// PAN enciphers a PAN of 8 to 19 ASCII digits. The errors are CodePAN, CodeRandom and CodeKey.
func (t *Terminal) PAN(pan []byte) (*Value, error) {
	if !isPAN(pan) {
		return nil, &Error{Code: CodePAN, Content: PAN}
	}
	return t.data(PAN, pan)
}

// Track1 enciphers track 1 in ASCII, without sentinels and LRC. The errors are CodeData, CodeRandom and CodeKey.
func (t *Terminal) Track1(track []byte) (*Value, error) {
	for _, c := range track {
		if c < ' ' || c > '_' { // ISO/IEC 7811-2, the 64 characters of track 1
			return nil, &Error{Code: CodeData, Content: Track1}
		}
	}
	return t.data(Track1, track)
}

// Track2 enciphers track 2 in ASCII, without sentinels and LRC. The errors are CodeData, CodeRandom and CodeKey.
func (t *Terminal) Track2(track []byte) (*Value, error) {
	for _, c := range track {
		if (c < '0' || c > '9') && c != '=' && c != 'D' { // 'D' is how some readers write the separator
			return nil, &Error{Code: CodeData, Content: Track2}
		}
	}
	if len(track) > 37 { // ISO/IEC 7813, 5: 40 with sentinels and LRC
		return nil, &Error{Code: CodeData, Content: Track2}
	}
	return t.data(Track2, track)
}

// Track2Equivalent enciphers the value of tag 57, up to 19 bytes. The errors are CodeData, CodeRandom and CodeKey.
func (t *Terminal) Track2Equivalent(value []byte) (*Value, error) {
	if len(value) > 19 { // Book 3, annex A
		return nil, &Error{Code: CodeData, Content: Track2Equivalent}
	}
	return t.data(Track2Equivalent, value)
}

// PIN enciphers a PIN in a PIN block: of format 4 under AES, of format 0 under TDES, with the PAN of 8 to 19 ASCII digits. One
// PIN is enciphered in a transaction; the next entry has the next KSN. ANSI X9.24-1, A.2; ISO 9564-1, 9.3.2 and 9.4.2.
//
// The errors are CodeUsed, CodePAN, CodePIN and CodeKey.
func (t *Terminal) PIN(p *pin.PIN, pan []byte) (*Value, error) {
	switch {
	case t.keys.algorithm == "":
		return nil, &Error{Code: CodeKey, Content: PINBlock}
	case t.hasPIN:
		return nil, &Error{Code: CodeUsed, Content: PINBlock}
	case !isPAN(pan):
		return nil, &Error{Code: CodePAN, Content: PINBlock}
	}
	v := t.value(PINBlock)
	var err error
	if t.keys.algorithm.block() == 8 {
		v.Ciphertext, err = t.format0(p, pan)
	} else {
		v.Ciphertext, err = t.format4(p, pan)
	}
	if err != nil {
		return nil, &Error{Code: CodePIN, Content: PINBlock, Err: err}
	}
	if v.MAC, err = t.keys.authenticate(v); err != nil {
		return nil, err
	}
	t.hasPIN = true
	t.keys.pin.Wipe() // it has done what it was for
	return v, nil
}

func (t *Terminal) format0(p *pin.PIN, pan []byte) ([]byte, error) {
	var clearBlock pin.Block
	defer clearBlock.Wipe()
	if err := clearBlock.Encode0(p, pan); err != nil {
		return nil, err
	}
	block, err := pin.EncipherTDES(&clearBlock, t.keys.pin.Bytes())
	return block[:], err
}

func (t *Terminal) format4(p *pin.PIN, pan []byte) ([]byte, error) {
	var field pin.Field
	defer field.Wipe()
	if err := field.Encode4(p, t.random); err != nil {
		return nil, err
	}
	block, err := pin.EncipherAES(&field, pan, t.keys.pin.Bytes())
	return block[:], err
}

// value returns a value of this transaction without its data.
func (t *Terminal) value(c Content) *Value {
	return &Value{Content: c, Algorithm: t.keys.algorithm, KSN: bytes.Clone(t.keys.ksn)}
}

// data enciphers in CBC mode under a random vector: several values under one key start alike (a track begins with the PAN)
// and must not show it. The clear text is padded where the ciphertext is to stand.
func (t *Terminal) data(c Content, clearText []byte) (*Value, error) {
	if len(clearText) == 0 || len(clearText) > maxData {
		return nil, &Error{Code: CodeData, Content: c}
	}
	b, err := t.keys.cipher(&t.keys.data)
	if err != nil {
		return nil, err
	}
	v := t.value(c)
	v.Vector = make([]byte, b.BlockSize())
	if _, err := io.ReadFull(t.random, v.Vector); err != nil {
		return nil, &Error{Code: CodeRandom, Content: c, Err: err}
	}
	padded := make([]byte, 0, maxCiphertext) // room for all, so that no copy of the clear text is left behind
	if padded, err = mac.Method2.Pad(padded, clearText, b.BlockSize()); err != nil {
		return nil, &Error{Code: CodeData, Content: c, Err: err}
	}
	cipher.NewCBCEncrypter(b, v.Vector).CryptBlocks(padded, padded)
	v.Ciphertext = padded
	if v.MAC, err = t.keys.authenticate(v); err != nil {
		return nil, err
	}
	return v, nil
}

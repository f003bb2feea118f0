package keyblock

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/mac"
)

// binding is how a version protects a key.
type binding struct {
	aes     bool // the KBPK is an AES key, otherwise a TDES key
	variant bool // keys are variants, and the MAC is over what is enciphered; otherwise derived, over the plaintext
	stream  bool // CTR mode
	block   int  // of the cipher, in bytes; header and text are multiples of it, but for CTR mode
	mac     int  // its length in bytes
}

// binding returns how a version protects a key. The error is CodeVersion.
func (v Version) binding() (binding, error) {
	switch v {
	case VersionA, VersionC:
		return binding{variant: true, block: desBlock, mac: 4}, nil
	case VersionB:
		return binding{block: desBlock, mac: 8}, nil
	case VersionD:
		return binding{aes: true, block: aesBlock, mac: 16}, nil
	case VersionE:
		return binding{aes: true, stream: true, block: aesBlock, mac: 16}, nil
	default:
		return binding{}, &Error{Code: CodeVersion}
	}
}

func (b *binding) algorithm() Algorithm {
	if b.aes {
		return AlgorithmAES
	}
	return AlgorithmTDES
}

func (b *binding) cipher(key []byte) (cipher.Block, error) {
	if b.aes {
		return mac.NewAES(key)
	}
	return mac.NewTDES(key)
}

// padded returns the length of the text of a key of n bytes: with its length field, in whole blocks but for CTR mode.
func (b *binding) padded(n int) int {
	n += lengthField
	if b.stream {
		return n
	}
	return (n + b.block - 1) / b.block * b.block
}

// What variants are made with. TR-31, 5.3.1: each byte of the KBPK XOR the byte, "E" to encipher, "M" for the MAC.
const (
	variantEncipher = 'E'
	variantMAC      = 'M'
)

// The key usage indicators of derived keys. ANSI X9.143, 7.2 (key derivation data); ISO 20038 for CTR mode.
const (
	deriveCBC = 0x0000
	deriveMAC = 0x0001
	deriveCTR = 0x0002
)

// The algorithm indicators of derived keys. ANSI X9.143, 7.2 (key derivation data).
const (
	derive2TDEA  = 0x0000
	derive3TDEA  = 0x0001
	deriveAES128 = 0x0002
	deriveAES192 = 0x0003
	deriveAES256 = 0x0004
)

const maxKBPK = 32 // bytes

// worker is the scratch of one operation: everything in it is secret or becomes so.
type worker struct {
	binding
	size int           // of the KBPK and the keys made of it
	kbek [maxKBPK]byte // key block encryption key
	kbak [maxKBPK]byte // key block authentication key
	text []byte        // the header, then length, key and padding, in the clear or enciphered
}

func (w *worker) wipe() {
	clear(w.kbek[:])
	clear(w.kbak[:])
	clear(w.text[:cap(w.text)])
}

// derive makes the two keys of a KBPK. The errors are CodeVersion, CodeKBPK and those of mac.NewTDES and mac.NewAES.
func (w *worker) derive(v Version, kbpk []byte) error {
	var err error
	if w.binding, err = v.binding(); err != nil {
		return err
	}
	w.size = len(kbpk)
	if w.size != 16 && w.size != 24 && (w.size != 32 || !w.aes) {
		return &Error{Code: CodeKBPK, N: w.size}
	}
	if w.variant {
		for i, b := range kbpk {
			w.kbek[i], w.kbak[i] = b^variantEncipher, b^variantMAC
		}
		return nil
	}
	b, err := w.cipher(kbpk)
	if err != nil {
		return err
	}
	encipher := uint16(deriveCBC)
	if w.stream {
		encipher = deriveCTR
	}
	if err := w.expand(w.kbek[:0], b, encipher); err != nil {
		return err
	}
	return w.expand(w.kbak[:0], b, deriveMAC)
}

// expand derives the key for one usage: CMACs under the KBPK of counter, usage, '00', algorithm and the length of the key
// in bits. The bytes that are too many stay behind the key until wipe. ANSI X9.143, 7.2 (key derivation data).
func (w *worker) expand(dst []byte, b cipher.Block, usage uint16) error {
	algorithm := byte(derive2TDEA)
	switch {
	case w.aes && w.size == 16:
		algorithm = deriveAES128
	case w.aes && w.size == 24:
		algorithm = deriveAES192
	case w.aes:
		algorithm = deriveAES256
	case w.size == 24:
		algorithm = derive3TDEA
	}
	data := [8]byte{0, byte(usage >> 8), byte(usage), 0, 0, algorithm, byte(8 * w.size >> 8), byte(8 * w.size)}
	for len(dst) < w.size {
		data[0]++
		var err error
		if dst, err = mac.CMAC(dst, b, data[:]); err != nil {
			return err
		}
	}
	return nil
}

// authenticate returns the MAC over the worker's text as it is now.
func (w *worker) authenticate() (sum [16]byte, err error) {
	b, err := w.cipher(w.kbak[:w.size])
	if err != nil {
		return sum, err
	}
	if w.variant {
		// TR-31, 5.3.1: CBC-MAC, of which the leftmost four bytes are taken. The text fills whole blocks.
		_, err = mac.Algorithm1(sum[:0], b, mac.Method1, w.text)
	} else {
		_, err = mac.CMAC(sum[:0], b, w.text)
	}
	return sum, err
}

// crypt enciphers or deciphers the text behind a header of n characters in place. The IV is the MAC, in the variant
// methods the header's first block.
func (w *worker) crypt(n int, sum []byte, decrypt bool) error {
	b, err := w.cipher(w.kbek[:w.size])
	if err != nil {
		return err
	}
	iv, text := sum, w.text[n:]
	if w.variant {
		iv = w.text[:w.block]
	}
	switch {
	case w.stream:
		cipher.NewCTR(b, iv).XORKeyStream(text, text)
	case decrypt:
		cipher.NewCBCDecrypter(b, iv).CryptBlocks(text, text)
	default:
		cipher.NewCBCEncrypter(b, iv).CryptBlocks(text, text)
	}
	return nil
}

// DeriveKeys returns the keys that a version makes of a KBPK of 16 or 24 bytes, for D and E also 32: the key block encryption
// key and the key block authentication key. Wrap and Unwrap do so by themselves. TR-31, 5.3; ANSI X9.143, 7.2.
//
// The errors are CodeVersion and CodeKBPK.
func DeriveKeys(v Version, kbpk []byte) (kbek, kbak Key, err error) {
	var w worker
	defer w.wipe()
	if err := w.derive(v, kbpk); err != nil {
		return Key{}, Key{}, err
	}
	return NewKey(w.kbek[:w.size]), NewKey(w.kbak[:w.size]), nil
}

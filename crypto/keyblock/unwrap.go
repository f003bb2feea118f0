package keyblock

import "github.com/cardwright/emv/crypto/mac"

// Unwrap opens a key block with its KBPK: it returns what the header says and the key. The KBPK has 16 or 24 bytes (a TDES
// key) for versions A, B and C, and 16, 24 or 32 (an AES key) for D and E. Nothing but the block may be in block, no end of
// line either.
//
// The header is held to Header.Check with that permit, the key to its algorithm and to the strength of the KBPK, once the
// MAC is right.
//
// The errors are those of ParseHeader and Header.Check and CodeKBPK, CodeHex, CodeMAC, CodeKeyLength, CodeSingleDES and
// CodeStrength.
func Unwrap(kbpk, block []byte, p Permit) (Header, Key, error) {
	var w worker
	return w.unwrap(kbpk, block, p)
}

func (w *worker) unwrap(kbpk, block []byte, p Permit) (Header, Key, error) {
	defer w.wipe()
	h, n, err := ParseHeader(block)
	if err != nil {
		return Header{}, Key{}, err
	}
	if err := w.derive(h.Version, kbpk); err != nil {
		return Header{}, Key{}, err
	}

	// ANSI X9.143, 6.1: what is enciphered, at least a length and a byte of key, and the MAC, both in hex.
	size := (len(block)-n)/2 - w.mac
	if len(block)%2 != n%2 || size <= lengthField || !w.stream && size%w.block != 0 {
		return Header{}, Key{}, &Error{Code: CodeLength, N: len(block) - n}
	}
	w.text = append(make([]byte, 0, n+size), block[:n]...)[:n+size]
	var received [16]byte
	end := len(block) - 2*w.mac
	if !unhex(w.text[n:], block[n:end]) || !unhex(received[:w.mac], block[end:]) {
		return Header{}, Key{}, &Error{Code: CodeHex}
	}

	if err := w.open(n, received[:w.mac]); err != nil {
		return Header{}, Key{}, err
	}
	if err := h.Check(p); err != nil {
		return Header{}, Key{}, err
	}
	return w.take(h, n, len(kbpk), p)
}

// open verifies the MAC and deciphers the text behind a header of n characters.
func (w *worker) open(n int, received []byte) error {
	if !w.variant {
		if err := w.crypt(n, received, true); err != nil {
			return err
		}
	}
	sum, err := w.authenticate()
	if err != nil {
		return err
	}
	if !mac.Verify(sum[:w.mac], received, w.mac) {
		return &Error{Code: CodeMAC}
	}
	if w.variant {
		return w.crypt(n, nil, true)
	}
	return nil
}

// take returns the key of a text that is in the clear and authentic. The length of padding is not judged: it may hide that
// of the key.
func (w *worker) take(h Header, n, kbpk int, p Permit) (Header, Key, error) {
	bits := int(w.text[n])<<8 | int(w.text[n+1])
	text := w.text[n+lengthField:]
	if bits%8 != 0 || bits/8 > len(text) || bits == 0 {
		return Header{}, Key{}, &Error{Code: CodeKeyLength, N: bits / 8}
	}
	if err := h.checkKey(bits/8, kbpk, p); err != nil {
		return Header{}, Key{}, err
	}
	return h, NewKey(text[:bits/8]), nil
}

package mac

import (
	"crypto/cipher"
	"crypto/subtle"
)

// Algorithm1 appends MAC algorithm 1 of ISO/IEC 9797-1 (CBC-MAC) over data padded by method p to dst: one block of b,
// which is a cipher of 8- or 16-byte blocks.
//
// With padding methods 1 and 2 a CBC-MAC is safe only where all data under a key has one length.
// The errors are CodePadding and CodeBlockSize.
func Algorithm1(dst []byte, b cipher.Block, p Padding, data []byte) ([]byte, error) {
	if err := p.check(); err != nil {
		return dst, err
	}
	if err := checkBlock(b); err != nil {
		return dst, err
	}
	// The chaining value lives at the end of dst, where the MAC is to stand.
	at := len(dst)
	dst = appendZeros(dst, b.BlockSize())
	chain(dst[at:], b, p, data)
	return dst, nil
}

// Algorithm3 appends MAC algorithm 3 of ISO/IEC 9797-1 over data padded by method p to dst: algorithm 1 under
// first, and then as output transformation a decryption under second and an encryption under first. Both are ciphers of
// one block size, 8 or 16 bytes. The standard names DES; Retail is that case.
//
// The errors are CodePadding and CodeBlockSize.
func Algorithm3(dst []byte, first, second cipher.Block, p Padding, data []byte) ([]byte, error) {
	if n := second.BlockSize(); n != first.BlockSize() {
		return dst, &Error{Code: CodeBlockSize, N: n}
	}
	at := len(dst)
	dst, err := Algorithm1(dst, first, p, data)
	if err != nil {
		return dst, err
	}
	state := dst[at:]
	second.Decrypt(state, state) // ISO/IEC 9797-1, output transformation 3
	first.Encrypt(state, state)
	return dst, nil
}

// Retail appends MAC algorithm 3 with DES under a key of 16 bytes, K then K', to dst: 8 bytes. It is the MAC of
// EMV application cryptograms and of secure messaging. Book 2, A1.2.1; ISO/IEC 9797-1, MAC algorithm 3.
//
// The errors are CodeKeyLength, CodePadding and CodeCipher.
func Retail(dst, key []byte, p Padding, data []byte) ([]byte, error) {
	if len(key) != 16 {
		return dst, &Error{Code: CodeKeyLength, N: len(key)}
	}
	first, err := newDES(key[:8])
	if err != nil {
		return dst, err
	}
	second, err := newDES(key[8:])
	if err != nil {
		return dst, err
	}
	return Algorithm3(dst, first, second, p, data)
}

// chain runs the blocks of padded data through b into state, one block that is zero when it comes. The padding is
// added as the blocks pass, so that data is not copied.
func chain(state []byte, b cipher.Block, p Padding, data []byte) {
	n := len(state)
	if p == Method3 {
		xorLength(state, len(data))
		b.Encrypt(state, state)
	}
	last := len(data) == 0 || p == Method2 // a block that data does not fill is still to come
	for len(data) >= n {
		subtle.XORBytes(state, state, data[:n])
		b.Encrypt(state, state)
		data = data[n:]
	}
	if len(data) == 0 && !last {
		return
	}
	subtle.XORBytes(state, state, data)
	if p == Method2 {
		state[len(data)] ^= 0x80
	}
	b.Encrypt(state, state)
}

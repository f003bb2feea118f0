package issuer

import (
	"crypto/cipher"

	"github.com/cardwright/emv/crypto/mac"
)

// aes returns AES under a key of 16, 24 or 32 bytes.
func (k *Key) aes() (cipher.Block, error) {
	if k.size == 0 {
		return nil, &Error{Code: CodeKeyLength}
	}
	return mac.NewAES(k.Bytes())
}

// invert returns the block of which every bit differs: Y* of Book 2, A1.4.3.
func invert(y [aesBlock]byte) [aesBlock]byte {
	for i := range y {
		y[i] ^= 0xFF
	}
	return y
}

// deriveAES makes dst the key, as long as k, of which the left block is first enciphered under k with AES, and what is
// longer than a block comes from the block that second makes of it. The key is built in place.
func (k *Key) deriveAES(dst *Key, first [aesBlock]byte, second func([aesBlock]byte) [aesBlock]byte) error {
	block, err := k.aes()
	if err != nil {
		return err
	}
	size := k.size
	left, right := dst.bytes[:aesBlock], dst.bytes[aesBlock:]
	dst.Wipe()
	copy(left, first[:])
	if size > aesBlock {
		other := second(first)
		copy(right, other[:])
		block.Encrypt(right, right)
		clear(dst.bytes[size:])
	}
	block.Encrypt(left, left)
	dst.size = size
	return nil
}

// optionC returns Y of Book 2, A1.4.3: the digits of PAN and PSN, with zeros on the left.
func optionC(digits []byte) (y [aesBlock]byte) {
	at := 2*aesBlock - len(digits)
	for _, d := range digits {
		y[at/2] |= d << (4 * (1 - at%2))
		at++
	}
	return y
}

// SessionKeyAES makes dst the EMV common session key that master, an AES ICC master key of 16, 24 or 32 bytes, and r
// give: as many bytes. r is followed by eight zero bytes, to fill a block; r is DiversificationATC for application
// cryptograms, the cryptogram of the first GENERATE AC for secure messaging. dst may be master itself. Book 2, A1.3.1.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func SessionKeyAES(dst, master *Key, r Diversification) error {
	var block [aesBlock]byte
	copy(block[:], r[:])
	if master.size == aesBlock {
		// Book 2, A1.3.1: a key of one block is AES(MK)[R], R as it is.
		return master.deriveAES(dst, block, nil)
	}
	// Book 2, A1.3.1: a longer one is the left of AES(MK)[R0 R1 'F0' R3 …] || AES(MK)[R0 R1 '0F' R3 …].
	block[2] = 0xF0
	return master.deriveAES(dst, block, func(b [aesBlock]byte) [aesBlock]byte {
		b[2] = 0x0F
		return b
	})
}

// ApplicationCryptogramAES returns the cryptogram that an AES key gives over data: the leftmost 8 bytes of the CMAC.
// Book 2, 8.1.2 and A1.2.2.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func ApplicationCryptogramAES(key *Key, data []byte) (Cryptogram, error) {
	var full [aesBlock]byte
	if _, err := AES.mac(full[:0], key, 0, data); err != nil {
		return Cryptogram{}, err
	}
	return Cryptogram(full[:len(Cryptogram{})]), nil
}

// ARPC1AES returns the authorisation response cryptogram of method 1 under an AES key: the ARQC, XORed with the
// Authorisation Response Code on the left and filled up with zeros to a block, enciphered; of that the leftmost 8 bytes.
// Book 2, 8.2.1.
//
// No published number shows it, and the text was not at hand: another reading takes a CMAC.
// The error is CodeKeyLength.
func ARPC1AES(key *Key, arqc Cryptogram, arc [2]byte) ([8]byte, error) {
	block, err := key.aes()
	if err != nil {
		return [8]byte{}, err
	}
	var y [aesBlock]byte // Y := ARQC XOR (ARC || '00 00 00 00 00 00'), padded
	copy(y[:], arqc[:])
	y[0] ^= arc[0]
	y[1] ^= arc[1]
	block.Encrypt(y[:], y[:])
	return [8]byte(y[:8]), nil
}

// ARPC2AES returns the authorisation response cryptogram of method 2 under an AES key: the leftmost 4 bytes of the CMAC
// over the ARQC, the Card Status Update and 0 to 8 bytes of Proprietary Authentication Data. Book 2, 8.2.2 and A1.2.2.
//
// The errors are CodeKeyLength, CodeDataLength and mac.CodeCipher.
func ARPC2AES(key *Key, arqc Cryptogram, csu [4]byte, proprietary []byte) ([4]byte, error) {
	if len(proprietary) > maxProprietary {
		return [4]byte{}, &Error{Code: CodeDataLength, N: len(proprietary)}
	}
	var room [len(arqc) + len(csu) + maxProprietary]byte
	y := append(append(append(room[:0], arqc[:]...), csu[:]...), proprietary...)
	v, err := ApplicationCryptogramAES(key, y)
	if err != nil {
		return [4]byte{}, err
	}
	return [4]byte(v[:4]), nil
}

package issuer

import "github.com/cardwright/emv/crypto/mac"

// Cryptogram is an application cryptogram, tag '9F26': an ARQC, a TC or an AAC.
type Cryptogram [8]byte

// ApplicationCryptogram returns the cryptogram that key, of 16 bytes, gives over data: MAC algorithm 3 with DES, all 8
// bytes of it. Book 2 pads by mac.Method2; Visa's CVN 10 pads by mac.Method1. Book 2, 8.1.2 and A1.2.1.
//
// The errors are CodeKeyLength, mac.CodePadding and mac.CodeCipher.
func ApplicationCryptogram(key *Key, padding mac.Padding, data []byte) (Cryptogram, error) {
	var ac Cryptogram
	if key.size != tdesKey {
		return ac, &Error{Code: CodeKeyLength, N: key.size}
	}
	_, err := mac.Retail(ac[:0], key.Bytes(), padding, data)
	return ac, err
}

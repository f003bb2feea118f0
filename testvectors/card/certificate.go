package card

import (
	"bytes"
	"crypto/sha1"
)

// The parts of a recovered block that are the same in all kinds (Book 2, Tables 6, 7, 14 and 17).
const (
	blockHeader  = 0x6A
	blockPad     = 0xBB
	blockTrailer = 0xBC
	blockTail    = 21 // hash result and trailer

	hashSHA1     = 0x01 // Book 2, Annex B3
	algorithmRSA = 0x01 // Book 2, Annex B2

	issuerFixed = 36 // Book 2, Table 6: the field for the key has N_CA - 36 bytes
	iccFixed    = 42 // Book 2, Table 14: the field for the key has N_I - 42 bytes
)

// seal makes a block of n bytes with the fields, fills it with the pad pattern, and writes the hash over it and over
// what follows it.
func seal(n int, fields []byte, following ...[]byte) []byte {
	block := bytes.Repeat([]byte{blockPad}, n)
	block[0] = blockHeader
	copy(block[1:n-blockTail], fields)
	h := sha1.New()
	h.Write(block[1 : n-blockTail])
	for _, b := range following {
		h.Write(b)
	}
	h.Sum(block[n-blockTail : n-blockTail])
	block[n-1] = blockTrailer
	return block
}

// certificateFacts are what a certificate says beside the key.
type certificateFacts struct {
	subject []byte  // Issuer Identifier, 4 bytes, or Application PAN, 10 bytes
	expiry  [2]byte // MMYY
	serial  [3]byte
}

// issueIssuer makes an Issuer Public Key Certificate (Book 2, Table 6) and the remainder of the key.
func issueIssuer(ca, key *privateKey, facts certificateFacts) (certificate, remainder []byte) {
	return issue(ca, key, 0x02, ca.size-issuerFixed, facts)
}

// issueICC makes an ICC Public Key Certificate (Book 2, Table 14) and the remainder of the key. static is the Static
// Data to be Authenticated.
func issueICC(issuer, key *privateKey, facts certificateFacts, static []byte) (certificate, remainder []byte) {
	return issue(issuer, key, 0x04, issuer.size-iccFixed, facts, static)
}

func issue(by, key *privateKey, format byte, room int, facts certificateFacts, static ...[]byte) (certificate, remainder []byte) {
	modulus := key.modulus()
	leftmost := modulus[:min(room, len(modulus))]
	remainder = modulus[len(leftmost):]
	fields := append([]byte{format}, facts.subject...)
	fields = append(fields, facts.expiry[:]...)
	fields = append(fields, facts.serial[:]...)
	fields = append(fields, hashSHA1, algorithmRSA, byte(len(modulus)), byte(len(exponent())))
	fields = append(fields, leftmost...)
	following := append([][]byte{remainder, exponent()}, static...)
	return by.sign(seal(by.size, fields, following...)), remainder
}

// signStatic makes Signed Static Application Data (Book 2, Table 7). code is the Data Authentication Code.
func signStatic(issuer *privateKey, format byte, code [2]byte, static []byte) []byte {
	return issuer.sign(seal(issuer.size, []byte{format, hashSHA1, code[0], code[1]}, static))
}

// signDynamic makes Signed Dynamic Application Data (Book 2, Table 17). number is the ICC Dynamic Number, and all of the
// ICC Dynamic Data; dynamic are the terminal's data, and what the method adds to them.
func signDynamic(icc *privateKey, format byte, number []byte, dynamic ...[]byte) []byte {
	fields := []byte{format, hashSHA1, byte(len(number) + 1), byte(len(number))}
	return icc.sign(seal(icc.size, append(fields, number...), dynamic...))
}

package cert

import (
	"bytes"
	"crypto/sha1"
	"hash"
	"math/big"

	"github.com/cardwright/emv/crypto/capk"
)

// PublicKey is an RSA public key. Both fields are big-endian.
type PublicKey struct {
	Modulus  []byte // up to capk.MaxModulus bytes
	Exponent []byte // '03' or '010001'
}

// Verifier performs the operations of this package and owns their memory, about 3 KiB. The zero value is ready.
// Keep one for each transaction that runs at a time: a Verifier is not for concurrent use. Do not copy it.
//
// Each of the keys that Issuer, ICC and PINKey return is good until the same method is called again; every other
// slice in a result is good until any method is called. [Verifier.Wipe] ends them all.
type Verifier struct {
	block [capk.MaxModulus]byte // what the last RSA operation recovered

	issuer, icc, pin keyBuffer

	signature, product, quotient, modulus, result big.Int // scratch of Recover

	sha    hash.Hash // SHA-1
	digest [sha1.Size]byte
	number []byte // the terminal's, for CDA: what the hash is given lies on the heap, and its caller's list need not
}

// keyBuffer is where a recovered key is put together.
type keyBuffer struct {
	modulus  [capk.MaxModulus]byte
	exponent [3]byte
}

// Recover performs the RSA recovery function, signature^exponent mod modulus (Book 2, Annexes A2.1.3 and B2.1), and
// returns a block as long as the modulus. It checks nothing of the block. Errors: CodeKey, CodeLength.
//
// Everything here is public, so time may depend on the data.
func (v *Verifier) Recover(key PublicKey, signature []byte) ([]byte, error) {
	n := len(key.Modulus)
	squarings, ok := exponent(key.Exponent)
	if !ok || n == 0 || n > len(v.block) || key.Modulus[n-1]&1 == 0 {
		return nil, CodeKey
	}
	if len(signature) != n {
		return nil, CodeLength
	}
	// Both exponents are 2^k + 1: k squarings and one multiplication. For 2^16+1 this takes as long as big.Int.Exp,
	// and it does not allocate.
	v.modulus.SetBytes(key.Modulus)
	v.signature.SetBytes(signature)
	v.product.Mul(&v.signature, &v.signature)
	v.reduce()
	for range squarings - 1 {
		v.product.Mul(&v.result, &v.result)
		v.reduce()
	}
	v.product.Mul(&v.result, &v.signature)
	v.reduce()
	return v.result.FillBytes(v.block[:n]), nil
}

// reduce sets result to product mod modulus.
func (v *Verifier) reduce() { v.quotient.QuoRem(&v.product, &v.modulus, &v.result) }

// exponent returns k of an exponent 2^k + 1 that Book 2, Annex B2.1 allows.
func exponent(e []byte) (k int, ok bool) {
	switch {
	case len(e) == 1 && e[0] == 3:
		return 1, true
	case len(e) == 3 && e[0] == 1 && e[1] == 0 && e[2] == 1:
		return 16, true
	}
	return 0, false
}

// Wipe clears what the Verifier has seen of cards: the blocks (the PAN is in the ICC certificate), the keys, and the
// scratch of the arithmetic and the hash. The memory is kept for the next transaction.
func (v *Verifier) Wipe() {
	clear(v.block[:])
	clear(v.digest[:])
	clear(v.number[:cap(v.number)])
	v.issuer, v.icc, v.pin = keyBuffer{}, keyBuffer{}, keyBuffer{}
	for _, x := range []*big.Int{&v.signature, &v.product, &v.quotient, &v.modulus, &v.result} {
		words := x.Bits()
		clear(words[:cap(words)])
		x.SetBits(words[:0])
	}
	if v.sha != nil {
		// Reset leaves the last part block in the hash. It is written over where what is added does not come as a
		// whole block, which would not pass through that buffer.
		v.sha.Reset()
		v.sha.Write(v.block[:1])
		v.sha.Write(v.block[:sha1.BlockSize-1])
		v.sha.Reset()
	}
}

// begin starts a hash over what is added. Hash algorithm '01', SHA-1, is the only one in Book 2, Annex B3.
func (v *Verifier) begin() {
	if v.sha == nil {
		v.sha = sha1.New()
	}
	v.sha.Reset()
}

func (v *Verifier) add(b []byte) { v.sha.Write(b) }

func (v *Verifier) addAll(parts [][]byte) {
	for _, b := range parts {
		v.sha.Write(b)
	}
}

// matches ends the hash and compares it.
func (v *Verifier) matches(want []byte) bool { return bytes.Equal(v.sha.Sum(v.digest[:0]), want) }

package capk

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"
)

// Bounds of a modulus in bytes. Book 2, Annex B2.1 allows up to 1984 bits. Nothing is written about the
// least size; 512 bits is the shortest key that was ever published.
const (
	MinModulus = 64
	MaxModulus = 248
)

// RID is a registered application provider identifier: the first five bytes of an AID (ISO/IEC 7816-5).
type RID [5]byte

// String returns the RID as ten upper-case hexadecimal digits.
func (r RID) String() string { return strings.ToUpper(hex.EncodeToString(r[:])) }

// Key is one certification authority public key (Book 2, 11.2.2). Hash algorithm and public key algorithm are SHA-1
// and RSA, the only ones with an indicator in Book 2, Annexes B2 and B3, for this kind of key.
type Key struct {
	RID      RID
	Index    byte   // Certification Authority Public Key Index, tag 8F of the card and 9F22 of the terminal
	Modulus  []byte // MinModulus to MaxModulus bytes, most significant first, no leading zero
	Exponent []byte // '03' or '010001'
	Expiry   Date   // last day of use; zero where none is known
}

// Checksum returns the SHA-1 over RID, index, modulus and exponent: the Certification Authority Public Key Check
// Sum of Book 2, 11.2.2.
func (k *Key) Checksum() [sha1.Size]byte {
	h := sha1.New()
	h.Write(k.RID[:])
	h.Write([]byte{k.Index})
	h.Write(k.Modulus)
	h.Write(k.Exponent)
	var sum [sha1.Size]byte
	h.Sum(sum[:0])
	return sum
}

// Expired reports whether today is later than the key's expiry. A key without an expiry never is.
func (k *Key) Expired(today Date) bool { return k.Expiry != Date{} && k.Expiry.Before(today) }

// check returns what is wrong with the key's own values, or nil.
func (k *Key) check() *Error {
	n := k.Modulus
	fault := func(code Code, format string, args ...any) *Error {
		return &Error{Code: code, RID: k.RID, Index: k.Index, Text: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(n) < MinModulus || len(n) > MaxModulus:
		// Book 2, Annex B2.1: at most 248 bytes, so that a certificate fits a record.
		return fault(CodeModulus, "%d bytes, not %d to %d", len(n), MinModulus, MaxModulus)
	case n[0] == 0:
		return fault(CodeModulus, "leading zero byte")
	case n[len(n)-1]&1 == 0:
		return fault(CodeModulus, "even")
	case string(k.Exponent) != "\x03" && string(k.Exponent) != "\x01\x00\x01":
		// Book 2, Annex B2.1: 3 or 2^16 + 1.
		return fault(CodeExponent, "%X", k.Exponent)
	}
	return nil
}

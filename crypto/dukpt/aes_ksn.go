package dukpt

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
)

// aesSchedule is the transaction counter of 32 bits, of which at most 16 are one. ANSI X9.24-3, 6.1.
var aesSchedule = schedule{width: 32, most: 16}

// InitialKeyID names an initial key of ANSI X9.24-3, 64 bits: the BDK ID, 4 bytes, and the derivation ID, 4 bytes.
type InitialKeyID [8]byte

// ParseInitialKeyID returns the initial key ID of 8 bytes. The error is CodeKSNLength.
func ParseInitialKeyID(b []byte) (InitialKeyID, error) {
	if len(b) != len(InitialKeyID{}) {
		return InitialKeyID{}, &Error{Code: CodeKSNLength, N: len(b)}
	}
	return InitialKeyID(b), nil
}

// String returns the ID in 16 upper-case hexadecimal digits.
func (id InitialKeyID) String() string { return strings.ToUpper(hex.EncodeToString(id[:])) }

// AESKSN is a key serial number of ANSI X9.24-3, 96 bits: the initial key ID and the transaction counter, 4 bytes.
type AESKSN [12]byte

// ParseAESKSN returns the KSN of 12 bytes. The errors are CodeKSNLength and CodeCounterBits.
func ParseAESKSN(b []byte) (AESKSN, error) {
	if len(b) != len(AESKSN{}) {
		return AESKSN{}, &Error{Code: CodeKSNLength, N: len(b)}
	}
	k := AESKSN(b)
	return k, k.checkBits()
}

// InitialKeyID returns the left 8 bytes.
func (k AESKSN) InitialKeyID() InitialKeyID { return InitialKeyID(k[:8]) }

// Counter returns the transaction counter: 0 in the KSN of an initial key.
func (k AESKSN) Counter() uint32 { return binary.BigEndian.Uint32(k[8:]) }

// String returns the KSN in 24 upper-case hexadecimal digits.
func (k AESKSN) String() string { return strings.ToUpper(hex.EncodeToString(k[:])) }

// ksn returns the KSN of the initial key and a counter.
func (id InitialKeyID) ksn(counter uint32) (k AESKSN) {
	copy(k[:], id[:])
	binary.BigEndian.PutUint32(k[8:], counter)
	return k
}

// checkBits refuses a counter that no terminal comes to. ANSI X9.24-3, 6.1.
func (k AESKSN) checkBits() error {
	if n := bits.OnesCount32(k.Counter()); n > aesSchedule.most {
		return &Error{Code: CodeCounterBits, N: n}
	}
	return nil
}

// check refuses a KSN that is of no transaction.
func (k AESKSN) check() error {
	if k.Counter() == 0 {
		return &Error{Code: CodeCounterZero}
	}
	return k.checkBits()
}

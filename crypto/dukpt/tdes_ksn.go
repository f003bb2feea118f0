package dukpt

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
)

// tdesSchedule is the encryption counter of 21 bits, of which at most ten are one. ANSI X9.24-1, A.1.
var tdesSchedule = schedule{width: 21, most: 10}

const tdesCounterMask = 1<<21 - 1

// TDESKSN is a key serial number of ANSI X9.24-1, 80 bits: 59 bits that name the key set and the device, padded
// with 'F' on the left, and the encryption counter of 21 bits.
type TDESKSN [10]byte

// ParseTDESKSN returns the KSN of 8 to 10 bytes, with 'FF' before it where it is shorter than 10. ANSI X9.24-1, A.6.
//
// The errors are CodeKSNLength and CodeCounterBits.
func ParseTDESKSN(b []byte) (TDESKSN, error) {
	if len(b) < 8 || len(b) > len(TDESKSN{}) {
		return TDESKSN{}, &Error{Code: CodeKSNLength, N: len(b)}
	}
	k := TDESKSN{0xFF, 0xFF}
	copy(k[len(k)-len(b):], b)
	return k, k.checkBits()
}

// Counter returns the encryption counter: 0 in the KSN of an initial key.
func (k TDESKSN) Counter() uint32 { return binary.BigEndian.Uint32(k[6:]) & tdesCounterMask }

// Initial returns the KSN with a counter of zero: that of the initial key.
func (k TDESKSN) Initial() TDESKSN { return k.with(0) }

// String returns the KSN in 20 upper-case hexadecimal digits.
func (k TDESKSN) String() string { return strings.ToUpper(hex.EncodeToString(k[:])) }

// with returns the KSN with another counter.
func (k TDESKSN) with(counter uint64) TDESKSN {
	rest := binary.BigEndian.Uint32(k[6:]) &^ tdesCounterMask
	binary.BigEndian.PutUint32(k[6:], rest|uint32(counter))
	return k
}

// checkBits refuses a counter that no terminal comes to. ANSI X9.24-1, A.2.
func (k TDESKSN) checkBits() error {
	if n := bits.OnesCount32(k.Counter()); n > tdesSchedule.most {
		return &Error{Code: CodeCounterBits, N: n}
	}
	return nil
}

// check refuses a KSN that is of no transaction.
func (k TDESKSN) check() error {
	if k.Counter() == 0 {
		return &Error{Code: CodeCounterZero}
	}
	return k.checkBits()
}

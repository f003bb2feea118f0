package capk

import (
	"bytes"
	"slices"

	"github.com/cardwright/emv/crypto/ecc"
)

// Why a key on an elliptic curve is refused, besides CodeExpiry and CodeClash.
const (
	CodeSuite Code = "capk.suite" // an Algorithm Suite Indicator that is not known, or not of signatures
	CodePoint Code = "capk.point" // no point, or one of another curve than the suite's
)

// ECCKey is one certification authority public key on an elliptic curve: Book E, and the contact books since version
// 4.4. A published checksum has no place here: how it is made is not public.
type ECCKey struct {
	RID    RID
	Index  byte // Certification Authority Public Key Index, tag 8F of the card
	Suite  ecc.Suite
	Point  ecc.Point
	Expiry Date // last day of use; zero where none is known
}

// check returns what is wrong with the key's own values, or nil.
func (k *ECCKey) check() *Error {
	fault := func(c Code, text string) *Error { return &Error{Code: c, RID: k.RID, Index: k.Index, Text: text} }
	curve, err := k.Suite.Curve()
	switch {
	case err != nil || !k.Suite.Signs():
		return fault(CodeSuite, "not a suite of signatures")
	case k.Point.Curve() != curve:
		return fault(CodePoint, "not a point of "+curve.String())
	case k.Expiry != Date{} && !k.Expiry.Valid():
		return fault(CodeExpiry, "")
	}
	return nil
}

// Expired reports whether today is later than the key's expiry. A key without an expiry never is.
func (k *ECCKey) Expired(today Date) bool { return k.Expiry != Date{} && k.Expiry.Before(today) }

// ECCSource is where a kernel finds certification authority public keys on elliptic curves. What [Source] says of CAPK
// holds for ECCKey.
type ECCSource interface {
	ECCKey(rid RID, index byte) (*ECCKey, bool)
}

// ECCSet is an immutable set of such keys. The nil and the zero ECCSet are empty. It may be used from many goroutines.
type ECCSet struct{ keys []ECCKey } // sorted by RID, then index

// NewECCSet makes a set of keys, which it copies. The error is a [Faults] that lists every key that breaks a rule
// (CodeSuite, CodePoint, CodeExpiry) and every second key under one RID and index (CodeClash).
func NewECCSet(keys ...ECCKey) (*ECCSet, error) {
	var faults Faults
	s := &ECCSet{slices.Clone(keys)}
	slices.SortStableFunc(s.keys, func(a, b ECCKey) int { return compareECC(&a, b.RID, b.Index) })
	for i := range s.keys {
		k := &s.keys[i]
		if e := k.check(); e != nil {
			faults = append(faults, e)
		}
		if i > 0 && compareECC(&s.keys[i-1], k.RID, k.Index) == 0 {
			faults = append(faults, &Error{Code: CodeClash, RID: k.RID, Index: k.Index})
		}
	}
	if err := faults.orNil(); err != nil {
		return nil, err
	}
	return s, nil
}

// ECCKey returns the key for a RID and index, whatever its expiry (see the package comment). The key is read-only.
func (s *ECCSet) ECCKey(rid RID, index byte) (*ECCKey, bool) {
	if s == nil {
		return nil, false
	}
	i, found := slices.BinarySearchFunc(s.keys, index, func(k ECCKey, index byte) int { return compareECC(&k, rid, index) })
	if !found {
		return nil, false
	}
	return &s.keys[i], true
}

// Len returns how many keys the set holds.
func (s *ECCSet) Len() int {
	if s == nil {
		return 0
	}
	return len(s.keys)
}

func compareECC(k *ECCKey, rid RID, index byte) int {
	if c := bytes.Compare(k.RID[:], rid[:]); c != 0 {
		return c
	}
	return int(k.Index) - int(index)
}

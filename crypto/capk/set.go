package capk

import (
	"bytes"
	"iter"
	"slices"
)

// Source is where a kernel finds certification authority public keys.
//
// CAPK returns the key for a RID and index, or false where there is none: that is an outcome of the transaction
// (offline data authentication fails), never an error. The key is shared and must not be changed by the caller; an
// implementation must not change it while a transaction runs. CAPK is called on the path of a transaction and
// should neither block nor allocate.
type Source interface {
	CAPK(rid RID, index byte) (*Key, bool)
}

// Set is an immutable set of keys. The nil and the zero Set are empty. It may be used from many goroutines.
type Set struct {
	keys    []Key // sorted by RID, then index
	refused []Refusal
}

// Refusal is a key that a file contains and that was not loaded.
type Refusal struct {
	RID   RID
	Index byte
	Code  Code
	Path  string // its place in the file: "keys[3]"
	Text  string
}

// String is one line with code, key and reason.
func (r Refusal) String() string {
	return (&Error{Code: r.Code, Path: r.Path, RID: r.RID, Index: r.Index, Text: r.Text}).Error()
}

// NewSet makes a set from keys, which it copies. The error is a [Faults] that lists every key that breaks a rule
// (CodeModulus, CodeExponent, CodeExpiry) and every second key under one RID and index (CodeClash).
func NewSet(keys ...Key) (*Set, error) {
	var faults Faults
	for i := range keys {
		if e := keys[i].check(); e != nil {
			faults = append(faults, e)
		}
		if x := keys[i].Expiry; x != (Date{}) && !x.Valid() {
			faults = append(faults, &Error{Code: CodeExpiry, RID: keys[i].RID, Index: keys[i].Index})
		}
	}
	s := &Set{keys: make([]Key, len(keys))}
	for i, k := range keys {
		k.Modulus, k.Exponent = bytes.Clone(k.Modulus), bytes.Clone(k.Exponent)
		s.keys[i] = k
	}
	slices.SortStableFunc(s.keys, func(a, b Key) int { return compare(&a, b.RID, b.Index) })
	for i := 1; i < len(s.keys); i++ {
		if k := &s.keys[i]; compare(&s.keys[i-1], k.RID, k.Index) == 0 {
			faults = append(faults, &Error{Code: CodeClash, RID: k.RID, Index: k.Index})
		}
	}
	if err := faults.orNil(); err != nil {
		return nil, err
	}
	return s, nil
}

// CAPK returns the key for a RID and index, whatever its expiry (see the package comment). The key is read-only.
func (s *Set) CAPK(rid RID, index byte) (*Key, bool) {
	if s == nil {
		return nil, false
	}
	lo, hi := 0, len(s.keys)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := compare(&s.keys[mid], rid, index); {
		case c == 0:
			return &s.keys[mid], true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// Len returns how many keys the set holds.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.keys)
}

// All gives the keys in the order of RID and index. They are read-only.
func (s *Set) All() iter.Seq[*Key] {
	return func(yield func(*Key) bool) {
		for i := range s.Len() {
			if !yield(&s.keys[i]) {
				return
			}
		}
	}
}

// At returns a set of the keys that have not expired on a day. Keys without an expiry stay.
func (s *Set) At(today Date) *Set {
	at := &Set{}
	for k := range s.All() {
		if !k.Expired(today) {
			at.keys = append(at.keys, *k)
		}
	}
	return at
}

// Refused lists the keys that the file of this set contains and that are not in the set, in the file's order.
func (s *Set) Refused() []Refusal {
	if s == nil {
		return nil
	}
	return slices.Clone(s.refused)
}

func compare(k *Key, rid RID, index byte) int {
	if c := bytes.Compare(k.RID[:], rid[:]); c != 0 {
		return c
	}
	return int(k.Index) - int(index)
}

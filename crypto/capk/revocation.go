package capk

import (
	"bytes"
	"slices"
)

// Revocation names one issuer public key certificate that is no longer valid (Book 2, 5.1.2; Book 4, 10.2).
type Revocation struct {
	RID    RID
	Index  byte    // of the certification authority key that signed the certificate
	Serial [3]byte // Certificate Serial Number
}

// Revocations is what a kernel asks before it trusts an issuer certificate. It is called on the path of a
// transaction and should neither block nor allocate.
type Revocations interface {
	Revoked(rid RID, index byte, serial [3]byte) bool
}

// RevocationList is an immutable certification revocation list. The nil and the zero list are empty.
type RevocationList struct {
	entries []Revocation // sorted
}

// NewRevocationList makes a list of entries, which it copies. Entries may repeat.
func NewRevocationList(entries ...Revocation) *RevocationList {
	l := &RevocationList{entries: slices.Clone(entries)}
	slices.SortFunc(l.entries, compareRevocations)
	return l
}

// Revoked reports whether a certificate is on the list.
func (l *RevocationList) Revoked(rid RID, index byte, serial [3]byte) bool {
	if l == nil {
		return false
	}
	_, found := slices.BinarySearchFunc(l.entries, Revocation{rid, index, serial}, compareRevocations)
	return found
}

// Len returns how many entries the list holds, repeated ones counted.
func (l *RevocationList) Len() int {
	if l == nil {
		return 0
	}
	return len(l.entries)
}

func compareRevocations(a, b Revocation) int {
	if c := bytes.Compare(a.RID[:], b.RID[:]); c != 0 {
		return c
	}
	if a.Index != b.Index {
		return int(a.Index) - int(b.Index)
	}
	return bytes.Compare(a.Serial[:], b.Serial[:])
}

package spake2plus

import (
	"bytes"
	"encoding/binary"

	"filippo.io/nistec"
	"golang.org/x/crypto/argon2"

	"github.com/cardwright/emv/crypto/mask"
)

// HalfSize is the length of w0s and of w1s in bytes: ceil(log2(n)) + 64 bits. RFC 9383, 3.2.
const HalfSize = 40

// Secrets are what the prover makes of the password: w0 and w1. The zero Secrets are none: everything refuses them.
//
// They print, log and marshal as "[key]".
type Secrets struct {
	mask.Key
	w0, w1 scalar
}

// NewSecrets reduces what a function of the application has made of the password, each half HalfSize bytes, most
// significant first. The error is CodeSecret: a wrong length, or a half that is zero modulo the order.
func NewSecrets(w0s, w1s []byte) (Secrets, error) {
	var s Secrets
	if err := s.w0.reduce(w0s); err != nil {
		return Secrets{}, err
	}
	if err := s.w1.reduce(w1s); err != nil || s.w0.zero() || s.w1.zero() {
		s.Wipe()
		return Secrets{}, refuse(CodeSecret)
	}
	return s, nil
}

// Cost is what Derive spends on a password.
type Cost struct {
	Passes uint32 // at least 1
	KiB    uint32 // memory, at least 8
}

// Derive makes the secrets of a password with argon2id (RFC 9106) on one lane:
//
//	w0s ‖ w1s = argon2id(len(pw) ‖ pw ‖ len(prover) ‖ prover ‖ len(verifier) ‖ verifier, salt)
//
// each length as 8 bytes, least significant first (RFC 9383, 3.2). An identity that is not known yet is empty. The
// errors are CodeCost and CodeSecret.
func Derive(password, prover, verifier, salt []byte, c Cost) (Secrets, error) {
	if c.Passes < 1 || c.KiB < 8 {
		return Secrets{}, refuse(CodeCost)
	}
	size := 3*8 + len(password) + len(prover) + len(verifier)
	input := make([]byte, 0, size) // never grows, so that one clear reaches all
	defer func() { clear(input[:size]) }()
	for _, part := range [][]byte{password, prover, verifier} {
		input = appendPart(input, part)
	}
	b := argon2.IDKey(input, salt, c.Passes, c.KiB, 1, 2*HalfSize)
	defer clear(b)
	return NewSecrets(b[:HalfSize], b[HalfSize:])
}

// appendPart appends a part behind its length, as the transcript and the registration have it.
func appendPart(dst, part []byte) []byte {
	return append(binary.LittleEndian.AppendUint64(dst, uint64(len(part))), part...)
}

// Wipe overwrites the secrets; they are the zero Secrets then.
func (s *Secrets) Wipe() { *s = Secrets{} }

func (s *Secrets) valid() bool { return s.w0.valid() && s.w1.valid() }

// Record is what the verifier keeps: w0, and L = w1·P. With a Record alone nobody can play the prover, except by finding
// the password. The zero Record is none: everything refuses it.
//
// It prints, logs and marshals as "[key]".
type Record struct {
	mask.Key
	w0 scalar
	l  [ShareSize]byte
}

// Record returns what the verifier keeps of the password. The error is CodeSecret.
func (s *Secrets) Record() (Record, error) {
	if !s.valid() {
		return Record{}, refuse(CodeSecret)
	}
	p, err := nistec.NewP256Point().ScalarBaseMult(s.w1[:])
	if err != nil {
		return Record{}, refuse(CodeSecret)
	}
	defer erase(p)
	r := Record{w0: s.w0}
	copy(r.l[:], p.Bytes())
	return r, nil
}

// NewRecord makes a record of w0, 32 bytes, and L as '04' x y. The errors are CodeSecret and CodeShare.
func NewRecord(w0, l []byte) (Record, error) {
	var r Record
	if len(w0) != scalarSize {
		return r, refuse(CodeSecret)
	}
	if _, err := point(l); err != nil {
		return r, err
	}
	copy(r.w0[:], w0)
	copy(r.l[:], l)
	if !r.w0.valid() {
		r.Wipe()
		return r, refuse(CodeSecret)
	}
	return r, nil
}

// Bytes returns w0 and L for a store that keeps secrets; the caller clears what it gets.
func (r *Record) Bytes() (w0, l []byte) {
	return bytes.Clone(r.w0[:]), bytes.Clone(r.l[:])
}

// Wipe overwrites the record; it is the zero Record then.
func (r *Record) Wipe() { *r = Record{} }

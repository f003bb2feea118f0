package dukpt

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// A terminal's state:
//
//	"DKPT" | version '01' | kind | what the kind has | counter, 8 bytes | registers | checksum
//
// Registers that are not in use are zero. The checksum, 8 bytes of SHA-256 over the rest, finds damage; whether someone
// changed the state or put an old one back, the seal around it must say. Numbers are big-endian.
const (
	stateMagic   = "DKPT\x01"
	stateCounter = 8
	stateSum     = 8
)

// The kinds of state.
const (
	stateTDES = 1
	stateAES  = 2
)

func appendHeader(b []byte, kind byte) []byte { return append(append(b, stateMagic...), kind) }

func appendCounter(b []byte, c uint64) []byte { return binary.BigEndian.AppendUint64(b, c) }

// appendSum appends the checksum of what begins at at.
func appendSum(b []byte, at int) []byte {
	sum := sha256.Sum256(b[at:])
	return append(b, sum[:stateSum]...)
}

// stateReader takes a state apart. The first thing that is wrong stays in bad.
type stateReader struct {
	rest []byte
	bad  bool
}

// openState checks the header and the checksum.
func openState(state []byte, kind byte) *stateReader {
	body, sum := state[:max(0, len(state)-stateSum)], state[max(0, len(state)-stateSum):]
	want := sha256.Sum256(body)
	header := appendHeader(nil, kind)
	if !bytes.HasPrefix(body, header) || subtle.ConstantTimeCompare(sum, want[:stateSum]) != 1 {
		return &stateReader{bad: true}
	}
	return &stateReader{rest: body[len(header):]}
}

// take fills dst with what comes next.
func (r *stateReader) take(dst []byte) {
	if len(r.rest) < len(dst) {
		r.bad = true
		return
	}
	r.rest = r.rest[copy(dst, r.rest):]
}

// counter reads the counter of the next transaction, or of exhaustion.
func (r *stateReader) counter(s schedule) uint64 {
	var b [stateCounter]byte
	r.take(b[:])
	c := binary.BigEndian.Uint64(b[:])
	if c != s.end() && !s.valid(c) {
		r.bad = true
	}
	return c
}

// register checks that a register holds a key where it is in use, and none where it is not.
func (r *stateReader) register(b []byte, inUse bool) {
	var any byte
	for _, v := range b {
		any |= v
	}
	if (any != 0) != inUse {
		r.bad = true
	}
}

// close checks that nothing is left.
func (r *stateReader) close() {
	if len(r.rest) != 0 {
		r.bad = true
	}
}

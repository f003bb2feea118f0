package replay

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/cardwright/emv/kernel"
)

// Hostile is a card for fuzzing: its answers are taken from a string of bytes, two bytes of length, then as many of
// answer. Lengths from FFF0 on are errors of the card's instead. When the string is used up every answer is 6F00.
type Hostile struct {
	Script []byte
	Sent   int // how many commands have come
}

// Transmit takes the next answer.
func (h *Hostile) Transmit(_ context.Context, dst, _ []byte) ([]byte, error) {
	h.Sent++
	if len(h.Script) < 2 {
		return append(dst, 0x6F, 0x00), nil
	}
	n := int(binary.BigEndian.Uint16(h.Script))
	h.Script = h.Script[2:]
	if n >= 0xFFF0 {
		errs := [...]error{
			kernel.ErrRemoved, kernel.ErrTimeout, kernel.ErrTransmission, kernel.ErrProtocol, kernel.ErrCollision,
		}
		return dst, errs[n%len(errs)]
	}
	n = min(n, len(h.Script))
	dst = append(dst, h.Script[:n]...)
	h.Script = h.Script[n:]
	return dst, nil
}

// HostileScript writes answers as Hostile reads them: the seeds of a fuzz target.
func HostileScript(answers ...[]byte) []byte {
	var out []byte
	for _, a := range answers {
		out = binary.BigEndian.AppendUint16(out, uint16(len(a)))
		out = append(out, a...)
	}
	return out
}

// Tape is a recorded card in its plainest form, for benchmarks and for tests that alter single bytes: each command has
// one answer, any other command gets 6700.
type Tape struct {
	Commands, Answers [][]byte
	Sent              int // how many commands have come
}

// Transmit gives the answer that was recorded.
func (t *Tape) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	t.Sent++
	for i := range t.Commands {
		if bytes.Equal(t.Commands[i], command) {
			return append(dst, t.Answers[i]...), nil
		}
	}
	return append(dst, 0x67, 0x00), nil
}

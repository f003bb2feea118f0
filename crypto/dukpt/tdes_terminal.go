package dukpt

import (
	"fmt"
	"log/slog"
	"math/bits"

	"github.com/cardwright/emv/crypto/mask"
)

// TDESTerminal is the terminal's side of ANSI X9.24-1: 21 future key registers and the KSN. The zero value is not
// loaded. It must not be copied, which would make two terminals of one, nor be used concurrently.
type TDESTerminal struct {
	ksn       TDESKSN // of the initial key
	counter   uint64  // of the next transaction; 0 where nothing is loaded
	registers [21][tdesKey]byte
}

// Load makes t the terminal of an initial key of 16 bytes and its KSN, whose counter it sets to zero: the future keys
// are derived, what t held before is gone, and the initial key is not kept. The caller wipes his.
// ANSI X9.24-1, A.2 ("Load Initial Key").
//
// The errors are CodeKeyLength and CodeCipher; t is as before then.
func (t *TDESTerminal) Load(initial *Key, ksn TDESKSN) error {
	if initial.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: initial.size}
	}
	var parent tdesParent
	defer parent.wipe()
	if err := parent.set(initial.Bytes()); err != nil {
		return err
	}
	t.Wipe()
	t.ksn, t.counter = ksn.Initial(), tdesSchedule.next(0)
	t.fill(&parent, 0)
	return nil
}

// Next makes dst the next transaction and moves the terminal on: the key's register is overwritten, and with it the way
// back. Store the state before dst is used. ANSI X9.24-1, A.2 ("Request PIN Entry", "New Key").
//
// The errors are CodeNotLoaded, CodeExhausted and CodeCipher; t is as before then.
func (t *TDESTerminal) Next(dst *TDESTransaction) error {
	dst.Wipe()
	switch t.counter {
	case 0:
		return &Error{Code: CodeNotLoaded}
	case tdesSchedule.end():
		return &Error{Code: CodeExhausted}
	}
	register := &t.registers[bits.TrailingZeros64(t.counter)]
	var parent tdesParent
	defer parent.wipe()
	if err := parent.set(register[:]); err != nil {
		return err
	}
	dst.KSN = t.ksn.with(t.counter)
	dst.key.size = copy(dst.key.bytes[:], register[:])
	t.fill(&parent, t.counter)
	clear(register[:])
	t.counter = tdesSchedule.next(t.counter)
	return nil
}

// fill derives the future keys that come from the key of a counter.
func (t *TDESTerminal) fill(parent *tdesParent, counter uint64) {
	tdesSchedule.children(counter, func(i int, c uint64) { parent.derive(t.registers[i][:], t.ksn.with(c)) })
}

// KSN returns the KSN of the next transaction; that of the initial key where the terminal is exhausted.
func (t *TDESTerminal) KSN() TDESKSN { return t.ksn.with(t.counter & tdesCounterMask) }

// Left returns how many transactions there are before the terminal is exhausted, 1,048,575 when it has been loaded.
func (t *TDESTerminal) Left() uint64 { return tdesSchedule.left(t.counter) }

// Wipe overwrites all keys; nothing is loaded then.
func (t *TDESTerminal) Wipe() { *t = TDESTerminal{} }

// AppendBinary appends the state to b, in the clear: it is to be sealed, not stored as it is. It always has the same
// length. The error is CodeNotLoaded.
func (t *TDESTerminal) AppendBinary(b []byte) ([]byte, error) {
	if t.counter == 0 {
		return b, &Error{Code: CodeNotLoaded}
	}
	at := len(b)
	b = appendHeader(b, stateTDES)
	b = append(b, t.ksn[:]...)
	b = appendCounter(b, t.counter)
	for i := range t.registers {
		b = append(b, t.registers[i][:]...)
	}
	return appendSum(b, at), nil
}

// UnmarshalBinary makes t the terminal of a state that AppendBinary gave, which it does not keep. The error is
// CodeState; t is as before then.
func (t *TDESTerminal) UnmarshalBinary(state []byte) error {
	r := openState(state, stateTDES)
	var n TDESTerminal
	defer n.Wipe()
	r.take(n.ksn[:])
	n.counter = r.counter(tdesSchedule)
	for i := range n.registers {
		r.take(n.registers[i][:])
		r.register(n.registers[i][:], tdesSchedule.inUse(n.counter)>>i&1 == 1)
	}
	if r.close(); r.bad || n.ksn.Counter() != 0 {
		return &Error{Code: CodeState}
	}
	*t = n
	return nil
}

// Format writes the next KSN and the mask, whatever the verb.
func (t TDESTerminal) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// String returns the next KSN and the mask.
func (t TDESTerminal) String() string { return t.KSN().String() + " " + mask.KeyText }

// MarshalText returns the next KSN and the mask.
func (t TDESTerminal) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the next KSN and the mask.
func (t TDESTerminal) LogValue() slog.Value { return slog.StringValue(t.String()) }

package dukpt

import (
	"crypto/cipher"
	"fmt"
	"log/slog"
	"math/bits"

	"github.com/cardwright/emv/crypto/mask"
)

// AESTerminal is the terminal's side of ANSI X9.24-3: 32 intermediate derivation key registers, the initial key ID and
// what the DUKPT update key comes from. The zero value is not loaded. It must not be copied, which would make two
// terminals of one, nor be used concurrently.
type AESTerminal struct {
	id        InitialKeyID
	counter   uint64 // of the next transaction; 0 where nothing is loaded
	update    Key    // that the DUKPT update key comes from; every register has its length
	registers [32][maxKey]byte
}

// Load makes t the terminal of an initial key of 16, 24 or 32 bytes and its ID: the first keys and that of the DUKPT
// update key are derived, what t held before is gone, and the initial key is not kept. The caller wipes his.
// ANSI X9.24-3, 6.3.3 ("Load Initial Key").
//
// The errors are CodeKeyLength and CodeCipher; t is as before then.
func (t *AESTerminal) Load(initial *Key, id InitialKeyID) error {
	base, err := newAES(initial)
	if err != nil {
		return err
	}
	n := AESTerminal{id: id, counter: aesSchedule.next(0)}
	defer n.Wipe()
	var last AESTransaction
	defer last.Wipe()
	if err := last.descend(initial, id.ksn(updateCounter)); err != nil {
		return err
	}
	n.update = last.key
	n.fill(base, 0)
	*t = n
	return nil
}

// Next makes dst the next transaction and moves the terminal on: the key's register is overwritten, and with it the way
// back. Store the state before dst is used. ANSI X9.24-3, 6.3.3 ("Generate Working Keys", "Update State for next
// Transaction").
//
// The errors are CodeNotLoaded, CodeExhausted and CodeCipher; t is as before then.
func (t *AESTerminal) Next(dst *AESTransaction) error {
	dst.Wipe()
	switch t.counter {
	case 0:
		return &Error{Code: CodeNotLoaded}
	case aesSchedule.end():
		return &Error{Code: CodeExhausted}
	}
	register := &t.registers[bits.TrailingZeros64(t.counter)]
	dst.key.size = copy(dst.key.bytes[:], register[:t.update.size])
	base, err := newAES(&dst.key)
	if err != nil {
		dst.Wipe()
		return err
	}
	dst.KSN = t.id.ksn(uint32(t.counter))
	t.fill(base, t.counter)
	clear(register[:])
	t.counter = aesSchedule.next(t.counter)
	return nil
}

// fill derives the keys that come from the key of a counter, which base enciphers under.
func (t *AESTerminal) fill(base cipher.Block, counter uint64) {
	data := newDerivationData(KeyDerivation, aesType(&t.update))
	aesSchedule.children(counter, func(i int, c uint64) {
		data.of(t.id.ksn(uint32(c))).fill(&t.registers[i], base, t.update.size)
	})
}

// KSN returns the KSN of the next transaction; that of the initial key where the terminal is exhausted.
func (t *AESTerminal) KSN() AESKSN { return t.id.ksn(uint32(t.counter)) }

// Left returns how many transactions there are before the terminal is exhausted: 2,448,023,842 when it has been loaded.
func (t *AESTerminal) Left() uint64 { return aesSchedule.left(t.counter) }

// Wipe overwrites all keys; nothing is loaded then.
func (t *AESTerminal) Wipe() { *t = AESTerminal{} }

// AppendBinary appends the state to b, in the clear: it is to be sealed, not stored as it is. For a length of initial
// key it always has the same length. The error is CodeNotLoaded.
func (t *AESTerminal) AppendBinary(b []byte) ([]byte, error) {
	if t.counter == 0 {
		return b, &Error{Code: CodeNotLoaded}
	}
	at := len(b)
	b = appendHeader(b, stateAES)
	b = append(b, byte(t.update.size))
	b = append(b, t.id[:]...)
	b = appendCounter(b, t.counter)
	b = append(b, t.update.Bytes()...)
	for i := range t.registers {
		b = append(b, t.registers[i][:t.update.size]...)
	}
	return appendSum(b, at), nil
}

// UnmarshalBinary makes t the terminal of a state that AppendBinary gave, which it does not keep. The error is
// CodeState; t is as before then.
func (t *AESTerminal) UnmarshalBinary(state []byte) error {
	r := openState(state, stateAES)
	var n AESTerminal
	defer n.Wipe()
	var size [1]byte
	r.take(size[:])
	switch size[0] {
	case 16, 24, 32:
		n.update.size = int(size[0])
	default:
		return &Error{Code: CodeState}
	}
	r.take(n.id[:])
	n.counter = r.counter(aesSchedule)
	r.take(n.update.Bytes())
	r.register(n.update.Bytes(), true)
	for i := range n.registers {
		r.take(n.registers[i][:n.update.size])
		r.register(n.registers[i][:], aesSchedule.inUse(n.counter)>>i&1 == 1)
	}
	if r.close(); r.bad {
		return &Error{Code: CodeState}
	}
	*t = n
	return nil
}

// Format writes the next KSN and the mask, whatever the verb.
func (t AESTerminal) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// String returns the next KSN and the mask.
func (t AESTerminal) String() string { return t.KSN().String() + " " + mask.KeyText }

// MarshalText returns the next KSN and the mask.
func (t AESTerminal) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the next KSN and the mask.
func (t AESTerminal) LogValue() slog.Value { return slog.StringValue(t.String()) }

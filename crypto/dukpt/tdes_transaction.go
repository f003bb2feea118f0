package dukpt

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
	"log/slog"

	"github.com/cardwright/emv/crypto/mask"
)

// TDESUsage is what a working key of ANSI X9.24-1 is for.
type TDESUsage uint8

// The usages. A request is what the terminal sends, a response what the host answers. ANSI X9.24-1, A.4.1.
const (
	TDESPIN          TDESUsage = iota + 1
	TDESMACRequest             // MAC, or both ways where a system has one MAC key
	TDESMACResponse            // MAC
	TDESDataRequest            // data encryption, or both ways; enciphered under itself, one way
	TDESDataResponse           // data encryption; enciphered under itself, one way

	// TDESDataRequestVariant and TDESDataResponseVariant are the data keys without the one-way step, of systems older
	// than ANSI X9.24-1:2009: whoever has one can compute the PIN key. Use them only where a host asks for nothing else.
	TDESDataRequestVariant
	TDESDataResponseVariant
)

// tdesVariant is the byte, of 8, that a usage inverts in both halves of the transaction key, and whether the result is
// then enciphered under itself. ANSI X9.24-1, A.4.1.
var tdesVariant = [...]struct {
	at     int
	oneWay bool
}{
	TDESPIN:                 {at: 7},
	TDESMACRequest:          {at: 6},
	TDESMACResponse:         {at: 4},
	TDESDataRequest:         {at: 5, oneWay: true},
	TDESDataResponse:        {at: 3, oneWay: true},
	TDESDataRequestVariant:  {at: 5},
	TDESDataResponseVariant: {at: 3},
}

// TDESTransaction is one transaction's KSN and key. It masks itself as its key does; Wipe ends it, when the last
// message of the transaction is done.
type TDESTransaction struct {
	KSN TDESKSN
	key Key
}

// HostTDES makes dst the transaction of ksn, from the base derivation key of 16 bytes. ANSI X9.24-1, A.3 and A.6.
//
// The errors are CodeKeyLength, CodeCounterZero, CodeCounterBits and CodeCipher.
func HostTDES(dst *TDESTransaction, bdk *Key, ksn TDESKSN) error {
	var initial Key
	defer initial.Wipe()
	if err := TDESInitialKey(&initial, bdk, ksn); err != nil {
		return err
	}
	return TDESFromInitial(dst, &initial, ksn)
}

// TDESFromInitial makes dst the transaction of ksn, from the initial key of its device. ANSI X9.24-1, A.3.
//
// The errors are those of HostTDES.
func TDESFromInitial(dst *TDESTransaction, initial *Key, ksn TDESKSN) error {
	dst.Wipe()
	if initial.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: initial.size}
	}
	if err := ksn.check(); err != nil {
		return err
	}
	dst.KSN, dst.key = ksn, *initial
	var parent tdesParent
	defer parent.wipe()
	var err error
	path(uint64(ksn.Counter()), func(counter uint64) {
		if err == nil {
			if err = parent.set(dst.key.Bytes()); err == nil {
				parent.derive(dst.key.Bytes(), ksn.with(counter))
			}
		}
	})
	if err != nil {
		dst.Wipe()
	}
	return err
}

// Key makes dst the working key of a usage, 16 bytes, of which parity bits are as they come. ANSI X9.24-1, A.4.1.
//
// The errors are CodeUsage, CodeNotLoaded and CodeCipher.
func (t *TDESTransaction) Key(dst *Key, u TDESUsage) error {
	if u < TDESPIN || int(u) >= len(tdesVariant) {
		return &Error{Code: CodeUsage, N: int(u)}
	}
	if t.key.size != tdesKey {
		return &Error{Code: CodeNotLoaded}
	}
	v := tdesVariant[u]
	variant := t.key
	variant.bytes[v.at] ^= 0xFF
	variant.bytes[desBlock+v.at] ^= 0xFF
	defer variant.Wipe()
	if !v.oneWay {
		*dst = variant
		return nil
	}
	block, err := newTDES(variant.Bytes())
	if err != nil {
		return err
	}
	*dst = variant
	encryptHalves(block, dst)
	return nil
}

// encryptHalves enciphers both halves of a key of 16 bytes, each by itself.
func encryptHalves(block cipher.Block, k *Key) {
	left, right := k.bytes[:desBlock], k.bytes[desBlock:tdesKey]
	block.Encrypt(left, left)
	block.Encrypt(right, right)
}

// TransactionKey returns the key that the working keys come from, to compare with others' numbers. It is enciphered
// with nothing, and gone after Wipe.
func (t *TDESTransaction) TransactionKey() *Key { return &t.key }

// Equal reports whether two transactions have one KSN and one key. The time it takes does not depend on the keys.
func (t *TDESTransaction) Equal(o *TDESTransaction) bool {
	return t.KSN == o.KSN && t.key.size == o.key.size && subtle.ConstantTimeCompare(t.key.bytes[:], o.key.bytes[:]) == 1
}

// Wipe overwrites the transaction's key and forgets its KSN.
func (t *TDESTransaction) Wipe() { *t = TDESTransaction{} }

// Format writes the KSN and the mask, whatever the verb.
func (t TDESTransaction) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// String returns the KSN and the mask.
func (t TDESTransaction) String() string { return t.KSN.String() + " " + mask.KeyText }

// MarshalText returns the KSN and the mask.
func (t TDESTransaction) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the KSN and the mask.
func (t TDESTransaction) LogValue() slog.Value { return slog.StringValue(t.String()) }

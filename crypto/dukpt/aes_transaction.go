package dukpt

import (
	"crypto/subtle"
	"fmt"
	"log/slog"

	"github.com/cardwright/emv/crypto/mask"
)

// AESTransaction is one transaction's KSN and derivation key. It masks itself as its key does; Wipe ends it, when the
// last message of the transaction is done.
type AESTransaction struct {
	KSN AESKSN
	key Key
}

// HostAES makes dst the transaction of ksn, from the base derivation key. ANSI X9.24-3, 6.3.2 ("Host Derive Working
// Key").
//
// The errors are CodeKeyLength, CodeCounterZero, CodeCounterBits and CodeCipher.
func HostAES(dst *AESTransaction, bdk *Key, ksn AESKSN) error {
	var initial Key
	defer initial.Wipe()
	if err := AESInitialKey(&initial, bdk, ksn.InitialKeyID()); err != nil {
		return err
	}
	return AESFromInitial(dst, &initial, ksn)
}

// AESFromInitial makes dst the transaction of ksn, from the initial key of its device. ANSI X9.24-3, 6.3.2.
//
// The errors are those of HostAES.
func AESFromInitial(dst *AESTransaction, initial *Key, ksn AESKSN) error {
	dst.Wipe()
	if err := ksn.check(); err != nil {
		return err
	}
	return dst.descend(initial, ksn)
}

// descend derives the keys from the initial key down to that of ksn, whose counter it does not check. On an error t is
// wiped.
func (t *AESTransaction) descend(initial *Key, ksn AESKSN) error {
	t.KSN, t.key = ksn, *initial
	var err error
	path(uint64(ksn.Counter()), func(counter uint64) {
		base, e := newAES(&t.key)
		if e != nil {
			err = e
			return
		}
		data := newDerivationData(KeyDerivation, aesType(initial))
		data.of(ksn.InitialKeyID().ksn(uint32(counter))).fill(&t.key.bytes, base, t.key.size)
	})
	if err != nil {
		t.Wipe()
	}
	return err
}

// Key makes dst the working key of a usage and a type. ANSI X9.24-3, 6.3.2 ("Derive Working Key").
//
// The errors are CodeUsage, CodeKeyType, CodeKeyStrength, CodeNotLoaded and CodeCipher.
func (t *AESTransaction) Key(dst *Key, u Usage, k KeyType) error {
	if t.key.size == 0 {
		return &Error{Code: CodeNotLoaded}
	}
	if err := checkWorking(&t.key, u, k); err != nil {
		return err
	}
	base, err := newAES(&t.key)
	if err != nil {
		return err
	}
	newDerivationData(u, k).of(t.KSN).derive(dst, base, k)
	return nil
}

// TransactionKey returns the derivation key that the working keys come from, to compare with others' numbers. It
// enciphers no data, and is gone after Wipe.
func (t *AESTransaction) TransactionKey() *Key { return &t.key }

// Equal reports whether two transactions have one KSN and one key. The time it takes does not depend on the keys.
func (t *AESTransaction) Equal(o *AESTransaction) bool {
	return t.KSN == o.KSN && t.key.size == o.key.size && subtle.ConstantTimeCompare(t.key.bytes[:], o.key.bytes[:]) == 1
}

// Wipe overwrites the transaction's key and forgets its KSN.
func (t *AESTransaction) Wipe() { *t = AESTransaction{} }

// Format writes the KSN and the mask, whatever the verb.
func (t AESTransaction) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// String returns the KSN and the mask.
func (t AESTransaction) String() string { return t.KSN.String() + " " + mask.KeyText }

// MarshalText returns the KSN and the mask.
func (t AESTransaction) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the KSN and the mask.
func (t AESTransaction) LogValue() slog.Value { return slog.StringValue(t.String()) }

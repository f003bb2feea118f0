package capk

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/cardwright/emv/crypto/ecc"
)

// eccPoint returns the public key of a number that is hashed from a name.
func eccPoint(t *testing.T, name string) ecc.Point {
	t.Helper()
	d := sha256.Sum256([]byte(name))
	k, err := ecc.NewPrivateKey(ecc.P256, d[:])
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestECCSet(t *testing.T) {
	a, b := RID{0xA0, 0, 0, 0, 4}, RID{0xA0, 0, 0, 0, 3}
	keys := []ECCKey{
		{RID: a, Index: 0xE1, Suite: ecc.SuiteECSDSA, Point: eccPoint(t, "E1"), Expiry: Date{0x30, 0x12, 0x31}},
		{RID: a, Index: 0xE0, Suite: ecc.SuiteECSDSA, Point: eccPoint(t, "E0")},
		{RID: b, Index: 0xE0, Suite: ecc.SuiteECSDSA, Point: eccPoint(t, "other")},
	}
	s, err := NewECCSet(keys...)
	if err != nil || s.Len() != len(keys) {
		t.Fatalf("%d keys, %v", s.Len(), err)
	}
	for _, k := range keys {
		if got, ok := s.ECCKey(k.RID, k.Index); !ok || *got != k {
			t.Errorf("%s: %v", keyName(k.RID, k.Index), ok)
		}
	}
	if _, ok := s.ECCKey(b, 0xE1); ok {
		t.Error("a key that is not in the set was found")
	}
	if _, ok := (*ECCSet)(nil).ECCKey(a, 0xE0); ok || (*ECCSet)(nil).Len() != 0 {
		t.Error("the nil set has a key")
	}
	if k := &keys[0]; k.Expired(Date{0x30, 0x12, 0x31}) || !k.Expired(Date{0x31, 0x01, 0x01}) || keys[1].Expired(Date{0x49, 1, 1}) {
		t.Error("expiry")
	}
	if n := testing.AllocsPerRun(100, func() { s.ECCKey(a, 0xE0) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

func TestECCSetRefuses(t *testing.T) {
	good := ECCKey{RID: RID{0xA0, 0, 0, 0, 4}, Index: 0xE0, Suite: ecc.SuiteECSDSA, Point: eccPoint(t, "E0")}
	for _, c := range []struct {
		code   Code
		change func(*ECCKey)
	}{
		{CodeSuite, func(k *ECCKey) { k.Suite = ecc.SuiteBDH }},
		{CodeSuite, func(k *ECCKey) { k.Suite = 0x7F }},
		{CodePoint, func(k *ECCKey) { k.Suite = ecc.SuiteP521 }},
		{CodePoint, func(k *ECCKey) { k.Point = ecc.Point{} }},
		{CodeExpiry, func(k *ECCKey) { k.Expiry = Date{0x30, 0x13, 0x01} }},
	} {
		k := good
		c.change(&k)
		if _, err := NewECCSet(k); !hasCode(err, c.code) {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	if _, err := NewECCSet(good, good); !hasCode(err, CodeClash) {
		t.Errorf("two of a kind: %v", err)
	}
}

func hasCode(err error, c Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == c
}

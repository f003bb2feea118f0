package ecc

import (
	"errors"
	"math/rand/v2"
	"testing"
)

var curves = []Curve{P256, P521}

// seeded returns randomness that is the same in every run.
func seeded(name string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], name)
	return rand.NewChaCha8(seed)
}

// newKey generates a key of a curve whose public key FindPoint finds again.
func newKey(t testing.TB, c Curve, r *rand.ChaCha8) (PrivateKey, Point) {
	t.Helper()
	k, err := Generate(c, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.MakeCanonical(); err != nil {
		t.Fatal(err)
	}
	p, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return k, p
}

// wantCode fails unless err is an Error with that code.
func wantCode(t *testing.T, name string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || e.Code != code {
		t.Errorf("%s: %v, want %s", name, err, code)
		return
	}
	if !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: errors.Is does not find %s", name, code)
	}
}

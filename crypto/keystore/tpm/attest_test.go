//go:build !windows

package tpm_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/keystoretest"
	"github.com/cardwright/emv/crypto/keystore/tpm"
)

func TestAttest(t *testing.T) {
	chip := keystoretest.StartSWTPM(t)
	dir := filepath.Join(t.TempDir(), "keys")
	s := create(t, dir, tpm.Options{Path: chip.Path})
	_, err := s.Generate("device", signing(), 256)
	ok(t, err)
	_, err = s.Seal("secret", []byte{1})
	ok(t, err)
	attestor, err := s.Attestor()
	ok(t, err)
	nonce := []byte("the verifier's nonce")
	statement, err := s.Attest("device", nonce)
	ok(t, err)
	key, err := tpm.Verify(statement, nonce, attestor)
	ok(t, err)
	signer, err := s.Signer("device")
	ok(t, err)
	if !key.Equal(signer.Public()) {
		t.Error("it attests another key")
	}

	// The attestor is that of the store, for ever.
	chip.Restart()
	s = open(t, dir, tpm.Options{Path: chip.Path})
	statement, err = s.Attest("device", nonce)
	ok(t, err)
	_, err = tpm.Verify(statement, nonce, attestor)
	ok(t, err)

	_, err = tpm.Verify(statement, []byte("another nonce"), attestor)
	want(t, "another nonce", err, keystore.CodeAttestation)
	_, err = tpm.Verify(statement, nonce, nil)
	want(t, "no attestor", err, keystore.CodeAttestation)
	other := bytes.Clone(attestor)
	other[len(other)-1] ^= 1
	_, err = tpm.Verify(statement, nonce, other)
	want(t, "another attestor", err, keystore.CodeAttestation)
	_, err = tpm.Verify(statement, nil, attestor)
	want(t, "no nonce", err, keystore.CodeLength)
	_, err = s.Attest("device", make([]byte, 33))
	want(t, "a long nonce", err, keystore.CodeLength)
	_, err = s.Attest("secret", nonce)
	want(t, "a secret", err, keystore.CodeUsage)
	_, err = s.Attest("nobody", nonce)
	want(t, "nobody", err, keystore.CodeNotFound)

	tamper(t, statement, nonce, attestor)
}

// tamper changes each byte of each part: none goes unnoticed.
func tamper(t *testing.T, statement, nonce, attestor []byte) {
	var good tpm.Statement
	ok(t, json.Unmarshal(statement, &good))
	try := func(what string, s tpm.Statement) {
		t.Helper()
		b, err := json.Marshal(s)
		ok(t, err)
		_, err = tpm.Verify(b, nonce, attestor)
		want(t, what, err, keystore.CodeAttestation)
	}
	parts := func(s *tpm.Statement) []*[]byte { return []*[]byte{&s.Key, &s.Attested, &s.Signature, &s.Attestor} }
	for n := range parts(&good) {
		for i := range *parts(&good)[n] {
			bad := good
			part := parts(&bad)[n]
			*part = bytes.Clone(*part)
			(*part)[i] ^= 1
			try("a changed byte", bad)
			*part = (*part)[:i]
			try("a part that is cut", bad)
		}
	}
	swapped := good
	swapped.Key = good.Attestor
	try("the attestor's own key", swapped)
	for _, text := range []string{"", "null", "[]", "{}", `{"key":"AA=="}`} {
		_, err := tpm.Verify([]byte(text), nonce, attestor)
		want(t, text, err, keystore.CodeAttestation)
	}
}

// FuzzVerify: whatever is sent as a statement is refused, and nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"key":"AAA=","attested":"AAA=","signature":"ABgACwABAQABAQ==","attestor":"ACM="}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := tpm.Verify(b, make([]byte, 16), make([]byte, 34))
		want(t, "anything", err, keystore.CodeAttestation)
	})
}

package keystoretest

import (
	"bytes"
	"testing"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

func testSecrets(t *testing.T, p keystore.Provider) {
	var got keystore.Secret
	for _, n := range []int{1, 100, keystore.MaxSecret} {
		secret := bytes.Repeat([]byte{0xA5}, n)
		info, err := p.Seal("secret", secret)
		ok(t, err)
		if info.Kind != keystore.KindSecret || info.Bits != 0 || info.Check != nil {
			t.Errorf("%+v", info)
		}
		ok(t, p.Unseal(&got, "secret"))
		if !bytes.Equal(got.Bytes(), secret) {
			t.Errorf("%d bytes: another secret", n)
		}
		b := got.Bytes()
		got.Wipe()
		if !bytes.Equal(b, make([]byte, n)) {
			t.Error("the secret outlives Wipe")
		}
		_, err = p.Seal("secret", secret)
		want(t, "again", err, keystore.CodeExists)
		ok(t, p.Delete("secret"))
		want(t, "a deleted secret", p.Unseal(&got, "secret"), keystore.CodeNotFound)
	}
	_, err := p.Seal("none", nil)
	want(t, "nothing", err, keystore.CodeLength)
	_, err = p.Seal("long", make([]byte, keystore.MaxSecret+1))
	want(t, "too long", err, keystore.CodeLength)

	compose(t, p, "kek", "K1ADN", kekAES)
	want(t, "a key as a secret", p.Unseal(&got, "kek"), keystore.CodeUsage)
	_, err = p.Seal("secret", kekAES)
	ok(t, err)
	_, err = p.Encrypt(nil, "secret", keyblock.UsageData, nil, nil)
	want(t, "a secret as a key", err, keystore.CodeUsage)
	_, err = p.Import("x", "secret", wrap(t, "P0AEN", kekAES[:16]))
	want(t, "a secret that unwraps", err, keystore.CodeUsage)
}

func testWipe(t *testing.T, p keystore.Provider) {
	compose(t, p, "kek", "K1ADN", kekAES)
	_, err := p.Generate("device", header("S0ESN"), 256)
	ok(t, err)
	ok(t, p.Wipe())
	_, err = p.List()
	want(t, "List", err, keystore.CodeClosed)
	_, err = p.Seal("x", []byte{1})
	want(t, "Seal", err, keystore.CodeClosed)
	want(t, "Wipe", p.Wipe(), keystore.CodeClosed)
	ok(t, p.Close())
}

// testReopen: what was there is there again, and works.
func testReopen(t *testing.T, open Open) {
	p := open()
	compose(t, p, "kek", "K1ADN", kekAES)
	_, err := p.Generate("device", header("S0ESN"), 256)
	ok(t, err)
	_, err = p.Seal("secret", []byte("sealed"))
	ok(t, err)
	ImportDUKPT(t, p)
	tdes, aes := NextDUKPT(t, p)
	before := list(t, p)
	ok(t, p.Close())
	ok(t, p.Close())
	_, err = p.List()
	want(t, "after Close", err, keystore.CodeClosed)

	p = open()
	defer p.Close()
	after := list(t, p)
	if len(after) != len(before) {
		t.Fatalf("%d keys, before %d", len(after), len(before))
	}
	for i := range after {
		if a, b := after[i], before[i]; a.Label != b.Label || a.Header.Usage != b.Header.Usage || !a.Created.Equal(b.Created) ||
			!bytes.Equal(a.Public, b.Public) || !bytes.Equal(a.Check, b.Check) {
			t.Errorf("%+v was %+v", a, b)
		}
	}
	signer, err := p.Signer("device")
	ok(t, err)
	Handshake(t, signer)
	var got keystore.Secret
	ok(t, p.Unseal(&got, "secret"))
	if string(got.Bytes()) != "sealed" {
		t.Error("another secret")
	}
	tdesAfter, aesAfter := NextDUKPT(t, p)
	if tdesAfter.Counter() != tdes.Counter()+1 || aesAfter.Counter() != aes.Counter()+1 {
		t.Errorf("%s after %s, %s after %s", tdesAfter, tdes, aesAfter, aes)
	}
}

package ecc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mask"
)

func TestScalars(t *testing.T) {
	for _, c := range curves {
		n := c.elliptic().Params().N
		number := func(i int64) []byte { return new(big.Int).Add(n, big.NewInt(i)).FillBytes(make([]byte, c.Size())) }
		for _, bad := range [][]byte{make([]byte, c.Size()), number(0), number(1), bytes.Repeat([]byte{0xFF}, c.Size())} {
			_, err := NewPrivateKey(c, bad)
			wantCode(t, c.String(), err, CodeScalar)
		}
		for _, good := range [][]byte{number(-1), append(make([]byte, c.Size()-1), 1)} {
			if k, err := NewPrivateKey(c, good); err != nil || !bytes.Equal(k.Bytes(), good) || k.Curve() != c {
				t.Errorf("%s: %v", c, err)
			}
		}
		_, err := NewPrivateKey(c, make([]byte, c.Size()-1))
		wantCode(t, "short", err, CodeScalarLength)

		// What is no key is drawn again, and only so often.
		good := append(make([]byte, c.Size()-1), 7)
		k, err := Generate(c, io.MultiReader(bytes.NewReader(make([]byte, c.Size())), bytes.NewReader(good)))
		if err != nil || !bytes.Equal(k.Bytes(), good) {
			t.Errorf("%s: %v", c, err)
		}
		_, err = Generate(c, bytes.NewReader(make([]byte, c.Size()-1)))
		wantCode(t, "few bytes", err, CodeRandom)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("few bytes: %v", err)
		}
		_, err = Generate(c, zeros{})
		wantCode(t, "zeros", err, CodeRandom)
	}
	_, err := NewPrivateKey(0, make([]byte, 32))
	wantCode(t, "no curve", err, CodeCurve)
	_, err = Generate(0, zeros{})
	wantCode(t, "no curve", err, CodeCurve)

	var none PrivateKey
	_, err = none.Public()
	wantCode(t, "Public", err, CodeScalar)
	wantCode(t, "MakeCanonical", none.MakeCanonical(), CodeScalar)
	_, g := newKey(t, P256, seeded("g"))
	_, err = none.ECDH(nil, &g)
	wantCode(t, "ECDH", err, CodeScalar)
	k, _ := newKey(t, P521, seeded("k"))
	_, err = k.ECDH(nil, &g)
	wantCode(t, "ECDH of two curves", err, CodeCurve)
	_, err = k.ECDH(nil, &Point{})
	wantCode(t, "ECDH of no point", err, CodeCurve)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestECDHAgrees(t *testing.T) {
	for _, c := range curves {
		r := seeded("ecdh")
		for range 10 {
			a, qa := newKey(t, c, r)
			b, qb := newKey(t, c, r)
			z, err := a.ECDH([]byte("kept"), &qb)
			if err != nil {
				t.Fatal(err)
			}
			y, err := b.ECDH([]byte("kept"), &qa)
			if err != nil || !bytes.Equal(z, y) || len(z) != 4+c.Size() {
				t.Fatalf("%X, %X, %v", z, y, err)
			}
		}
	}
}

// TestSecretsMaskThemselves plants secrets in every type that holds one and looks for them in all that prints.
func TestSecretsMaskThemselves(t *testing.T) {
	secret := unhex(t, "A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")
	d, err := NewPrivateKey(P256, append(secret, secret...))
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	keys := SessionKeys{k, k}
	i, err := NewIntegrity(&k)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewConfidentiality(&k)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := NewChannel(&keys, Counter{}, Counter{})
	if err != nil {
		t.Fatal(err)
	}
	i.input = append(i.input, secret...)
	var out strings.Builder
	all := []any{d, &d, k, &k, keys, &keys, i, *i, c, *c, ch, *ch}
	for _, v := range all {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		j, err := json.Marshal(map[string]any{"k": v})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(j)
		slog.New(slog.NewTextHandler(&out, nil)).Info("key", "k", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "k", v)
	}
	text := strings.ToUpper(out.String())
	for _, s := range []string{"A1A2", "A1 A2", "A1, ", "0XA1", "161 162", "161,162", "OAKJP"} {
		if strings.Contains(text, s) {
			t.Errorf("%q shows in:\n%s", s, text)
		}
	}
	if n := strings.Count(out.String(), mask.KeyText); n < 11*len(all) {
		t.Errorf("the mask shows %d times", n)
	}
}

func TestWipe(t *testing.T) {
	d, q := newKey(t, P521, seeded("wipe"))
	b := d.Bytes()
	d.Wipe()
	if d != (PrivateKey{}) || !bytes.Equal(b, make([]byte, len(b))) {
		t.Error("a private key is left")
	}
	_ = q
	z := Key{size: 66}
	copy(z.bytes[:], bytes.Repeat([]byte{0xA5}, 66))
	var keys SessionKeys
	if err := DeriveSessionKeys(&keys, &z); err != nil {
		t.Fatal(err)
	}
	zb, cb, ib := z.Bytes(), keys.C.Bytes(), keys.I.Bytes()
	z.Wipe()
	keys.Wipe()
	for _, b := range [][]byte{zb, cb, ib} {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Error("a key is left")
		}
	}
	wantCode(t, "zero z", DeriveKD(&Key{}, &z), CodeKeyLength)
	wantCode(t, "zero z", DeriveSessionKeys(&keys, &z), CodeKeyLength)
	for n := range 40 {
		if _, err := NewKey(make([]byte, n)); (n == 16) != (err == nil) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, k := range []Key{{}, {size: 32}} {
		_, err := NewIntegrity(&k)
		wantCode(t, "NewIntegrity", err, CodeKeyLength)
		_, err = NewConfidentiality(&k)
		wantCode(t, "NewConfidentiality", err, CodeKeyLength)
	}
}

package ecc

import (
	"bytes"
	"math/big"
	"testing"
)

// TestBDH plays both sides, which share nothing but what goes over the air. Keys are taken as they come: with either y.
func TestBDH(t *testing.T) {
	for _, c := range curves {
		r := seeded("bdh " + c.String())
		seen := map[string]bool{}
		for range 10 {
			card, err := Generate(c, r)
			if err != nil {
				t.Fatal(err)
			}
			qc, err := card.Public()
			if err != nil {
				t.Fatal(err)
			}
			certified, err := FindPoint(c, qc.X()) // what the terminal finds in the certificate
			if err != nil {
				t.Fatal(err)
			}
			terminal, qt := newKey(t, c, r)
			factor, _ := newKey(t, c, r)

			blinded, err := Blind(nil, &factor, &qc)
			if err != nil {
				t.Fatal(err)
			}
			var zc, zt Key
			if err := CardSecret(&zc, &card, &factor, &qt); err != nil {
				t.Fatal(err)
			}
			if err := TerminalSecret(&zt, &terminal, blinded); err != nil {
				t.Fatal(err)
			}
			var kc, kt SessionKeys
			if err := DeriveSessionKeys(&kc, &zc); err != nil {
				t.Fatal(err)
			}
			if err := DeriveSessionKeys(&kt, &zt); err != nil {
				t.Fatal(err)
			}
			if zc != zt || kc != kt || kc.C == kc.I || seen[string(kc.C.Bytes())] || len(kc.C.Bytes()) != 16 {
				t.Fatal("the sides disagree")
			}
			seen[string(kc.C.Bytes())] = true
			if err := VerifyBlinding(&certified, &factor, blinded); err != nil {
				t.Fatal(err)
			}

			// Another card, another factor, another blinded key.
			_, other := newKey(t, c, r)
			wantCode(t, "other card", VerifyBlinding(&other, &factor, blinded), CodeBlinding)
			wantCode(t, "other factor", VerifyBlinding(&certified, &terminal, blinded), CodeBlinding)
			wantCode(t, "unblinded", VerifyBlinding(&certified, &factor, qc.X()), CodeBlinding)
			wantCode(t, "short", VerifyBlinding(&certified, &factor, blinded[1:]), CodeBlinding)
			blinded[3] ^= 1
			wantCode(t, "changed", VerifyBlinding(&certified, &factor, blinded), CodeBlinding)
			if err := TerminalSecret(&zt, &terminal, blinded); err == nil && zt == zc {
				t.Error("a changed key gives the same secret")
			}
		}
	}
}

func TestBDHRefuses(t *testing.T) {
	r := seeded("bdh refuses")
	d, q := newKey(t, P256, r)
	e, p := newKey(t, P521, r)
	var none PrivateKey
	var z Key
	wantCode(t, "no card", CardSecret(&z, &none, &d, &q), CodeScalar)
	wantCode(t, "no factor", CardSecret(&z, &d, &none, &q), CodeCurve)
	wantCode(t, "factor of another curve", CardSecret(&z, &d, &e, &q), CodeCurve)
	wantCode(t, "terminal of another curve", CardSecret(&z, &d, &d, &p), CodeCurve)
	wantCode(t, "no terminal", CardSecret(&z, &d, &d, &Point{}), CodeCurve)
	wantCode(t, "no key", TerminalSecret(&z, &none, q.X()), CodeScalar)
	wantCode(t, "short", TerminalSecret(&z, &d, q.X()[1:]), CodePointLength)
	wantCode(t, "other curve", TerminalSecret(&z, &d, p.X()), CodePointLength)
	wantCode(t, "not below p", TerminalSecret(&z, &d, bytes.Repeat([]byte{0xFF}, 32)), CodePoint)
	wantCode(t, "no card point", VerifyBlinding(&Point{}, &d, q.X()), CodeCurve)
	// Half of all numbers are the x of no point.
	refused, x := 0, new(big.Int).SetBytes(q.X())
	for range 64 {
		x.Add(x, big.NewInt(1))
		if TerminalSecret(&z, &d, x.FillBytes(make([]byte, 32))) != nil {
			refused++
		}
	}
	if refused < 16 || refused > 48 {
		t.Errorf("%d of 64 refused", refused)
	}
	var own Key
	if err := CardSecret(&own, &d, &d, &q); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "refusal", CardSecret(&own, &d, &d, &p), CodeCurve)
	if own != (Key{}) {
		t.Error("a refusal left a secret")
	}
	// KD over its own secret.
	z = Key{size: 16}
	kd := z
	var want Key
	if DeriveKD(&want, &z) != nil || DeriveKD(&kd, &kd) != nil || kd != want {
		t.Error("DeriveKD in place")
	}
}

func BenchmarkBDH(b *testing.B) {
	r := seeded("bench")
	card, qc := newKey(b, P256, r)
	factor, _ := newKey(b, P256, r)
	terminal, qt := newKey(b, P256, r)
	blinded, err := Blind(nil, &factor, &qc)
	if err != nil {
		b.Fatal(err)
	}
	var z Key
	var keys SessionKeys
	b.Run("card", func(b *testing.B) {
		b.ReportAllocs()
		var out [32]byte
		for b.Loop() {
			if _, err := Blind(out[:0], &factor, &qc); err != nil {
				b.Fatal(err)
			}
			if err := CardSecret(&z, &card, &factor, &qt); err != nil {
				b.Fatal(err)
			}
			if err := DeriveSessionKeys(&keys, &z); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("terminal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			own, err := Generate(P256, r)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := own.Public(); err != nil {
				b.Fatal(err)
			}
			if err := TerminalSecret(&z, &terminal, blinded); err != nil {
				b.Fatal(err)
			}
			if err := DeriveSessionKeys(&keys, &z); err != nil {
				b.Fatal(err)
			}
			if err := VerifyBlinding(&qc, &factor, blinded); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package ecc

import (
	"bytes"
	"math/big"
	"slices"
	"testing"
)

func TestECSDSA(t *testing.T) {
	for _, c := range curves {
		r := seeded("ecsdsa " + c.String())
		d, q := newKey(t, c, r)
		message := []byte("what is signed")
		s, err := d.Sign([]byte("kept"), r, message[:4], nil, message[4:])
		if err != nil || string(s[:4]) != "kept" {
			t.Fatal(err)
		}
		s = s[4:]
		if err := Verify(&q, s, message); err != nil {
			t.Fatal(err)
		}
		again, err := d.Sign(nil, r, message)
		if err != nil || bytes.Equal(again, s) {
			t.Errorf("two signatures with one number, %v", err)
		}

		// Any bit of the signature or the message, and any other key.
		for i := range 8 * len(s) {
			bad := slices.Clone(s)
			bad[i/8] ^= 1 << (i % 8)
			if c == P521 && i%5 != 0 {
				continue // P-521 takes its time
			}
			if Verify(&q, bad, message) == nil {
				t.Errorf("%s: bit %d of the signature does not matter", c, i)
			}
		}
		for i := range 8 * len(message) {
			bad := slices.Clone(message)
			bad[i/8] ^= 1 << (i % 8)
			wantCode(t, "message", Verify(&q, s, bad), CodeSignature)
		}
		wantCode(t, "longer message", Verify(&q, s, message, []byte{0}), CodeSignature)
		_, other := newKey(t, c, r)
		wantCode(t, "other key", Verify(&other, s, message), CodeSignature)
		minus := q.negative()
		wantCode(t, "the key with the other y", Verify(&minus, s, message), CodeSignature)
	}
}

func TestECSDSARefuses(t *testing.T) {
	for _, c := range curves {
		r := seeded("refuses " + c.String())
		d, q := newKey(t, c, r)
		message := []byte("what is signed")
		good, err := d.Sign(nil, r, message)
		if err != nil {
			t.Fatal(err)
		}
		n := c.elliptic().Params().N
		with := func(r, s *big.Int) []byte {
			b := slices.Clone(good)
			if r != nil {
				r.FillBytes(b[:c.HashSize()])
			}
			if s != nil {
				s.FillBytes(b[c.HashSize():])
			}
			return b
		}
		s := new(big.Int).SetBytes(good[c.HashSize():])
		wantCode(t, "r = 0", Verify(&q, with(new(big.Int), nil), message), CodeSignatureR)
		if c == P256 {
			wantCode(t, "r = n", Verify(&q, with(n, nil), message), CodeSignatureR)
		}
		wantCode(t, "s = 0", Verify(&q, with(nil, new(big.Int)), message), CodeSignatureS)
		wantCode(t, "s = n", Verify(&q, with(nil, n), message), CodeSignatureS)
		most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*c.Size())), big.NewInt(1))
		wantCode(t, "s of ones", Verify(&q, with(nil, most), message), CodeSignatureS)
		if more := new(big.Int).Add(s, n); more.Cmp(most) <= 0 {
			wantCode(t, "s + n", Verify(&q, with(nil, more), message), CodeSignatureS)
		}
		// s = r·d: W is the point at infinity.
		x := new(big.Int).SetBytes(d.Bytes())
		x.Mul(x, big.NewInt(5)).Mod(x, n)
		wantCode(t, "W at infinity", Verify(&q, with(big.NewInt(5), x), message), CodeSignature)

		for _, b := range [][]byte{nil, good[:len(good)-1], append(slices.Clone(good), 0)} {
			wantCode(t, "length", Verify(&q, b, message), CodeSignatureLength)
		}
		wantCode(t, "zero Point", Verify(&Point{}, good, message), CodeCurve)

		_, err = d.Sign(nil, zeros{}, message)
		wantCode(t, "no randomness", err, CodeRandom)
		var none PrivateKey
		_, err = none.Sign(nil, r, message)
		wantCode(t, "zero PrivateKey", err, CodeScalar)
		_, err = none.SignOnce(nil, &d, message)
		wantCode(t, "zero PrivateKey", err, CodeScalar)
		_, err = d.SignOnce(nil, &none, message)
		wantCode(t, "zero number", err, CodeCurve)
	}
}

func FuzzVerify(f *testing.F) {
	keys := map[bool]Point{}
	signers := map[bool]PrivateKey{}
	for _, c := range curves {
		d, q := newKey(f, c, seeded("fuzz"))
		keys[c == P521], signers[c == P521] = q, d
		for _, m := range []string{"", "what is signed"} {
			s, err := d.Sign(nil, seeded(m), []byte(m))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(c == P521, s, []byte(m))
			f.Add(c == P521, make([]byte, len(s)), []byte(m))
		}
	}
	f.Fuzz(func(t *testing.T, long bool, signature, message []byte) {
		q, d := keys[long], signers[long]
		if Verify(&q, signature, message) == nil {
			// W = (s - r·d)·G by the private key: the other way to the same hash.
			n := q.curve.elliptic().Params().N
			k := new(big.Int).SetBytes(signature[:q.curve.HashSize()])
			k.Mul(k, new(big.Int).SetBytes(d.Bytes()))
			k.Sub(new(big.Int).SetBytes(signature[q.curve.HashSize():]), k).Mod(k, n)
			once, err := NewPrivateKey(q.curve, k.FillBytes(make([]byte, q.curve.Size())))
			if err != nil {
				t.Fatal(err)
			}
			if again, err := d.SignOnce(nil, &once, message); err != nil || !bytes.Equal(again, signature) {
				t.Fatal("a signature that the key did not make was accepted")
			}
		}
		once, err := Generate(q.curve, seeded("once"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.SignOnce(nil, &once, message)
		if err != nil || Verify(&q, s, message) != nil {
			t.Fatal("a good signature was refused")
		}
	})
}

func FuzzParsePoint(f *testing.F) {
	for _, c := range curves {
		_, q := newKey(f, c, seeded("fuzz"))
		b := q.Append(nil)
		f.Add(c == P521, b)
		f.Add(c == P521, b[:1+c.Size()])
		f.Add(c == P521, append([]byte{2}, q.X()...))
		f.Add(c == P521, []byte{0})
	}
	f.Fuzz(func(t *testing.T, long bool, b []byte) {
		c := P256
		if long {
			c = P521
		}
		p, err := ParsePoint(c, b)
		if err != nil {
			if p != (Point{}) {
				t.Fatal("a refusal left a point")
			}
			return
		}
		e := c.elliptic().Params()
		x, y := new(big.Int).SetBytes(p.X()), new(big.Int).SetBytes(p.Y())
		// y² = x³ - 3x + b
		left, right := new(big.Int).Mul(y, y), new(big.Int).Mul(x, x)
		right.Sub(right, big.NewInt(3)).Mul(right, x).Add(right, e.B)
		if left.Sub(left, right).Mod(left, e.P).Sign() != 0 || x.Cmp(e.P) >= 0 || y.Cmp(e.P) >= 0 {
			t.Fatal("a point off the curve was accepted")
		}
		if !bytes.HasPrefix(p.Append(nil)[1:], b[1:]) {
			t.Fatal("another point than was written")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, c := range curves {
		b.Run(c.String(), func(b *testing.B) {
			d, q := newKey(b, c, seeded("bench"))
			message := make([]byte, 53)
			s, err := d.Sign(nil, seeded("s"), message)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if Verify(&q, s, message) != nil {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	for _, c := range curves {
		b.Run(c.String(), func(b *testing.B) {
			r := seeded("bench")
			d, _ := newKey(b, c, r)
			var message [53]byte
			out := make([]byte, 0, c.SignatureSize())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Sign(out, r, message[:]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

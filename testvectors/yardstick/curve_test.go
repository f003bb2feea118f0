//go:build yardstick

package yardstick_test

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/crypto/ecc"
	"github.com/cardwright/emv/testvectors/yardstick"
)

// curveKey is a key pair on P-256 and its owner's randomness, the same in every run.
type curveKey struct {
	private ecc.PrivateKey
	public  ecc.Point
	random  *rand.ChaCha8
}

func newCurveKey(name string) *curveKey {
	var seed [32]byte
	copy(seed[:], name)
	k := &curveKey{random: rand.NewChaCha8(seed)}
	k.private = must(ecc.Generate(ecc.P256, k.random))
	check(k.private.MakeCanonical())
	k.public = must(k.private.Public())
	return k
}

// signed returns what is signed, with the signature behind it.
func (k *curveKey) signed(b []byte) []byte {
	return must(k.private.Sign(slices.Clone(b), k.random, b))
}

// orderP256 is n of P-256 (SP 800-186, 3.2.1.3).
var orderP256 = unhex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")

// verifyECSDSA verifies a signature of 53 bytes, as long as an issuer's certificate. The two scalars s and -r give the
// point whose x-coordinate is hashed with the message; OpenSSL has no hash in its turn.
func verifyECSDSA(t *testing.T) row {
	k := newCurveKey("verify")
	message := cryptoData[:53]
	signature := k.signed(message)[len(message):]
	f := func() { check(ecc.Verify(&k.public, signature, message)) }

	n, r := new(big.Int).SetBytes(orderP256), new(big.Int).SetBytes(signature[:32])
	minusR := r.Sub(n, r.Mod(r, n)).FillBytes(make([]byte, 32))
	scalars := slices.Concat(signature[32:], minusR)
	what := "ECSDSA verification, P-256 : s·G - r·Q"
	j, err := yardstick.NewJob(yardstick.TwoScalars, k.public.Append(nil), scalars)
	defer j.Free()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Run(1); err != nil {
		t.Fatal(err)
	}
	x := j.Result(32)
	if h := sha256.Sum256(slices.Concat(x, message)); !bytes.Equal(h[:], signature[:32]) {
		t.Fatal("OpenSSL's point is not that of the signature")
	}
	return against(t, what, f, yardstick.TwoScalars, k.public.Append(nil), scalars, x)
}

func agreeECDH(t *testing.T) row {
	own, other := newCurveKey("own"), newCurveKey("other")
	z := make([]byte, 0, 32)
	f := func() { z = must(own.private.ECDH(z[:0], &other.public)) }
	f()
	return against(t, "ECDH, P-256 : d·Q", f, yardstick.OneScalar, other.public.Append(nil), own.private.Bytes(), z)
}

// chainECC verifies an issuer and an ICC certificate of the formats of Book E, 8.8.7, all checks included.
func chainECC(*testing.T) row {
	ca, issuer, icc := newCurveKey("ca"), newCurveKey("issuer"), newCurveKey("icc")
	static := [][]byte{bytes.Repeat([]byte{0x5A}, 120)}
	hash := sha256.Sum256(static[0])
	today := capk.Date{0x26, 0x11, 0x30}
	key := capk.ECCKey{RID: capk.RID{0xA0, 0, 0, 0, 4}, Index: 0xE0, Suite: ecc.SuiteECSDSA, Point: ca.public}
	ofIssuer := cert.ECCIssuerData{
		Certificate: ca.signed(slices.Concat(unhex("120054133390FF"), []byte{byte(ecc.SuiteECSDSA)},
			unhex("20301231123456A000000004E0"), issuer.public.X())),
		PAN: unhex("5413339000001513"), Today: today,
	}
	ofICC := cert.ECCICCData{
		Certificate: issuer.signed(slices.Concat(unhex("1400"), []byte{byte(ecc.SuiteBDH)},
			unhex("2030123123599876543210000102"), hash[:], icc.public.X())),
		Today: today, Now: [2]byte{0x12, 0x00}, Static: static,
	}
	return timeOnly("ECC chain of two certificates, P-256", func() {
		i := must(cert.VerifyECCIssuer(&key, ofIssuer))
		must(cert.VerifyECCICC(&i.Key, ofICC))
	})
}

package cert

import (
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

func sha1Of(parts ...[]byte) []byte {
	sum := sha1.Sum(bytes.Join(parts, nil))
	return sum[:]
}

// TestAllKeySizes issues certificates for keys of every length that fits, with and without remainder.
func TestAllKeySizes(t *testing.T) {
	for _, e := range []int64{3, 65537} {
		ca := newSigner(t, "small", e)
		var v Verifier
		for n := 1; n <= ca.modulus; n++ {
			for _, exponent := range [][]byte{{3}, {1, 0, 1}} {
				subject := PublicKey{bytes.Repeat([]byte{0xC5}, n), exponent}
				issuer, err := v.Issuer(ca.capk(), issue(ca, subject))
				if err != nil || !equalKeys(issuer.Key, subject) {
					t.Fatalf("e=%d, issuer key of %d bytes: %v", e, n, err)
				}
				icc, err := v.ICC(ca.key, issueICC(ca, subject, []byte("static")))
				if err != nil || !equalKeys(icc.Key, subject) {
					t.Fatalf("e=%d, ICC key of %d bytes: %v", e, n, err)
				}
			}
		}
	}
}

// ddaChain is a card whose certificates have the sizes of the speed budget.
func ddaChain(t testing.TB, e int64) *chain {
	ca, issuer, icc := newSigner(t, "ca1984", e), newSigner(t, "issuer1408", e), newSigner(t, "icc1152", e)
	static := [][]byte{bytes.Repeat([]byte{0x5A}, 120), unhex("5980")}
	un := unhex("01020304")
	return &chain{
		ca: *ca.capk(), issuer: issue(ca, issuer.key), icc: issueICC(issuer, icc.key, static...),
		sdad: signSDAD(icc, FormatSDAD, unhex("081122334455667788"), un), dynamic: [][]byte{un},
	}
}

// TestNoAllocation: after its first use a Verifier does not allocate, whatever the outcome.
func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	failing := ddaChain(t, 3)
	failing.dynamic = [][]byte{unhex("01020305")}
	chains := map[string]*chain{
		"DDA, e = 3": ddaChain(t, 3), "DDA, e = 65537": ddaChain(t, 65537), "DDA that fails": failing,
		"visa_fdda": readRecording(t, "visa_fdda"), "mastercard_cda": readRecording(t, "mastercard_cda"),
	}
	for name, c := range chains {
		var v Verifier
		if err := c.verify(&v); (err == nil) != (c != failing) {
			t.Fatalf("%s: %v", name, err)
		}
		if n := testing.AllocsPerRun(100, func() { _ = c.verify(&v) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		if n := testing.AllocsPerRun(100, func() { v.Wipe(); _ = c.verify(&v) }); n != 0 {
			t.Errorf("%s after Wipe: %v allocations", name, n)
		}
	}
}

// TestKeysSurvive: the keys of one chain are good while others are recovered.
func TestKeysSurvive(t *testing.T) {
	ca, issuer, icc := newSigner(t, "ca1984", 3), newSigner(t, "issuer1408", 3), newSigner(t, "icc1152", 3)
	pin := newSigner(t, "small", 3)
	var v Verifier
	i, err := v.Issuer(ca.capk(), issue(ca, issuer.key))
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.ICC(i.Key, issueICC(issuer, icc.key))
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.PINKey(i.Key, issueICC(issuer, pin.key))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.SSAD(i.Key, signSSAD(issuer, FormatSSAD), FormatSSAD, nil); err != nil {
		t.Fatal(err)
	}
	if !equalKeys(i.Key, issuer.key) || !equalKeys(c.Key, icc.key) || !equalKeys(p.Key, pin.key) {
		t.Error("a key was written over")
	}
	v.Wipe()
	for name, b := range map[string][]byte{"block": v.block[:], "issuer": i.Key.Modulus, "icc": c.Key.Modulus, "pin": p.Key.Modulus} {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("%s is not wiped", name)
		}
	}
	for _, x := range []*big.Int{&v.signature, &v.product, &v.quotient, &v.modulus, &v.result} {
		words := x.Bits()
		for _, w := range words[:cap(words)] {
			if w != 0 {
				t.Error("arithmetic is not wiped")
			}
		}
	}
}

func TestPANIsMasked(t *testing.T) {
	c := ICCCertificate{PAN: PAN(unhex("4761739001010119FFFF"))}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %x %d", c, c, c, c, c) + fmt.Sprintf("%s %q", c.PAN, c.PAN) + string(data) + c.PAN.LogValue().String()
	for _, secret := range []string{"4761739001010119", "476173900101", "3437363137333930", "[71 97 115", "0x47"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	for number, want := range map[string]string{
		"4761739001010119FFFF": "476173******0119", "4761739001010119123F": "476173*********9123",
		"476173FFFFFFFFFFFFFF": "******", "FFFFFFFFFFFFFFFFFFFF": "", "4A61739001010119FFFF": "****************",
	} {
		if got := PAN(unhex(number)).String(); got != want {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
}

func benchmarkChain(b *testing.B, c *chain) {
	var v Verifier
	b.ReportAllocs()
	for b.Loop() {
		if err := c.verify(&v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDDAChain(b *testing.B)      { benchmarkChain(b, ddaChain(b, 3)) }
func BenchmarkDDAChain65537(b *testing.B) { benchmarkChain(b, ddaChain(b, 65537)) }
func BenchmarkVisaFDDA(b *testing.B)      { benchmarkChain(b, readRecording(b, "visa_fdda")) }
func BenchmarkMastercardCDA(b *testing.B) { benchmarkChain(b, readRecording(b, "mastercard_cda")) }

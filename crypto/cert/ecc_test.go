package cert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/ecc"
)

// eccSide is one who signs: its key, and what a verifier knows of it.
type eccSide struct {
	private ecc.PrivateKey
	key     ECCPublicKey
	random  *rand.ChaCha8
}

func newECCSide(t testing.TB, suite ecc.Suite, name string) *eccSide {
	t.Helper()
	var seed [32]byte
	copy(seed[:], name)
	s := &eccSide{random: rand.NewChaCha8(seed)}
	c, err := suite.Curve()
	if err != nil {
		t.Fatal(err)
	}
	if s.private, err = ecc.Generate(c, s.random); err != nil {
		t.Fatal(err)
	}
	if err := s.private.MakeCanonical(); err != nil {
		t.Fatal(err)
	}
	s.key.Suite = suite
	if s.key.Point, err = s.private.Public(); err != nil {
		t.Fatal(err)
	}
	return s
}

// sign returns a certificate: what is signed, and the signature.
func (s *eccSide) sign(t testing.TB, signed []byte) []byte {
	t.Helper()
	b, err := s.private.Sign(slices.Clone(signed), s.random, signed)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *eccSide) capk() *capk.ECCKey {
	return &capk.ECCKey{RID: capk.RID(unhex("A000000004")), Index: 0xE0, Suite: s.key.Suite, Point: s.key.Point}
}

// eccChain is a CA, an issuer and an ICC, with what their certificates hold.
type eccChain struct {
	ca, issuer, icc *eccSide
	issuerSigned    []byte
	iccSigned       []byte
	static          [][]byte
}

var (
	eccPAN   = unhex("5413339000001513")
	eccDay   = capk.Date{0x30, 0x12, 0x31}
	eccClock = [2]byte{0x23, 0x59}
)

func newECCChain(t testing.TB, ca, issuer, icc ecc.Suite) *eccChain {
	t.Helper()
	c := &eccChain{
		ca: newECCSide(t, ca, "ca"), issuer: newECCSide(t, issuer, "issuer"), icc: newECCSide(t, icc, "icc"),
		static: [][]byte{[]byte("records"), []byte("and AIP")},
	}
	hash := sha256.Sum256(slices.Concat(c.static...))
	c.issuerSigned = slices.Concat(unhex("12 00 54133390FF"), []byte{byte(issuer)}, unhex("20301231 123456 A000000004 E0"),
		c.issuer.key.Point.X())
	c.iccSigned = slices.Concat(unhex("14 00"), []byte{byte(icc)}, unhex("20301231 2359 987654321000 01 02"), hash[:],
		c.icc.key.Point.X())
	return c
}

func (c *eccChain) issuerData(t testing.TB) ECCIssuerData {
	return ECCIssuerData{Certificate: c.ca.sign(t, c.issuerSigned), PAN: eccPAN, Today: eccDay}
}

func (c *eccChain) iccData(t testing.TB) ECCICCData {
	return ECCICCData{Certificate: c.issuer.sign(t, c.iccSigned), Today: eccDay, Now: eccClock, Static: c.static}
}

func TestECCChain(t *testing.T) {
	signs := []ecc.Suite{ecc.SuiteECSDSA, ecc.SuiteP521}
	for _, ca := range signs {
		for _, issuer := range signs {
			for _, icc := range append(slices.Clone(signs), ecc.SuiteBDH) {
				c := newECCChain(t, ca, issuer, icc)
				i, err := VerifyECCIssuer(c.ca.capk(), c.issuerData(t))
				if err != nil || i.Key != c.issuer.key || i.Serial != [3]byte{0x12, 0x34, 0x56} || i.Index != 0xE0 {
					t.Fatalf("issuer: %v", err)
				}
				v, err := VerifyECCICC(&i.Key, c.iccData(t))
				if err != nil || v.Key != c.icc.key || v.Serial != [6]byte(unhex("987654321000")) || v.ExpiryTime != eccClock {
					t.Fatalf("ICC: %v", err)
				}
			}
		}
	}
}

// TestECCWorkedExamples verifies the two certificates that Book E, 8.8.7 has as examples. The static data of the second
// are not public: everything before their hash must be right.
func TestECCWorkedExamples(t *testing.T) {
	raw, err := os.ReadFile("../ecc/testdata/known.json")
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Cases []struct {
			ID    string
			Given struct{ Inputs map[string]string }
			Want  struct{ Outputs map[string]string }
		}
	}
	if err := json.Unmarshal(raw, &suite); err != nil {
		t.Fatal(err)
	}
	certificates := map[string][]byte{}
	keys := map[string]ecc.Point{}
	for _, c := range suite.Cases {
		if !strings.HasPrefix(c.ID, "ecsdsa_booke_example") {
			continue
		}
		x := unhex(c.Given.Inputs["public_key_x"])
		curve, err := ecc.CurveOf(len(x))
		if err != nil {
			t.Fatal(err)
		}
		if keys[c.ID], err = ecc.FindPoint(curve, x); err != nil {
			t.Fatal(err)
		}
		certificates[c.ID] = append(unhex(c.Given.Inputs["message"]), unhex(c.Want.Outputs["signature_r_s"])...)
	}
	if len(keys) != 2 {
		t.Fatalf("%d examples", len(keys))
	}
	ca := &capk.ECCKey{
		RID: capk.RID(unhex("A000000004")), Index: 0xE0, Suite: ecc.SuiteECSDSA, Point: keys["ecsdsa_booke_example256_issuer"],
	}
	i, err := VerifyECCIssuer(ca, ECCIssuerData{
		Certificate: certificates["ecsdsa_booke_example256_issuer"], PAN: eccPAN, Today: eccDay,
	})
	if err != nil || !strings.EqualFold(hex.EncodeToString(i.X), "CD7400578B1164FEA954658C763C5A94FB3514FA89DB5B3B447AE8F4D5DF870A") ||
		i.Expiry != [4]byte{0x20, 0x30, 0x12, 0x31} || i.Suite != ecc.SuiteECSDSA || i.RID != ca.RID {
		t.Errorf("issuer: %+v, %v", i, err)
	}
	issuer := ECCPublicKey{ecc.SuiteP521, keys["ecsdsa_booke_example521_icc"]}
	d := ECCICCData{
		Certificate: certificates["ecsdsa_booke_example521_icc"], Today: capk.Date{0x29, 0x12, 0x31}, Now: [2]byte{0x23, 0x59},
	}
	_, err = VerifyECCICC(&issuer, d)
	if err != CodeECCICCStaticHash {
		t.Errorf("ICC: %v", err)
	}
	c, err := ParseECCICC(d.Certificate)
	if err != nil || c.Suite != ecc.SuiteBDH || len(c.X) != 32 || len(c.Signature) != 130 || c.Expiry != [4]byte{0x20, 0x29, 0x12, 0x31} {
		t.Errorf("ICC: %+v, %v", c, err)
	}
	if _, err := ecc.FindPoint(ecc.P256, c.X); err != nil {
		t.Errorf("ICC key: %v", err)
	}
	d.Today = capk.Date{0x30, 0x01, 0x01}
	if _, err := VerifyECCICC(&issuer, d); err != CodeECCICCExpired {
		t.Errorf("ICC, a day later: %v", err)
	}
}

// TestECCBits changes each bit of each certificate, and each byte of what is verified beside it.
func TestECCBits(t *testing.T) {
	c := newECCChain(t, ecc.SuiteECSDSA, ecc.SuiteECSDSA, ecc.SuiteBDH)
	issuer, icc := c.issuerData(t), c.iccData(t)
	for bit := range 8 * len(issuer.Certificate) {
		d := issuer
		d.Certificate = slices.Clone(issuer.Certificate)
		d.Certificate[bit/8] ^= 1 << (bit % 8)
		_, err := VerifyECCIssuer(c.ca.capk(), d)
		knownECCCode(t, err)
	}
	for bit := range 8 * len(icc.Certificate) {
		d := icc
		d.Certificate = slices.Clone(icc.Certificate)
		d.Certificate[bit/8] ^= 1 << (bit % 8)
		_, err := VerifyECCICC(&c.issuer.key, d)
		knownECCCode(t, err)
	}
	for i := range c.static {
		for j := range c.static[i] {
			d := icc
			d.Static = [][]byte{slices.Clone(c.static[0]), slices.Clone(c.static[1])}
			d.Static[i][j] ^= 1
			if _, err := VerifyECCICC(&c.issuer.key, d); err != CodeECCICCStaticHash {
				t.Errorf("static data: %v", err)
			}
		}
	}
	for n := range issuer.Certificate {
		d := issuer
		d.Certificate = issuer.Certificate[:n]
		if _, err := VerifyECCIssuer(c.ca.capk(), d); err != CodeECCIssuerLength {
			t.Errorf("issuer, %d bytes: %v", n, err)
		}
	}
	for n := range icc.Certificate {
		d := icc
		d.Certificate = icc.Certificate[:n]
		if _, err := VerifyECCICC(&c.issuer.key, d); err != CodeECCICCLength {
			t.Errorf("ICC, %d bytes: %v", n, err)
		}
	}
}

// FuzzECCIssuer signs what it is given, so that the bytes reach every check.
func FuzzECCIssuer(f *testing.F) {
	c := newECCChain(f, ecc.SuiteECSDSA, ecc.SuiteECSDSA, ecc.SuiteBDH)
	long := newECCChain(f, ecc.SuiteECSDSA, ecc.SuiteP521, ecc.SuiteBDH)
	f.Add(c.issuerSigned, eccPAN, true)
	f.Add(long.issuerSigned, eccPAN, true)
	f.Add(c.issuerData(f).Certificate, eccPAN, false)
	f.Fuzz(func(t *testing.T, b, pan []byte, sealed bool) {
		if sealed {
			b = c.ca.sign(t, b)
		}
		i, err := VerifyECCIssuer(c.ca.capk(), ECCIssuerData{Certificate: b, PAN: pan, Today: eccDay})
		if err != nil {
			knownECCCode(t, err)
			return
		}
		if !bytes.Equal(slices.Concat(i.Signed, i.Signature), b) || !bytes.HasSuffix(i.Signed, i.Key.Point.X()) ||
			!i.Key.Point.Canonical() || ecc.Verify(&c.ca.key.Point, i.Signature, i.Signed) != nil {
			t.Fatal("a certificate that is not right was accepted")
		}
	})
}

// FuzzECCICC signs what it is given, so that the bytes reach every check.
func FuzzECCICC(f *testing.F) {
	c := newECCChain(f, ecc.SuiteECSDSA, ecc.SuiteECSDSA, ecc.SuiteBDH)
	f.Add(c.iccSigned, slices.Concat(c.static...), true)
	f.Add(c.iccData(f).Certificate, []byte{}, false)
	f.Fuzz(func(t *testing.T, b, static []byte, sealed bool) {
		if sealed {
			b = c.issuer.sign(t, b)
		}
		i, err := VerifyECCICC(&c.issuer.key, ECCICCData{b, eccDay, eccClock, [][]byte{static}})
		if err != nil {
			knownECCCode(t, err)
			return
		}
		if sum := sha256.Sum256(static); !bytes.Equal(i.StaticHash, sum[:]) || !bytes.HasSuffix(i.Signed, i.Key.Point.X()) {
			t.Fatal("a certificate that is not right was accepted")
		}
	})
}

func BenchmarkECCChain(b *testing.B) {
	for _, s := range []ecc.Suite{ecc.SuiteECSDSA, ecc.SuiteP521} {
		curve, err := s.Curve()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(curve.String(), func(b *testing.B) {
			c := newECCChain(b, s, s, ecc.SuiteBDH)
			ca, issuer, icc := c.ca.capk(), c.issuerData(b), c.iccData(b)
			b.ReportAllocs()
			for b.Loop() {
				i, err := VerifyECCIssuer(ca, issuer)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := VerifyECCICC(&i.Key, icc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

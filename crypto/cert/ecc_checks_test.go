package cert

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/ecc"
)

// TestECCIssuerChecks has a certificate, well signed, for every check.
func TestECCIssuerChecks(t *testing.T) {
	c := newECCChain(t, ecc.SuiteECSDSA, ecc.SuiteECSDSA, ecc.SuiteBDH)
	list := capk.NewRevocationList(capk.Revocation{RID: capk.RID(unhex("A000000004")), Index: 0xE0, Serial: [3]byte{0x12, 0x34, 0x56}})
	at := func(i int, v ...byte) func([]byte, *capk.ECCKey, *ECCIssuerData) {
		return func(b []byte, _ *capk.ECCKey, _ *ECCIssuerData) { copy(b[i:], v) }
	}
	seen := map[Code]bool{}
	for _, tt := range []struct {
		code   Code
		change func([]byte, *capk.ECCKey, *ECCIssuerData)
	}{
		{"", func([]byte, *capk.ECCKey, *ECCIssuerData) {}},
		{"", at(2, 0x54, 0x1F, 0xFF, 0xFF, 0xFF)},
		{"", at(2, 0x54, 0x13, 0x33, 0x90, 0x00)},
		{"", at(8, 0x99, 0x99, 0x12, 0x31)},
		{"", func(_ []byte, _ *capk.ECCKey, d *ECCIssuerData) { d.Today = capk.Date{0x99, 0x01, 0x01} }}, // 1999
		{CodeECCIssuerFormat, at(0, 0x14)},
		{CodeECCIssuerEncoding, at(1, 0x01)},
		{CodeECCIssuerSuite, at(7, 0x00)},
		{CodeECCIssuerSuite, at(7, 0x12)},
		{CodeECCIssuerLength, at(7, 0x11)},
		{CodeECCIssuerRID, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.RID[4] = 3 }},
		{CodeECCIssuerRID, at(19, 0x03)},
		{CodeECCIssuerIndex, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.Index++ }},
		{CodeECCIssuerIndex, at(20, 0xE1)},
		{CodeECCIssuerCAKey, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.Point = ecc.Point{} }},
		{CodeECCIssuerCAKey, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.Suite = ecc.SuiteBDH }},
		{CodeECCIssuerCAKey, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.Suite = 0x55 }},
		{CodeECCIssuerLength, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) {
			*ca = *newECCSide(t, ecc.SuiteP521, "long").capk()
		}},
		{CodeECCIssuerSignature, func(_ []byte, ca *capk.ECCKey, _ *ECCIssuerData) { ca.Point = c.issuer.key.Point }},
		{CodeECCIssuerIdentifier, func(_ []byte, _ *capk.ECCKey, d *ECCIssuerData) { d.PAN = unhex("5413339100001513") }},
		{CodeECCIssuerIdentifier, func(_ []byte, _ *capk.ECCKey, d *ECCIssuerData) { d.PAN = nil }},
		{CodeECCIssuerIdentifier, at(2, 0x54, 0xFF, 0xFF, 0xFF, 0xFF)},
		{CodeECCIssuerIdentifier, at(2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)},
		{CodeECCIssuerIdentifier, at(2, 0x54, 0x1F, 0x33, 0xFF, 0xFF)},
		{CodeECCIssuerIdentifier, at(2, 0x54, 0x1A, 0xFF, 0xFF, 0xFF)},
		{CodeToday, func(_ []byte, _ *capk.ECCKey, d *ECCIssuerData) { d.Today = capk.Date{} }},
		{CodeECCIssuerDate, at(8, 0x20, 0x30, 0x13, 0x31)},
		{CodeECCIssuerDate, at(8, 0x20, 0x30, 0x12, 0x32)},
		{CodeECCIssuerDate, at(8, 0x2A, 0x30, 0x12, 0x31)},
		{CodeECCIssuerDate, at(8, 0xA0, 0x30, 0x12, 0x31)},
		{CodeECCIssuerExpired, at(8, 0x20, 0x30, 0x12, 0x30)},
		{CodeECCIssuerExpired, at(8, 0x19, 0x99, 0x12, 0x31)},
		{CodeECCIssuerRevoked, func(_ []byte, _ *capk.ECCKey, d *ECCIssuerData) { d.Revoked = list }},
		{CodeECCIssuerPoint, at(21, bytes.Repeat([]byte{0xFF}, 32)...)},
	} {
		b, ca, d := slices.Clone(c.issuerSigned), c.ca.capk(), c.issuerData(t)
		tt.change(b, ca, &d)
		d.Certificate = c.ca.sign(t, b)
		_, err := VerifyECCIssuer(ca, d)
		if tt.code == "" && err != nil || tt.code != "" && err != tt.code {
			t.Errorf("%v, want %s", err, tt.code)
		}
		seen[tt.code] = true
	}
	allSeen(t, seen, "cert.ecc_issuer.")
}

// TestECCICCChecks has a certificate, well signed, for every check.
func TestECCICCChecks(t *testing.T) {
	c := newECCChain(t, ecc.SuiteECSDSA, ecc.SuiteECSDSA, ecc.SuiteBDH)
	at := func(i int, v ...byte) func([]byte, *ECCPublicKey, *ECCICCData) {
		return func(b []byte, _ *ECCPublicKey, _ *ECCICCData) { copy(b[i:], v) }
	}
	seen := map[Code]bool{}
	for _, tt := range []struct {
		code   Code
		change func([]byte, *ECCPublicKey, *ECCICCData)
	}{
		{"", func([]byte, *ECCPublicKey, *ECCICCData) {}},
		{"", at(2, 0x10)},
		{"", func(_ []byte, _ *ECCPublicKey, d *ECCICCData) { d.Static = [][]byte{slices.Concat(c.static...)} }},
		{CodeECCICCFormat, at(0, 0x12)},
		{CodeECCICCEncoding, at(1, 0x80)},
		{CodeECCICCSuite, at(2, 0x01)},
		{CodeECCICCLength, at(2, 0x11)},
		{CodeECCICCHashEncoding, at(15, 0x00)},
		{CodeECCICCHashAlgorithm, at(16, 0x01)},
		{CodeECCICCIssuerKey, func(_ []byte, k *ECCPublicKey, _ *ECCICCData) { k.Suite = ecc.SuiteBDH }},
		{CodeECCICCIssuerKey, func(_ []byte, k *ECCPublicKey, _ *ECCICCData) { k.Suite = ecc.SuiteP521 }},
		{CodeECCICCIssuerKey, func(_ []byte, k *ECCPublicKey, _ *ECCICCData) { *k = ECCPublicKey{} }},
		{CodeECCICCLength, func(_ []byte, k *ECCPublicKey, _ *ECCICCData) { *k = newECCSide(t, ecc.SuiteP521, "long").key }},
		{CodeECCICCSignature, func(_ []byte, k *ECCPublicKey, _ *ECCICCData) { *k = c.ca.key }},
		{CodeToday, func(_ []byte, _ *ECCPublicKey, d *ECCICCData) { d.Today[1] = 0 }},
		{CodeToday, func(_ []byte, _ *ECCPublicKey, d *ECCICCData) { d.Now = [2]byte{0x24, 0x00} }},
		{CodeECCICCDate, at(3, 0x20, 0x30, 0x00, 0x31)},
		{CodeECCICCDate, at(7, 0x23, 0x60)},
		{CodeECCICCDate, at(7, 0x1A, 0x00)},
		{CodeECCICCExpired, at(3, 0x20, 0x30, 0x12, 0x30)},
		{CodeECCICCExpired, at(7, 0x23, 0x58)},
		{CodeECCICCStaticHash, func(_ []byte, _ *ECCPublicKey, d *ECCICCData) { d.Static = nil }},
		{CodeECCICCPoint, at(49, bytes.Repeat([]byte{0xFF}, 32)...)},
	} {
		b, k, d := slices.Clone(c.iccSigned), c.issuer.key, c.iccData(t)
		tt.change(b, &k, &d)
		d.Certificate = c.issuer.sign(t, b)
		_, err := VerifyECCICC(&k, d)
		if tt.code == "" && err != nil || tt.code != "" && err != tt.code {
			t.Errorf("%v, want %s", err, tt.code)
		}
		seen[tt.code] = true
	}
	allSeen(t, seen, "cert.ecc_icc.")
}

func allSeen(t *testing.T, seen map[Code]bool, prefix string) {
	t.Helper()
	for _, c := range ECCCodes() {
		if strings.HasPrefix(string(c), prefix) && !seen[c] {
			t.Errorf("nothing fails with %s", c)
		}
	}
}

func knownECCCode(t *testing.T, err error) {
	t.Helper()
	var c Code
	if !errors.As(err, &c) || c != CodeToday && !slices.Contains(ECCCodes(), c) {
		t.Fatalf("error %v", err)
	}
}

// TestECCCodesAreComplete holds the constants and their descriptions together.
func TestECCCodesAreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "ecc_codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Code") {
			constants++
		}
		return true
	})
	seen := map[Code]bool{}
	for _, c := range ECCCodes() {
		if seen[c] || c.Ref() == "" || !strings.HasPrefix(c.Error(), string(c)+": ") || slices.Contains(Codes(), c) {
			t.Errorf("%s: %v", c, c.Error())
		}
		seen[c] = true
	}
	if len(seen) != constants || constants == 0 {
		t.Errorf("%d codes described, %d declared", len(seen), constants)
	}
}

package cert

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
)

// A checkCase makes an object that violates one check of the book and no other. before changes the block before its
// hash is computed, after does so afterwards.
type checkCase[D any] struct {
	want   Code
	before func(block []byte)
	after  func(block []byte)
	data   func(d *D)
}

func set(at int, b ...byte) func([]byte) { return func(block []byte) { copy(block[at:], b) } }

// last sets the byte i places before the end of a block.
func last(i int, b byte) func([]byte) { return func(block []byte) { block[len(block)-1-i] = b } }

func TestIssuerChecks(t *testing.T) {
	ca := newSigner(t, "ca1408", 3)
	subject := newSigner(t, "issuer1408", 3).key // 176 bytes: a remainder of 36
	revoked := capk.NewRevocationList(capk.Revocation{RID: ca.capk().RID, Index: 0x99, Serial: [3]byte{0x0A, 0x0B, 0x0C}})
	other := capk.NewRevocationList(capk.Revocation{RID: ca.capk().RID, Index: 0x98, Serial: [3]byte{0x0A, 0x0B, 0x0C}})
	type D = IssuerData
	for _, tt := range []checkCase[D]{
		{},
		{data: func(d *D) { d.Revoked = other }},
		{data: func(d *D) { d.PAN = unhex("476173FFFFFF") }},
		{before: set(2, 0x47, 0x6F, 0xFF, 0xFF)}, // three digits
		{before: set(2, 0x47, 0x61, 0x73, 0x90)}, // eight
		{before: set(6, 0x11, 0x26)},             // the last day of its month is today
		{before: set(6, 0x12, 0x49)},             // 2049
		{want: CodeIssuerLength, data: func(d *D) { d.Certificate = d.Certificate[1:] }},
		{want: CodeIssuerLength, data: func(d *D) { d.Certificate = append(d.Certificate, 0) }},
		{want: CodeIssuerLength, data: func(d *D) { d.Certificate = nil }},
		{want: CodeIssuerTrailer, after: last(0, 0xBB)},
		{want: CodeIssuerHeader, after: set(0, 0x6B)},
		{want: CodeIssuerFormat, before: set(1, 0x04)},
		{want: CodeIssuerRemainderMissing, data: func(d *D) { d.Remainder = nil }},
		{want: CodeIssuerHashAlgorithm, before: set(11, 0x02)},
		{want: CodeIssuerHash, after: last(20, 0x00)},
		{want: CodeIssuerHash, after: set(3, 0x00)},
		{want: CodeIssuerHash, data: func(d *D) { d.Remainder = bytes.Repeat([]byte{1}, 36) }},
		{want: CodeIssuerHash, data: func(d *D) { d.Exponent = []byte{1, 0, 1} }},
		{want: CodeIssuerIdentifier, data: func(d *D) { d.PAN = unhex("4761749001010119") }},
		{want: CodeIssuerIdentifier, data: func(d *D) { d.PAN = unhex("47617F") }},
		{want: CodeIssuerIdentifier, data: func(d *D) { d.PAN = nil }},
		{want: CodeIssuerIdentifier, before: set(2, 0x47, 0xFF, 0xFF, 0xFF)}, // two digits
		{want: CodeIssuerIdentifier, before: set(2, 0xFF, 0xFF, 0xFF, 0xFF)}, // none
		{want: CodeIssuerIdentifier, before: set(2, 0x47, 0x61, 0xFF, 0x90)}, // a digit after padding
		{want: CodeIssuerIdentifier, before: set(2, 0x47, 0x6A, 0xFF, 0xFF), data: func(d *D) { d.PAN = unhex("476A73") }},
		{want: CodeIssuerDate, before: set(6, 0x13, 0x27)},
		{want: CodeIssuerDate, before: set(6, 0x00, 0x27)},
		{want: CodeIssuerDate, before: set(6, 0x0A, 0x27)},
		{want: CodeIssuerDate, before: set(6, 0x11, 0xA7)},
		{want: CodeIssuerExpired, before: set(6, 0x10, 0x26)},
		{want: CodeIssuerExpired, before: set(6, 0x12, 0x25)},
		{want: CodeIssuerExpired, before: set(6, 0x12, 0x50)}, // 1950
		{want: CodeToday, data: func(d *D) { d.Today = capk.Date{} }},
		{want: CodeIssuerRevoked, data: func(d *D) { d.Revoked = revoked }},
		{want: CodeIssuerAlgorithm, before: set(12, 0x02)},
		{want: CodeIssuerKeyLength, before: set(13, 0)},
		{want: CodeIssuerKeyLength, before: set(13, 177)},
		{want: CodeIssuerRemainderLength, before: set(13, 175)},
		{want: CodeIssuerRemainderLength, before: set(13, 140)}, // fits, and there is a remainder all the same
		{want: CodeIssuerExponent, before: set(14, 3)},
	} {
		block, d := issuerBlock(ca.modulus, subject)
		err := runCase(tt, block, [][]byte{d.Remainder, d.Exponent}, func(block []byte) error {
			if d.Certificate = ca.sign(block); tt.data != nil {
				tt.data(&d)
			}
			var v Verifier
			issuer, err := v.Issuer(ca.capk(), d)
			if err == nil && !equalKeys(issuer.Key, subject) {
				return errors.New("another key")
			}
			return err
		})
		wantCode(t, "issuer", err, tt.want)
	}
	// An exponent that the certificate covers and that Book 2 does not allow.
	for _, e := range []string{"05", "02", "000003", "010003", "0103", ""} {
		d := issue(ca, PublicKey{subject.Modulus, unhex(e)})
		var v Verifier
		_, err := v.Issuer(ca.capk(), d)
		wantCode(t, "exponent "+e, err, CodeIssuerExponent)
	}
}

// TestICCChecks is for the ICC key and, with the same blocks and other codes, for the PIN encipherment key.
func TestICCChecks(t *testing.T) {
	issuer := newSigner(t, "issuer1408", 3)
	subject := newSigner(t, "icc1152", 3).key // 144 bytes: a remainder of 10
	static := [][]byte{unhex("5A0847617390"), unhex("01010119"), unhex("5980")}
	type D = ICCData
	for _, tt := range []checkCase[D]{
		{},
		{data: func(d *D) { d.PAN = unhex("4761739001010119FFFF") }},
		{before: set(12, 0x11, 0x26)},
		{want: CodeICCLength, data: func(d *D) { d.Certificate = d.Certificate[1:] }},
		{want: CodeICCTrailer, after: last(0, 0xBB)},
		{want: CodeICCHeader, after: set(0, 0x68)},
		{want: CodeICCFormat, before: set(1, 0x02)},
		{want: CodeICCRemainderMissing, data: func(d *D) { d.Remainder = nil }},
		{want: CodeICCHashAlgorithm, before: set(17, 0x00)},
		{want: CodeICCHash, after: last(1, 0x00)},
		{want: CodeICCHash, data: func(d *D) { d.Exponent = []byte{1, 0, 1} }},
		{want: CodeICCPAN, data: func(d *D) { d.PAN = unhex("4761739001010010") }},
		{want: CodeICCPAN, data: func(d *D) { d.PAN = unhex("47617390010101") }},
		{want: CodeICCPAN, data: func(d *D) { d.PAN = unhex("4761739001010119FFFFFF") }},
		{want: CodeICCPAN, data: func(d *D) { d.PAN = nil }},
		{want: CodeICCDate, before: set(12, 0x20, 0x27)},
		{want: CodeICCExpired, before: set(12, 0x10, 0x26)},
		{want: CodeToday, data: func(d *D) { d.Today = capk.Date{0x26, 0x13, 0x01} }},
		{want: CodeICCAlgorithm, before: set(18, 0x00)},
		{want: CodeICCKeyLength, before: set(19, 0)},
		{want: CodeICCKeyLength, before: set(19, 177)},
		{want: CodeICCRemainderLength, before: set(19, 143)},
		{want: CodeICCExponent, before: set(20, 2)},
	} {
		for _, pin := range []bool{false, true} {
			block, d := iccBlock(issuer.modulus, subject)
			covered := [][]byte{d.Remainder, d.Exponent}
			want := Code(strings.Replace(string(tt.want), "cert.icc.", "cert.pin.", 1))
			if !pin {
				covered = append(covered, static...)
				want = tt.want
			}
			err := runCase(tt, block, covered, func(block []byte) error {
				if d.Certificate = issuer.sign(block); tt.data != nil {
					tt.data(&d)
				}
				d.Static = static // PINKey ignores it
				var v Verifier
				verify := v.ICC
				if pin {
					verify = v.PINKey
				}
				icc, err := verify(issuer.key, d)
				if err == nil && !equalKeys(icc.Key, subject) {
					return errors.New("another key")
				}
				return err
			})
			wantCode(t, "icc", err, want)
		}
	}
	d := issueICC(issuer, subject, static...)
	d.Static = static[:2]
	var v Verifier
	_, err := v.ICC(issuer.key, d)
	wantCode(t, "static data cut short", err, CodeICCHash)
}

func TestSSADChecks(t *testing.T) {
	issuer := newSigner(t, "issuer1408", 3)
	static := [][]byte{unhex("5A084761739001010119"), unhex("5980")}
	type D = []byte
	for _, tt := range []checkCase[D]{
		{},
		{want: CodeSSADLength, data: func(d *D) { *d = (*d)[:175] }},
		{want: CodeSSADTrailer, after: last(0, 0xBD)},
		{want: CodeSSADHeader, after: set(0, 0x4A)},
		{want: CodeSSADFormat, before: set(1, 0x05)},
		{want: CodeSSADFormat, before: set(1, FormatSSADOnline)},
		{want: CodeSSADHashAlgorithm, before: set(2, 0x03)},
		{want: CodeSSADHash, after: last(1, 0x00)},
		{want: CodeSSADHash, after: set(4, 0x00)},
		{want: CodeSSADHash, after: set(60, 0x00)}, // the pad pattern is covered too
	} {
		var ssad []byte
		block := frame(issuer.modulus, unhex("0301DAC0"))
		err := runCase(tt, block, static, func(block []byte) error {
			if ssad = issuer.sign(block); tt.data != nil {
				tt.data(&ssad)
			}
			var v Verifier
			s, err := v.SSAD(issuer.key, ssad, FormatSSAD, static)
			if err == nil && s.DAC != [2]byte{0xDA, 0xC0} {
				return errors.New("another code")
			}
			return err
		})
		wantCode(t, "ssad", err, tt.want)
	}
	var v Verifier
	_, err := v.SSAD(issuer.key, signSSAD(issuer, FormatSSADOnline, static...), FormatSSADOnline, static)
	wantCode(t, "format '93'", err, "")
}

func TestSDADChecks(t *testing.T) {
	icc := newSigner(t, "icc1152", 3)
	dynamic := [][]byte{unhex("ABABABAB"), unhex("000000000200")}
	type D = []byte
	for _, tt := range []checkCase[D]{
		{},
		{before: set(3, 144-25)}, // all the room there is
		{want: CodeSDADLength, data: func(d *D) { *d = append(*d, 0) }},
		{want: CodeSDADTrailer, after: last(0, 0x00)},
		{want: CodeSDADHeader, after: set(0, 0x00)},
		{want: CodeSDADFormat, before: set(1, 0x03)},
		{want: CodeSDADDynamicLength, before: set(3, 144-24)},
		{want: CodeSDADHashAlgorithm, before: set(2, 0x02)},
		{want: CodeSDADHash, after: last(20, 0x00)},
		{want: CodeSDADHash, after: set(8, 0x00)},
		{want: CodeSDADDynamicNumber, before: set(3, 0)},
		{want: CodeSDADDynamicNumber, before: set(4, 1)},
		{want: CodeSDADDynamicNumber, before: set(4, 9)},
		{want: CodeSDADDynamicNumber, before: set(4, 3)}, // longer than the ICC dynamic data
	} {
		var sdad []byte
		block := frame(icc.modulus, unhex("0501 03 02 0015"))
		err := runCase(tt, block, dynamic, func(block []byte) error {
			if sdad = icc.sign(block); tt.data != nil {
				tt.data(&sdad)
			}
			var v Verifier
			s, err := v.SDAD(icc.key, sdad, FormatSDAD, dynamic)
			if n, _ := s.DynamicNumber(); err == nil && !bytes.Equal(n, []byte{0, 0x15}) {
				return errors.New("another number")
			}
			return err
		})
		wantCode(t, "sdad", err, tt.want)
	}
	var v Verifier
	sdad := signSDAD(icc, FormatSDADOnline, unhex("020015"), dynamic...)
	_, err := v.SDAD(icc.key, sdad, FormatSDADOnline, dynamic)
	wantCode(t, "format '95'", err, "")
	_, err = v.SDAD(icc.key, sdad, FormatSDAD, dynamic)
	wantCode(t, "format '95' for '05'", err, CodeSDADFormat)
}

func TestCDAChecks(t *testing.T) {
	icc := newSigner(t, "icc1152", 3)
	un := unhex("33BCA47D")
	transaction := [][]byte{unhex("6000F00001"), unhex("9F270180"), unhex("9F36020001")}
	type D = CDAData
	for _, tt := range []checkCase[D]{
		{},
		{before: set(3, 38+9)}, // more data behind, as in kernel 2
		{want: CodeSDADLength, data: func(d *D) { d.SDAD = nil }},
		{want: CodeSDADTrailer, after: last(0, 0x00)},
		{want: CodeSDADHeader, after: set(0, 0x00)},
		{want: CodeSDADFormat, before: set(1, FormatSDADOnline)},
		{want: CodeSDADDynamicNumber, before: set(4, 0)},
		{want: CodeSDADDynamicData, before: set(3, 37)},
		{want: CodeSDADCID, data: func(d *D) { d.CID = 0x40 }},
		{want: CodeSDADHashAlgorithm, before: set(2, 0x02)},
		{want: CodeSDADHash, after: last(20, 0x00)},
		{want: CodeSDADHash, data: func(d *D) { d.UnpredictableNumber = unhex("33BCA47C") }},
		{want: CodeSDADTransactionHash, data: func(d *D) { d.Transaction = transaction[:2] }},
	} {
		d := CDAData{CID: 0x80, UnpredictableNumber: un, Transaction: transaction}
		data := append(unhex("08 1122334455667788 80 A1A2A3A4A5A6A7A8"), sha1Of(transaction...)...)
		block := frame(icc.modulus, unhex("0501"), []byte{byte(len(data))}, data)
		err := runCase(tt, block, [][]byte{un}, func(block []byte) error {
			if d.SDAD = icc.sign(block); tt.data != nil {
				tt.data(&d)
			}
			var v Verifier
			c, err := v.CDA(icc.key, d)
			if err == nil && (upper(c.DynamicNumber) != "1122334455667788" || upper(c.Cryptogram) != "A1A2A3A4A5A6A7A8" || c.CID != 0x80) {
				return errors.New("other fields")
			}
			return err
		})
		wantCode(t, "cda", err, tt.want)
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	good := newSigner(t, "small", 3).key
	even := bytes.Clone(good.Modulus)
	even[len(even)-1]++
	for _, key := range []PublicKey{
		{},
		{nil, []byte{3}},
		{good.Modulus, nil},
		{good.Modulus, []byte{2}},
		{good.Modulus, []byte{0, 3}},
		{even, good.Exponent},
		{make([]byte, 64), good.Exponent},
		{bytes.Repeat([]byte{0xC1}, 249), good.Exponent},
	} {
		var v Verifier
		_, err := v.Recover(key, make([]byte, len(key.Modulus)))
		wantCode(t, "recover", err, CodeKey)
		_, err = v.SSAD(key, make([]byte, len(key.Modulus)), FormatSSAD, nil)
		wantCode(t, "ssad", err, CodeKey)
	}
	var v Verifier
	_, err := v.Recover(good, make([]byte, 63))
	wantCode(t, "recover", err, CodeLength)
}

func TestShortBlocks(t *testing.T) {
	for n := range 43 {
		block := frame(max(n, 2), []byte{0x02})[:n]
		if _, err := ParseIssuer(block); (err == nil) != (n >= 36) || (n < 36 && err != CodeIssuerLength) {
			t.Errorf("issuer, %d bytes: %v", n, err)
		}
		if _, err := ParseICC(block); n < 42 && err != CodeICCLength {
			t.Errorf("icc, %d bytes: %v", n, err)
		}
		if _, err := ParseSSAD(block, 2); (err == nil) != (n >= 26) {
			t.Errorf("ssad, %d bytes: %v", n, err)
		}
		if _, err := ParseSDAD(block, 2); n < 25 && err != CodeSDADLength {
			t.Errorf("sdad, %d bytes: %v", n, err)
		}
	}
}

// TestCodesAreComplete holds the constants and their descriptions together.
func TestCodesAreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			constants += len(v.Names)
		}
		return true
	})
	seen := map[Code]bool{}
	for _, c := range Codes() {
		if seen[c] || c.Ref() == "" || !strings.HasPrefix(c.Error(), string(c)+": ") || c.ErrorCode() != string(c) {
			t.Errorf("%s: %v", c, c.Error())
		}
		seen[c] = true
	}
	if len(seen) != constants || constants == 0 {
		t.Errorf("%d codes described, %d declared", len(seen), constants)
	}
	if got := Code("cert.none").Error(); got != "cert.none" {
		t.Errorf("unknown code prints %q", got)
	}
}

// runCase applies the changes around the hash.
func runCase[D any](tt checkCase[D], block []byte, covered [][]byte, verify func([]byte) error) error {
	if tt.before != nil {
		tt.before(block)
	}
	seal(block, covered...)
	if tt.after != nil {
		tt.after(block)
	}
	return verify(block)
}

func equalKeys(a, b PublicKey) bool {
	return bytes.Equal(a.Modulus, b.Modulus) && bytes.Equal(a.Exponent, b.Exponent)
}

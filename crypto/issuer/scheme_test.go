package issuer

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"slices"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// The card's side of every scheme, written from the formulas in the comments of the tables with the standard library's
// ciphers alone: the issuer's side is the package.

func tdesOf(t testing.TB, k []byte) cipher.Block {
	t.Helper()
	b, err := des.NewTripleDESCipher(slices.Concat(k, k[:8]))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func aesOf(t testing.TB, k []byte) cipher.Block {
	t.Helper()
	b, err := aes.NewCipher(k)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// each enciphers the blocks of b one by one.
func each(c cipher.Block, b ...byte) []byte {
	for at := 0; at < len(b); at += c.BlockSize() {
		c.Encrypt(b[at:], b[at:])
	}
	return b
}

// cardMAC is MAC algorithm 3 over padded data.
func cardMAC(t testing.TB, k, padded []byte) []byte {
	t.Helper()
	left, err := des.NewCipher(k[:8])
	if err != nil {
		t.Fatal(err)
	}
	state := make([]byte, 8)
	for at := 0; at < len(padded); at += 8 {
		for i := range state {
			state[i] ^= padded[at+i]
		}
		if at == len(padded)-8 {
			return each(tdesOf(t, k), state...)
		}
		left.Encrypt(state, state)
	}
	return state
}

// cardCMAC is the CMAC of data under AES.
func cardCMAC(t testing.TB, k, data []byte) []byte {
	t.Helper()
	block := aesOf(t, k)
	sub := each(block, make([]byte, 16)...)
	double := func() {
		carry := sub[0] >> 7
		for i := range sub {
			sub[i] <<= 1
			if i < 15 {
				sub[i] |= sub[i+1] >> 7
			}
		}
		sub[15] ^= 0x87 * carry
	}
	double()
	if len(data) == 0 || len(data)%16 != 0 {
		double()
		data = pad80(data, 16)
	}
	data = slices.Clone(data)
	for i := range sub {
		data[len(data)-16+i] ^= sub[i]
	}
	state := make([]byte, 16)
	cipher.NewCBCEncrypter(block, state).CryptBlocks(data, data)
	return data[len(data)-16:]
}

func pad80(data []byte, n int) []byte { return pad00(append(slices.Clone(data), 0x80), n) }

func pad00(data []byte, n int) []byte {
	data = slices.Clone(data)
	for len(data)%n != 0 {
		data = append(data, 0)
	}
	return data
}

// minimum is what Book 2, 8.1.1 recommends, in its order.
func minimum(d map[tlv.Tag][]byte) []byte {
	return slices.Concat(d[0x9F02], d[0x9F03], d[0x9F1A], d[0x95], d[0x5F2A], d[0x9A], d[0x9C], d[0x9F37], d[0x82], d[0x9F36])
}

const (
	mchipIAD     = "0110A00003220000DAC0" + "00112233445566FF"
	amexIAD      = "06010103A00000"
	unionPayIAD  = "07000103A04002010A010000001000D1F61152"
	discoverIAD  = "0105A0000000000000001122"
	interacIAD   = "02850400B1112233445566778899AABBCCDDEEFF00"
	commonAESIAD = "0FA600A03800000000000000000000000F010000000000000000000000000000"
)

// schemeCard is a card of a scheme as the card computes.
type schemeCard struct {
	name    string
	scheme  Scheme
	iad     string
	aes     int // bytes of an AES key; 0 for TDES
	session func(t testing.TB, mk []byte, d map[tlv.Tag][]byte) []byte
	input   func(d map[tlv.Tag][]byte) []byte
	arpcKey func(mk, session []byte) []byte // nil: the session key
	method  ARPCMethod
}

func ofMaster(mk, _ []byte) []byte { return mk }

func sessionNone(_ testing.TB, mk []byte, _ map[tlv.Tag][]byte) []byte { return mk }

func sessionCommon(t testing.TB, mk []byte, d map[tlv.Tag][]byte) []byte {
	a := d[0x9F36]
	return each(tdesOf(t, mk), a[0], a[1], 0xF0, 0, 0, 0, 0, 0, a[0], a[1], 0x0F, 0, 0, 0, 0, 0)
}

func sessionMChip(t testing.TB, mk []byte, d map[tlv.Tag][]byte) []byte {
	a, u := d[0x9F36], d[0x9F37]
	return each(tdesOf(t, mk), a[0], a[1], 0xF0, 0, u[0], u[1], u[2], u[3], a[0], a[1], 0x0F, 0, u[0], u[1], u[2], u[3])
}

func sessionInverse(t testing.TB, mk []byte, d map[tlv.Tag][]byte) []byte {
	a := d[0x9F36]
	return each(tdesOf(t, mk), 0, 0, 0, 0, 0, 0, a[0], a[1], 0, 0, 0, 0, 0, 0, ^a[0], ^a[1])
}

func sessionAES(t testing.TB, mk []byte, d map[tlv.Tag][]byte) []byte {
	a := d[0x9F36]
	r := make([]byte, 32)
	r[0], r[1], r[16], r[17] = a[0], a[1], a[0], a[1]
	if len(mk) > 16 {
		r[2], r[18] = 0xF0, 0x0F
	}
	return each(aesOf(t, mk), r...)[:len(mk)]
}

func inputVIS(d map[tlv.Tag][]byte) []byte { return pad00(append(minimum(d), d[0x9F10][3:7]...), 8) }

func inputPBOC(d map[tlv.Tag][]byte) []byte { return pad80(append(minimum(d), d[0x9F10][3:7]...), 8) }
func inputIAD(d map[tlv.Tag][]byte) []byte  { return pad80(append(minimum(d), d[0x9F10]...), 8) }
func inputAES(d map[tlv.Tag][]byte) []byte  { return append(minimum(d), d[0x9F10]...) }
func inputCVR(d map[tlv.Tag][]byte) []byte  { return pad80(append(minimum(d), d[0x9F10][2:8]...), 8) }

func inputCounters(d map[tlv.Tag][]byte) []byte {
	return pad80(slices.Concat(minimum(d), d[0x9F10][2:8], d[0x9F10][10:18]), 8)
}

func inputShort(d map[tlv.Tag][]byte) []byte {
	return pad00(slices.Concat(d[0x9F02], d[0x9F37], d[0x9F36], d[0x9F10][4:5]), 8)
}

func inputInterac(d map[tlv.Tag][]byte) []byte {
	return pad80(append(minimum(d), d[0x9F10][2:]...), 8)
}

func withCVN(iad string, cvn string) string { return iad[:2] + cvn + iad[4:] }

var schemeCards = []schemeCard{
	{"Visa CVN 10", SchemeVisa, "06010A03A0A000", 0, sessionNone, inputVIS, nil, Method1},
	{"Visa CVN 17", SchemeVisa, "06011103A0A000", 0, sessionNone, inputShort, nil, Method1},
	{"Visa CVN 18", SchemeVisa, "06011203A0A000", 0, sessionCommon, inputIAD, nil, Method2},
	{"Visa CVN 22", SchemeVisa, longIAD, 0, sessionCommon, inputIAD, nil, Method2},
	{"M/Chip CVN 16", SchemeMChip, mchipIAD, 0, sessionMChip, inputCVR, ofMaster, Method1},
	{"M/Chip CVN 17", SchemeMChip, withCVN(mchipIAD, "11"), 0, sessionMChip, inputCounters, ofMaster, Method1},
	{"M/Chip CVN 20", SchemeMChip, withCVN(mchipIAD, "14"), 0, sessionCommon, inputCVR, nil, Method1},
	{"M/Chip CVN 21", SchemeMChip, withCVN(mchipIAD, "15"), 0, sessionCommon, inputCounters, nil, Method1},
	{"CCD version 5", SchemeCommonCore, commonCoreIAD, 0, sessionCommon, inputIAD, nil, Method2},
	{"CCD version 6", SchemeCommonCore, commonAESIAD, 16, sessionAES, inputAES, nil, Method2},
	{"CCD version 6", SchemeCommonCore, commonAESIAD, 24, sessionAES, inputAES, nil, Method2},
	{"CCD version 6", SchemeCommonCore, commonAESIAD, 32, sessionAES, inputAES, nil, Method2},
	{"Amex CVN 1", SchemeAmex, amexIAD, 0, sessionNone, inputVIS, nil, Method1},
	{"Amex CVN 2 (EMV)", SchemeAmex, "06010203A00000", 0, sessionCommon, inputIAD, nil, Method1},
	{"D-PAS CVN 5 (EMV)", SchemeDiscover, discoverIAD, 0, sessionCommon, inputIAD, nil, Method1},
	{"D-PAS CVN 15 (EMV)", SchemeDiscover, withCVN(discoverIAD, "15"), 0, sessionCommon, inputIAD, nil, Method1},
	{"JCB CVN 1", SchemeJCB, amexIAD, 0, sessionNone, inputVIS, nil, Method1},
	{"JCB CVN 4 (EMV)", SchemeJCB, "06010403A00000", 0, sessionCommon, inputIAD, nil, Method1},
	{"UnionPay CVN 1", SchemeUnionPay, unionPayIAD, 0, sessionInverse, inputPBOC, nil, Method1},
	{"Interac CVN 133", SchemeInterac, interacIAD, 0, sessionMChip, inputInterac, nil, Method1},
}

// masterOf derives the card's key the way the card's scheme does.
func (c *schemeCard) masterOf(t testing.TB) Key {
	t.Helper()
	imk, option := key(t, testIMK), OptionA
	if c.aes != 0 {
		imk, option = key(t, (testIMK + testIMK)[:2*c.aes]), OptionC
	}
	var mk Key
	if err := MasterKey(&mk, &imk, option, "4761739001010010", 0x01); err != nil {
		t.Fatal(err)
	}
	return mk
}

func (c *schemeCard) profile(t testing.TB) Profile {
	t.Helper()
	iad, err := ParseIAD(c.scheme, unhex(t, c.iad))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ProfileOf(c.scheme, iad.CVN)
	if err != nil || p.Name != c.name {
		t.Fatalf("profile %q, %v", p.Name, err)
	}
	return p
}

// TestEachSchemeFromBothSides lets the card's side compute a cryptogram that the package verifies, and the package answer
// what the card's side checks.
func TestEachSchemeFromBothSides(t *testing.T) {
	for _, c := range schemeCards {
		t.Run(c.name, func(t *testing.T) {
			p, mk, data := c.profile(t), c.masterOf(t), purchase(t, c.iad)
			session := c.session(t, mk.Bytes(), data)
			ac := cardMAC
			if c.aes != 0 {
				ac = cardCMAC
			}
			arqc := ac(t, session, c.input(data))[:8]
			if ok, err := p.Verify(&mk, of(data), arqc); !ok || err != nil {
				t.Fatalf("the issuer refuses the card's cryptogram: %v", err)
			}
			for tag, v := range data {
				v[len(v)-1] ^= 1
				changed := ac(t, c.session(t, mk.Bytes(), data), c.input(data))[:8]
				ok, err := p.Verify(&mk, of(data), arqc)
				if same := bytes.Equal(changed, arqc); err != nil || ok != same {
					t.Errorf("the last bit of %s: the issuer says %v, the card %v, %v", tag, ok, same, err)
				}
				v[len(v)-1] ^= 1
			}

			k := session
			if c.arpcKey != nil {
				k = c.arpcKey(mk.Bytes(), session)
			}
			r := Response{ARC: [2]byte{'0', '0'}, CSU: [4]byte{3, 2, 1, 0}, Proprietary: []byte{9}}
			value, err := p.AppendAuthData(nil, &mk, of(data), Cryptogram(arqc), r)
			if err != nil {
				t.Fatal(err)
			}
			var want []byte
			switch {
			case c.method == Method1:
				y := slices.Clone(arqc)
				y[0], y[1] = y[0]^'0', y[1]^'0'
				want = append(each(tdesOf(t, k), y...), '0', '0')
			case c.aes != 0:
				want = append(cardCMAC(t, k, append(slices.Clone(arqc), 3, 2, 1, 0, 9))[:4], 3, 2, 1, 0, 9)
			default:
				want = append(cardMAC(t, k, pad80(append(slices.Clone(arqc), 3, 2, 1, 0, 9), 8))[:4], 3, 2, 1, 0, 9)
			}
			if !bytes.Equal(value, want) {
				t.Errorf("the answer is %X, the card wants %X", value, want)
			}
			if ok, err := p.VerifyAuthData(&mk, of(data), Cryptogram(arqc), value); !ok || err != nil {
				t.Errorf("the card refuses the answer: %v", err)
			}
		})
	}
}

// TestARPC1AES holds method 1 under AES to its formula, from the card's side.
func TestARPC1AES(t *testing.T) {
	for _, n := range []int{16, 24, 32} {
		k := key(t, (testIMK + testIMK)[:2*n])
		got, err := ARPC1AES(&k, Cryptogram{1, 2, 3, 4, 5, 6, 7, 8}, [2]byte{0x30, 0x31})
		card, cardErr := aes.NewCipher(k.Bytes())
		if cardErr != nil {
			t.Fatal(cardErr)
		}
		want := append([]byte{0x31, 0x33, 3, 4, 5, 6, 7, 8}, make([]byte, 8)...)
		if card.Encrypt(want, want); err != nil || !bytes.Equal(got[:], want[:8]) {
			t.Errorf("%d bytes: %X, %v, want %X", n, got, err, want)
		}
	}
}

// TestUnionPayPublished checks cryptograms and an answer that developers published, of test cards.
func TestUnionPayPublished(t *testing.T) {
	p, err := UnionPay(0x01)
	if err != nil {
		t.Fatal(err)
	}
	// shuzhiduo.com, article l1dyep1Vde: a card key, a cryptogram.
	mk := key(t, "0D2E3CB0BC1F9E03AED58F663A2F9679")
	var sk Key
	if err := InverseATCKey(&sk, &mk, [2]byte{0x00, 0x0E}); err != nil || !bytes.Equal(sk.Bytes(), unhex(t, "C3D3F062E9992B4E923D338D66193526")) {
		t.Errorf("session key %X, %v", sk.Bytes(), err)
	}
	card := map[tlv.Tag][]byte{
		0x9F02: unhex(t, "000000001234"), 0x9F03: unhex(t, "000000000034"), 0x9F1A: unhex(t, "0156"),
		0x95: unhex(t, "D86004A800"), 0x5F2A: unhex(t, "0156"), 0x9A: unhex(t, "120516"), 0x9C: unhex(t, "01"),
		0x9F37: unhex(t, "01010101"), 0x82: unhex(t, "7C00"), 0x9F36: unhex(t, "000E"),
		0x9F10: unhex(t, "07020103A4B904010A0100000000001BFC423C"),
	}
	if ok, err := p.Verify(&mk, of(card), unhex(t, "F294D7022FA9B058")); !ok || err != nil {
		t.Errorf("the first cryptogram: %v, %v", ok, err)
	}
	// 553668.com, manong/959163: from the issuer's key to the answer.
	imk := key(t, "F0C34A8124CEE0A91A0B034AA97D6EAC")
	if err := MasterKey(&mk, &imk, OptionA, "6228000100001", 0x01); err != nil {
		t.Fatal(err)
	}
	card = map[tlv.Tag][]byte{
		0x9F02: unhex(t, "000000000001"), 0x9F03: unhex(t, "000000000000"), 0x9F1A: unhex(t, "0156"),
		0x95: unhex(t, "0080046000"), 0x5F2A: unhex(t, "0156"), 0x9A: unhex(t, "140701"), 0x9C: unhex(t, "00"),
		0x9F37: unhex(t, "1E78EEBC"), 0x82: unhex(t, "7D00"), 0x9F36: unhex(t, "0240"), 0x9F10: unhex(t, unionPayIAD),
	}
	arqc := unhex(t, "5D016C91005E7CC2")
	if ok, err := p.Verify(&mk, of(card), arqc); !ok || err != nil {
		t.Errorf("the second cryptogram: %v, %v", ok, err)
	}
	value, err := p.AppendAuthData(nil, &mk, of(card), Cryptogram(arqc), Response{ARC: [2]byte{'0', '1'}})
	if want := unhex(t, "21415243527CE78F3031"); err != nil || !bytes.Equal(value, want) {
		t.Errorf("the answer is %X, %v, want %X", value, err, want)
	}
}

// TestSessionKeysAreWiped looks at the buffer of the session key after use, and after a refusal.
func TestSessionKeysAreWiped(t *testing.T) {
	for _, c := range schemeCards {
		p, mk, data := c.profile(t), c.masterOf(t), purchase(t, c.iad)
		session := mk // not zero to begin with
		if _, err := p.generate(&session, &mk, of(data)); err != nil || session != (Key{}) {
			t.Errorf("%s: a session key is left, %v", c.name, err)
		}
		session = mk
		if _, err := p.generate(&session, &mk, func(tlv.Tag) []byte { return nil }); err == nil || session != (Key{}) {
			t.Errorf("%s: a session key is left after a refusal, %v", c.name, err)
		}
		session = mk
		if _, err := p.appendAuthData(nil, &session, &mk, of(data), Cryptogram{}, Response{}); err != nil || session != (Key{}) {
			t.Errorf("%s: a session key is left after the answer, %v", c.name, err)
		}
	}
}

// TestMissingSessionData takes away what each session key is made of.
func TestMissingSessionData(t *testing.T) {
	mk := key(t, testIMK)
	for _, d := range []Derivation{CommonSessionKey, MChipSessionKey, InverseATCSessionKey} {
		wantCode(t, "no ATC", d.derive(&Key{}, &mk, TDES, func(tlv.Tag) []byte { return nil }), CodeDataMissing)
	}
	atc := func(tag tlv.Tag) []byte { return map[tlv.Tag][]byte{0x9F36: {0, 1}}[tag] }
	wantCode(t, "no UN", MChipSessionKey.derive(&Key{}, &mk, TDES, atc), CodeDataMissing)
	wantCode(t, "M/Chip with AES", MChipSessionKey.derive(&Key{}, &mk, AES, atc), CodeProfile)
	_, err := ProfileOf("none", 1)
	wantCode(t, "a scheme that is none", err, CodeProfile)
	for _, c := range schemeCards {
		_, err := ProfileOf(c.scheme, 0xFE)
		wantCode(t, string(c.scheme), err, CodeProfile)
	}
}

// BenchmarkARQC is a cryptogram of each profile.
func BenchmarkARQC(b *testing.B) {
	for _, c := range schemeCards {
		name := c.name
		if c.aes != 0 {
			name += " AES-" + map[int]string{16: "128", 24: "192", 32: "256"}[c.aes]
		}
		b.Run(name, func(b *testing.B) {
			p, mk, data := c.profile(b), c.masterOf(b), of(purchase(b, c.iad))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Generate(&mk, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

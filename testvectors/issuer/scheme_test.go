package issuer_test

import (
	"bytes"
	"testing"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// schemeCard is the card's side of one cryptogram version: what is written here by hand the host must find out.
type schemeCard struct {
	about     string
	aid       string
	scheme    emv.Scheme
	cvn       byte
	iad       string // ARQC of the first GENERATE AC
	second    string // TC of the second one
	declined  string // AAC of the second one
	messaging string
	class     byte
	vis       bool   // a new PIN in the block of VIS
	rc        string // what an approval by method 1 says to the card; "" for the Authorisation Response Code
}

var rest24 = "000000000000000000000000000000000000000000000000"

var schemeCards = []schemeCard{
	{"Visa 10", "A0000000031010", emv.SchemeVisa, 0x0A, "06010A03A00000", "06010A03600000", "06010A03200000", "VIS", 0x84, true, ""},
	{"Visa 18", "A0000000031010", emv.SchemeVisa, 0x12, "06011203A00000", "06011203600000", "06011203200000", "VIS", 0x84, true, ""},
	{"Visa 22", "A0000000980840", emv.SchemeVisa, 0x22, "1F220103A0000000" + rest24, "1F22010360000000" + rest24, "1F22010320000000" + rest24, "VIS CSK", 0x84, false, ""},
	{"M/Chip 16", "A0000000041010", emv.SchemeMChip, 0x10, "0110A00000000000" + "DAC00000000000000000", "0110600000000000" + "DAC00000000000000000", "0110200000000000" + "DAC00000000000000000", "M/Chip", 0x84, false, "0012"},
	{"M/Chip 17", "A0000000043060", emv.SchemeMChip, 0x11, "0111A00000000000" + "DAC00102030405060708", "0111600000000000" + "DAC00102030405060708", "0111200000000000" + "DAC00102030405060708", "M/Chip", 0x84, false, "0012"},
	{"M/Chip 20", "A0000000041010", emv.SchemeMChip, 0x14, "0114A00000000000" + "DAC00000000000000000", "0114600000000000" + "DAC00000000000000000", "0114200000000000" + "DAC00000000000000000", "M/Chip", 0x84, false, "0012"},
	{"M/Chip 21", "A0000000041010", emv.SchemeMChip, 0x15, "0115A00000000000" + "DAC00102030405060708", "0115600000000000" + "DAC00102030405060708", "0115200000000000" + "DAC00102030405060708", "M/Chip", 0x84, false, "0012"},
	{"Amex 1", "A00000002501", emv.SchemeAmex, 0x01, "06010103A00000", "06010103600000", "06010103200000", "VIS CSK", 0x84, false, ""},
	{"Amex 2", "A00000002501", emv.SchemeAmex, 0x02, "06010203A00000", "06010203600000", "06010203200000", "VIS CSK", 0x84, false, ""},
	{"Discover", "A0000001523010", emv.SchemeDiscover, 0x05, "0105A000000000000000", "01056000000000000000", "01052000000000000000", "VIS CSK", 0x84, false, ""},
	{"JCB 1", "A0000000651010", emv.SchemeJCB, 0x01, "06010103A00000", "06010103600000", "06010103200000", "VIS CSK", 0x84, false, ""},
	{"JCB 4", "A0000000651010", emv.SchemeJCB, 0x04, "06010403A00000", "06010403600000", "06010403200000", "VIS CSK", 0x84, false, ""},
	{"UnionPay", "A000000333010101", emv.SchemeUnionPay, 0x01, "07010103A0000001", "0701010360000001", "0701010320000001", "PBOC", 0x84, true, ""},
	{"Interac", "A0000002771010", emv.SchemeInterac, 0x85, "01850400A0", "0185040060", "0185040020", "M/Chip", 0x84, false, ""},
	{"common core, TDES", "A0000000041010", emv.SchemeCommonCore, 0xA5, "0FA501A000000000", "0FA5016000000000", "0FA5012000000000", "CCD", 0x8C, false, ""},
	{"common core, AES", "A0000009990001", emv.SchemeCommonCore, 0xA6, "0FA601A000000000", "0FA6016000000000", "0FA6012000000000", "CCD AES", 0x8C, false, ""},
}

// key derives a key of the card.
func (c *schemeCard) key(t *testing.T, master []byte) *emv.Key {
	t.Helper()
	imk, err := emv.NewKey(master)
	if err != nil {
		t.Fatal(err)
	}
	option := emv.OptionA
	if c.cvn == 0xA6 {
		option = emv.OptionC
	}
	var key emv.Key
	if err := emv.MasterKey(&key, &imk, option, pan, 0x01); err != nil {
		t.Fatal(err)
	}
	return &key
}

func (c *schemeCard) profile(t *testing.T) emv.Profile {
	t.Helper()
	p, err := emv.ProfileOf(c.scheme, c.cvn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// message is DE55 of a cryptogram of the card; cid is its type.
func (c *schemeCard) message(t *testing.T, iad string, cid byte, atc string) message {
	t.Helper()
	if c.scheme == emv.SchemeCommonCore { // Book 3, C7: 32 bytes, the second length in byte 17
		b := make([]byte, 32)
		copy(b, unhex(iad))
		b[16] = 0x0F
		iad = hexText(b)
	}
	m := message{
		0x57: unhex(pan + "D49122010000000000000F"), 0x5F34: {0x01}, 0x82: {0x3C, 0x00}, 0x95: unhex("0000008000"),
		0x9A: unhex("261130"), 0x9C: {0}, 0x5F2A: unhex("0840"), 0x9F02: unhex("000000010000"), 0x9F03: make([]byte, 6),
		0x9F1A: unhex("0840"), 0x9F10: unhex(iad), 0x9F36: unhex(atc), 0x9F37: unhex("01020304"), 0x84: unhex(c.aid),
		0x9F27: {cid},
	}
	p := c.profile(t)
	ac, err := p.Generate(c.key(t, issuer.TestMasterKey()), func(tag tlv.Tag) []byte { return m[tag] })
	if err != nil {
		t.Fatal(err)
	}
	m[0x9F26] = ac[:]
	return m
}

// de55 puts the DF name in front.
func de55(m message) []byte { return append(tlv.Append(nil, 0x84, m[0x84]), m.bytes()...) }

// TestEveryScheme is a transaction of each cryptogram version: ARQC, answer, TC, clearing; then one that is declined.
func TestEveryScheme(t *testing.T) {
	for _, c := range schemeCards {
		t.Run(c.about, func(t *testing.T) {
			h := newHost(t, issuer.Config{})
			arqc := c.message(t, c.iad, 0x80, "0001")
			v, err := h.Decide(de55(arqc))
			if err != nil || !v.Approved || v.Cryptogram != issuer.ARQC || v.Scheme != c.scheme {
				t.Fatalf("%+v, %v", v, err)
			}
			p := c.profile(t)
			card := c.key(t, issuer.TestMasterKey())
			data := func(tag tlv.Tag) []byte { return arqc[tag] }
			if ok, err := p.VerifyAuthData(card, data, emv.Cryptogram(arqc[0x9F26]), v.AuthData); err != nil || !ok {
				t.Errorf("the card refuses %X: %v", v.AuthData, err)
			}
			r, err := p.ParseAuthData(v.AuthData)
			switch {
			case err != nil:
				t.Error(err)
			case p.ARPC == emv.Method2 && r.CSU[1]&0x80 == 0:
				t.Errorf("CSU %X does not approve", r.CSU)
			case p.ARPC == emv.Method1 && c.rc == "" && string(r.ARC[:]) != "00", c.rc != "" && !bytes.Equal(r.ARC[:], unhex(c.rc)):
				t.Errorf("%X", r.ARC)
			}
			tc := c.message(t, c.second, 0x40, "0001")
			tc[0x95] = unhex("0000008040") // a script failed meanwhile: the TVR of a second cryptogram is its own
			tc = c.resign(t, tc)
			for _, why := range []string{issuer.WhyApproved, issuer.WhyReplay} {
				if v, err := h.VerifyClearing(de55(tc)); err != nil || v.Approved != (why == issuer.WhyApproved) || v.Why != why || v.Cryptogram != issuer.TC {
					t.Errorf("clearing: %+v, %v, want %s", v, err, why)
				}
			}
			if v, err := h.Decide(de55(c.message(t, c.iad, 0x80, "0002"))); err != nil || !v.Approved {
				t.Fatalf("%+v, %v", v, err)
			}
			if v, err := h.VerifyClearing(de55(c.message(t, c.declined, 0x00, "0002"))); err != nil || v.Approved || !v.Valid || v.Why != issuer.WhyCard {
				t.Errorf("an AAC: %+v, %v", v, err)
			}
			wrong := c.message(t, c.iad, 0x80, "0003")
			wrong[0x9F02] = unhex("000000000001")
			if v, err := h.Decide(de55(wrong)); err != nil || v.Valid || v.Why != issuer.WhyCryptogram {
				t.Errorf("another amount: %+v, %v", v, err)
			}
			if c.scheme != emv.SchemeInterac { // whose CID nothing proves
				wrong = c.message(t, c.iad, 0x40, "0004")
				if v, err := h.Decide(de55(wrong)); err != nil || v.Valid || v.Why != issuer.WhyType {
					t.Errorf("another CID: %+v, %v", v, err)
				}
			}
		})
	}
}

func (c *schemeCard) resign(t *testing.T, m message) message {
	t.Helper()
	p := c.profile(t)
	ac, err := p.Generate(c.key(t, issuer.TestMasterKey()), func(tag tlv.Tag) []byte { return m[tag] })
	if err != nil {
		t.Fatal(err)
	}
	m[0x9F26] = ac[:]
	return m
}

// TestSecondAfterDecline: a TC behind an ARQC that was declined is not settled, one without an authorisation is (the
// terminal could not go online).
func TestSecondAfterDecline(t *testing.T) {
	c := schemeCards[0]
	h := newHost(t, issuer.Config{Decline: true})
	if v, err := h.Decide(de55(c.message(t, c.iad, 0x80, "0001"))); err != nil || v.Approved || !v.Valid {
		t.Fatalf("%+v, %v", v, err)
	}
	for atc, why := range map[string]string{"0001": issuer.WhyUncleared, "0002": issuer.WhyApproved} {
		if v, err := h.VerifyClearing(de55(c.message(t, c.second, 0x40, atc))); err != nil || v.Why != why {
			t.Errorf("%s: %+v, %v, want %s", atc, v, err, why)
		}
	}
}

// TestCommands opens every command as the card does, in the order in which it comes.
func TestCommands(t *testing.T) {
	var digits pin.PIN
	if err := pin.Parse(&digits, []byte("4711")); err != nil {
		t.Fatal(err)
	}
	config := issuer.Config{
		Scripts: unhex("7204860200B2"),
		Commands: []issuer.Command{
			{Order: issuer.BlockApplication},
			{Order: issuer.ChangePIN, Before: true, PIN: digits},
			{Order: issuer.UnblockPIN, Before: true},
			{Order: issuer.PutData, Tag: 0x9F58, Value: []byte{0x05}, Before: true},
			{Order: issuer.UnblockApplication},
			{Order: issuer.BlockCard},
		},
	}
	for _, c := range schemeCards {
		t.Run(c.about, func(t *testing.T) {
			m := c.message(t, c.iad, 0x80, "0001")
			v, err := newHost(t, config).Decide(de55(m))
			if err != nil || !v.Approved || !bytes.HasPrefix(v.Scripts, config.Scripts) {
				t.Fatalf("%+v, %v", v, err)
			}
			messaging, err := emv.MessagingOf(c.messaging)
			if err != nil {
				t.Fatal(err)
			}
			s, err := messaging.NewScript(c.key(t, issuer.TestMACKey()), c.key(t, issuer.TestEncipherKey()), [2]byte{0, 1}, emv.Cryptogram(m[0x9F26]))
			if err != nil {
				t.Fatal(err)
			}
			var commands [][]byte
			for outer := tlv.Read(v.Scripts[len(config.Scripts):]); outer.Next(); {
				want := tlv.Tag(0x71)
				if len(commands) > 0 {
					want = 0x72
				}
				if outer.Tag() != want {
					t.Errorf("template %s", outer.Tag())
				}
				for in := outer.Enter(); in.Next(); {
					if in.Tag() == 0x86 {
						commands = append(commands, in.Value())
					}
				}
			}
			var block pin.Block
			if err := block.Encode2(&digits); err != nil {
				t.Fatal(err)
			}
			if c.vis {
				if err := emv.PINBlockVIS(&block, c.key(t, issuer.TestMasterKey()), &digits, &pin.PIN{}); err != nil {
					t.Fatal(err)
				}
			}
			for i, w := range []struct {
				header string
				data   []byte
			}{
				{"240002", block[:]}, {"240000", nil}, {"DA9F58", []byte{5}}, {"1E0000", nil}, {"180000", nil}, {"160000", nil},
			} {
				if i >= len(commands) || commands[i][0] != c.class || !bytes.Equal(commands[i][1:4], unhex(w.header)) {
					t.Fatalf("command %d of %X", i, commands)
				}
				got, ok, err := s.Open(nil, commands[i], w.header == "240002")
				if err != nil || !ok || !bytes.Equal(got, w.data) {
					t.Errorf("%s: %d bytes of data, %v, %v", w.header, len(got), ok, err)
				}
			}
		})
	}
}

// TestCommandsAreChecked: a host is not made of commands that can't be built.
func TestCommandsAreChecked(t *testing.T) {
	for _, c := range []issuer.Command{
		{},
		{Order: 99},
		{Order: issuer.ChangePIN},
		{Order: issuer.PutData},
		{Order: issuer.PutData, Tag: 0x9F58},
		{Order: issuer.PutData, Tag: 0x9F58, Value: make([]byte, 201)},
		{Order: issuer.PutData, Tag: 0xDF8111, Value: []byte{1}},
		{Order: issuer.BlockCard, Value: []byte{1}},
	} {
		if _, err := issuer.New(issuer.Config{Commands: []issuer.Command{c}}); err == nil {
			t.Errorf("%v %v is taken", c.Order, c.Tag)
		}
	}
}

// TestScriptsForTheCardOnly: what is no ARQC gets no commands.
func TestScriptsForTheCardOnly(t *testing.T) {
	h := newHost(t, issuer.Config{Commands: []issuer.Command{{Order: issuer.BlockCard}}})
	for _, iad := range []string{iadTC, iadAAC} {
		if v, err := h.Decide(valid(t, iad, "00"+iad[8:10]).bytes()); err != nil || len(v.Scripts) > 0 {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

func hexText(b []byte) string {
	const digits = "0123456789ABCDEF"
	var s []byte
	for _, x := range b {
		s = append(s, digits[x>>4], digits[x&15])
	}
	return string(s)
}

package issuer_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

const pan = "4761739001010119"

// order is the order of the objects in the messages of these tests.
var order = []tlv.Tag{
	0x57, 0x5A, 0x5F34, 0x82, 0x95, 0x9A, 0x9C, 0x5F2A, 0x9F02, 0x9F03, 0x9F1A, 0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F37,
}

// message is DE55 by tag; a nil value is an object that is left out.
type message map[tlv.Tag][]byte

// valid returns a message with a cryptogram by crypto/issuer; iad chooses version and type.
func valid(t testing.TB, iad, atc string) message {
	t.Helper()
	m := message{
		0x57: unhex(pan + "D49122010000000000000F"), 0x5F34: {0x01}, 0x82: {0x20, 0x00}, 0x95: make([]byte, 5),
		0x9A: unhex("261130"), 0x9C: {0}, 0x5F2A: unhex("0840"), 0x9F02: unhex("000000010000"), 0x9F03: make([]byte, 6),
		0x9F1A: unhex("0840"), 0x9F10: unhex(iad), 0x9F36: unhex(atc), 0x9F37: unhex("01020304"),
	}
	m.sign(t)
	return m
}

// sign computes the cryptogram.
func (m message) sign(t testing.TB) {
	t.Helper()
	imk, err := emv.NewKey(issuer.TestMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	var key emv.Key
	if err := emv.MasterKey(&key, &imk, emv.OptionA, pan, 0x01); err != nil {
		t.Fatal(err)
	}
	iad, err := emv.ParseVisaIAD(m[0x9F10])
	if err != nil {
		t.Fatal(err)
	}
	p, err := emv.Visa(iad.CVN)
	if err != nil {
		t.Fatal(err)
	}
	ac, err := p.Generate(&key, func(tag tlv.Tag) []byte { return m[tag] })
	if err != nil {
		t.Fatal(err)
	}
	m[0x9F26], m[0x9F27] = ac[:], []byte{iad.CVR[1] << 2 & 0xC0}
}

func (m message) bytes() []byte {
	var b []byte
	for _, tag := range order {
		if v, ok := m[tag]; ok && v != nil {
			b = tlv.Append(b, tag, v)
		}
	}
	return b
}

// The Issuer Application Data of an ARQC, a TC and an AAC by CVN 10, and of an ARQC by CVN 18 and 22.
const (
	iadARQC   = "06010A03A00000"
	iadTC     = "06010A03900000"
	iadAAC    = "06010A03800000"
	iadARQC18 = "06011203A00000"
	iadARQC22 = "1F220103A0000000" + "000000000000000000000000000000000000000000000000"
)

func newHost(t testing.TB, config issuer.Config) *issuer.Host {
	t.Helper()
	h, err := issuer.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestDecide(t *testing.T) {
	scripts := unhex("710686048418000072058603841E00")
	for _, x := range []struct {
		about    string
		config   issuer.Config
		iad      string
		approved bool
		arc      string
		auth     int // bytes
		why      string
	}{
		{"approved", issuer.Config{}, iadARQC, true, "00", 10, issuer.WhyApproved},
		{"approved by CVN 18", issuer.Config{}, iadARQC18, true, "00", 8, issuer.WhyApproved},
		{"approved by CVN 22", issuer.Config{}, iadARQC22, true, "00", 8, issuer.WhyApproved},
		{"a TC", issuer.Config{}, iadTC, true, "00", 0, issuer.WhyApproved},
		{"an AAC", issuer.Config{}, iadAAC, false, "05", 0, issuer.WhyCard},
		{"declined", issuer.Config{Decline: true}, iadARQC, false, "05", 10, issuer.WhyDeclined},
		{"hot card", issuer.Config{HotList: []string{"1", pan}}, iadARQC, false, "05", 10, issuer.WhyHotCard},
		{"at the limit", issuer.Config{Limit: 10000}, iadARQC, true, "00", 10, issuer.WhyApproved},
		{"over the limit", issuer.Config{Limit: 9999, DeclineARC: [2]byte{'5', '1'}}, iadARQC, false, "51", 10, issuer.WhyAmount},
		{"other code", issuer.Config{ApproveARC: [2]byte{'1', '0'}}, iadARQC, true, "10", 10, issuer.WhyApproved},
		{"scripts", issuer.Config{Scripts: scripts}, iadARQC, true, "00", 10, issuer.WhyApproved},
	} {
		v, err := newHost(t, x.config).Decide(valid(t, x.iad, "0001").bytes())
		if err != nil || !v.Valid || v.Approved != x.approved || string(v.ARC[:]) != x.arc || len(v.AuthData) != x.auth ||
			v.Why != x.why || !bytes.Equal(v.Scripts, x.config.Scripts) {
			t.Errorf("%s: %+v, %v", x.about, v, err)
		}
	}
	v, err := newHost(t, issuer.Config{Unable: true}).Decide(nil)
	if err != nil || !v.Unable || v.Valid || v.Approved || v.ARC != [2]byte{} {
		t.Errorf("unable: %+v, %v", v, err)
	}
}

func TestNotTheCard(t *testing.T) {
	otherKey := issuer.Config{MasterKeys: map[byte][]byte{1: bytes.Repeat([]byte{7}, 16)}}
	for _, x := range []struct {
		about  string
		config issuer.Config
		change func(message)
		why    string
	}{
		{"amount", issuer.Config{}, func(m message) { m[0x9F02] = unhex("000000000001") }, issuer.WhyCryptogram},
		{"amount, other", issuer.Config{}, func(m message) { m[0x9F03] = unhex("000000000001") }, issuer.WhyCryptogram},
		{"number", issuer.Config{}, func(m message) { m[0x57][5]++ }, issuer.WhyCryptogram},
		{"sequence number", issuer.Config{}, func(m message) { m[0x5F34] = nil }, issuer.WhyCryptogram},
		{"cryptogram", issuer.Config{}, func(m message) { m[0x9F26][0]++ }, issuer.WhyCryptogram},
		{"version", issuer.Config{}, func(m message) { m[0x9F10][2] = 0x12 }, issuer.WhyCryptogram},
		{"key", otherKey, func(message) {}, issuer.WhyCryptogram},
		{"key index", issuer.Config{}, func(m message) { m[0x9F10][1] = 0x02 }, issuer.WhyKey},
		{"CID", issuer.Config{}, func(m message) { m[0x9F27] = []byte{0x40} }, issuer.WhyType},
		{"type in the CVR", issuer.Config{}, func(m message) { m[0x9F10][4] = 0xB0 }, issuer.WhyType},
		{"type in CVR and CID", issuer.Config{}, func(m message) { m[0x9F10][4], m[0x9F27] = 0x90, []byte{0x40} }, issuer.WhyCryptogram},
	} {
		m := valid(t, iadARQC, "0001")
		x.change(m)
		for _, ask := range []func(*issuer.Host, []byte) (issuer.Verdict, error){(*issuer.Host).Decide, (*issuer.Host).VerifyClearing} {
			v, err := ask(newHost(t, x.config), m.bytes())
			if err != nil || v.Valid || v.Approved || v.AuthData != nil || v.Scripts != nil || v.Why != x.why {
				t.Errorf("%s: %+v, %v", x.about, v, err)
			}
		}
	}
	// What may be left out.
	m := valid(t, iadARQC, "0001")
	m[0x9F03], m[0x9F27] = nil, nil
	if v, err := newHost(t, issuer.Config{}).Decide(m.bytes()); err != nil || !v.Valid || v.Cryptogram != issuer.ARQC {
		t.Errorf("without 9F03 and 9F27: %+v, %v", v, err)
	}
	m[0x57], m[0x5A] = nil, unhex(pan)
	if v, err := newHost(t, issuer.Config{}).Decide(m.bytes()); err != nil || !v.Valid {
		t.Errorf("with 5A only: %+v, %v", v, err)
	}
}

func TestMalformed(t *testing.T) {
	for _, x := range []struct {
		about  string
		change func(message)
		code   string
	}{
		{"no Issuer Application Data", func(m message) { m[0x9F10] = nil }, issuer.CodeMissing},
		{"unknown layout", func(m message) { m[0x9F10] = unhex("07010A03A00000") }, issuer.CodeIAD},
		{"unknown version", func(m message) { m[0x9F10] = unhex("06010B03A00000") }, issuer.CodeIAD},
		{"no cryptogram", func(m message) { m[0x9F26] = nil }, issuer.CodeMissing},
		{"short cryptogram", func(m message) { m[0x9F26] = m[0x9F26][:7] }, issuer.CodeLength},
		{"no counter", func(m message) { m[0x9F36] = nil }, issuer.CodeMissing},
		{"long counter", func(m message) { m[0x9F36] = unhex("000001") }, issuer.CodeLength},
		{"no unpredictable number", func(m message) { m[0x9F37] = nil }, issuer.CodeMissing},
		{"short amount", func(m message) { m[0x9F02] = unhex("0000010000") }, issuer.CodeLength},
		{"amount that is no number", func(m message) { m[0x9F02] = unhex("00000000000A") }, issuer.CodeLength},
		{"long CID", func(m message) { m[0x9F27] = unhex("8080") }, issuer.CodeLength},
		{"sequence number of letters", func(m message) { m[0x5F34] = unhex("0A") }, issuer.CodeLength},
		{"no number", func(m message) { m[0x57] = nil }, issuer.CodePAN},
		{"track 2 without separator", func(m message) { m[0x57] = unhex(pan) }, issuer.CodePAN},
		{"track 2 without number", func(m message) { m[0x57] = unhex("D4912201FF") }, issuer.CodePAN},
		{"two numbers", func(m message) { m[0x5A] = unhex("4761739001010176") }, issuer.CodePAN},
	} {
		m := valid(t, iadARQC, "0001")
		x.change(m)
		v, err := newHost(t, issuer.Config{}).Decide(m.bytes())
		if !errors.Is(err, &issuer.Error{Code: x.code}) || v.Valid || v.Approved || v.Why != x.code || string(v.ARC[:]) != "05" {
			t.Errorf("%s: %+v, %v, want %s", x.about, v, err, x.code)
		}
		if err != nil && strings.Contains(err.Error(), pan[6:12]) {
			t.Errorf("%s: the number is in %q", x.about, err)
		}
	}
	twice := valid(t, iadARQC, "0001").bytes()
	for _, x := range []struct{ data, code string }{
		{"9F", issuer.CodeSyntax},
		{"9F360200", issuer.CodeSyntax},
		{"", issuer.CodeMissing},
		{strings.Repeat("00", 1000), issuer.CodeSyntax},
		{hex.EncodeToString(twice) + "9F0206000000000001", issuer.CodeRepeated},
	} {
		if v, err := newHost(t, issuer.Config{}).Decide(unhex(x.data)); !errors.Is(err, &issuer.Error{Code: x.code}) || v.Valid {
			t.Errorf("%.40s: %+v, %v, want %s", x.data, v, err, x.code)
		}
	}
}

func TestReplay(t *testing.T) {
	h := newHost(t, issuer.Config{})
	first, second := valid(t, iadARQC, "0001"), valid(t, iadARQC, "0002")
	steps := []struct {
		about    string
		ask      func([]byte) (issuer.Verdict, error)
		data     []byte
		approved bool
		why      string
	}{
		{"an ARQC that was not authorised", h.VerifyClearing, second.bytes(), false, issuer.WhyUncleared},
		{"authorisation", h.Decide, second.bytes(), true, issuer.WhyApproved},
		{"again", h.Decide, second.bytes(), false, issuer.WhyReplay},
		{"an earlier counter that was not used", h.Decide, first.bytes(), true, issuer.WhyApproved},
		{"clearing", h.VerifyClearing, second.bytes(), true, issuer.WhyApproved},
		{"clearing again", h.VerifyClearing, second.bytes(), false, issuer.WhyReplay},
		{"another cryptogram with a used counter", h.VerifyClearing, valid(t, iadTC, "0001").bytes(), false, issuer.WhyReplay},
		{"a TC from offline", h.VerifyClearing, valid(t, iadTC, "0003").bytes(), true, issuer.WhyApproved},
		{"its counter online", h.Decide, valid(t, iadARQC, "0003").bytes(), false, issuer.WhyReplay},
		{"an AAC", h.VerifyClearing, valid(t, iadAAC, "0004").bytes(), false, issuer.WhyCard},
	}
	for _, s := range steps {
		v, err := s.ask(s.data)
		if err != nil || v.Approved != s.approved || v.Why != s.why || v.Valid == (s.why == issuer.WhyReplay) {
			t.Errorf("%s: %+v, %v", s.about, v, err)
		}
	}
	h = newHost(t, issuer.Config{Decline: true})
	if v, err := h.Decide(first.bytes()); err != nil || v.Approved {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := h.VerifyClearing(first.bytes()); err != nil || v.Approved || v.Why != issuer.WhyUncleared {
		t.Errorf("clearing of what was declined: %+v, %v", v, err)
	}
}

func TestConfig(t *testing.T) {
	for _, config := range []issuer.Config{
		{MasterKeys: map[byte][]byte{1: {1}}}, {Scripts: unhex("71")}, {Scripts: unhex("7301")}, {Scripts: unhex("730100")},
	} {
		if _, err := issuer.New(config); !errors.Is(err, &issuer.Error{Code: issuer.CodeConfig}) {
			t.Errorf("%+v: %v", config, err)
		}
	}
}

func FuzzDecide(f *testing.F) {
	f.Add(valid(f, iadARQC, "0001").bytes())
	f.Add(valid(f, iadARQC22, "0001").bytes())
	f.Fuzz(func(t *testing.T, de55 []byte) {
		h := newHost(t, issuer.Config{})
		v, err := h.Decide(de55)
		if err != nil && (v.Valid || v.Approved) || v.Approved && !v.Valid {
			t.Fatalf("%+v, %v", v, err)
		}
		if again, _ := h.Decide(de55); again.Valid {
			t.Fatal("a message is valid twice")
		}
	})
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

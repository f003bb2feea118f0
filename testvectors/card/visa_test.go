package card_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// verdict asks a new host what it thinks of the cryptogram.
func verdict(t testing.TB, term *terminal) issuer.Verdict {
	t.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := host.Decide(term.de55())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestProfiles runs every profile: its own decision, its signature, and the issuer's opinion of its cryptogram.
func TestProfiles(t *testing.T) {
	online, offline := byte(0x95), byte(0x05)
	for _, want := range []struct {
		profile string
		status  string // of GET PROCESSING OPTIONS, where it is no 9000
		cid     issuer.Cryptogram
		format  byte // of the signature, 0 for none
	}{
		{"visa-credit", "", issuer.ARQC, online},
		{"visa-debit", "", issuer.ARQC, online},
		{"visa-offline", "", issuer.TC, offline},
		{"visa-expired", "", issuer.TC, offline},
		{"visa-phone", "", issuer.ARQC, online},
		{"visa-phone-locked", "6986", 0, 0},
		{"visa-issuer-update", "", issuer.ARQC, online},
		{"visa-sda", "", issuer.TC, 0x03},
		{"visa-minimal", "", issuer.ARQC, 0},
		{"visa-select-next", "6985", 0, 0},
		{"visa-blocked", "6985", 0, 0},
		{"visa-switch", "6984", 0, 0},
		{"visa-applepay", "", issuer.ARQC, online},
		{"visa-googlepay", "", issuer.ARQC, online},
		{"visa-samsungpay", "", issuer.ARQC, online},
		{"visa-watch", "", issuer.ARQC, online},
		{"visa-phone-refuses", "6985", 0, 0},
	} {
		t.Run(want.profile, func(t *testing.T) {
			c, term := newCard(t, want.profile), purchase()
			err := term.run(c)
			if want.status != "" {
				if !errors.Is(err, errStatus) || !strings.HasSuffix(err.Error(), want.status) {
					t.Fatalf("%v, want %s", err, want.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if term.pairs != len(term.objects) {
				t.Errorf("%d objects, %d different ones", term.pairs, len(term.objects))
			}
			term.want(t, 0x9F36, "0007")
			if v := verdict(t, term); !v.Valid || v.Cryptogram != want.cid {
				t.Errorf("verdict %+v, want a valid %s", v, want.cid)
			}
			for _, a := range term.apdus {
				if len(a) > 258 {
					t.Errorf("an answer of %d bytes", len(a))
				}
			}
			if want.format == 0 {
				return
			}
			s, err := term.authenticate(want.format, want.format)
			if err != nil {
				t.Fatal(err)
			}
			if number, ok := s.DynamicNumber(); s.Hash != nil && (!ok || !bytes.Equal(number, []byte{0, 7})) {
				t.Errorf("ICC Dynamic Number %X, want the ATC", number)
			}
		})
	}
	n := 0
	for _, p := range card.Profiles() {
		if strings.HasPrefix(p.Name, "visa-") && !p.Contact() {
			n++
		}
	}
	if n != 17 {
		t.Errorf("%d profiles, the table has 17", n)
	}
}

// TestDecisions is what visa-offline and others make of what the reader asks.
func TestDecisions(t *testing.T) {
	type facts struct {
		name, profile, ttq, amount, currency string
		cid, ctq                             string
	}
	for _, f := range []facts{
		{"small", "visa-offline", "27000000", "000000005000", "0840", "40", "2000"},
		{"over its limit", "visa-offline", "27000000", "000000005001", "0840", "80", "2000"},
		{"over its limit, reader offline only", "visa-offline", "2F000000", "000000005001", "0840", "00", "2000"},
		{"other currency", "visa-offline", "27000000", "000000000100", "0978", "80", "2000"},
		{"online cryptogram required", "visa-offline", "27800000", "000000000100", "0840", "80", "2000"},
		{"signature", "visa-offline", "27400000", "000000000100", "0840", "40", "6000"},
		{"signature not supported, online PIN", "visa-offline", "25400000", "000000000100", "0840", "80", "A000"},
		{"no CVM in common", "visa-offline", "21400000", "000000000100", "0840", "40", "2000"},
		{"online PIN", "visa-debit", "27400000", "000000000100", "0840", "80", "8000"},
		{"phone, no CVM required", "visa-phone", "27004000", "000000000100", "0840", "80", "0000"},
		{"phone", "visa-phone", "27404000", "000000000100", "0840", "80", "0080"},
		{"phone, reader without consumer device CVM", "visa-phone", "27400000", "000000000100", "0840", "80", "8000"},
		{"issuer update", "visa-issuer-update", "27808000", "000000000100", "0840", "80", "0040"},
		{"issuer update not supported", "visa-issuer-update", "27800000", "000000000100", "0840", "80", "0000"},
	} {
		t.Run(f.name, func(t *testing.T) {
			term := tap(t, newCard(t, f.profile), purchase().with(0x9F66, f.ttq).with(0x9F02, f.amount).with(0x5F2A, f.currency))
			term.want(t, 0x9F27, f.cid)
			term.want(t, 0x9F6C, f.ctq)
			if v := verdict(t, term); !v.Valid {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

func TestFundsAreSpent(t *testing.T) {
	c := newCard(t, "visa-offline")
	for _, want := range []struct{ cid, left string }{{"40", "000000006000"}, {"40", "000000002000"}, {"80", "000000002000"}} {
		term := tap(t, c, purchase().with(0x9F02, "000000004000"))
		term.want(t, 0x9F27, want.cid)
		term.want(t, 0x9F5D, want.left)
		c.Reset()
	}
}

func TestPhoneIsUnlockedBetweenTaps(t *testing.T) {
	c, term := newCard(t, "visa-phone-locked"), purchase().with(0x9F66, "27404000")
	for range 2 {
		if err := term.run(c); err == nil || !strings.HasSuffix(err.Error(), "6986") {
			t.Fatalf("first tap: %v", err)
		}
	}
	c.Reset()
	tap(t, c, term)
	term.want(t, 0x9F6C, "0080")
	term.want(t, 0x9F36, "0007")
	if v := verdict(t, term); !v.Valid || len(v.AuthData) != 8 {
		t.Errorf("verdict %+v", v)
	}
}

func TestSecondApplicationOfTheDirectory(t *testing.T) {
	c, term := newCard(t, "visa-select-next"), purchase()
	if err := term.run(c); err == nil {
		t.Fatal("the first application works")
	}
	fci, err := term.send(c, unhex("00A4040007A000000003201000"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.options(c, fci); err != nil {
		t.Fatal(err)
	}
	// By the first bytes of the name: the first, then the next, then none.
	for _, want := range []struct{ command, aid string }{
		{"00A4040005A00000000300", "A0000000031010"}, {"00A4040205A00000000300", "A0000000032010"}, {"00A4040205A00000000300", ""},
	} {
		fci, err := term.send(c, unhex(want.command))
		name, _ := tlv.Find(fci, 0x6F, 0x84)
		if !bytes.Equal(name, unhex(want.aid)) || (err == nil) != (want.aid != "") {
			t.Errorf("%s selects %X, %v", want.command, name, err)
		}
	}
}

// TestIssuerUpdate is the second tap: SELECT, EXTERNAL AUTHENTICATE and scripts, with no GET PROCESSING OPTIONS.
func TestIssuerUpdate(t *testing.T) {
	for _, iad := range []string{"", "06011203000000"} {
		var set map[tlv.Tag][]byte
		if iad != "" {
			set = map[tlv.Tag][]byte{0x9F10: unhex(iad)}
		}
		c := newSet(t, "visa-issuer-update", set)
		term := tap(t, c, purchase().with(0x9F66, "27808000"))
		v := verdict(t, term)
		c.Reset()
		if _, err := term.choose(c); err != nil {
			t.Fatal(err)
		}
		wrong := append([]byte{}, v.AuthData...)
		wrong[0] ^= 1
		authenticate := func(data []byte) string {
			_, err := term.send(c, []byte{0x00, 0x82, 0, 0, byte(len(data))}, data)
			if err == nil {
				return "9000"
			}
			return strings.TrimPrefix(err.Error(), "status word ")
		}
		if sw := authenticate(v.AuthData); sw != "9000" {
			t.Errorf("the issuer's own answer gives %s", sw)
		}
		if sw := authenticate(v.AuthData); sw != "6985" {
			t.Errorf("the second attempt gives %s", sw)
		}
		script := unhex("8418000004 01020304")
		if _, err := term.send(c, script); err != nil || len(c.Scripts()) != 1 || !bytes.Equal(c.Scripts()[0], script) {
			t.Errorf("script: %v, %X", err, c.Scripts())
		}
		// Its funds are full again.
		tap(t, c, purchase()).want(t, 0x9F27, "40")
		tap(t, c, term)
		if sw := authenticate(wrong); sw != "6300" {
			t.Errorf("a wrong answer gives %s", sw)
		}
	}
	// Other cards know none of it.
	c, term := newCard(t, "visa-credit"), purchase()
	tap(t, c, term)
	if _, err := term.send(c, unhex("008200000A 00000000000000000000")); err == nil || !strings.HasSuffix(err.Error(), "6D00") {
		t.Errorf("EXTERNAL AUTHENTICATE: %v", err)
	}
}

func TestPersonalisation(t *testing.T) {
	set := map[tlv.Tag][]byte{
		0x9F6C: unhex("0080"), 0x9F36: unhex("1234"), 0x9F10: unhex("06011203000000"), 0x5F28: unhex("0826"),
		0xDF01: unhex("AA"), 0x5F34: nil, 0x50: []byte("OTHER"),
	}
	c := newSet(t, "visa-credit", set)
	term := tap(t, c, purchase())
	term.want(t, 0x9F6C, "0080")
	term.want(t, 0x9F36, "1234")
	term.want(t, 0x9F10, "06011203A00002")
	term.want(t, 0x5F28, "0826")
	term.want(t, 0xDF01, "AA")
	term.want(t, 0x5F34, "")
	term.want(t, 0x9F69, "01"+strings.ToUpper(hexOf(term.objects[0x9F69][1:5]))+"0080")
	if !sent(term.apdus[:1], []byte("OTHER")) || !sent(term.apdus[1:2], []byte("OTHER")) {
		t.Error("the label is not in directory and FCI")
	}
	if _, err := term.authenticate(0x95, 0); err != nil {
		t.Error(err)
	}
	if v := verdict(t, term); !v.Valid {
		t.Errorf("verdict %+v", v)
	}
	// What can't be computed with is sent all the same.
	c = newSet(t, "visa-credit", map[tlv.Tag][]byte{0x9F10: {1}, 0x57: {0xFF}, 0x82: {0x20}, 0x5A: {0x99}})
	term = tap(t, c, purchase())
	term.want(t, 0x9F10, "01")
	term.want(t, 0x57, "FF")
	term.want(t, 0x82, "20")
	// A card that is told to decline says so in CID and cryptogram.
	term = tap(t, newSet(t, "visa-offline", map[tlv.Tag][]byte{0x9F27: {0x00}}), purchase())
	term.want(t, 0x9F27, "00")
	if v := verdict(t, term); !v.Valid || v.Approved || v.Cryptogram != issuer.AAC {
		t.Errorf("verdict %+v", v)
	}
}

// TestSameInputsSameBytes makes each card twice.
func TestSameInputsSameBytes(t *testing.T) {
	for _, p := range card.Profiles() {
		a, b := purchase(), purchase()
		errA, errB := a.run(newCard(t, p.Name)), b.run(newCard(t, p.Name))
		if (errA == nil) != (errB == nil) || len(a.apdus) != len(b.apdus) {
			t.Fatalf("%s: %v, %v", p.Name, errA, errB)
		}
		for i := range a.apdus {
			if !bytes.Equal(a.apdus[i], b.apdus[i]) {
				t.Errorf("%s: answer %d differs", p.Name, i)
			}
		}
	}
	c, err := card.New(card.Config{Profile: "visa-offline", Rand: bytes.NewReader(unhex("01020304"))})
	if err != nil {
		t.Fatal(err)
	}
	term := tap(t, c, purchase())
	term.want(t, 0x9F69, "01010203042000")
	if err := term.run(c); !errors.Is(err, &card.Error{Code: card.CodeRandom}) {
		t.Errorf("no random bytes left: %v", err)
	}
}

func TestCounterEnds(t *testing.T) {
	c, err := card.New(card.Config{Profile: "visa-credit", ATC: 0xFFFE})
	if err != nil {
		t.Fatal(err)
	}
	tap(t, c, purchase()).want(t, 0x9F36, "FFFF")
	if err := purchase().run(c); err == nil || !strings.HasSuffix(err.Error(), "6985") {
		t.Errorf("after FFFF: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got, err := newCard(t, "visa-credit").Transmit(ctx, []byte{7}, unhex("00A40400"))
	if !errors.Is(err, context.Canceled) || !bytes.Equal(got, []byte{7}) {
		t.Errorf("%X, %v", got, err)
	}
}

package card_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// coded is an error of another package with the code of a reader driver.
type coded string

func (c coded) Error() string     { return string(c) }
func (c coded) ErrorCode() string { return string(c) }

// exchange sends the directory's SELECT and returns the answer.
func exchange(c *card.Card) ([]byte, error) {
	return c.Transmit(context.Background(), nil, append(append(unhex("00A404000E"), "2PAY.SYS.DDF01"...), 0))
}

func TestLinkFaults(t *testing.T) {
	honest, err := exchange(newCard(t, "visa-credit"))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(honest)
	changed[2] ^= 0x80
	shorter := append(bytes.Clone(honest[:len(honest)-5]), 0x90, 0x00)
	for _, f := range []struct {
		fault string
		want  []byte // of the second command
		code  coded
		after bool // the third command is answered as it should
	}{
		{"removed@2", nil, card.CodeRemoved, false},
		{"timeout@2", nil, card.CodeTimeout, true},
		{"transmission@2..", nil, card.CodeTransmission, false},
		{"protocol@2", nil, card.CodeProtocol, true},
		{"collision@2", nil, card.CodeCollision, true},
		{"empty@2", []byte{}, "", true},
		{"sw=6A82@2", unhex("6A82"), "", true},
		{"61xx@2..", unhex("61FF"), "", false},
		{"answer=6F009000@2", unhex("6F009000"), "", true},
		{"flip-answer=2:80@2", changed, "", true},
		{"truncate=3@2", shorter, "", true},
	} {
		c := newCard(t, "visa-credit", f.fault)
		for n := 1; n <= 3; n++ {
			got, err := exchange(c)
			switch {
			case n == 2 && f.code != "":
				if !errors.Is(err, f.code) || errors.Is(err, coded("card.other")) {
					t.Errorf("%s: %v, want %s", f.fault, err, string(f.code))
				}
			case n == 2:
				if err != nil || !bytes.Equal(got, f.want) {
					t.Errorf("%s: %X, %v, want %X", f.fault, got, err, f.want)
				}
			case bytes.Equal(got, honest) != (n == 1 || f.after):
				t.Errorf("%s: answer %d is %X, %v", f.fault, n, got, err)
			}
		}
		if idle := c.Idle(); len(idle) != 0 {
			t.Errorf("%s counts as idle", f.fault)
		}
	}
	// A card that is gone comes back when it is brought back.
	c := newCard(t, "visa-credit", "removed@1")
	_, first := exchange(c)
	_, second := exchange(c)
	c.Reset()
	if got, err := exchange(c); first == nil || second == nil || !bytes.Equal(got, honest) {
		t.Errorf("%v, %v, then %X, %v", first, second, got, err)
	}
	a, _ := exchange(newCard(t, "visa-credit", "garbage@1"))
	b, _ := exchange(newCard(t, "visa-debit", "garbage@1"))
	if len(a) != 40 || !bytes.Equal(a, b) {
		t.Errorf("garbage %X, %X", a, b)
	}
	// A timeout loses the answer to a command on which the card has acted: the counter counts.
	c, term := newCard(t, "visa-credit", "timeout@3"), purchase()
	if err := term.run(c); !errors.Is(err, coded(card.CodeTimeout)) {
		t.Fatal(err)
	}
	c.Reset()
	tap(t, c, term).want(t, 0x9F36, "0008")
}

// TestObjectFaults looks at what is sent.
func TestObjectFaults(t *testing.T) {
	run := func(fault string) *terminal {
		c, term := newCard(t, "visa-debit", fault), purchase()
		if err := term.run(c); err != nil {
			t.Fatalf("%v: %v", fault, err)
		}
		if idle := c.Idle(); len(idle) > 0 {
			t.Errorf("idle: %v", idle)
		}
		return term
	}
	plain := tap(t, newCard(t, "visa-debit"), purchase())
	run("flip=5F24:1:F0").want(t, 0x5F24, "49E231")
	run("flip=5F24").want(t, 0x5F24, "481231")
	run("drop=9F6C").want(t, 0x9F6C, "")
	run("add=9F02:000000000001").want(t, 0x9F02, "000000000001")
	if term := run("add=9F08:"); !sent(term.apdus, unhex("9F0800")) {
		t.Error("an object without a value is not sent")
	}
	if term := run("repeat=9F27"); term.pairs != plain.pairs+1 || !sent(term.apdus, unhex("9F2701809F270180")) {
		t.Error("repeat=9F27 is not sent twice")
	}
	for _, at := range []struct {
		place string
		n     int
	}{{"ppse", 0}, {"fci", 1}, {"gpo", 2}, {"2.1", 6}, {"3.1", 7}} {
		term := run("add=DF01:CAFE:" + at.place)
		for n := range term.apdus {
			if sent(term.apdus[n:n+1], unhex("DF0102CAFE")) != (n == at.n) {
				t.Errorf("add in %s: answer %d", at.place, n)
			}
		}
	}
	if term := run("nested=3"); !sent(term.apdus, unhex("E104E102E100")) {
		t.Error("nested=3 is not sent")
	}
	c, term := newCard(t, "visa-debit", "nested=1000:fci"), purchase()
	if err := term.run(c); err != nil || len(c.Idle()) > 0 || len(term.apdus[1]) < 2000 {
		t.Errorf("nested=1000: %v, %d bytes", err, len(term.apdus[1]))
	}
	for _, f := range []struct {
		fault string
		n     int
	}{{"long-records", 254}, {"long-records=256", 256}, {"long-records=300", 300}} {
		c, term := newCard(t, "visa-debit", f.fault), purchase()
		tap(t, c, term)
		for _, r := range c.Records() {
			if r.Len != f.n {
				t.Errorf("%s: record %d.%d has %d bytes", f.fault, r.SFI, r.Number, r.Len)
			}
		}
	}
	term = run("atc-stuck")
	term.want(t, 0x9F36, "0006")
	c = newCard(t, "visa-debit", "flip-record=2.1:0:01")
	if err := purchase().run(c); err == nil || len(c.Idle()) > 0 {
		t.Errorf("a changed template: %v", err)
	}
}

func TestFaultSyntax(t *testing.T) {
	for _, text := range []string{
		"", "nothing", "removed", "removed@", "removed@0", "removed@x", "removed=1@1", "drop", "drop=", "drop=9F", "drop=5A@1",
		"flip=5A:x", "flip=5A:0:00", "flip=5A:0:0102", "flip-record=0.1:0", "flip-record=31.1:0", "flip-record=1:0",
		"add=5A", "add=5A:0", "add=5A:00:nowhere", "nested=0", "nested=1001", "ca-index=0102", "sw=90@1", "truncate=0@1",
		"long-records=0", "issuer-expired=1", "sdad-format=",
	} {
		_, err := card.New(card.Config{Profile: "visa-credit", Faults: []string{text}})
		if !errors.Is(err, &card.Error{Code: card.CodeFault}) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, config := range []card.Config{
		{}, {Profile: "other"},
	} {
		if _, err := card.New(config); !errors.Is(err, &card.Error{Code: card.CodeProfile}) {
			t.Errorf("%+v: %v", config, err)
		}
	}
	if _, err := card.New(card.Config{Profile: "visa-credit", Set: map[tlv.Tag][]byte{0x9F: {1}}}); !errors.Is(err, &card.Error{Code: card.CodeSet}) {
		t.Error(err)
	}
	for _, f := range card.Faults() {
		if f.Syntax == "" || f.About == "" {
			t.Errorf("%+v", f)
		}
	}
}

// TestSigningFaults is each fault that makes offline data authentication fail in its own place.
func TestSigningFaults(t *testing.T) {
	for _, f := range []struct {
		fault string
		want  string // the code of the check that fails
	}{
		{"issuer-expired", string(cert.CodeIssuerExpired)},
		{"issuer-revoked", string(cert.CodeIssuerRevoked)},
		{"wrong-issuer-id", string(cert.CodeIssuerIdentifier)},
		{"icc-expired", string(cert.CodeICCExpired)},
		{"wrong-pan-in-cert", string(cert.CodeICCPAN)},
		{"sdad-replay", string(cert.CodeSDADHash)},
		{"sdad-format=05", string(cert.CodeSDADFormat)},
		{"flip=9F69:2", string(cert.CodeSDADHash)},
		{"flip=5F28", string(cert.CodeICCHash)},
		{"drop=5F28", string(cert.CodeICCHash)},
		{"add=DF01:00:2.1", string(cert.CodeICCHash)},
		{"drop=92", string(cert.CodeIssuerRemainderMissing)},
		{"drop=9F48", string(cert.CodeICCRemainderMissing)},
		{"ca-index=C2", string(cert.CodeIssuerLength)},
		{"ca-index=00", "no CA key"},
		{"wrong-icc-key", "cert.sdad."},
		{"long-records", ""},
		{"add=9F02:000000000001", ""},
	} {
		c, term := newCard(t, "visa-debit", f.fault), purchase()
		term.revoked = capk.NewRevocationList(capk.Revocation{
			RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: card.AuthorityShort, Serial: card.RevokedSerial(),
		})
		tap(t, c, term)
		_, err := term.authenticate(0x95, 0)
		if err == nil && f.want != "" || err != nil && (f.want == "" || !strings.HasPrefix(err.Error(), f.want)) {
			t.Errorf("%s: %v, want %s", f.fault, err, f.want)
		}
		if idle := c.Idle(); len(idle) > 0 {
			t.Errorf("%s counts as idle", f.fault)
		}
		if v := verdict(t, term); !v.Valid {
			t.Errorf("%s: verdict %+v", f.fault, v)
		}
	}
	term := tap(t, newCard(t, "visa-debit", "wrong-cryptogram"), purchase())
	if v := verdict(t, term); v.Valid || v.Why != issuer.WhyCryptogram {
		t.Errorf("wrong-cryptogram: verdict %+v", v)
	}
	if c := newCard(t, "visa-debit", "flip=9F69:40"); true {
		tap(t, c, purchase())
		if idle := c.Idle(); len(idle) != 1 {
			t.Errorf("an offset behind the end: idle %v", idle)
		}
	}
}

// TestEverySignedByteIsNoticed changes each byte that the card says is covered, one at a time.
func TestEverySignedByteIsNoticed(t *testing.T) {
	for _, x := range []struct {
		profile         string
		dynamic, static byte
	}{{"visa-debit", 0x95, 0}, {"visa-offline", 0x05, 0}, {"visa-sda", 0, 0x03}} {
		t.Run(x.profile, func(t *testing.T) {
			t.Parallel()
			c := newCard(t, x.profile)
			tap(t, c, purchase())
			// noticed runs a card with one byte changed and reports whether who must notice does.
			noticed := func(fault string, by card.Cover) bool {
				bad, term := newCard(t, x.profile, fault), purchase()
				if term.run(bad) != nil {
					return true
				}
				if len(bad.Idle()) > 0 {
					t.Errorf("%s changes nothing", fault)
				}
				if by == card.CoverCryptogram {
					host, err := issuer.New(issuer.Config{})
					if err != nil {
						t.Fatal(err)
					}
					v, _ := host.Decide(term.de55())
					return !v.Valid
				}
				_, err := term.authenticate(x.dynamic, x.static)
				return err != nil
			}
			covered := map[tlv.Tag]bool{}
			for _, s := range c.Signed() {
				covered[s.Tag] = true
				for _, offset := range offsets(s.From, s.To, 1) {
					text := fmt.Sprintf("flip=%s:%d:%02X", s.Tag, offset, 1<<(offset%8))
					if !noticed(text, s.By) {
						t.Errorf("%s is not noticed by %s", text, s.By)
					}
				}
			}
			for _, r := range c.Records() {
				for _, offset := range offsets(0, r.Len, 3) {
					text := fmt.Sprintf("flip-record=%d.%d:%d:%02X", r.SFI, r.Number, offset, 1<<(offset%8))
					if r.Covered != card.CoverOffline || !noticed(text, r.Covered) {
						t.Errorf("%s is not noticed by %q", text, r.Covered)
					}
				}
			}
			for _, tag := range []tlv.Tag{0x8F, 0x90, 0x9F32, 0x5A, 0x9F10, 0x9F26, 0x9F36, 0x57} {
				if !covered[tag] {
					t.Errorf("%s is not listed", tag)
				}
			}
		})
	}
}

// offsets are all offsets of a short value, and those that step and the length of the run leave of a long one.
func offsets(from, to, step int) []int {
	if testing.Short() {
		step = 11
	}
	if to-from < 24 {
		step = 1
	}
	var list []int
	for i := from; i < to; i += step {
		list = append(list, i)
	}
	return list
}

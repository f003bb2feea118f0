package card_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// talk sends commands in order and compares the answers: ".." at the end of a wanted answer stands for the rest, a status
// word alone for any data with it.
func talk(t *testing.T, c *card.Card, lines ...[3]string) {
	t.Helper()
	for _, l := range lines {
		got, err := c.Transmit(context.Background(), nil, unhex(l[1]))
		if err != nil {
			t.Fatalf("%s: %v", l[0], err)
		}
		text := hexOf(got)
		if want := l[2]; len(want) == 4 && len(text) >= 4 {
			text = text[len(text)-4:]
		}
		if text != hexOf(unhex(l[2])) {
			t.Errorf("%s: %s, want %s", l[0], hexOf(got), l[2])
		}
	}
}

const (
	selectVisa = "00A4040007A000000003101000"
	noOptions  = "80A8000002830000"
	// 60.00 USD on 30 November 2026, TVR zero, unpredictable number 01020304.
	cdolValues = "000000006000" + "000000000000" + "0840" + "0000000000" + "0840" + "261130" + "00" + "01020304"
	askARQC    = "80AE80001D" + cdolValues + "00"
	askTC2     = "80AE40001F" + "3030" + cdolValues + "00"
	plain1234  = "0020008008" + "241234FFFFFFFFFF"
	plain0000  = "0020008008" + "240000FFFFFFFFFF"
)

func TestContactStatusWords(t *testing.T) {
	c := newCard(t, "contact-scripts")
	talk(t, c,
		[3]string{"an application that is not there", "00A4040007A000000004101000", "6A82"},
		[3]string{"the directory of contactless cards", "00A404000E325041592E5359532E444446303100", "6A82"},
		[3]string{"options before selection", noOptions, "6985"},
		[3]string{"a cryptogram before selection", askARQC, "6985"},
		[3]string{"the directory", "00A404000E315041592E5359532E444446303100", "6F1E840E315041592E5359532E4444463031A50C8801015F2D02656E9F110101" + "9000"},
		[3]string{"its record", "00B2010C00", "701B61194F07A0000000031010500B5649534120435245444954870101" + "9000"},
		[3]string{"no other record", "00B2020C00", "6A83"},
		[3]string{"part of a name", "00A4040005A00000000300", "9000"},
		[3]string{"the next one", "00A4040205A00000000300", "6A82"},
		[3]string{"no directory any more", "00B2010C00", "6985"},
		[3]string{"the name", selectVisa, "9000"},
		[3]string{"options of another list", "80A800000483021122", "6700"},
		[3]string{"a PIN before options", plain1234, "6985"},
		[3]string{"options", noOptions, "9000"},
		[3]string{"options again", noOptions, "6985"},
		[3]string{"counter", "80CA9F3600", "9F36020007" + "9000"},
		[3]string{"last online", "80CA9F1300", "9F13020000" + "9000"},
		[3]string{"tries", "80CA9F1700", "9F170103" + "9000"},
		[3]string{"no log", "80CA9F4F00", "6A88"},
		[3]string{"PIN of no known kind", "0020008108241234FFFFFFFFFF", "6A86"},
		[3]string{"half a PIN", "00200080042412FFFF", "6700"},
		[3]string{"a wrong PIN", plain0000, "63C2"},
		[3]string{"the PIN", plain1234, "9000"},
		[3]string{"tries again", "80CA9F1700", "9F170103" + "9000"},
		[3]string{"an enciphered PIN without a challenge", "0020008890" + zeros(144), "6985"},
		[3]string{"a script before the cryptogram", "841E000008" + zeros(8), "6985"},
		[3]string{"authentication before the cryptogram", "008200000A" + zeros(10), "6985"},
		[3]string{"a cryptogram over too little", "80AE80000101" + "00", "6700"},
		[3]string{"a cryptogram of no type", "80AEC0001D" + cdolValues + "00", "6A86"},
		[3]string{"an ARQC", askARQC, "9000"},
		[3]string{"a script of another issuer", "841E000008" + zeros(8), "6988"},
		[3]string{"a false answer of the issuer", "008200000A" + zeros(10), "6300"},
		[3]string{"an answer for the second time", "008200000A" + zeros(10), "6985"},
		[3]string{"a second ARQC", "80AE80001F3030" + cdolValues + "00", "6985"},
		[3]string{"the second cryptogram", askTC2, "9000"},
		[3]string{"a third one", askTC2, "6985"},
		[3]string{"a command that is not known", "80FF0000", "6D00"},
		[3]string{"a class that is not known", "90B2010C00", "6E00"},
	)
	// The PIN is blocked after three tries, whatever comes then.
	c = newCard(t, "contact-pin-plain")
	talk(t, c,
		[3]string{"select", selectVisa, "9000"},
		[3]string{"options", noOptions, "9000"},
		[3]string{"first", plain0000, "63C2"}, [3]string{"second", plain0000, "63C1"}, [3]string{"third", plain0000, "63C0"},
		[3]string{"fourth", plain0000, "6983"}, [3]string{"the right one", plain1234, "6983"},
		[3]string{"no enciphered one", "0020008890" + zeros(144), "6A86"},
	)
}

// TestContactDDA verifies an old and a new signature of the card without a kernel (Book 2, 5 and 6).
func TestContactDDA(t *testing.T) {
	for _, profile := range []string{"visa-contact", "visa-contact-sda"} {
		c := newCard(t, profile)
		objects, static := map[tlv.Tag][]byte{}, [][]byte{}
		send := func(command string) []byte {
			got, err := c.Transmit(context.Background(), nil, unhex(command))
			if err != nil || len(got) < 2 || !bytes.HasSuffix(got, []byte{0x90, 0}) {
				t.Fatalf("%s: %X, %v", command, got, err)
			}
			return got[:len(got)-2]
		}
		send(selectVisa)
		options := send(noOptions)
		aip, ok := tlv.Find(options, 0x77, 0x82)
		afl, _ := tlv.Find(options, 0x77, 0x94)
		if v, format1 := tlv.Find(options, 0x80); !ok && format1 {
			aip, afl = v[:2], v[2:]
		}
		for ; len(afl) >= 4; afl = afl[4:] {
			for n := afl[1]; n <= afl[2]; n++ {
				body, ok := tlv.Find(send(hexOf([]byte{0, 0xB2, n, afl[0] | 4, 0})), 0x70)
				if !ok {
					t.Fatal("a record without template")
				}
				for o := tlv.Read(body); o.Next(); {
					objects[o.Tag()] = o.Value()
				}
				if n-afl[1] < afl[3] {
					static = append(static, body)
				}
			}
		}
		static = append(static, aip)
		set, err := capk.Test()
		if err != nil {
			t.Fatal(err)
		}
		ca, ok := set.CAPK(capk.RID{0xA0, 0, 0, 0, 3}, objects[0x8F][0])
		if !ok {
			t.Fatal("no CA key")
		}
		var v cert.Verifier
		today := capk.Date{0x26, 0x11, 0x30}
		key, err := v.Issuer(ca, cert.IssuerData{Certificate: objects[0x90], Remainder: objects[0x92], Exponent: objects[0x9F32], PAN: objects[0x5A], Today: today})
		if err != nil {
			t.Fatal(err)
		}
		if profile == "visa-contact-sda" {
			if _, err := v.SSAD(key.Key, objects[0x93], cert.FormatSSAD, static); err != nil {
				t.Errorf("%s: %v", profile, err)
			}
			continue
		}
		icc, err := v.ICC(key.Key, cert.ICCData{Certificate: objects[0x9F46], Remainder: objects[0x9F48], Exponent: objects[0x9F47], PAN: objects[0x5A], Today: today, Static: static})
		if err != nil {
			t.Fatal(err)
		}
		signature, _ := tlv.Find(send("00880000040102030400"), 0x77, 0x9F4B)
		if _, err := v.SDAD(icc.Key, signature, cert.FormatSDAD, [][]byte{{1, 2, 3, 4}}); err != nil {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// TestContactLog reads the transaction log (Book 3, D4): newest first, ten at most.
func TestContactLog(t *testing.T) {
	c, err := card.New(card.Config{Profile: "contact-offline", Set: map[tlv.Tag][]byte{
		0x9F4F: unhex("9A039F02069F3602"), 0x9F58: {99},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		talk(t, c,
			[3]string{"select", selectVisa, "9000"}, [3]string{"options", noOptions, "9000"},
			[3]string{"a TC", "80AE40001D" + cdolValues + "00", "9000"},
		)
	}
	talk(t, c,
		[3]string{"format", "80CA9F4F00", "9F4F089A039F02069F3602" + "9000"},
		[3]string{"newest", "00B2015C00", "261130000000006000000C" + "9000"},
		[3]string{"oldest", "00B20A5C00", "2611300000000060000003" + "9000"},
		[3]string{"none", "00B20B5C00", "6A83"},
	)
}

// TestPower is the answer to reset of every kind of card. The basic ones are those of Book 1, tables 19 and 20.
func TestPower(t *testing.T) {
	for profile, want := range map[string][2]string{
		"visa-contact":       {"3B6500004357303030", "3B6500004357303030"},
		"amex-contact":       {"3BE500008131FE454357303030CA", "3BE500008131FE454357303030CA"},
		"contact-warm-reset": {"3B45004357303030", "3B45004357303030"},
		"contact-bad-atr":    {"3A6500004357303030", "3A6500004357303030"},
		"contact-mute":       {"", ""},
		"visa-credit":        {"", ""},
	} {
		for i, warm := range []bool{false, true} {
			atr, err := newCard(t, profile).Power(warm)
			if hexOf(atr) != want[i] || (err == nil) != (want[i] != "") || err != nil && !errors.Is(err, coded(card.CodeTimeout)) {
				t.Errorf("%s: %X, %v", profile, atr, err)
			}
		}
	}
	contacts := 0
	for _, p := range card.Profiles() {
		if p.Contact() {
			contacts++
		}
	}
	if contacts != 23 {
		t.Errorf("%d cards with contacts, the table has 23", contacts)
	}
}

// TestTPDU is T=0 at the wire (Book 1, 9.3.1): what the card answers to each form of a command.
func TestTPDU(t *testing.T) {
	c := newCard(t, "contact-scripts")
	if _, err := c.Power(false); err != nil {
		t.Fatal(err)
	}
	whole, err := newCard(t, "contact-scripts").Transmit(context.Background(), nil, unhex(selectVisa))
	if err != nil {
		t.Fatal(err)
	}
	n := hexOf([]byte{byte(len(whole) - 2)})
	for _, l := range [][3]string{
		{"case 4", "00A4040007A0000000031010", "61" + n},
		{"another length is asked for", "00C0000001", "6C" + n},
		{"the right one", "00C00000" + n, hexOf(whole)},
		{"nothing is left", "00C00000" + n, "6D00"},
		{"case 4 again", "80A80000028300", "61"},
		{"a command in between", "80CA9F3600", "6C05"},
		{"with the length", "80CA9F3605", "9F360200079000"},
		{"what waited is gone", "00C0000010", "6D00"},
		{"case 3", plain0000, "63C2"},
		{"case 1", "0020008000", "6700"},
	} {
		got, err := c.TransmitTPDU(context.Background(), nil, unhex(l[1]))
		text := hexOf(got)
		if l[2] == "61" {
			text = text[:2]
		}
		if err != nil || text != l[2] {
			t.Errorf("%s: %X, %v, want %s", l[0], got, err, l[2])
		}
	}
	blocked := newCard(t, "contact-blocked-application")
	for _, l := range [][2]string{{"00A4040007A0000000031010", "6283"}, {"00C0000000", "6C" + n}} {
		if got, err := blocked.TransmitTPDU(context.Background(), nil, unhex(l[0])); err != nil || hexOf(got) != l[1] {
			t.Errorf("a warning: %X, %v, want %s", got, err, l[1])
		}
	}
	for _, bad := range []string{"", "00A40400"} {
		if _, err := c.TransmitTPDU(context.Background(), nil, unhex(bad)); !errors.Is(err, coded(card.CodeProtocol)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := newCard(t, "visa-credit").TransmitTPDU(context.Background(), nil, unhex(selectVisa)); !errors.Is(err, coded(card.CodeProtocol)) {
		t.Errorf("a card without contacts: %v", err)
	}
}

// TestContactKeys holds the card's published keys to the issuer's, which were written apart.
func TestContactKeys(t *testing.T) {
	if !bytes.Equal(card.TestMACKey(), issuer.TestMACKey()) || !bytes.Equal(card.TestEncipherKey(), issuer.TestEncipherKey()) {
		t.Error("card and issuer have different keys for scripts")
	}
	for _, k := range [][]byte{card.TestMACKey(), card.TestEncipherKey()} {
		if _, err := emv.NewKey(k); err != nil || bytes.Equal(k, card.TestMasterKey()) {
			t.Errorf("%v", err)
		}
	}
}

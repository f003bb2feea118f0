package mastercard_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	emvissuer "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
)

// TestProfiles runs a purchase with every card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "mastercard-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c2.arqc"},
		{Profile: "mastercard-debit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-debit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c2.arqc"},
		{Profile: "mastercard-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c2.tc"},
		{Profile: "mastercard-offline", Amount: 6000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-magstripe", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.checksum", Unheard: true},
		{Profile: "mastercard-magstripe", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c2.checksum", Unheard: true},
		{Profile: "mastercard-rrp", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c2.tc"},
		{Profile: "mastercard-rrp-slow", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-torn", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c2.tc"},
		{Profile: "mastercard-ids", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-declines", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NoCVM, Code: "c2.aac"},
		{Profile: "mastercard-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable, Code: "entry.no_candidate"},
		{Profile: "mastercard-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c2.arqc"},
		{Profile: "mastercard-phone-locked", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc", Taps: 2},
		{Profile: "mastercard-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c2.arqc", Taps: 2},
		{Profile: "mastercard-phone-refuses", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NoCVM, Code: "c2.aac"},
		{Profile: "mastercard-applepay", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c2.arqc"},
		{Profile: "mastercard-googlepay", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c2.arqc"},
		{Profile: "mastercard-samsungpay", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c2.arqc"},
		{Profile: "mastercard-watch", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c2.arqc"},
	})
}

// TestSecondTap: a phone that asks for its owner ends the application and is asked for again.
func TestSecondTap(t *testing.T) {
	out, err := bench.Terminal(t, nil).Transact(context.Background(), kerneltest.NewCard(t, "mastercard-phone-locked"), purchase(1250))
	if err != nil || out.Kind != kernel.EndApplication || out.Why.Code != "c2.second_tap" || !contactless.NeedsRestart(&out, nil) {
		t.Errorf("%v because of %v, %v", out.Kind, out.Why, err)
	}
}

// TestDeclinedRecord: a declined transaction has its cryptogram in the record.
func TestDeclinedRecord(t *testing.T) {
	for _, profile := range []string{"mastercard-declines", "mastercard-phone-refuses"} {
		out, _ := kerneltest.Transact(t, bench.Terminal(t, nil), kerneltest.NewCard(t, profile), purchase(1250))
		if v, ok := tlv.Find(out.Record, 0x9F26); out.Why.Code != "c2.aac" || !ok || len(v) != 8 {
			t.Errorf("%s: %v because of %v, cryptogram %X", profile, out.Kind, out.Why, v)
		}
	}
}

func TestEverySignedByte(t *testing.T) {
	bench.EverySignedByte(t, "mastercard-offline", card.CoverOffline, 1200)
	bench.EverySignedByte(t, "mastercard-debit", card.CoverCryptogram, 20)
	for _, profile := range []string{"mastercard-credit", "mastercard-rrp", "mastercard-applepay"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 12)
	}
}

// TestSimulatedAttacks are what a middleman or a bad card does (Book 2, 6.6; C-2): none is approved, and what goes online
// the issuer sees through.
func TestSimulatedAttacks(t *testing.T) {
	for _, c := range []struct {
		about, profile, fault string
		code                  string
	}{
		{"another unpredictable number is signed", "mastercard-offline", "sdad-replay", "cert.sdad.hash"},
		{"another key signs", "mastercard-offline", "wrong-icc-key", "cert.sdad"},
		{"the signature has another format", "mastercard-offline", "sdad-format=95", "cert.sdad.format"},
		{"the signature is taken away", "mastercard-offline", "drop=9F4B", "c2.missing_9F26"},
		{"the list of CVMs is changed", "mastercard-offline", "flip=8E:8:01", "cert.icc.hash"},
		{"EMV mode is cleared: CDA would have signed the profile", "mastercard-credit", "flip=82:1:80", "c2.no_magstripe"},
		{"CDA is cleared", "mastercard-offline", "flip=82:0:01", "c2.arqc"},
		{"relay resistance is cleared", "mastercard-rrp", "flip=82:1:01", "cert.icc.hash"},
		{"the issuer's certificate was revoked", "mastercard-offline", "issuer-revoked", "cert.issuer.revoked"},
		{"the card number is another's", "mastercard-offline", "wrong-pan-in-cert", "cert.icc.pan"},
		{"a certification authority that nobody has", "mastercard-offline", "ca-index=00", ""},
		{"the cryptogram is made with another key", "mastercard-credit", "wrong-cryptogram", "c2.arqc"},
	} {
		t.Run(c.about, func(t *testing.T) {
			terminal := store(t, nil, nil, noMagstripe)
			out, err := terminal.Transact(context.Background(), simulated(t, c.profile, c.fault), purchase(1250))
			if err != nil || !strings.HasPrefix(out.Why.Code, c.code) {
				t.Fatalf("%v because of %v, %v; want %s", out.Kind, out.Why, err, c.code)
			}
			if out.Kind == kernel.Approved || out.Kind == kernel.OnlineRequest && !kerneltest.Noticed(t, &out) {
				t.Errorf("%v, and the issuer is content", out.Kind)
			}
		})
	}
}

// TestSimulatedRelay delays the card: in time, too late (time limits, C-2, SR1.28), and faster than it says it can be.
func TestSimulatedRelay(t *testing.T) {
	for _, c := range []struct {
		faults []string
		times  int  // that relay resistance data are exchanged
		tvr5   byte // of the relay resistance protocol
		code   string
	}{
		{nil, 1, 0x02, "c2.tc"},
		{[]string{"delay=6000@4"}, 1, 0x02, "c2.tc"},      // 13 ms: within 9 ms and the grace of 5
		{[]string{"delay=8000@4"}, 2, 0x02, "c2.tc"},      // 15 ms, and in time when asked again
		{[]string{"delay=8000@4.."}, 3, 0x06, "c2.arqc"},  // 15 ms each time: the action codes send it online
		{[]string{"delay=80000@4.."}, 3, 0x0E, "c2.arqc"}, // and over the accuracy threshold
		{[]string{"answer=8009A1A2A3A4003200FFFF9000@4"}, 0, 0, "answer.template"},
	} {
		t.Run(strings.Join(c.faults, " "), func(t *testing.T) {
			sim := simulated(t, "mastercard-rrp", c.faults...)
			terminal := store(t, nil, nil, allModes)
			out, err := terminal.Transact(context.Background(), sim, purchase(1250))
			if err != nil || out.Why.Code != c.code {
				t.Fatalf("%v because of %v, %v; want %s", out.Kind, out.Why, err, c.code)
			}
			if c.times == 0 {
				return
			}
			d := terminal.Data()
			if tvr, n := d.Get(0x95)[4], d.Get(0xDF8307)[0]; tvr != c.tvr5 || int(n) != c.times-1 {
				t.Errorf("TVR byte 5 %02X after %d retries, want %02X after %d", tvr, n, c.tvr5, c.times-1)
			}
		})
	}
}

// TestSimulatedTorn loses the answer to GENERATE AC, and then that to RECOVER AC, too: the card is charged once, with the
// cryptogram that was lost.
func TestSimulatedTorn(t *testing.T) {
	const commands = 9 // PPSE, SELECT, GPO, five records, GENERATE AC
	for lost := 0; lost <= 2; lost++ {
		var faults []string
		for i := range lost {
			faults = append(faults, fmt.Sprintf("timeout@%d", commands*(i+1)))
		}
		log := &mastercard.MemoryLog{}
		terminal, sim := store(t, log, nil, allModes), simulated(t, "mastercard-torn", faults...)
		out, err := terminal.Transact(context.Background(), sim, purchase(4000))
		for range lost {
			if err != nil || !contactless.NeedsRestart(&out, nil) || log.Len() != 1 {
				t.Fatalf("lost %d: %v because of %v, %v, %d records", lost, out.Kind, out.Why, err, log.Len())
			}
			out, err = terminal.Restart(context.Background(), sim, nil)
		}
		if err != nil || out.Kind != kernel.Approved || log.Len() != 0 {
			t.Fatalf("lost %d: %v because of %v, %v, %d records", lost, out.Kind, out.Why, err, log.Len())
		}
		if atc, _ := tlv.Find(out.Record, 0x9F36); !bytes.Equal(atc, []byte{0, 1}) {
			t.Errorf("lost %d: the cryptogram is that of transaction %X", lost, atc)
		}
		if v := judge(t, out); !v.Valid || !v.Approved {
			t.Errorf("lost %d: %+v", lost, v)
		}
		// 40.00 of the card's 100.00 are spent, whatever was lost: another 40.00 go through and a third don't.
		for i, want := range []kernel.Kind{kernel.Approved, kernel.OnlineRequest} {
			if out, err := terminal.Transact(context.Background(), sim, purchase(4000)); err != nil || out.Kind != want {
				t.Errorf("lost %d: purchase %d is %v because of %v, %v", lost, i+2, out.Kind, out.Why, err)
			}
		}
	}
}

// TestSimulatedTornSequences pulls the card at any commands of several purchases (C-2, S9, S10 and S11). What the card has
// spent was approved, or is in the log; no cryptogram is approved twice, and the issuer takes each.
func TestSimulatedTornSequences(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		pull := rapid.Custom(func(r *rapid.T) string {
			how := rapid.SampledFrom([]string{"timeout", "removed", "transmission", "protocol"}).Draw(r, "how")
			return fmt.Sprintf("%s@%d", how, rapid.IntRange(1, 45).Draw(r, "command"))
		})
		sim, err := card.New(card.Config{
			Profile: "mastercard-torn", Set: map[tlv.Tag][]byte{0x9F5D: {0x00, 0x03, 0x00}},
			Faults: rapid.SliceOfN(pull, 0, 8).Draw(r, "pulls"),
		})
		if err != nil {
			t.Fatal(err)
		}
		log := &mastercard.MemoryLog{}
		terminal := store(t, log, nil, allModes)
		approved := map[string]bool{}
		patience := rapid.IntRange(0, 3).Draw(r, "restarts")
		for range 4 {
			out, err := terminal.Transact(context.Background(), presented{sim}, purchase(100))
			for tries := 0; err == nil && contactless.NeedsRestart(&out, nil) && tries < patience; tries++ {
				out, err = terminal.Restart(context.Background(), presented{sim}, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			if out.Kind != kernel.Approved {
				continue
			}
			atc, _ := tlv.Find(out.Record, 0x9F36)
			if approved[string(atc)] {
				r.Fatalf("the cryptogram of transaction %X was approved twice", atc)
			}
			approved[string(atc)] = true
			if v := judge(t, out); !v.Valid {
				r.Fatalf("transaction %X: %+v", atc, v)
			}
		}
		if spent := 100 - spendable(t, sim); spent < len(approved) || spent > len(approved)+log.Len() {
			r.Fatalf("the card spent %d times: %d approved, %d in the log", spent, len(approved), log.Len())
		}
	})
}

// spendable asks a card of 100.00 how many purchases of 1.00 it has left. The field is left and entered until no fault is in
// the way.
func spendable(t *testing.T, c *card.Card) int {
	t.Helper()
	for range 100 {
		c.Reset()
		if _, err := c.Transmit(context.Background(), nil, unhex(t, "00A4040007A000000004101000")); err != nil {
			continue
		}
		answer, err := c.Transmit(context.Background(), nil, unhex(t, "80CA9F5000"))
		if v, ok := tlv.Find(answer, 0x9F50); err == nil && ok {
			n, _ := kernel.BCD(v)
			return int(n / 100)
		}
	}
	t.Fatal("no balance")
	return 0
}

// TestSimulatedTracks compares the codes on the tracks with those that an issuer computes from the card's static tracks,
// which it knows (Mastercard contactless magnetic stripe).
func TestSimulatedTracks(t *testing.T) {
	const pan = "5413339000010217"
	var imk, key emvissuer.Key
	imk, err := emvissuer.NewKey(issuer.TestMasterKey())
	if err == nil {
		err = emvissuer.MasterKey(&key, &imk, emvissuer.OptionA, pan, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal := store(t, nil, nil, allModes)
	sim := simulated(t, "mastercard-magstripe")
	for n := 1; n <= 3; n++ {
		out, err := terminal.Transact(context.Background(), sim, purchase(1250))
		if err != nil || out.Kind != kernel.OnlineRequest {
			t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
		}
		un := terminal.Data().Get(0x9F6A)
		static1, static2 := "B"+pan+"^TEST/CARD^49122010000000000000", unhex(t, pan+"D49122010000000000000F")
		got1, _ := tlv.Find(out.Record, 0x56)
		got2, _ := tlv.Find(out.Record, 0x9F6B)
		for i, track := range [][]byte{static2, []byte(static1)} {
			iv, err := emvissuer.IVCVC3(&key, track)
			if err != nil {
				t.Fatal(err)
			}
			code, err := emvissuer.ComputeCVC3(&key, iv, [4]byte(un), [2]byte{0, byte(n)})
			if err != nil {
				t.Fatal(err)
			}
			// From the right: number's length, three digits of the code, three of the number, four of the counter.
			want := fmt.Sprintf("00%04d%s%s3", n, fmt.Sprintf("%X", un)[5:], code.Digits()[2:])
			got := strings.TrimSuffix(fmt.Sprintf("%X", got2), "F")
			if i == 1 {
				got = string(got1)
			}
			if !strings.HasSuffix(got, want) {
				t.Errorf("transaction %d, track %d ends with …%s, want %s", n, 2-i, got[len(got)-14:], want)
			}
		}
	}
}

// TestSimulatedCardsHide prints every event and outcome and looks for card numbers.
func TestSimulatedCardsHide(t *testing.T) { bench.NothingShown(t, 15) }

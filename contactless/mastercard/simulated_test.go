package mastercard_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/crypto/capk"
	emvissuer "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv"
)

// presented is a simulated card at a reader: activating the field powers it. Its time is measured (kernel.Timed).
type presented struct{ *card.Card }

func (p presented) Activate(ctx context.Context) error {
	p.Reset()
	return ctx.Err()
}

func (presented) Deactivate(context.Context, time.Duration) error { return nil }

func simulated(t testing.TB, profile string, faults ...string) presented {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return presented{c}
}

// Kernel Configuration (DF811B): on-device verification and relay resistance, and what modes there are.
const (
	allModes    = "30"
	noMagstripe = "B0"
)

// store is a terminal in the USA that supports all that a card can ask for: both modes, on-device verification, relay
// resistance, recovery, balances. A CVM is required above 100.00, the floor limit is 50.00.
func store(t testing.TB, log mastercard.TornLog, events func(kernel.Event), configuration string) *contactless.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	data := unhex(t, "9F350122 9F1A020840 DF8117 01E0 DF8118 0160 DF8119 0108 DF811B 01"+configuration+"DF811F 0108"+
		"DF8120 05840000800C DF8121 050400000000 DF8122 05840000800C DF8123 06000000005000 DF8124 06000000100000"+
		"DF8125 06000000100000 DF8126 06000000010000 DF811D 0102 DF811E 0120 DF812C 0100")
	config := contactless.Config{Terminal: unhex(t, "9F1A020840")}
	for _, aid := range []string{"A0000000041010", "A0000000043060"} {
		config.Combinations = append(config.Combinations, contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Mastercard, Data: data, Options: &mastercard.Options{TornLog: log},
		})
	}
	revoked := capk.NewRevocationList(
		capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 4}, Index: card.AuthorityLong, Serial: card.RevokedSerial()},
		capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 4}, Index: card.AuthorityShort, Serial: card.RevokedSerial()},
	)
	terminal, err := contactless.New(config, kernel.Env{
		Clock: clock{time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}, Rand: &counting{}, CAPKs: keys, Events: events, Revoked: revoked,
	}, mastercard.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

// judge is the issuer's verdict on the cryptogram of a Data Record.
func judge(t testing.TB, out kernel.Outcome) issuer.Verdict {
	t.Helper()
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	decide := host.Decide
	if out.Kind == kernel.Approved {
		decide = host.VerifyClearing
	}
	v, err := decide(out.Record)
	if err != nil {
		t.Errorf("the issuer can't read the record: %v", err)
	}
	return v
}

func purchase(amount uint64) kernel.Transaction {
	return kernel.Transaction{Amount: amount, Currency: 840}
}

// TestSimulatedProfiles runs a purchase with every card, up to the issuer's verdict on its cryptogram.
func TestSimulatedProfiles(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range []struct {
		profile string
		amount  uint64
		kind    kernel.Kind
		cvm     kernel.CVM
		code    string
		second  bool // the outcome is that of the second tap
	}{
		{"mastercard-credit", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-credit", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c2.arqc", false},
		{"mastercard-debit", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-debit", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c2.arqc", false},
		{"mastercard-offline", 1250, kernel.Approved, kernel.NoCVM, "c2.tc", false},
		{"mastercard-offline", 6000, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-magstripe", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.checksum", false},
		{"mastercard-magstripe", 20000, kernel.OnlineRequest, kernel.OnlinePIN, "c2.checksum", false},
		{"mastercard-rrp", 1250, kernel.Approved, kernel.NoCVM, "c2.tc", false},
		{"mastercard-rrp-slow", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-torn", 1250, kernel.Approved, kernel.NoCVM, "c2.tc", false},
		{"mastercard-ids", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-expired", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-declines", 1250, kernel.TryAnotherInterface, kernel.NoCVM, "c2.aac", false},
		{"mastercard-blocked", 1250, kernel.EndApplication, kernel.NotApplicable, "entry.no_candidate", false},
		{"mastercard-phone", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-phone", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c2.arqc", false},
		{"mastercard-phone-locked", 1250, kernel.EndApplication, kernel.NoCVM, "c2.second_tap", false},
		{"mastercard-phone-locked", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c2.arqc", true},
		{"mastercard-phone-refuses", 1250, kernel.Declined, kernel.NoCVM, "c2.aac", false},
		{"mastercard-applepay", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c2.arqc", false},
		{"mastercard-googlepay", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c2.arqc", false},
		{"mastercard-samsungpay", 1250, kernel.OnlineRequest, kernel.NoCVM, "c2.arqc", false},
		{"mastercard-watch", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, "c2.arqc", false},
	} {
		tested[c.profile] = true
		t.Run(fmt.Sprintf("%s %d", c.profile, c.amount), func(t *testing.T) {
			terminal, sim := store(t, &mastercard.MemoryLog{}, nil, allModes), simulated(t, c.profile)
			out, err := terminal.Transact(context.Background(), sim, purchase(c.amount))
			if err == nil && c.second {
				if !contactless.NeedsRestart(&out, nil) {
					t.Fatalf("no second tap: %v because of %v", out.Kind, out.Why)
				}
				out, err = terminal.Restart(context.Background(), sim, nil)
			}
			if err != nil || out.Kind != c.kind || out.CVM != c.cvm || out.Why.Code != c.code {
				t.Fatalf("%v, %v because of %v, %v; want %v, %v, %v", out.Kind, out.CVM, out.Why, err, c.kind, c.cvm, c.code)
			}
			if c.code == "c2.arqc" || c.code == "c2.tc" {
				if v := judge(t, out); !v.Valid || !v.Approved {
					t.Errorf("the issuer's verdict: %+v", v)
				}
			}
			if v, ok := tlv.Find(out.Record, 0x9F26); c.code == "c2.aac" && (!ok || len(v) != 8) {
				t.Error("a declined transaction without its cryptogram")
			}
		})
	}
	for _, p := range card.Profiles() {
		if strings.HasPrefix(p.Name, "mastercard-") && !p.Contact() && !tested[p.Name] {
			t.Errorf("%s is not in the table", p.Name)
		}
	}
}

// TestEveryByteOfTheSimulatedCard changes each byte that a signature or a cryptogram covers, one at a time: the terminal
// or the issuer has to notice.
func TestEveryByteOfTheSimulatedCard(t *testing.T) {
	for _, c := range []struct {
		profile string
		by      card.Cover
		least   int
	}{
		{"mastercard-offline", card.CoverOffline, 650},
		{"mastercard-credit", card.CoverCryptogram, 12},
		{"mastercard-debit", card.CoverCryptogram, 20},
		{"mastercard-rrp", card.CoverCryptogram, 12},
		{"mastercard-applepay", card.CoverCryptogram, 12},
	} {
		t.Run(c.profile, func(t *testing.T) {
			terminal := store(t, nil, nil, allModes)
			intact := simulated(t, c.profile)
			if out, err := terminal.Transact(context.Background(), intact, purchase(200)); err != nil || len(out.Record) == 0 {
				t.Fatalf("%v, %v", out.Why, err)
			}
			n := 0
			for _, s := range intact.Signed() {
				for i := s.From; s.By == c.by && i < s.To; i++ {
					n++
					fault := fmt.Sprintf("flip=%v:%d:%02X", s.Tag, i, 1<<(i%8))
					out, err := terminal.Transact(context.Background(), simulated(t, c.profile, fault), purchase(200))
					switch {
					case err != nil:
						t.Fatal(fault, err)
					case out.Kind == kernel.Approved, out.Kind == kernel.OnlineRequest && (c.by == card.CoverOffline && s.Tag != 0x82 || accepted(t, out)):
						// A profile without CDA is not authenticated offline any more: the issuer has to see that it was changed.
						t.Errorf("%s was not noticed: %v because of %v", fault, out.Kind, out.Why)
					}
				}
			}
			if n < c.least {
				t.Errorf("only %d bytes are covered", n)
			}
		})
	}
}

// accepted reports whether the issuer takes the cryptogram of a record for the card's.
func accepted(t testing.TB, out kernel.Outcome) bool {
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := host.Decide(out.Record)
	return err == nil && v.Valid
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
			if out.Kind == kernel.Approved || out.Kind == kernel.OnlineRequest && accepted(t, out) {
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
func TestSimulatedCardsHide(t *testing.T) {
	for _, profile := range card.Profiles() {
		if !strings.HasPrefix(profile.Name, "mastercard-") {
			continue
		}
		var printed strings.Builder
		terminal := store(t, &mastercard.MemoryLog{}, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) }, allModes)
		out, err := terminal.Transact(context.Background(), simulated(t, profile.Name), purchase(1250))
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		pan := fmt.Sprintf("%X", terminal.Data().Get(0x5A))
		if track := fmt.Sprintf("%X", terminal.Data().Get(0x9F6B)); len(pan) < 16 && len(track) > 16 {
			pan = track[:16]
		}
		if len(pan) < 16 {
			continue // refused before the card said who it is
		}
		for _, secret := range []string{pan, pan[6:]} {
			if strings.Contains(printed.String(), secret) {
				t.Errorf("%s: shows %s", profile.Name, secret)
			}
		}
	}
}

package amex_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// clock stands still.
type clock struct{ now time.Time }

func (c clock) Now() time.Time              { return c.now }
func (clock) Since(time.Time) time.Duration { return 0 }

// repeat is the same bytes for ever.
type repeat struct{}

func (repeat) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(0x11 * (i + 1))
	}
	return len(b), nil
}

// reader is a simulated card at a reader: activating the field powers it.
type reader struct{ *card.Card }

func (r reader) Activate(ctx context.Context) error {
	r.Reset()
	return ctx.Err()
}

func (reader) Deactivate(context.Context, time.Duration) error { return nil }

// codes are action codes that send every failed authentication online, and to a decline where nobody can be asked.
func codes() action.Codes {
	return action.Codes{
		Denial: []byte{0x00, 0x10, 0x00, 0x00, 0x00}, Online: []byte{0xDC, 0x00, 0xFC, 0x98, 0x00},
		Default: []byte{0xDC, 0x50, 0xFC, 0x98, 0x00},
	}
}

// shop is a terminal that supports all that Kernel 4 does: a CVM from 100.00 on, online above 500.00.
func shop(t testing.TB, options *amex.Options, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	if options == nil {
		options = &amex.Options{TAC: codes()}
	}
	config := contactless.Config{
		Terminal: unhex(t, "9F1A020840 9F3303E0F8C8 9F350122 9F40056000F0A001 9F15025411"),
		Combinations: []contactless.Combination{{
			AID: unhex(t, "A00000002501"), Kernel: kernel.Amex, Data: unhex(t, "9F6D01C0 9F6E04D8E00003 9F09020001"),
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))}, Options: options,
		}},
	}
	terminal, err := contactless.New(config, kernel.Env{
		Clock: clock{time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}, Rand: repeat{}, CAPKs: keys, Events: events,
		Revoked: capk.NewRevocationList(
			capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 0x25}, Index: card.AuthorityLong, Serial: card.RevokedSerial()},
			capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 0x25}, Index: card.AuthorityShort, Serial: card.RevokedSerial()},
		),
	}, amex.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

func newCard(t testing.TB, profile string, faults ...string) reader {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return reader{c}
}

// tap makes a purchase in dollars, with the second tap that a phone or a lost answer asks for.
func tap(t testing.TB, terminal *contactless.Terminal, c kernel.Card, amount uint64) (kernel.Outcome, int) {
	t.Helper()
	out, err := terminal.Transact(context.Background(), c, kernel.Transaction{Amount: amount, Currency: 840})
	taps := 1
	for ; err == nil && contactless.NeedsRestart(&out, nil); taps++ {
		out, err = terminal.Restart(context.Background(), c, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out, taps
}

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct {
		profile string
		amount  uint64
		kind    kernel.Kind
		cvm     kernel.CVM
		taps    int
	}{
		{"amex-credit", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-credit", 9999, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-credit", 10000, kernel.OnlineRequest, kernel.OnlinePIN, 1},
		{"amex-credit", 60000, kernel.OnlineRequest, kernel.OnlinePIN, 1},
		{"amex-plain", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-offline", 1250, kernel.Approved, kernel.NoCVM, 1},
		{"amex-offline", 5001, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-offline", 20000, kernel.OnlineRequest, kernel.ObtainSignature, 1},
		{"amex-sda", 1250, kernel.Approved, kernel.NoCVM, 1},
		{"amex-sda", 6000, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-magstripe", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-magstripe", 20000, kernel.OnlineRequest, kernel.OnlinePIN, 1},
		{"amex-expired", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-declines", 1250, kernel.Declined, kernel.NotApplicable, 1},
		{"amex-no-cvm", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-no-cvm", 20000, kernel.TryAnotherInterface, kernel.NotApplicable, 1},
		{"amex-blocked", 1250, kernel.EndApplication, kernel.NotApplicable, 1},
		{"amex-switch", 1250, kernel.TryAnotherInterface, kernel.NotApplicable, 1},
		{"amex-phone", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-phone", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, 1},
		{"amex-phone-always", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-phone-locked", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-phone-locked", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, 2},
		{"amex-phone-blocked", 1250, kernel.OnlineRequest, kernel.NoCVM, 1},
		{"amex-phone-blocked", 20000, kernel.OnlineRequest, kernel.NotApplicable, 1},
		{"amex-phone-refuses", 1250, kernel.Declined, kernel.NotApplicable, 1},
		{"amex-phone-magstripe", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified, 1},
	} {
		seen[c.profile] = true
		t.Run(fmt.Sprintf("%s %d", c.profile, c.amount), func(t *testing.T) {
			out, taps := tap(t, shop(t, nil, nil), newCard(t, c.profile), c.amount)
			if out.Kind != c.kind || out.CVM != c.cvm || taps != c.taps {
				t.Fatalf("%v, %v because of %v, %d taps; want %v, %v, %d", out.Kind, out.CVM, out.Why, taps, c.kind, c.cvm, c.taps)
			}
			if out.Kind != kernel.OnlineRequest && out.Kind != kernel.Approved {
				return
			}
			if v := verdict(t, out); !v.Valid || !v.Approved {
				t.Errorf("the issuer's verdict: %+v", v)
			}
		})
	}
	for _, p := range card.Profiles() {
		if strings.HasPrefix(p.Name, "amex-") && p.Name != "amex-contact" && !seen[p.Name] {
			t.Errorf("%s is not in the table", p.Name)
		}
	}
}

// verdict is the issuer's, on what went online or is to be settled.
func verdict(t testing.TB, out kernel.Outcome) issuer.Verdict {
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
		return issuer.Verdict{Why: err.Error()}
	}
	return v
}

// TestEveryAuthenticatedByte changes each byte that a signature or a cryptogram covers, one at a time: the terminal or the
// issuer has to notice, and nothing is approved offline.
func TestEveryAuthenticatedByte(t *testing.T) {
	for _, c := range []struct {
		profile string
		by      card.Cover
		least   int
	}{
		{"amex-offline", card.CoverOffline, 500},
		{"amex-sda", card.CoverOffline, 300},
		{"amex-credit", card.CoverOffline, 500},
		{"amex-credit", card.CoverCryptogram, 15},
		{"amex-plain", card.CoverCryptogram, 15},
		{"amex-magstripe", card.CoverCryptogram, 15},
		{"amex-phone-always", card.CoverCryptogram, 15},
	} {
		t.Run(fmt.Sprintf("%s %s", c.profile, c.by), func(t *testing.T) {
			terminal := shop(t, nil, nil)
			intact := newCard(t, c.profile)
			tap(t, terminal, intact, 1250)
			n := 0
			for _, s := range intact.Signed() {
				for i := s.From; s.By == c.by && i < s.To; i++ {
					n++
					fault := fmt.Sprintf("flip=%v:%d:%02X", s.Tag, i, 1<<(i%8))
					out, _ := tap(t, terminal, newCard(t, c.profile, fault), 1250)
					if out.Kind == kernel.Approved || c.by == card.CoverCryptogram && out.Kind == kernel.OnlineRequest && verdict(t, out).Valid {
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

// TestEveryByteOfTheRecords changes each byte of what a card that approves offline has in its records.
func TestEveryByteOfTheRecords(t *testing.T) {
	for _, profile := range []string{"amex-offline", "amex-sda"} {
		terminal := shop(t, nil, nil)
		intact := newCard(t, profile)
		if out, _ := tap(t, terminal, intact, 1250); out.Kind != kernel.Approved {
			t.Fatalf("%s: %v because of %v", profile, out.Kind, out.Why)
		}
		for _, r := range intact.Records() {
			for i := range r.Len {
				fault := fmt.Sprintf("flip-record=%d.%d:%d:%02X", r.SFI, r.Number, i, 1<<(i%8))
				if out, _ := tap(t, terminal, newCard(t, profile, fault), 1250); out.Kind == kernel.Approved {
					t.Errorf("%s: %s was not noticed", profile, fault)
				}
			}
		}
	}
}

// TestFaults: what is wrong with a card that would approve offline keeps it from doing so.
func TestFaults(t *testing.T) {
	terminal := shop(t, nil, nil)
	for _, fault := range []string{
		"ca-index=55", "issuer-expired", "issuer-revoked", "wrong-issuer-id", "icc-expired", "wrong-pan-in-cert",
		"wrong-icc-key", "sdad-replay", "sdad-format=95", "drop=9F4B", "drop=90", "drop=8F", "drop=9F46", "drop=9F10",
	} {
		if out, _ := tap(t, terminal, newCard(t, "amex-offline", fault), 1250); out.Kind == kernel.Approved {
			t.Errorf("%s: approved", fault)
		}
	}
	// The terminal can't see a wrong cryptogram inside a good signature; the issuer does, when it is to be settled.
	out, _ := tap(t, terminal, newCard(t, "amex-offline", "wrong-cryptogram"), 1250)
	if out.Kind != kernel.Approved || verdict(t, out).Valid {
		t.Errorf("a wrong cryptogram: %v because of %v", out.Kind, out.Why)
	}
}

// TestApprovedMeansVerified: whatever is switched off in the terminal, a TC counts after a signature only.
func TestApprovedMeansVerified(t *testing.T) {
	for _, profile := range []string{"amex-offline", "amex-sda"} {
		terminal := shop(t, nil, nil)
		out, _ := tap(t, terminal, newCard(t, profile), 1250)
		d := terminal.Data()
		if out.Kind != kernel.Approved || d.From(0x9F4C) != dict.Kernel && d.From(0x9F45) != dict.Kernel {
			t.Errorf("%s: %v because of %v, without a verified signature", profile, out.Kind, out.Why)
		}
	}
}

// TestNothingShowsTheCard prints every event, the outcome and the data of taps in both modes, and looks for the card number
// and for what stands behind it.
func TestNothingShowsTheCard(t *testing.T) {
	for profile, secrets := range map[string][]string{
		"amex-credit":    {"374245000000017", "D4912726", "CARDHOLDER/", hex.EncodeToString([]byte("CARDHOLDER")), "12345678"},
		"amex-magstripe": {"374245000000058", "D4912726", "^4912", hex.EncodeToString([]byte("374245000000058")), hex.EncodeToString([]byte("^4912726"))},
	} {
		var printed strings.Builder
		terminal := shop(t, nil, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) })
		out, _ := tap(t, terminal, newCard(t, profile), 1250)
		fmt.Fprintf(&printed, "%v %+v %v\n", out, out, terminal.Data())
		if len(out.Record) == 0 {
			t.Fatalf("%s: %v because of %v", profile, out.Kind, out.Why)
		}
		for _, secret := range secrets {
			if at := strings.Index(strings.ToUpper(printed.String()), strings.ToUpper(secret)); at >= 0 {
				t.Errorf("%s shows %s: %s", profile, secret, printed.String()[max(0, at-200):at+40])
			}
		}
	}
}

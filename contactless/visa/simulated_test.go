package visa_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
)

// reader is a simulated card at a reader: activating the field powers it.
type reader struct{ *card.Card }

func (r reader) Activate(ctx context.Context) error {
	r.Reset()
	return ctx.Err()
}

func (reader) Deactivate(context.Context, time.Duration) error { return nil }

// shop is a terminal that supports all that Kernel 3 does.
func shop(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	keys, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122")}
	for _, aid := range []string{"A0000000031010", "A0000000032010"} {
		config.Combinations = append(config.Combinations, contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
		})
	}
	terminal, err := contactless.New(config, kernel.Env{
		Clock: clock{time.Date(2026, 11, 23, 10, 11, 12, 0, time.UTC)}, Rand: repeat{}, CAPKs: keys, Events: events,
		Revoked: capk.NewRevocationList(
			capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: card.AuthorityLong, Serial: card.RevokedSerial()},
			capk.Revocation{RID: capk.RID{0xA0, 0, 0, 0, 3}, Index: card.AuthorityShort, Serial: card.RevokedSerial()},
		),
	}, visa.Kernel)
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

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		profile string
		amount  uint64
		kind    kernel.Kind
		cvm     kernel.CVM
	}{
		{"visa-credit", 1250, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-credit", 20000, kernel.OnlineRequest, kernel.ObtainSignature},
		{"visa-debit", 20000, kernel.OnlineRequest, kernel.OnlinePIN},
		{"visa-offline", 1250, kernel.Approved, kernel.NoCVM},
		{"visa-offline", 9000, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-sda", 1250, kernel.Approved, kernel.NoCVM},
		{"visa-phone", 1250, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-phone", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified},
		{"visa-phone-locked", 20000, kernel.OnlineRequest, kernel.ConfirmationCodeVerified},
		{"visa-expired", 1250, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-minimal", 1250, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-select-next", 1250, kernel.OnlineRequest, kernel.NoCVM},
		{"visa-blocked", 1250, kernel.EndApplication, kernel.NotApplicable},
		{"visa-switch", 1250, kernel.TryAnotherInterface, kernel.NotApplicable},
	} {
		t.Run(fmt.Sprintf("%s %d", c.profile, c.amount), func(t *testing.T) {
			terminal := shop(t, nil)
			out, err := terminal.Transact(context.Background(), newCard(t, c.profile), kernel.Transaction{Amount: c.amount, Currency: 840})
			if err != nil || out.Kind != c.kind || out.CVM != c.cvm {
				t.Fatalf("%v, %v because of %v, %v; want %v, %v", out.Kind, out.CVM, out.Why, err, c.kind, c.cvm)
			}
			if out.Kind != kernel.OnlineRequest && out.Kind != kernel.Approved {
				return
			}
			if v := verdict(t, out); !v.Valid {
				t.Errorf("the issuer's verdict: %+v", v)
			}
		})
	}
}

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
		t.Fatal(err)
	}
	return v
}

// TestIssuerUpdate takes a card online and back, with the issuer's authentication and a script.
func TestIssuerUpdate(t *testing.T) {
	host, err := issuer.New(issuer.Config{Scripts: unhex(t, "7214 9F180401020304 860B 8424000006 AABBCCDDEEFF")})
	if err != nil {
		t.Fatal(err)
	}
	terminal, c := shop(t, nil), newCard(t, "visa-issuer-update")
	out, err := terminal.Transact(context.Background(), c, offline)
	if err != nil || out.Kind != kernel.OnlineRequest || out.Start != kernel.StartB {
		t.Fatalf("%v, %v, %v: %v", out.Kind, out.Start, out.Why, err)
	}
	v, err := host.Decide(out.Record)
	if err != nil || !v.Valid || !v.Approved {
		t.Fatalf("%+v, %v", v, err)
	}
	answer := &kernel.OnlineAnswer{ARC: v.ARC, IssuerAuth: v.AuthData, Scripts: v.Scripts}
	if !contactless.NeedsRestart(&out, answer) {
		t.Fatal("no restart")
	}
	out, err = terminal.Restart(context.Background(), c, answer)
	if err != nil || out.Kind != kernel.Approved {
		t.Fatalf("%v, %v: %v", out.Kind, out.Why, err)
	}
	if got := len(c.Scripts()); got != 1 {
		t.Errorf("the card took %d script commands", got)
	}
	if got := terminal.Data().Get(0x9F5B); !bytes.Equal(got, unhex(t, "2001020304")) {
		t.Errorf("script results %X", got)
	}
	if out, err := terminal.Transact(context.Background(), c, offline); err != nil || out.Kind != kernel.Approved {
		t.Errorf("after the update the card does not approve offline: %v, %v", out.Why, err)
	}
}

// TestEverySignedByteOfTheSimulatedCard changes each byte that a signature or a cryptogram covers, one at a time: the
// terminal or the issuer has to notice.
func TestEverySignedByteOfTheSimulatedCard(t *testing.T) {
	for _, c := range []struct {
		profile string
		by      card.Cover
	}{
		{"visa-offline", card.CoverOffline},
		{"visa-sda", card.CoverOffline},
		{"visa-credit", card.CoverCryptogram},
		{"visa-debit", card.CoverCryptogram},
		{"visa-phone-locked", card.CoverCryptogram},
	} {
		t.Run(c.profile, func(t *testing.T) {
			terminal := shop(t, nil)
			intact := newCard(t, c.profile)
			if _, err := terminal.Transact(context.Background(), intact, offline); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, s := range intact.Signed() {
				for i := s.From; s.By == c.by && i < s.To; i++ {
					n++
					fault := fmt.Sprintf("flip=%v:%d:%02X", s.Tag, i, 1<<(i%8))
					out, err := terminal.Transact(context.Background(), newCard(t, c.profile, fault), offline)
					if err != nil {
						t.Fatal(fault, err)
					}
					// An offline card that goes online because authentication failed has been noticed.
					if out.Kind != kernel.Approved && (c.by == card.CoverOffline || noticed(t, out)) {
						continue
					}
					t.Errorf("%s was not noticed: %v because of %v", fault, out.Kind, out.Why)
				}
			}
			if n < 20 {
				t.Errorf("only %d bytes are covered", n)
			}
		})
	}
}

// noticed reports whether terminal or issuer refused the transaction.
func noticed(t *testing.T, out kernel.Outcome) bool {
	if out.Kind != kernel.OnlineRequest {
		return true
	}
	host, err := issuer.New(issuer.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := host.Decide(out.Record)
	return err != nil || !v.Valid
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of.
func TestFaultsEndInOutcomes(t *testing.T) {
	for _, c := range []struct {
		fault string
		code  string // of the outcome's reason; "" for any
	}{
		{"removed@1..", "entry.restarts"},
		{"removed@3", ""},
		{"timeout@4", ""},
		{"garbage@3", ""},
		{"empty@3..", "entry.restarts"},
		{"61xx@1..", "entry.no_candidate"},
		{"61xx@3..", "c3.gpo_61"},
		{"sw=6985@3", "entry.no_candidate"},
		{"sw=6984@3", "c3.gpo_6984"},
		{"sw=6A83@5", "c3.record_6A83"},
		{"repeat=9F36", "answer.repeated"},
		{"repeat=5F24", "answer.repeated"},
		{"drop=9F26", "c3.missing_9F26"},
		{"drop=9F4B", "c3.no_signature"},
		{"drop=9F69", "c3.card_data"},
		{"drop=90", "oda.data"},
		{"add=9F02:000000000001:gpo", "c3.tc"},
		{"add=9F66:FFFFFFFF:gpo", "c3.tc"},
		{"add=95:FFFFFFFFFF:3.1", ""},
		{"nested=40", ""},
		{"ca-index=00", "oda.capk"},
		{"issuer-expired", "cert.issuer.expired"},
		{"issuer-revoked", "cert.issuer.revoked"},
		{"wrong-issuer-id", "cert.issuer.identifier"},
		{"icc-expired", "cert.icc.expired"},
		{"wrong-pan-in-cert", "cert.icc.pan"},
		{"wrong-icc-key", ""},
		{"sdad-replay", "cert.sdad.hash"},
		{"sdad-format=95", "cert.sdad.format"},
		{"flip=9F6C:1:80", "c3.cdcvm_unproven"}, // the decline outweighs the failed authentication before it
		{"flip=9F6C:1:01", "c3.ctq_changed"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			terminal := shop(t, nil)
			out, err := terminal.Transact(context.Background(), newCard(t, "visa-offline", c.fault), offline)
			if err != nil {
				t.Fatal(err)
			}
			if !out.Kind.Final() || out.Why.Code == "" || !strings.HasPrefix(out.Why.Code, c.code) {
				t.Errorf("%v because of %v, want %s", out.Kind, out.Why, c.code)
			}
			if got := terminal.Data().Get(0x9F02); got != nil && !bytes.Equal(got, unhex(t, "000000000200")) {
				t.Errorf("the amount became %X", got)
			}
		})
	}
}

// TestNothingShowsTheCard runs a tap with every event printed, and looks for the card number in what was printed, in the
// outcome and in errors.
func TestNothingShowsTheCard(t *testing.T) {
	for _, profile := range card.Profiles() {
		var printed strings.Builder
		terminal := shop(t, func(e kernel.Event) { fmt.Fprintf(&printed, "%s %v %+v %#v\n", e.Kind(), e, e, e) })
		c := newCard(t, profile.Name)
		out, err := terminal.Transact(context.Background(), c, offline)
		fmt.Fprintf(&printed, "%v %+v %v %v\n", out, out, err, terminal.Data())
		track, ok := kernel.ParseTrack2(terminal.Data().Get(0x57))
		if !ok {
			continue // refused before the card said who it is
		}
		for _, secret := range []string{
			track.PAN.Unmasked(), track.PAN.Unmasked()[6:], fmt.Sprintf("%X", track.Unmasked()), fmt.Sprintf("%d", track.Unmasked()[:8]),
		} {
			if strings.Contains(printed.String(), secret) {
				t.Errorf("%s: shows %s", profile.Name, secret)
			}
		}
	}
}

// TestCardErrorsAreKernelErrors: the simulated card's errors are those that kernel names, without importing it.
func TestCardErrorsAreKernelErrors(t *testing.T) {
	for fault, want := range map[string]error{
		"removed@1": kernel.ErrRemoved, "timeout@1": kernel.ErrTimeout, "transmission@1": kernel.ErrTransmission,
		"protocol@1": kernel.ErrProtocol, "collision@1": kernel.ErrCollision,
	} {
		_, err := newCard(t, "visa-credit", fault).Transmit(context.Background(), nil, unhex(t, ppse))
		if !errors.Is(err, want) || !kernel.IsCardError(err) {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

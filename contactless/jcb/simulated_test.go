package jcb_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram. A tap that asks for
// another one gets it.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "jcb-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature, Code: "c5.arqc"},
		{Profile: "jcb-plain", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-plain", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c5.arqc"},
		{Profile: "jcb-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c5.tc"},
		{Profile: "jcb-offline", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-torn", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c5.tc", Taps: 2},
		{Profile: "jcb-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-declines", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c5.aac"},
		{Profile: "jcb-no-cvm", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-no-cvm", Amount: 20000, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c5.no_common_cvm"},
		{Profile: "jcb-legacy", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.legacy"},
		{Profile: "jcb-legacy", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c5.legacy"},
		{Profile: "jcb-magstripe", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.track2", Unheard: true},
		{Profile: "jcb-magstripe", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature, Code: "c5.track2", Unheard: true},
		{Profile: "jcb-issuer-update", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-issuer-hold", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable, Code: "entry.no_candidate"},
		{Profile: "jcb-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "c5.generate_6984"},
		{Profile: "jcb-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c5.arqc"},
		{Profile: "jcb-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c5.arqc"},
		{Profile: "jcb-phone-always", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c5.arqc"},
		{Profile: "jcb-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c5.arqc", Taps: 2},
		{Profile: "jcb-phone-refuses", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c5.aac"},
	})
}

// TestIssuerUpdate brings the issuer's answer back to the card, held or presented again: it authenticates the issuer, gives a
// second cryptogram that is good, and has its funds again.
func TestIssuerUpdate(t *testing.T) {
	for _, c := range []struct {
		profile string
		start   kernel.Start
	}{{"jcb-issuer-update", kernel.StartB}, {"jcb-issuer-hold", kernel.StartD}} {
		for _, spoilt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, spoilt %v", c.profile, spoilt), func(t *testing.T) {
				terminal, simulated := shop(t, func(g *given) { g.options.RemovalTimeout = 10 * time.Second }, nil), kerneltest.NewCard(t, c.profile)
				out, err := terminal.Transact(context.Background(), simulated, small)
				if err != nil || out.Kind != kernel.OnlineRequest || out.Start != c.start || out.OnlineResponse != kernel.EMVData {
					t.Fatalf("%+v, %v", out, err)
				}
				if hold := c.start == kernel.StartD; (out.RemovalTimeout == 10*time.Second) != hold {
					t.Errorf("removal timeout %v", out.RemovalTimeout)
				}
				v := kerneltest.Verdict(t, &out)
				answer := &kernel.OnlineAnswer{ARC: [2]byte{'0', '0'}, IssuerAuth: bytes.Clone(v.AuthData)}
				if len(answer.IssuerAuth) == 0 || !contactless.NeedsRestart(&out, answer) {
					t.Fatalf("nothing for the card: %+v", v)
				}
				if spoilt {
					answer.IssuerAuth[0] ^= 1
				}
				out, err = terminal.Restart(context.Background(), simulated, answer)
				want := kernel.Approved
				if spoilt {
					want = kernel.Declined
				}
				if err != nil || out.Kind != want {
					t.Fatalf("%v because of %v, %v", out.Kind, out.Why, err)
				}
				if !kerneltest.Verdict(t, &out).Valid {
					t.Error("the second cryptogram is not good")
				}
				if spoilt {
					return
				}
				if out, err = terminal.Transact(context.Background(), simulated, small); err != nil || out.Kind != kernel.Approved || out.UI.Amount != 8750 {
					t.Errorf("the next tap: %v because of %v, %d left, %v", out.Kind, out.Why, out.UI.Amount, err)
				}
			})
		}
	}
}

// TestAnswerWithNothingForTheCard: a terminal that restarts all the same is told that the issuer has decided (C-5, 3.11.1).
func TestAnswerWithNothingForTheCard(t *testing.T) {
	terminal, simulated := shop(t, nil, nil), kerneltest.NewCard(t, "jcb-issuer-hold")
	if _, err := terminal.Transact(context.Background(), simulated, small); err != nil {
		t.Fatal(err)
	}
	out, err := terminal.Restart(context.Background(), simulated, &kernel.OnlineAnswer{ARC: [2]byte{'0', '0'}})
	if err != nil || out.Kind != kernel.EndApplication || out.Why.Code != "c5.issuer_decided" || out.UI.Present() {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestEverySignedByte(t *testing.T) {
	bench.EverySignedByte(t, "jcb-offline", card.CoverOffline, 1200)
	for _, profile := range []string{"jcb-credit", "jcb-phone-always", "jcb-torn"} {
		bench.EverySignedByte(t, profile, card.CoverOffline, 600)
	}
	bench.EverySignedByte(t, "jcb-plain", card.CoverCryptogram, 20)
	bench.EverySignedByte(t, "jcb-legacy", card.CoverCryptogram, 20)
	bench.EverySignedByte(t, "jcb-credit", card.CoverCryptogram, 12)
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of. Where a tap asks for another one the outcome is
// that one's.
func TestFaultsEndInOutcomes(t *testing.T) {
	bench.Faults(t, "jcb-offline", []kerneltest.Fault{
		{Fault: "removed@1..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "removed@3", Kind: kernel.Approved, Code: "c5.tc"},
		{Fault: "timeout@4", Kind: kernel.Approved, Code: "c5.tc"},
		{Fault: "garbage@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "61xx@1..", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6985@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6986@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6A83@5", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6984@9", Kind: kernel.TryAnotherInterface, Code: "c5.generate_6984"},
		{Fault: "sw=6986@9", Kind: kernel.Approved, Code: "c5.tc"},
		{Fault: "repeat=9F36", Kind: kernel.Declined, Code: "answer.repeated"},
		{Fault: "repeat=5F24", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "drop=9F4B", Kind: kernel.Declined, Code: "c5.missing_9F4B"},
		{Fault: "drop=9F50", Kind: kernel.Declined, Code: "c5.missing_9F50"},
		{Fault: "drop=9F27", Kind: kernel.Declined, Code: "c5.missing_9F27"},
		{Fault: "drop=57", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "drop=90", Kind: kernel.Declined, Code: "c5.denial"},
		{Fault: "drop=92", Kind: kernel.Declined, Code: "c5.denial"},
		{Fault: "ca-index=00", Kind: kernel.Declined, Code: "c5.denial"},
		{Fault: "issuer-expired", Kind: kernel.Declined, Code: "cert.issuer"},
		{Fault: "issuer-revoked", Kind: kernel.Declined, Code: "cert.issuer"},
		{Fault: "wrong-issuer-id", Kind: kernel.Declined, Code: "cert.issuer"},
		{Fault: "icc-expired", Kind: kernel.Declined, Code: "cert.icc"},
		{Fault: "wrong-pan-in-cert", Kind: kernel.Declined, Code: "cert.icc"},
		{Fault: "wrong-icc-key", Kind: kernel.Declined, Code: "cert."},
		{Fault: "sdad-replay", Kind: kernel.Declined, Code: "cert."},
		{Fault: "sdad-format=95", Kind: kernel.Declined, Code: "cert."},
		{Fault: "add=9F02:000000000001:gpo", Kind: kernel.Approved, Code: "c5.tc"}, // not the card's to say: passed over
		{Fault: "add=95:FFFFFFFFFF:2.1", Kind: kernel.Approved, Code: "c5.tc"},
	})
}

// TestAnotherTap: what ends the application and asks for the card again (C-5, 3.13.5 and 3.13.6).
func TestAnotherTap(t *testing.T) {
	for fault, code := range map[string]string{"removed@3": "card.removed", "timeout@4": "card.timeout", "sw=6986@9": "c5.see_phone"} {
		out, err := shop(t, nil, nil).Transact(context.Background(), kerneltest.NewCard(t, "jcb-offline", fault), small)
		if err != nil || out.Kind != kernel.EndApplication || out.Start != kernel.StartB || out.Why.Code != code {
			t.Errorf("%s: %v, %v because of %v, %v", fault, out.Kind, out.Start, out.Why, err)
		}
	}
}

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 14) }

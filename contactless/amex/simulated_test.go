package amex_test

import (
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "amex-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-credit", Amount: 9999, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-credit", Amount: 10000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN},
		{Profile: "amex-credit", Amount: 60000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN},
		{Profile: "amex-plain", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM},
		{Profile: "amex-offline", Amount: 5001, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-offline", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature},
		{Profile: "amex-sda", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM},
		{Profile: "amex-sda", Amount: 6000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-magstripe", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-magstripe", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN},
		{Profile: "amex-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-declines", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable},
		{Profile: "amex-no-cvm", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-no-cvm", Amount: 20000, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable},
		{Profile: "amex-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable},
		{Profile: "amex-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable},
		{Profile: "amex-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "amex-phone-always", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-phone-locked", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Taps: 2},
		{Profile: "amex-phone-blocked", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "amex-phone-blocked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable},
		{Profile: "amex-phone-refuses", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable},
		{Profile: "amex-phone-magstripe", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
	})
}

func TestEverySignedByte(t *testing.T) {
	bench.EverySignedByte(t, "amex-offline", card.CoverOffline, 1000)
	bench.EverySignedByte(t, "amex-sda", card.CoverOffline, 850)
	bench.EverySignedByte(t, "amex-credit", card.CoverOffline, 500)
	for _, profile := range []string{"amex-credit", "amex-plain", "amex-magstripe", "amex-phone-always"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 15)
	}
}

// TestBadCards: what is wrong with a card that would approve offline keeps it from doing so.
func TestBadCards(t *testing.T) {
	terminal := shop(t, nil, nil)
	for _, fault := range []string{
		"ca-index=55", "issuer-expired", "issuer-revoked", "wrong-issuer-id", "icc-expired", "wrong-pan-in-cert",
		"wrong-icc-key", "sdad-replay", "sdad-format=95", "drop=9F4B", "drop=90", "drop=8F", "drop=9F46", "drop=9F10",
	} {
		if out, _ := kerneltest.Transact(t, terminal, kerneltest.NewCard(t, "amex-offline", fault), small); out.Kind == kernel.Approved {
			t.Errorf("%s: approved", fault)
		}
	}
	// The terminal can't see a wrong cryptogram inside a good signature; the issuer does, when it is to be settled.
	out, _ := kerneltest.Transact(t, terminal, kerneltest.NewCard(t, "amex-offline", "wrong-cryptogram"), small)
	if out.Kind != kernel.Approved || kerneltest.Verdict(t, &out).Valid {
		t.Errorf("a wrong cryptogram: %v because of %v", out.Kind, out.Why)
	}
}

// TestFaultsEndInOutcomes has the ways in which a card can go wrong at a reader.
func TestFaultsEndInOutcomes(t *testing.T) {
	bench.Faults(t, "amex-offline", []kerneltest.Fault{
		{Fault: "removed@3..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "removed@5", Kind: kernel.Approved, Code: "c4.tc"},
		{Fault: "timeout@8", Kind: kernel.Approved, Code: "c4.tc"},
		{Fault: "answer=DEADBEEF9000@3", Kind: kernel.EndApplication, Code: "tlv.length_long"},
		{Fault: "answer=77009000@3", Kind: kernel.EndApplication, Code: "c4.missing_82_94"},
		{Fault: "answer=6110@3", Kind: kernel.EndApplication, Code: "c4.gpo_6110"},
		{Fault: "answer=61FF@5", Kind: kernel.EndApplication, Code: "c4.record_61FF"},
		{Fault: "answer=700382010070038201009000@4", Kind: kernel.EndApplication, Code: "answer.template"},
		{Fault: "repeat=5A", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "repeat=9F36", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "add=9F02:000000000001", Kind: kernel.Approved, Code: "c4.tc"},
		{Fault: "add=9F6E:FFFFFFFF", Kind: kernel.Approved, Code: "c4.tc"},
		{Fault: "nested=20:1.1", Kind: kernel.EndApplication, Code: "tlv.depth"},
		{Fault: "long-records", Kind: kernel.Approved, Code: "c4.tc"},
	})
}

// TestNothingShowsTheCard looks for the membership number, too.
func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 12, "12345678") }

package visa_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "visa-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature},
		{Profile: "visa-debit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN},
		{Profile: "visa-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM},
		{Profile: "visa-offline", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-sda", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM},
		{Profile: "visa-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-phone-refuses", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable, Code: "entry.no_candidate"},
		{Profile: "visa-applepay", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-googlepay", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-googlepay", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-samsungpay", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-watch", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified},
		{Profile: "visa-issuer-update", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-minimal", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-select-next", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable},
		{Profile: "visa-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable},
	})
}

// TestIssuerUpdate takes a card online and back, with the issuer's authentication and a script.
func TestIssuerUpdate(t *testing.T) {
	terminal, c := shop(t, nil), kerneltest.NewCard(t, "visa-issuer-update")
	out := bench.IssuerUpdate(t, terminal, c, unhex(t, "7214 9F180401020304 860B 8424000006 AABBCCDDEEFF"))
	if out.Kind != kernel.Approved {
		t.Fatalf("%v because of %v", out.Kind, out.Why)
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

// TestEverySignedByte: fDDA, SDA, and the cryptograms.
func TestEverySignedByte(t *testing.T) {
	for _, profile := range []string{"visa-offline", "visa-sda"} {
		bench.EverySignedByte(t, profile, card.CoverOffline, 500)
	}
	for _, profile := range []string{"visa-credit", "visa-debit", "visa-phone-locked"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 15)
	}
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of.
func TestFaultsEndInOutcomes(t *testing.T) {
	bench.Faults(t, "visa-offline", []kerneltest.Fault{
		{Fault: "removed@1..", Code: "entry.restarts"},
		{Fault: "removed@3"},
		{Fault: "timeout@4"},
		{Fault: "garbage@3"},
		{Fault: "empty@3..", Code: "entry.restarts"},
		{Fault: "61xx@1..", Code: "entry.no_candidate"},
		{Fault: "61xx@3..", Code: "c3.gpo_61"},
		{Fault: "sw=6985@3", Code: "entry.no_candidate"},
		{Fault: "sw=6984@3", Code: "c3.gpo_6984"},
		{Fault: "sw=6A83@5", Code: "c3.record_6A83"},
		{Fault: "answer=90@3..", Code: "entry.restarts"}, // no status word
		{Fault: "answer=5A0847617390010100109000@4", Code: "answer.template"},
		{Fault: "answer=700382010070038201009000@4", Code: "answer.template"},
		{Fault: "answer=70065F24033112319000@5", Code: "answer.repeated"}, // a record that came before
		{Fault: "repeat=9F36", Code: "answer.repeated"},
		{Fault: "repeat=5F24", Code: "answer.repeated"},
		{Fault: "drop=9F26", Code: "c3.missing_9F26"},
		{Fault: "drop=9F4B", Code: "c3.no_signature"},
		{Fault: "drop=9F69", Code: "c3.card_data"},
		{Fault: "drop=90", Code: "oda.data"},
		{Fault: "add=9F02:000000000001:gpo", Code: "c3.tc"},
		{Fault: "add=9F66:FFFFFFFF:gpo", Code: "c3.tc"},
		{Fault: "add=95:FFFFFFFFFF:3.1"},
		{Fault: "nested=40"},
		{Fault: "ca-index=00", Code: "oda.capk"},
		{Fault: "issuer-expired", Code: "cert.issuer.expired"},
		{Fault: "issuer-revoked", Code: "cert.issuer.revoked"},
		{Fault: "wrong-issuer-id", Code: "cert.issuer.identifier"},
		{Fault: "icc-expired", Code: "cert.icc.expired"},
		{Fault: "wrong-pan-in-cert", Code: "cert.icc.pan"},
		{Fault: "wrong-icc-key"},
		{Fault: "sdad-replay", Code: "cert.sdad.hash"},
		{Fault: "sdad-format=95", Code: "cert.sdad.format"},
		{Fault: "flip=9F6C:1:80", Code: "c3.cdcvm_unproven"}, // the decline outweighs the failed authentication before it
		{Fault: "flip=9F6C:1:01", Code: "c3.ctq_changed"},
	})
}

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 12) }

// TestCardErrorsAreKernelErrors: the simulated card's errors are those that kernel names, without importing it.
func TestCardErrorsAreKernelErrors(t *testing.T) {
	for fault, want := range map[string]error{
		"removed@1": kernel.ErrRemoved, "timeout@1": kernel.ErrTimeout, "transmission@1": kernel.ErrTransmission,
		"protocol@1": kernel.ErrProtocol, "collision@1": kernel.ErrCollision,
	} {
		_, err := kerneltest.NewCard(t, "visa-credit", fault).Transmit(context.Background(), nil, unhex(t, ppse))
		if !errors.Is(err, want) || !kernel.IsCardError(err) {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

package visa_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/issuer"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// bench is Kernel 3 in the shop.
var bench = kerneltest.Bench{Terminal: shop, Tap: offline}

// shop is a terminal that supports all that Kernel 3 does.
func shop(t testing.TB, events func(kernel.Event)) *contactless.Terminal {
	t.Helper()
	config := contactless.Config{Terminal: unhex(t, "9F1A020840 9F3303E0B8C8 9F350122")}
	for _, aid := range []string{"A0000000031010", "A0000000032010"} {
		config.Combinations = append(config.Combinations, contactless.Combination{
			AID: unhex(t, aid), Kernel: kernel.Visa, TTQ: &contactless.TTQ{0x37, 0x00, 0xC0, 0x00},
			Limits: contactless.Limits{Floor: new(uint64(50000)), CVM: new(uint64(10000))},
		})
	}
	terminal, err := contactless.New(config, kerneltest.Env(t, capk.RID{0xA0, 0, 0, 0, 3}, events), visa.Kernel)
	if err != nil {
		t.Fatal(err)
	}
	return terminal
}

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
		{Profile: "visa-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-minimal", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-select-next", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM},
		{Profile: "visa-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable},
		{Profile: "visa-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable},
	})
}

// TestIssuerUpdate takes a card online and back, with the issuer's authentication and a script.
func TestIssuerUpdate(t *testing.T) {
	host, err := issuer.New(issuer.Config{Scripts: unhex(t, "7214 9F180401020304 860B 8424000006 AABBCCDDEEFF")})
	if err != nil {
		t.Fatal(err)
	}
	terminal, c := shop(t, nil), kerneltest.NewCard(t, "visa-issuer-update")
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

// TestEverySignedByteOfTheSimulatedCard: fDDA, SDA, and the cryptograms.
func TestEverySignedByteOfTheSimulatedCard(t *testing.T) {
	for _, profile := range []string{"visa-offline", "visa-sda"} {
		bench.EverySignedByte(t, profile, card.CoverOffline)
	}
	for _, profile := range []string{"visa-credit", "visa-debit", "visa-phone-locked"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram)
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

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, "visa-", 12) }

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

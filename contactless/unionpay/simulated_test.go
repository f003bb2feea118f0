package unionpay_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "unionpay-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature, Code: "c7.arqc"},
		{Profile: "unionpay-debit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c7.arqc"},
		{Profile: "unionpay-quasi-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c7.arqc"},
		{Profile: "unionpay-common-debit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-common-debit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c7.arqc"},
		{Profile: "unionpay-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c7.tc"},
		{Profile: "unionpay-offline", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-cash", Amount: 5000, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c7.tc"},
		{Profile: "unionpay-cash", Amount: 5001, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-purse", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "c7.tc"},
		{Profile: "unionpay-expired", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c7.expired"},
		{Profile: "unionpay-expired-online", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.expired"},
		{Profile: "unionpay-sm", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c7.sm_certificate"},
		{Profile: "unionpay-sm", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-minimal", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-declines", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c7.aac"},
		{Profile: "unionpay-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "c7.gpo_6984"},
		{Profile: "unionpay-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable, Code: "entry.no_candidate"},
		{Profile: "unionpay-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "c7.arqc"},
		{Profile: "unionpay-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c7.arqc"},
		{Profile: "unionpay-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c7.arqc"},
		{Profile: "unionpay-phone-pin", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c7.arqc"},
		{Profile: "unionpay-phone-pin", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c7.arqc"},
		{Profile: "unionpay-phone-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.ConfirmationCodeVerified, Code: "c7.tc"},
		{Profile: "unionpay-phone-refuses", Amount: 20000, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c7.aac"},
		{Profile: "unionpay-watch", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c7.arqc"},
	})
}

// TestPurseRunsOut spends electronic cash until the card wants its issuer: 100.00, of which 10.00 must stay.
func TestPurseRunsOut(t *testing.T) {
	c, terminal := kerneltest.NewCard(t, "unionpay-cash"), shop(t, nil, nil)
	for n, want := range []struct {
		amount  uint64
		kind    kernel.Kind
		balance uint64
	}{
		{4500, kernel.Approved, 5500}, {4500, kernel.Approved, 1000}, {1, kernel.OnlineRequest, 1000},
	} {
		out, err := terminal.Transact(context.Background(), c, kernel.Transaction{Amount: want.amount, Currency: 840})
		if err != nil || out.Kind != want.kind || out.UI.Amount != want.balance {
			t.Errorf("payment %d: %v, %+v because of %v, %v", n+1, out.Kind, out.UI, out.Why, err)
		}
	}
}

// TestGate: who passes a gate of transit, and who is turned away.
func TestGate(t *testing.T) {
	for _, c := range []struct {
		profile string
		faults  []string
		kind    kernel.Kind
		code    string
	}{
		{"unionpay-credit", nil, kernel.OnlineRequest, "c7.arqc_authenticated"},
		{"unionpay-offline", nil, kernel.Approved, "c7.tc"},
		{"unionpay-debit", nil, kernel.Declined, "c7.online_oda_unsupported"},
		{"unionpay-credit", []string{"sdad-replay"}, kernel.Declined, "cert.sdad.hash"},
		{"unionpay-credit", []string{"wrong-icc-key"}, kernel.Declined, "cert.sdad"},
		{"unionpay-credit", []string{"flip=9F6C:0:80"}, kernel.Declined, "c7.ctq_changed"},
	} {
		terminal := shop(t, gate, nil)
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, c.profile, c.faults...), small)
		// A debit card that is asked for a PIN is declined for what it lacks all the same.
		if err != nil || out.Kind != c.kind || !strings.HasPrefix(out.Why.Code, c.code) {
			t.Errorf("%s %v: %v because of %v, %v", c.profile, c.faults, out.Kind, out.Why, err)
		}
		if out.Kind == kernel.OnlineRequest && !kerneltest.Verdict(t, &out).Valid {
			t.Errorf("%s: the issuer does not believe it", c.profile)
		}
	}
}

// TestEverySignedByte: at a gate of transit nothing that was changed goes online as authenticated.
func TestEverySignedByte(t *testing.T) {
	for _, profile := range []string{"unionpay-offline", "unionpay-cash", "unionpay-phone-offline"} {
		bench.EverySignedByte(t, profile, card.CoverOffline, 1200)
	}
	for _, profile := range []string{"unionpay-credit", "unionpay-debit", "unionpay-minimal", "unionpay-phone-locked"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 24)
	}
	transit := benchOf(gate)
	transit.Fooled = func(_ testing.TB, out *kernel.Outcome) bool { return out.Why.Code == "c7.arqc_authenticated" }
	transit.EverySignedByte(t, "unionpay-credit", card.CoverOffline, 1200)
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of. It goes online where authentication fails.
func TestFaultsEndInOutcomes(t *testing.T) {
	without := benchOf(func(c *contactless.Combination) { c.Options = nil })
	without.Faults(t, "unionpay-offline", []kerneltest.Fault{
		{Fault: "removed@1..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "removed@3", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "timeout@4", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "garbage@3", Kind: kernel.TryAnotherInterface, Code: "c7.gpo_"},
		{Fault: "empty@3..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "61xx@1..", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "61xx@3..", Kind: kernel.TryAnotherInterface, Code: "c7.gpo_61"},
		{Fault: "sw=6985@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6984@3", Kind: kernel.TryAnotherInterface, Code: "c7.gpo_6984"},
		{Fault: "sw=6986@3", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "sw=6A83@5", Kind: kernel.EndApplication, Code: "c7.record_6A83"},
		{Fault: "repeat=9F36", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "repeat=5F24", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "drop=9F26", Kind: kernel.EndApplication, Code: "c7.missing_9F26"},
		{Fault: "drop=9F10", Kind: kernel.EndApplication, Code: "c7.missing_9F10"},
		{Fault: "drop=94", Kind: kernel.EndApplication, Code: "c7.missing_94"},
		{Fault: "drop=9F27", Kind: kernel.Approved, Code: "c7.tc"}, // the Issuer Application Data say it too
		{Fault: "drop=57", Kind: kernel.Approved, Code: "c7.tc"},   // 5A is enough for a TC
		{Fault: "drop=5F24", Kind: kernel.Declined, Code: "c7.expired"},
		{Fault: "drop=9F6C", Kind: kernel.Declined, Code: "c7.ctq_changed"}, // and with it the wish to go online
		{Fault: "drop=9F4B", Kind: kernel.OnlineRequest, Code: "oda.data"},
		{Fault: "drop=9F69", Kind: kernel.OnlineRequest, Code: "c7.fdda_version"},
		{Fault: "drop=90", Kind: kernel.OnlineRequest, Code: "oda.data"},
		{Fault: "drop=8F", Kind: kernel.OnlineRequest, Code: "oda.ca_index"},
		{Fault: "flip=82:0:20", Kind: kernel.OnlineRequest, Code: "c7.no_dda"},
		{Fault: "flip=9F6C:0:20", Kind: kernel.Declined, Code: "c7.ctq_changed"},
		{Fault: "flip=9F6C:0:80", Kind: kernel.OnlineRequest, Code: "c7.online_pin"}, // what was added is heard, and the issuer decides
		{Fault: "flip=9F6C:1:80", Kind: kernel.Declined, Code: "c7.cdcvm_unproven"},
		{Fault: "add=9F02:000000000001:gpo", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "add=9F66:FFFFFFFF:gpo", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "add=5F34:01:3.1", Kind: kernel.Approved, Code: "c7.tc"},
		{Fault: "add=5F34:02:3.1", Kind: kernel.EndApplication, Code: "c7.psn_differs"},
		{Fault: "add=95:FFFFFFFFFF:2.1", Kind: kernel.OnlineRequest, Code: "cert.icc.hash"},
		{Fault: "ca-index=00", Kind: kernel.OnlineRequest, Code: "oda.capk"},
		{Fault: "issuer-expired", Kind: kernel.OnlineRequest, Code: "cert.issuer.expired"},
		{Fault: "issuer-revoked", Kind: kernel.OnlineRequest, Code: "cert.issuer.revoked"},
		{Fault: "wrong-issuer-id", Kind: kernel.OnlineRequest, Code: "cert.issuer.identifier"},
		{Fault: "icc-expired", Kind: kernel.OnlineRequest, Code: "cert.icc.expired"},
		{Fault: "wrong-pan-in-cert", Kind: kernel.OnlineRequest, Code: "cert.icc.pan"},
		{Fault: "wrong-icc-key", Kind: kernel.OnlineRequest, Code: "cert.sdad"},
		{Fault: "sdad-replay", Kind: kernel.OnlineRequest, Code: "cert.sdad.hash"},
		{Fault: "sdad-format=95", Kind: kernel.OnlineRequest, Code: "cert.sdad.format"},
	})
}

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 15) }

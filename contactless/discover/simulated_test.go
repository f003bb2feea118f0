package discover_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "discover-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "discover-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature, Code: "c6.arqc"},
		{Profile: "discover-debit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "discover-debit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c6.arqc"},
		{Profile: "discover-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NotApplicable, Code: "c6.tc"},
		{Profile: "discover-offline", Amount: 9000, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "discover-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.expired"},
		{Profile: "discover-expired-declines", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c6.expired"},
		{Profile: "discover-declines", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "c6.aac"},
		{Profile: "discover-loyalty", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NotApplicable, Code: "c6.pid_limit"},
		{Profile: "discover-strict", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c6.arqc"},
		{Profile: "discover-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "discover-phone", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c6.arqc"},
		{Profile: "discover-phone-locked", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c6.arqc"},
		{Profile: "discover-watch", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "c6.arqc"},
		{Profile: "discover-issuer-update", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "discover-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "c6.gpo_6984"},
		{Profile: "discover-blocked", Amount: 1250, Kind: kernel.EndApplication, CVM: kernel.NotApplicable, Code: "entry.no_candidate"},
		{Profile: "discover-magstripe", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.tracks", Unheard: true},
		{Profile: "discover-magstripe", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.ObtainSignature, Code: "c6.tracks", Unheard: true},
		{Profile: "discover-zip", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.tracks", Unheard: true},
		{Profile: "diners-credit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.arqc"},
		{Profile: "diners-credit", Amount: 20000, Kind: kernel.OnlineRequest, CVM: kernel.OnlinePIN, Code: "c6.arqc"},
		{Profile: "diners-magstripe", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NotApplicable, Code: "c6.tracks", Unheard: true},
	})
}

// TestTracks: the places of dynamic code, counter and number in both tracks, by their positions on a stripe.
func TestTracks(t *testing.T) {
	for _, c := range []struct {
		profile string
		zeros   int // in front of the issuer's data, for a short card number
	}{{"discover-magstripe", 0}, {"diners-magstripe", 2}} {
		terminal := shop(t, nil, nil)
		if _, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, c.profile), small); err != nil {
			t.Fatal(err)
		}
		d := terminal.Data()
		track2 := strings.ToUpper(hex.EncodeToString(d.Get(0x57)))
		_, rest, _ := strings.Cut(track2, "D")
		// AB is 171, and 171 modulo 100 is 71; the first transaction has the counter 1.
		want := "4912201" + strings.Repeat("0", c.zeros) + "00000" + string(d.Get(0x9F7E)) + "001" + "71"
		if rest != want+"F" || !bytes.Equal(d.Get(0x9F37), []byte{0x71}) {
			t.Errorf("%s: track 2 ends in %s, want %s", c.profile, rest, want)
		}
		if track1 := string(d.Get(0x56)); !strings.HasSuffix(track1, "^CARDHOLDER/TEST^"+want) {
			t.Errorf("%s: track 1 %s, want %s at its end", c.profile, track1, want)
		}
		if number := track2[37-2 : 38-1]; number != "71" { // positions count from 1, which is the start sentinel's
			t.Errorf("%s: positions 37 and 38 of track 2 hold %s", c.profile, number)
		}
	}
}

// TestIssuerUpdate takes a card online and back, with a script. No command but SELECT and the script's comes before the
// card then.
func TestIssuerUpdate(t *testing.T) {
	terminal, c := shop(t, nil, nil), kerneltest.NewCard(t, "discover-issuer-update")
	out := bench.IssuerUpdate(t, terminal, c, unhex(t, "7214 9F180401020304 860B 8424000006 AABBCCDDEEFF"))
	if out.Kind != kernel.Approved || out.Why.Code != "c6.issuer_approved" {
		t.Fatalf("%v because of %v", out.Kind, out.Why)
	}
	if got := c.Scripts(); len(got) != 1 || !bytes.Equal(got[0], unhex(t, "8424000006AABBCCDDEEFF")) {
		t.Errorf("the card took %X", got)
	}
	// TVR of the first tap: no offline data authentication. TSI: risk management, issuer authentication, script.
	if want := unhex(t, "95058000000000 9B021C00"); !bytes.Equal(out.Discretionary, want) {
		t.Errorf("for the host %X, want %X", []byte(out.Discretionary), want)
	}
}

func TestEverySignedByte(t *testing.T) {
	bench.EverySignedByte(t, "discover-offline", card.CoverOffline, 1000)
	bench.EverySignedByte(t, "discover-loyalty", card.CoverOffline, 1000)
	for _, profile := range []string{"discover-credit", "discover-debit", "discover-phone-locked", "diners-credit"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 25)
	}
}

// TestFaultsEndInOutcomes gives the offline card every fault that it knows of.
func TestFaultsEndInOutcomes(t *testing.T) {
	bench.Faults(t, "discover-offline", []kerneltest.Fault{
		{Fault: "removed@1..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "removed@3", Kind: kernel.Approved, Code: "c6.tc"},
		{Fault: "timeout@4", Kind: kernel.Approved, Code: "c6.tc"},
		{Fault: "garbage@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "empty@3..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "61xx@1..", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "61xx@3..", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6985@3", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "sw=6984@3", Kind: kernel.TryAnotherInterface, Code: "c6.gpo_6984"},
		{Fault: "sw=6986@3", Kind: kernel.Approved, Code: "c6.tc"},
		{Fault: "sw=6A83@5", Kind: kernel.EndApplication, Code: "c6.record_6A83"},
		{Fault: "repeat=9F36", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "repeat=5F24", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "drop=9F4B", Kind: kernel.EndApplication, Code: "c6.no_signature"},
		{Fault: "drop=9F71", Kind: kernel.EndApplication, Code: "entry.no_candidate"},
		{Fault: "drop=57", Kind: kernel.EndApplication, Code: "c6.track2"},
		{Fault: "drop=90", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "drop=8F", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "add=9F02:000000000001:gpo", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"}, // the card has not signed it
		{Fault: "add=9F26:1122334455667788:gpo", Kind: kernel.EndApplication, Code: "c6.cryptogram_in_clear"},
		{Fault: "add=95:FFFFFFFFFF:2.1", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "ca-index=00", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "issuer-expired", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "issuer-revoked", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "wrong-issuer-id", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "icc-expired", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "wrong-pan-in-cert", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "wrong-icc-key", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "sdad-replay", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
		{Fault: "sdad-format=95", Kind: kernel.OnlineRequest, Code: "c6.cda_failed"},
	})
}

// TestFailedAuthenticationInTheTVR: what the issuer sees of a signature that was not good.
func TestFailedAuthenticationInTheTVR(t *testing.T) {
	for fault, want := range map[string]string{
		"sdad-replay": "0400000000", // CDA failed
		"ca-index=00": "2400000000", // and data missing: there is no such key
		"drop=8F":     "2400000000",
		"drop=9F46":   "2400000000",
	} {
		terminal := shop(t, nil, nil)
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, "discover-offline", fault), small)
		if err != nil || out.Kind != kernel.OnlineRequest {
			t.Fatalf("%s: %v, %v", fault, out.Why, err)
		}
		if got := terminal.Data().Get(0x95); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s: %X, want %s", fault, got, want)
		}
	}
}

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 12) }

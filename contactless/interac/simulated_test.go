package interac_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv"
)

// TestProfiles runs a purchase with every simulated card, up to the issuer's verdict on its cryptogram.
func TestProfiles(t *testing.T) {
	bench.Profiles(t, []kerneltest.Case{
		{Profile: "interac-debit", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.offline"},
		{Profile: "interac-debit", Amount: floor, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.online"},
		{Profile: "interac-debit", Amount: limit, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.limit"},
		{Profile: "interac-plain", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.online"},
		{Profile: "interac-offline", Amount: 1250, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "interac.tc"},
		{Profile: "interac-offline", Amount: 10000, Kind: kernel.Approved, CVM: kernel.NoCVM, Code: "interac.tc"},
		{Profile: "interac-offline", Amount: 10001, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.offline"},
		{Profile: "interac-limit", Amount: 5000, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.online"},
		{Profile: "interac-limit", Amount: 5001, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.aac"},
		{Profile: "interac-declines", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.aac"},
		{Profile: "interac-expired", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.online"},
		{Profile: "interac-foreign", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.other_currency"},
		{Profile: "interac-blocked", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.gpo_6985"},
		{Profile: "interac-switch", Amount: 1250, Kind: kernel.TryAnotherInterface, CVM: kernel.NotApplicable, Code: "interac.gpo_6984"},
		{Profile: "interac-phone", Amount: 1250, Kind: kernel.OnlineRequest, CVM: kernel.NoCVM, Code: "action.online"},
		{Profile: "interac-phone", Amount: 90000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "action.online"},
		{Profile: "interac-phone-locked", Amount: 90000, Kind: kernel.OnlineRequest, CVM: kernel.ConfirmationCodeVerified, Code: "action.online"},
		{Profile: "interac-phone-refuses", Amount: 1250, Kind: kernel.Declined, CVM: kernel.NotApplicable, Code: "interac.aac"},
	})
}

// TestCumulativeLimit: a card counts what it pays, and wants to be inserted when it is too much. Refunds don't count.
func TestCumulativeLimit(t *testing.T) {
	terminal, c := shop(t, nil, nil), kerneltest.NewCard(t, "interac-debit") // 400.00
	for i, tx := range []struct {
		kernel.Transaction
		want kernel.Kind
	}{
		{kernel.Transaction{Amount: 20000, Currency: 124}, kernel.OnlineRequest},
		{kernel.Transaction{Amount: 20000, Currency: 124, Type: kernel.Refund}, kernel.OnlineRequest},
		{kernel.Transaction{Amount: 15000, Currency: 124}, kernel.OnlineRequest},
		{kernel.Transaction{Amount: 5001, Currency: 124}, kernel.TryAnotherInterface},
		{kernel.Transaction{Amount: 5000, Currency: 124}, kernel.OnlineRequest},
		{kernel.Transaction{Amount: 1, Currency: 124}, kernel.TryAnotherInterface},
	} {
		out, err := terminal.Transact(context.Background(), c, tx.Transaction)
		if err != nil || out.Kind != tx.want {
			t.Errorf("tap %d: %v because of %v, %v", i+1, out.Kind, out.Why, err)
		}
	}
}

// TestRefund: a refund of any amount goes to the card that is there, and to its issuer.
func TestRefund(t *testing.T) {
	for _, profile := range []string{"interac-debit", "interac-offline", "interac-phone", "interac-expired"} {
		terminal := shop(t, nil, nil)
		tx := kernel.Transaction{Amount: 90000, Currency: 124, Type: kernel.Refund}
		out, err := terminal.Transact(context.Background(), kerneltest.NewCard(t, profile), tx)
		if err != nil || out.Kind != kernel.OnlineRequest || out.CVM != kernel.NoCVM {
			t.Errorf("%s: %v, %v because of %v, %v", profile, out.Kind, out.CVM, out.Why, err)
			continue
		}
		if got := terminal.Data().Get(0x9F5A); !bytes.Equal(got, []byte{1}) {
			t.Errorf("%s: Terminal Transaction Type %X", profile, got)
		}
		if v := kerneltest.Verdict(t, &out); !v.Valid {
			t.Errorf("%s: the issuer's verdict: %+v", profile, v)
		}
	}
}

func TestEverySignedByte(t *testing.T) {
	bench.EverySignedByte(t, "interac-offline", card.CoverOffline, 500)
	for _, profile := range []string{"interac-debit", "interac-plain", "interac-phone"} {
		bench.EverySignedByte(t, profile, card.CoverCryptogram, 15)
	}
}

// TestFaultsEndInOutcomes gives the offline card the faults that it knows of.
func TestFaultsEndInOutcomes(t *testing.T) {
	bench.Faults(t, "interac-offline", []kerneltest.Fault{
		{Fault: "removed@1..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "timeout@3..", Kind: kernel.EndApplication, Code: "entry.restarts"},
		{Fault: "timeout@4", Kind: kernel.Approved, Code: "interac.tc"},
		{Fault: "61xx@3", Kind: kernel.EndApplication, Code: "interac.gpo_61FF"},
		{Fault: "garbage@3", Kind: kernel.EndApplication},
		{Fault: "sw=6985@3", Kind: kernel.TryAnotherInterface, Code: "interac.gpo_6985"},
		{Fault: "sw=6986@3", Kind: kernel.Approved, Code: "interac.tc"},
		{Fault: "sw=6A83@4", Kind: kernel.EndApplication, Code: "interac.record_6A83"},
		{Fault: "sw=6985@8", Kind: kernel.EndApplication, Code: "interac.generate_6985"},
		{Fault: "repeat=5F24", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "repeat=9F36", Kind: kernel.EndApplication, Code: "answer.repeated"},
		{Fault: "drop=9F27", Kind: kernel.EndApplication, Code: "interac.missing_9F27"},
		{Fault: "drop=9F4B", Kind: kernel.TryAnotherInterface, Code: "interac.no_signature"},
		{Fault: "drop=90", Kind: kernel.OnlineRequest, Code: "action.online"},
		{Fault: "ca-index=00", Kind: kernel.OnlineRequest, Code: "action.online"},
		{Fault: "add=9F02:000000000001:1.1", Kind: kernel.TryAnotherInterface, Code: "cert.icc.hash"},
		{Fault: "add=9F59:FFFFFF:fci", Kind: kernel.Approved, Code: "interac.tc"},
		{Fault: "add=95:FFFFFFFFFF:gpo", Kind: kernel.Approved, Code: "interac.tc"},
		{Fault: "nested=40", Kind: kernel.EndApplication},
		{Fault: "issuer-expired", Kind: kernel.TryAnotherInterface, Code: "cert.issuer.expired"},
		{Fault: "issuer-revoked", Kind: kernel.TryAnotherInterface, Code: "cert.issuer.revoked"},
		{Fault: "wrong-issuer-id", Kind: kernel.TryAnotherInterface, Code: "cert.issuer.identifier"},
		{Fault: "icc-expired", Kind: kernel.TryAnotherInterface, Code: "cert.icc.expired"},
		{Fault: "wrong-pan-in-cert", Kind: kernel.TryAnotherInterface, Code: "cert.icc.pan"},
		{Fault: "wrong-icc-key", Kind: kernel.TryAnotherInterface, Code: "cert."},
		{Fault: "sdad-replay", Kind: kernel.TryAnotherInterface, Code: "cert.sdad.hash"},
		{Fault: "sdad-format=95", Kind: kernel.TryAnotherInterface, Code: "cert.sdad.format"},
		{Fault: "long-records", Kind: kernel.Approved, Code: "interac.tc"},
	})
}

// TestRetries: a card that does not answer is asked for again so many times (Interac, A8).
func TestRetries(t *testing.T) {
	for _, c := range []struct{ retries, taps int }{{0, interac.DefaultRetries + 1}, {1, 2}, {5, 6}} {
		polls := 0
		terminal := shop(t, func(_ *contactless.Combination, o *interac.Options) { o.Retries = c.retries }, nil)
		silent := polled{kerneltest.NewCard(t, "interac-debit"), &polls}
		out, err := terminal.Transact(context.Background(), silent, tap)
		if err != nil || out.Kind != kernel.EndApplication || out.Why.Code != "interac.retries" || polls != c.taps {
			t.Errorf("%d retries: %v because of %v after %d taps, %v", c.retries, out.Kind, out.Why, polls, err)
		}
	}
}

// polled is a card that leaves before GET PROCESSING OPTIONS, and counts how often it was looked for.
type polled struct {
	kerneltest.Reader
	polls *int
}

func (p polled) Activate(ctx context.Context) error {
	*p.polls++
	return p.Reader.Activate(ctx)
}

func (p polled) Transmit(ctx context.Context, dst, command []byte) ([]byte, error) {
	if command[1] == 0xA8 {
		return dst, kernel.ErrRemoved
	}
	return p.Reader.Transmit(ctx, dst, command)
}

func TestNothingShowsTheCard(t *testing.T) { bench.NothingShown(t, 8) }

// TestRecord: the issuer gets what Interac's own objects say of the place and of the card, and not the terminal's limits
// (Interac, A24).
func TestRecord(t *testing.T) {
	out, err := shop(t, nil, nil).Transact(context.Background(), kerneltest.NewCard(t, "interac-offline"), tap)
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[tlv.Tag]string{
		0x9F58: "03", 0x9F59: "D88000", 0x9F5A: "00", 0x9F5E: "E000", 0x9F62: "0001", 0x9F63: "00000000", 0x9F70: "00",
		0x9F34: "1F0302", 0x9F06: "A0000002771010", 0x84: "A0000002771010", 0x9F02: "000000001250", 0x95: "0000000000",
	} {
		if got, ok := tlv.Find(out.Record, tag); !ok || !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%v is %X, want %s", tag, got, want)
		}
	}
	for _, tag := range []tlv.Tag{0x9F5D, 0x9F5F, 0x9F4B, 0x8E} {
		if v, ok := tlv.Find(out.Record, tag); ok {
			t.Errorf("%v %X goes to the issuer", tag, v)
		}
	}
}

package terminal

import (
	"encoding/hex"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

var kinds = map[wire.Kind]payment.Kind{
	wire.KindSale: payment.Sale, wire.KindRefund: payment.Refund, wire.KindVoid: payment.Void,
	wire.KindPreauth: payment.Preauth, wire.KindCapture: payment.Capture, wire.KindAdjust: payment.Adjust,
}

var entries = map[wire.Entry]payment.Entry{
	wire.EntryTap: payment.Tap, wire.EntryInsert: payment.Insert, wire.EntrySwipe: payment.Swipe, wire.EntryManual: payment.Manual,
}

// request makes of a till's request the engine's. The same request gives the same one, byte by byte, as long as profile and
// surcharge of the terminal stay: the engine compares hashes of them.
//
// A tip that the till has already becomes a question with one answer (screen.AskTip): the engine knows of tips by asking.
func (t *Terminal) request(r *wire.PaymentRequest) (payment.Request, error) {
	p := payment.Request{
		RequestID: r.RequestID, OrderRef: r.OrderRef, Kind: kinds[r.Kind], Amount: uint64(r.Amount), CartHash: hex.EncodeToString(r.CartHash),
		Within: r.Within, ForceAdditional: r.ForceAdditional, Role: r.Role,
		Offline: payment.OfflinePolicy{Allow: r.Offline.Mode == "allow", Max: uint64(r.Offline.Max)},
	}
	if r.Currency != t.c.Profile.Currency.Alpha {
		return p, wire.Refuse("E_CURRENCY", "%s; here payments are in %s", r.Currency, t.c.Profile.Currency.Alpha)
	}
	p.Currency = t.c.Profile.Currency.Numeric
	if r.Reference != "" {
		p.Original = payment.Original{POS: r.ReferencePOS, RequestID: r.Reference}
	}
	for _, e := range r.Entry {
		p.Entry = append(p.Entry, entries[e])
	}
	slices.Sort(p.Entry) // the order in which a till names them means nothing
	if p.Kind == payment.Void || p.Kind == payment.Capture || p.Kind == payment.Adjust {
		p.Entry = nil
	}
	tips := &t.c.Profile.Tips
	switch r.TipPolicy.Mode {
	case "ask":
		if len(tips.Percent) == 0 && !tips.Custom {
			return p, wire.Refuse(wire.CodeUnsupported, "tip_policy: the profile has no tips to offer")
		}
		p.Tip = payment.TipPolicy{Ask: true, Custom: tips.Custom}
		for _, percent := range tips.Percent {
			p.Tip.Percent = append(p.Tip.Percent, uint32(percent))
		}
	case "fixed":
		if r.TipPolicy.Fixed != 0 {
			p.Tip = payment.TipPolicy{Ask: true, Smart: &payment.SmartTip{
				Below: kernel.MaxAmount, Amounts: []uint64{uint64(r.TipPolicy.Fixed)},
			}}
		}
	}
	switch r.SurchargePolicy.Mode {
	case "profile":
		if t.c.Surcharge == (payment.SurchargePolicy{}) {
			return p, wire.Refuse(wire.CodeUnsupported, "surcharge_policy: the terminal has no surcharge of its own")
		}
		p.Surcharge = t.c.Surcharge
	case "fixed":
		p.Surcharge = payment.SurchargePolicy{Fixed: uint64(r.SurchargePolicy.Fixed)}
	}
	return p, nil
}

// payable refuses a request whose every way to present a card this terminal lacks.
func (t *Terminal) payable(p *payment.Request) error {
	if len(p.Entry) > 0 && len(methods(p.Entry, t.screen.kinds)) == 0 {
		return wire.Refuse(wire.CodeUnsupported, "entry: the terminal has %v", t.screen.kinds)
	}
	return nil
}

// wireState returns a state of the protocol, "" for one that it does not tell of.
func wireState(s payment.State) wire.State {
	switch s {
	case payment.Accepted, payment.Prompting, payment.CardIn, payment.Commit, payment.AuthSent, payment.HostAnswered,
		payment.GAC2Done, payment.Finished, payment.Acked, payment.ReversalDue, payment.ReversalSent, payment.Reversed,
		payment.SAFStored:
		return wire.State(s.String())
	default:
		return ""
	}
}

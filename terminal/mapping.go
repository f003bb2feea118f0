package terminal

import (
	"encoding/hex"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/profile"
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

// Forward returns what a profile's caps are as a policy, for Config.Payment.Forward: payments are stored then, where a till
// allows it too. It is the zero policy, which stores nothing, where the profile has none.
func Forward(p *profile.Profile) payment.ForwardPolicy {
	f := p.Forward
	if f == nil {
		return payment.ForwardPolicy{}
	}
	n := payment.ForwardPolicy{
		Currency: p.Currency.Numeric, Max: f.Max, Sum: f.Sum, Count: f.Count, Age: f.Age, Brands: slices.Clone(f.Never), PIN: f.PIN,
		Entries: []payment.Entry{},
	}
	for _, on := range f.Entries {
		switch on {
		case profile.Insert:
			n.Entries = append(n.Entries, payment.Insert)
		case profile.Tap:
			n.Entries = append(n.Entries, payment.Tap)
		default:
		}
	}
	return n
}

// payable refuses a request whose every way to present a card this terminal lacks.
func (t *Terminal) payable(p *payment.Request) error {
	if len(p.Entry) > 0 && len(methods(p.Entry, t.screen.kinds)) == 0 {
		return wire.Refuse(wire.CodeUnsupported, "entry: the terminal has %v", t.screen.kinds)
	}
	return nil
}

// late is what a till is told of a payment that the host refused after the card had approved it.
func (t *Terminal) late(s *payment.Status) *wire.PaymentLate {
	return &wire.PaymentLate{
		RequestID: s.RequestID, OrderRef: s.OrderRef, HostCode: hostCode(s.HostCode), Total: int64(s.Amounts.Total),
		Currency: t.screen.coins.letters(s.Currency),
	}
}

// hostCode leaves out a code that can't travel: what it is about must arrive.
func hostCode(code string) string {
	if (&wire.PaymentState{RequestID: anyRequest, State: wire.StateFinal, HostCode: code}).Check() != nil {
		return ""
	}
	return code
}

// anyRequest has the form of a request id.
const anyRequest = "00000000000000000000000000"

// wireState returns a state of the protocol, "" for one that it does not tell of.
func wireState(s payment.State) wire.State {
	switch s {
	case payment.Accepted, payment.Prompting, payment.CardIn, payment.Commit, payment.AuthSent, payment.HostAnswered,
		payment.GAC2Done, payment.Finished, payment.Acked, payment.ReversalDue, payment.ReversalSent, payment.Reversed,
		payment.SAFStored, payment.SAFSent, payment.SAFDone, payment.SAFDeclined:
		return wire.State(s.String())
	default:
		return ""
	}
}

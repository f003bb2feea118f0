package terminal

import (
	"fmt"
	"strings"

	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// final makes of the end of a payment what a till gets.
func (t *Terminal) final(s *payment.Status) *wire.Final {
	f := s.Final
	n := &wire.Final{
		RequestID: s.RequestID, OrderRef: s.OrderRef, Result: wire.Result(f.Result.String()), HostCode: hostCode(f.HostCode),
		Kind: wire.Kind(f.Kind.String()), Amount: int64(f.Amounts.Amount), Tip: int64(f.Amounts.Tip),
		Surcharge: int64(f.Amounts.Surcharge), Currency: t.screen.coins.letters(f.Currency), Reversing: f.Reversal,
		Time: max(1, f.At.UnixMilli()),
	}
	if f.Code != payment.CodeApproved {
		n.Reason = f.Code
	}
	if f.Result == payment.Approved {
		n.Amount = int64(f.Amounts.Total - f.Amounts.Tip - f.Amounts.Surcharge) // of a void and its like: what it came to
		n.Total = int64(f.Amounts.Total)
	}
	if f.Receipt != nil {
		n.Offline = f.Receipt.Offline
		n.Receipt = receipt(f.Receipt)
	}
	if n.Receipt != nil {
		if err := n.Receipt.Check(); err != nil { // an outcome must arrive, whatever a card wrote into its label
			t.c.Log.Warn("receipt", "request", s.RequestID, "left out", err)
			n.Receipt = nil
		}
	}
	return n
}

// receipt returns what is printed; nil where there was no card, as with a void.
func receipt(r *payment.Receipt) *wire.Receipt {
	c := &r.Card
	if c.Entry < payment.Tap || c.Entry > payment.Manual {
		return nil
	}
	n := &wire.Receipt{
		MaskedPAN: c.Number, Token: c.Token, Scheme: c.Brand, Entry: wire.Entry(c.Entry.String()), AID: c.AID, Label: c.Label,
		Cryptogram: c.Cryptogram, TVR: c.TVR, TSI: c.TSI, ARC: hostCode(c.ARC), CVM: verification(c.CVM, r.Signature), AuthCode: hostCode(r.AuthCode),
		RRN: r.RRN, Disclaimer: r.Disclaimers[:min(len(r.Disclaimers), maxDisclaimers)],
	}
	if r.STAN != 0 {
		n.STAN = fmt.Sprintf("%06d", r.STAN)
	}
	return n
}

const maxDisclaimers = 8

// verification is how the cardholder was verified, as receipts say it.
func verification(cvm string, signs bool) string {
	switch {
	case signs || cvm == "signature":
		return "signature"
	case strings.Contains(cvm, "pin"):
		return "pin"
	case cvm == "confirmation-code-verified":
		return "device"
	case cvm == "no-cvm" || cvm == "na":
		return "none"
	}
	return ""
}

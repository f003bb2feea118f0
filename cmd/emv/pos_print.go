package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	texts "github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// printLate prints that the bank did not take what the card had approved.
func printLate(out io.Writer, l *wire.PaymentLate) {
	s := style.For(out)
	fmt.Fprintf(out, "%s  %s was not paid: the bank refused it later (%s)\n", s.Bad("refused"), money(l.Total, l.Currency), cmp.Or(l.HostCode, "no code"))
}

// printFinal prints how a payment ended, with what a receipt has. Texts that came from a card are made safe.
func printFinal(out io.Writer, f *wire.Final) {
	s := style.For(out)
	result := s.Bad(string(f.Result))
	if f.Result == wire.Approved {
		result = s.Good(string(f.Result))
	}
	sum := f.Amount
	if f.Result == wire.Approved {
		sum = f.Total
	}
	fmt.Fprintf(out, "%s  %s  %s\n", result, s.Strong(money(sum, f.Currency)), f.Kind)
	row := func(name string, parts ...string) {
		var kept []string
		for _, p := range parts {
			if p != "" {
				kept = append(kept, texts.Clean(p, 0))
			}
		}
		if len(kept) > 0 {
			fmt.Fprintf(out, "  %-14s %s\n", name, strings.Join(kept, "  "))
		}
	}
	row("order", f.OrderRef)
	row("payment", f.RequestID)
	if f.Result != wire.Approved {
		row("reason", f.Reason, f.HostCode)
	}
	if f.Tip > 0 {
		row("tip", money(f.Tip, f.Currency))
	}
	if f.Surcharge > 0 {
		row("surcharge", money(f.Surcharge, f.Currency))
	}
	if f.Reversing {
		row("reversal", "under way: the card is not charged in the end")
	}
	if f.Offline {
		row("offline", "approved without the bank")
	}
	if r := f.Receipt; r != nil {
		row("card", r.Label, r.MaskedPAN, string(r.Entry))
		row("verified by", r.CVM)
		row("authorisation", r.AuthCode)
		row("application", r.AID)
		row("cryptogram", r.Cryptogram)
		row("TVR TSI", r.TVR, r.TSI)
		row("reference", r.RRN)
		for _, d := range r.Disclaimer {
			row("", d)
		}
	}
}

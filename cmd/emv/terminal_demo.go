package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/demo"
	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/cmd/emv/internal/pay"
	"github.com/cardwright/emv/cmd/emv/internal/station"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/terminal/wire"
)

// demoFlags are the flags of --demo.
type demoFlags struct {
	on, tap, insert, swipe, decline bool
	card, amount                    string
	faults, pins                    []string
}

func (f *demoFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.on, "demo", false, "take one payment with a till in this process, and tell what happens")
	flags.BoolVar(&f.tap, "tap", false, "of the demo: the customer taps (default)")
	flags.BoolVar(&f.insert, "insert", false, "of the demo: the customer inserts the card")
	flags.BoolVar(&f.swipe, "swipe", false, "of the demo: the customer swipes the card")
	flags.StringVar(&f.card, "card", "", "of the demo: the card, as emv card list names it (default: visa-credit,\nvisa-contact, or a stripe without a chip)")
	flags.StringVar(&f.amount, "amount", "12.50", "of the demo: amount in major units")
	flags.StringArrayVar(&f.pins, "pin", nil, "of the demo: what the customer enters (default 1234); repeatable")
	flags.StringArrayVar(&f.faults, "fault", nil, "of the demo: what is wrong with the card; repeatable")
	flags.BoolVar(&f.decline, "decline", false, "of the demo: the bank declines")
	cmd.MarkFlagsMutuallyExclusive("tap", "insert", "swipe")
	for _, real := range []string{"config", "check", "state", "reader", "host", "tpm", "keystore", "passphrase-file", "dock"} {
		cmd.MarkFlagsMutuallyExclusive("demo", real)
	}
}

// check refuses what is for the demo alone.
func (f *demoFlags) check() error {
	if !f.on && (f.tap || f.insert || f.swipe || f.decline || f.card != "" || len(f.faults) > 0 || len(f.pins) > 0) {
		return usage("--tap, --insert, --swipe, --card, --pin, --fault and --decline are for --demo")
	}
	for _, p := range f.pins {
		if err := pay.CheckPIN(p); err != nil {
			return err
		}
	}
	return nil
}

// order reads the flags.
func (f *demoFlags) order(o station.Options) (demo.Order, error) {
	order := demo.Order{Station: o, How: demo.Tap, Card: f.card, Faults: f.faults, PINs: f.pins, Decline: f.decline}
	if f.insert {
		order.How = demo.Insert
	} else if f.swipe {
		order.How = demo.Swipe
	}
	if len(order.PINs) == 0 {
		order.PINs = []string{"1234"}
	}
	currency, err := iso.ParseCurrency(o.Setup.Profile.Currency.Alpha)
	if err != nil {
		return order, err
	}
	amount, err := iso.ParseAmount(f.amount, currency)
	order.Amount = int64(amount)
	return order, err
}

// runDemo shows a payment.
func runDemo(cmd *cobra.Command, f *demoFlags, o station.Options) error {
	order, err := f.order(o)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	p := demoPrinter{w: out, s: style.For(out)}
	result, err := demo.Run(cmd.Context(), order, p.step)
	if err != nil {
		return err
	}
	p.result(&order, result)
	fmt.Fprintf(out, "\n%s\n", p.s.Faint("emv terminal keeps one running, and emv pos serve is a till for it"))
	if result.Final.Result != wire.Approved {
		return &endError{status: exitBad}
	}
	return nil
}

// demoPrinter tells what each side sees.
type demoPrinter struct {
	w io.Writer
	s style.Style

	mu   sync.Mutex
	last string
}

// step prints a step. Several sides speak at the same time.
func (p *demoPrinter) step(who, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := who
	if who == p.last {
		name = ""
	}
	p.last = who
	fmt.Fprintf(p.w, "%s%s\n", p.s.Strong(fmt.Sprintf("%-10s", name)), what)
}

// result prints the receipt and what the two books say.
func (p *demoPrinter) result(o *demo.Order, r *demo.Result) {
	p.receipt(r.Final, o.Money)
	verdict := p.s.Bad(strings.ToUpper(string(r.Final.Result)))
	if r.Final.Result == wire.Approved {
		verdict = p.s.Good("APPROVED")
	}
	fmt.Fprintf(p.w, "\n%s\n", strings.TrimRight(verdict+"  "+p.s.Faint(r.Final.Reason), " "))
	fmt.Fprintf(p.w, "%-10shas it in its journal, and the till's word that it knows: %d records, none damaged\n", "terminal", r.Records)
	switch {
	case r.Entries > 0:
		fmt.Fprintf(p.w, "%-10scharged %s, in %s\n", "bank", o.Money(r.Charged), counted(r.Entries, "payment"))
	case r.Asked == 0:
		fmt.Fprintf(p.w, "%-10swas not asked, and charged nothing\n", "bank")
	default:
		fmt.Fprintf(p.w, "%-10scharged nothing\n", "bank")
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// receipt prints what a till would print.
func (p *demoPrinter) receipt(f *wire.Final, money func(int64) string) {
	if f.Receipt == nil {
		return
	}
	const width = 40
	line := func(left, right string) {
		if left != "" && right != "" {
			fmt.Fprintf(p.w, "  %s%*s\n", left, width-len(left), right)
		}
	}
	r := f.Receipt
	fmt.Fprintf(p.w, "\n  %s\n", strings.Repeat("-", width))
	label := strings.ToUpper(r.Label)
	if label == "" {
		label = strings.ToUpper(r.Scheme)
	}
	line(strings.ToUpper(string(f.Kind)), strings.ToUpper(string(r.Entry)))
	line(label, r.MaskedPAN)
	line("AMOUNT", money(f.Amount+f.Tip+f.Surcharge))
	line("AUTHORISATION", r.AuthCode)
	line("VERIFIED BY", strings.ToUpper(r.CVM))
	line("AID", r.AID)
	line("CRYPTOGRAM", r.Cryptogram)
	line("REFERENCE", r.RRN)
	for _, d := range r.Disclaimer {
		fmt.Fprintf(p.w, "  %s\n", d)
	}
	fmt.Fprintf(p.w, "  %s\n", strings.Repeat("-", width))
}

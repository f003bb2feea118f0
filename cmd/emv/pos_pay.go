package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/wire"
)

// posPayFlags are the flags of emv pos pay.
type posPayFlags struct {
	posFlags
	order, terminal, refundOf, role string
	offline                         string
	tip, preauth, refund, card      bool
	json                            bool
}

func posPayCommand() *cobra.Command {
	var f posPayFlags
	cmd := &cobra.Command{
		Use:   "pay AMOUNT",
		Short: "Take a payment on a terminal",
		Long: `pay asks a terminal for a payment and follows it to its end. The amount is in the
currency of the till's country, with its decimals.

An interrupt asks the terminal to cancel, and pay then waits for how the payment
ended; a second one ends at once: the payment's outcome is then open, and the next
emv pos command that reaches the terminal learns it.

Exit status: 0 approved; 1 not approved, or refused; 2 the command line is wrong.`,
		Example: `  emv pos pay 12.50
  emv pos pay 12.50 --order 1042 --tip --terminal 'Counter 2'
  emv pos pay 12.50 --offline 20
  emv pos pay 5 --refund-of 01J9Z3Q5W8X4T2B6N7M0K1H3G5`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("emv pos pay takes one amount; see emv pos pay --help")
			}
			return atLeastOne("the amount")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, func(ctx context.Context, t *till.Till) error { return f.run(ctx, cmd, t, args[0]) })
		},
	}
	f.add(cmd)
	f.addTakeOver(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.order, "order", "", "the order that is paid: a second payment of it is refused (default a new one)")
	flags.StringVar(&f.terminal, "terminal", "", "the terminal, by name or id (default the default one)")
	flags.BoolVar(&f.tip, "tip", false, "ask the customer for a tip")
	flags.BoolVar(&f.preauth, "preauth", false, "hold the amount; emv pos capture charges it")
	flags.StringVar(&f.offline, "offline", "", "let the card approve up to this amount while the bank is away: the bank may still\nrefuse it later, and nobody has paid then")
	flags.BoolVar(&f.refund, "refund", false, "give the amount to a card, without an earlier payment")
	flags.StringVar(&f.role, "role", "", "whose permission there is for a refund without its payment, as manager")
	flags.StringVar(&f.refundOf, "refund-of", "", "give the amount back to the card of this payment, by its id")
	flags.BoolVar(&f.card, "card", false, "with --refund-of: ask for the card that paid")
	flags.BoolVar(&f.json, "json", false, "print the outcome as JSON")
	cmd.MarkFlagsMutuallyExclusive("preauth", "refund", "refund-of", "offline")
	return cmd
}

func (f *posPayFlags) run(ctx context.Context, cmd *cobra.Command, t *till.Till, arg string) error {
	amount, err := parseAmount(t, arg)
	if err != nil {
		return err
	}
	if f.refundOf != "" {
		return f.later(ctx, cmd, t, till.Later{Kind: wire.KindRefund, ID: f.refundOf, Amount: amount, Card: f.card}, f.json)
	}
	id, err := findTerminal(t, f.terminal)
	if err != nil {
		return err
	}
	if err := f.reach(ctx, cmd, t, id); err != nil {
		return err
	}
	a := till.Amount{Kind: wire.KindSale, Order: f.order, Amount: amount, Tip: f.tip, Terminal: id, Role: f.role}
	if f.offline != "" {
		if a.Offline, err = parseAmount(t, f.offline); err != nil {
			return err
		}
	}
	switch {
	case f.preauth:
		a.Kind = wire.KindPreauth
	case f.refund:
		a.Kind, a.Tip = wire.KindRefund, false
	}
	p, err := t.Pay(a)
	if err != nil {
		return err
	}
	return follow(ctx, cmd, t, p.Wait, f.json)
}

// follow prints how the payment under way goes on, cancels it on an interrupt, and returns how it ended.
func follow(ctx context.Context, cmd *cobra.Command, t *till.Till, wait func(context.Context) error, asJSON bool) error {
	changes, done := t.Watch()
	defer done()
	ended := make(chan error, 1)
	go func() { ended <- wait(ctx) }()
	interrupted := cmd.Context().Done()
	errs := cmd.ErrOrStderr()
	s := style.For(errs)
	last := ""
	for {
		select {
		case <-changes:
			p := t.View().Payment
			if p == nil || p.Done {
				continue
			}
			if now := string(p.State) + " " + p.Prompt; now != last && p.State != "" {
				last = now
				fmt.Fprintln(errs, s.Faint(now))
			}
		case <-interrupted:
			interrupted = nil
			answer, err := t.Cancel(ctx, "cashier")
			if err != nil {
				answer = err.Error()
			}
			fmt.Fprintln(errs, s.Faint("cancel: "+answer))
		case err := <-ended:
			if err != nil {
				return err
			}
			return printOutcome(cmd, t.View().Payment, asJSON)
		}
	}
}

// printOutcome prints how a payment ended.
func printOutcome(cmd *cobra.Command, p *till.Payment, asJSON bool) error {
	switch {
	case p == nil:
		return wire.Refuse(wire.CodeInterrupted, "the payment is not there any more")
	case p.Final == nil && p.Error != nil:
		return p.Error
	}
	out := cmd.OutOrStdout()
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		if err := e.Encode(p.Final); err != nil {
			return err
		}
	} else {
		printFinal(out, p.Final)
	}
	if p.Final.Result != wire.Approved {
		return &endError{exitBad, nil}
	}
	return nil
}

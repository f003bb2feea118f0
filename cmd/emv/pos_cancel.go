package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/wire"
)

func posCancelCommand() *cobra.Command {
	var f posFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "cancel",
		Short: "Cancel the payment that an earlier command left behind",
		Long: `cancel asks the terminal to cancel the payment whose outcome this till does not know,
and prints how it ended: that may be an approval, when the bank was faster.

A payment that emv pos pay is following in another process is cancelled by
interrupting that one; one of the page, by the page.

Exit status: 0 it took no money; 1 it did, or refused; 2 the command line is wrong.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd, func(ctx context.Context, t *till.Till) error {
				p := t.View().Payment
				if p == nil || p.Done {
					return wire.Refuse("E_STATE", "no payment is open")
				}
				if err := f.reach(ctx, cmd, t, p.Terminal); err != nil {
					return err
				}
				if _, err := t.Cancel(ctx, "cashier"); err != nil && !t.View().Payment.Done {
					return err
				}
				if err := p.Wait(cmd.Context()); err != nil {
					return err
				}
				p = t.View().Payment
				if p.Final == nil {
					return p.Error
				}
				if err := printOutcome(cmd, p, asJSON); p.Final.Result == wire.Approved || err == nil {
					return &endError{exitBad, nil}
				}
				return nil
			})
		},
	}
	f.add(cmd)
	f.addTakeOver(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	return cmd
}

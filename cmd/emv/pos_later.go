package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/wire"
)

func posRefundCommand() *cobra.Command {
	var card bool
	cmd := laterCommand(wire.KindRefund, "Give money back to the card of a payment", &card)
	cmd.Flags().BoolVar(&card, "card", false, "ask for the card that paid, as some brands want")
	return cmd
}

func posVoidCommand() *cobra.Command {
	return laterCommand(wire.KindVoid, "Take a payment back as a whole", nil)
}

func posCaptureCommand() *cobra.Command {
	return laterCommand(wire.KindCapture, "Charge an amount that is held", nil)
}

// laterCommand makes the command of what is done with an earlier payment.
func laterCommand(kind wire.Kind, short string, card *bool) *cobra.Command {
	var f posFlags
	var amount string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   string(kind) + " ID",
		Short: short,
		Long: short + `, by the id of the payment: emv pos status lists them. It is
done on the terminal that took the payment.

Exit status: 0 approved; 1 not approved, or refused; 2 the command line is wrong.`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, func(ctx context.Context, t *till.Till) error {
				l := till.Later{Kind: kind, ID: args[0]}
				if card != nil {
					l.Card = *card
				}
				if amount != "" {
					var err error
					if l.Amount, err = parseAmount(t, amount); err != nil {
						return err
					}
				}
				return f.later(ctx, cmd, t, l, asJSON)
			})
		},
	}
	f.add(cmd)
	f.addTakeOver(cmd)
	if kind != wire.KindVoid {
		cmd.Flags().StringVar(&amount, "amount", "", "how much (default all that is left)")
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	return cmd
}

// oneID takes the id of a payment.
func oneID(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(cmd.CommandPath() + " takes one id; see " + cmd.CommandPath() + " --help")
	}
	return atLeastOne("the id of the payment")(cmd, args)
}

func (f *posFlags) later(ctx context.Context, cmd *cobra.Command, t *till.Till, l till.Later, asJSON bool) error {
	r, ok := t.Payment(l.ID)
	if !ok {
		return wire.Refuse("E_REFERENCE", "no payment of that id in the book")
	}
	l.Seen = r.Refunds
	if l.Kind != wire.KindRefund {
		l.Seen = 0
	}
	if err := f.reach(ctx, cmd, t, r.Terminal); err != nil {
		return err
	}
	p, err := t.Later(l)
	if err != nil {
		return err
	}
	return follow(ctx, cmd, t, p.Wait, asJSON)
}

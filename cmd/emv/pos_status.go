package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/wire"
)

func posStatusCommand() *cobra.Command {
	var f posFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [ID]",
		Short: "Say what became of a payment, or list them",
		Long: `status says what became of a payment, by its id. Where the till does not know, it asks
the terminal. Without an id it lists the payments that the till has, the newest
first.

Exit status: 0 said; 1 not known, or the terminal can't be asked; 2 the command
line is wrong.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneID(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, func(ctx context.Context, t *till.Till) error {
				if len(args) == 0 {
					return printPayments(cmd, t, asJSON)
				}
				return f.status(cmd, t, args[0], asJSON)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (f *posFlags) status(cmd *cobra.Command, t *till.Till, id string, asJSON bool) error {
	r, ok := t.Payment(id)
	if !ok {
		return wire.Refuse(wire.CodeNotFound, "not in this till's book")
	}
	if r.Final == nil {
		if err := t.Online(cmd.Context(), r.Terminal, f.wait); err != nil {
			return err
		}
	}
	state, err := t.Ask(cmd.Context(), id)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(state)
	}
	if state.Final != nil {
		printFinal(out, state.Final)
		if r.Late != nil {
			printLate(out, r.Late)
		}
		return nil
	}
	_, err = fmt.Fprintf(out, "%s  %s %s\n", state.State, r.Kind, money(r.Amount, r.Currency))
	return err
}

func printPayments(cmd *cobra.Command, t *till.Till, asJSON bool) error {
	out := cmd.OutOrStdout()
	list := t.Payments()
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(list)
	}
	s := style.For(out)
	for i := range list {
		r := &list[i]
		result := "open"
		if r.Final != nil {
			result = string(r.Final.Result)
		}
		switch {
		case r.Late != nil:
			result = "refused later by the bank: not paid"
		case r.Voided:
			result += ", voided"
		case r.Refunded > 0:
			result += ", refunded " + money(r.Refunded, r.Currency)
		case r.Captured:
			result += ", captured"
		}
		_, err := fmt.Fprintf(out, "%s  %s  %-8s %12s  %s  %s\n", r.RequestID, s.Faint(time.UnixMilli(r.Time).Format(time.DateTime)),
			r.Kind, money(r.Amount, r.Currency), result, s.Faint(r.Order))
		if err != nil {
			return err
		}
	}
	return nil
}

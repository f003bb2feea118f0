package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/cmd/emv/internal/till"
)

func posTerminalsCommand() *cobra.Command {
	var f posFlags
	var asJSON bool
	var makeDefault, forget string
	cmd := &cobra.Command{
		Use:   "terminals",
		Short: "List the paired terminals, and what they are doing",
		Long: `terminals lists the paired terminals, the default first. It waits until each has
answered, at most as long as --wait says.

Exit status: 0 listed; 1 refused; 2 the command line is wrong.`,
		Example: `  emv pos terminals
  emv pos terminals --default 'Counter 2'`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd, func(ctx context.Context, t *till.Till) error {
				if makeDefault != "" {
					id, err := findTerminal(t, makeDefault)
					if err != nil {
						return err
					}
					if err := t.SetDefault(id); err != nil {
						return err
					}
				}
				if forget != "" {
					id, err := findTerminal(t, forget)
					if err != nil {
						return err
					}
					if err := t.Forget(id); err != nil {
						return err
					}
				}
				patient, cancel := context.WithTimeout(cmd.Context(), f.wait)
				defer cancel()
				for _, i := range t.Terminals() {
					_ = t.Online(patient, i.ID, f.wait) // the list says which are not
				}
				return printTerminals(cmd, t, asJSON)
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&makeDefault, "default", "", "make this terminal the default, by name or id")
	flags.StringVar(&forget, "forget", "", "end the pairing with this terminal, by name or id")
	flags.BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func printTerminals(cmd *cobra.Command, t *till.Till, asJSON bool) error {
	out := cmd.OutOrStdout()
	list := t.View().Terminals
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "no terminal is paired; emv pos pair CODE pairs with one")
		return err
	}
	s := style.For(out)
	for _, i := range list {
		state := i.State
		switch {
		case i.State == "ready" && i.Holder == "":
			state = s.Good(state)
		case i.State == "offline":
			state = s.Bad(state)
		}
		line := fmt.Sprintf("%s  %s  %s", s.Strong(style.Clean(i.Name)), state, s.Faint(i.ID))
		if i.Default {
			line += "  default"
		}
		if i.Holder != "" {
			line += "  in use by " + style.Clean(i.Holder)
		}
		if i.Heard > 0 {
			age := time.UnixMilli(t.View().Now).Sub(time.UnixMilli(i.Heard)).Round(time.Second)
			line += fmt.Sprintf("  heard %s ago", age)
		}
		if i.Cause != "" {
			line += "  " + string(i.Cause)
		}
		if i.Error != nil && i.State == "offline" {
			line += "  " + string(i.Error.Code)
		}
		if i.Queued > 0 {
			line += "  " + waiting(t, &i)
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

// waiting says what waits in a terminal for the bank.
func waiting(t *till.Till, i *till.TerminalView) string {
	text := fmt.Sprintf("%d waiting for the bank, %s, for %s", i.Queued, money(i.QueuedSum, t.Market().Currency),
		time.Duration(i.OldestAge)*time.Second)
	if i.QueueFull {
		text += ", full"
	}
	return text
}

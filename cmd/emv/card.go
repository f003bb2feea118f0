package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/testvectors/card"
)

func cardCommand() *cobra.Command {
	return group("card", "Look at the simulated cards, and serve them to readers", cardListCommand(), cardServeCommand())
}

func cardListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the profiles of the simulated card and the faults it can have",
		Long: `list names the cards that emv pay and test vectors can use, and what can be wrong
with them.

In the syntax of a fault brackets are optional parts. N counts the commands that
the card is sent, from 1; N.. is that command and all after it.`,
		Example: `  emv card list
  emv pay --card visa-debit --fault timeout@3`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), listCards())
			}
			return printCards(cmd)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// cardList is the JSON form of the list. It is stable: keys may be added, none renamed.
type cardList struct {
	Profiles []profileEntry `json:"profiles"`
	Faults   []faultEntry   `json:"faults"`
}

type profileEntry struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

type faultEntry struct {
	Syntax string `json:"syntax"`
	About  string `json:"about"`
}

func listCards() cardList {
	var l cardList
	for _, p := range card.Profiles() {
		l.Profiles = append(l.Profiles, profileEntry{p.Name, p.About})
	}
	for _, f := range card.Faults() {
		l.Faults = append(l.Faults, faultEntry{f.Syntax, f.About})
	}
	return l
}

func printCards(cmd *cobra.Command) error {
	out := cmd.OutOrStdout()
	s := style.For(out)
	l := listCards()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, s.Strong("Profiles")+" (emv pay --card NAME)")
	for _, p := range l.Profiles {
		fmt.Fprintf(w, "  %s\t%s\n", p.Name, p.About)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\n"+s.Strong("Faults")+" (emv pay --fault FAULT)")
	for _, f := range l.Faults {
		fmt.Fprintf(w, "  %s\t%s\n", f.Syntax, f.About)
	}
	return w.Flush()
}

package main

import (
	"github.com/spf13/cobra"
)

// vectorsRecordCommand is emv pay that writes a suite.
func vectorsRecordCommand() *cobra.Command {
	cmd := payCommand()
	pay := cmd.RunE
	cmd.Use = "record FILE"
	cmd.Short = "Take a payment and write it as a suite that repeats it"
	cmd.Long = `record takes a payment as emv pay does, with a simulated card or with --reader the
card in a reader, and writes what happened as a suite of test vectors: every
command and answer with its time, the random numbers, the issuer's answers, the
outcome. emv vectors run repeats it byte for byte, and record says whether it does.

The suite holds the card's number and all that it says, which a replay needs: its
signatures cover them. It has mode 0600; with --masked it hides them and is for
reading only. PINs are in neither.

Exit status: 0 approved; 1 declined, or ended without a result; 2 the command
line is wrong, or the suite could not be written. A suite is written in the first
two cases.`
	cmd.Example = `  emv vectors record sale.json --card visa-offline --floor-limit 20
  emv vectors record sale.json --reader contactless --amount 8.40
  emv vectors run sale.json`
	masked := cmd.Flags().Bool("masked", false, "hide what is confidential: a suite for reading only")
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("one file to write; see emv vectors record --help")
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmd.Flags().Set("trace", args[0]); err != nil {
			return err
		}
		if !*masked {
			if err := cmd.Flags().Set("unmasked", "true"); err != nil {
				return err
			}
		}
		return pay(cmd, nil)
	}
	return cmd
}

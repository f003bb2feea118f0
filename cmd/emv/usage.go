package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/kernel"
)

// usage makes an error of the command line, with its stable code.
func usage(text string) error { return &kernel.Error{Code: "usage", Text: text} }

// atLeastOne refuses a command line without arguments and says what is missing.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("missing " + what + "; see " + cmd.CommandPath() + " --help")
		}
		return nil
	}
}

// none refuses arguments.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd.CommandPath() + " takes no arguments; see " + cmd.CommandPath() + " --help")
	}
	return nil
}

// group is a command that only has others below it: it explains them, and refuses what is none of them.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("unknown command " + strconv.Quote(args[0]) + " for " + cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(below...)
	return cmd
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/crypto/keystore"
)

func keysWipeCommand() *cobra.Command {
	var f storeFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "wipe [LABEL...]",
		Short: "Destroy keys for good",
		Long: `wipe destroys the keys of the labels, or with no label the whole store, the
terminal's own key pair with it.

What a TPM holds is destroyed for good: no copy of the folder opens after it. In
software, copies of the folder that were made before still open with their
passphrase.`,
		Example: `  emv keys wipe dukpt --yes
  emv keys wipe --yes`,
		RunE: func(cmd *cobra.Command, labels []string) error {
			if !yes {
				return usage("keys that are wiped do not come back: say --yes")
			}
			return f.with(cmd, func(p keystore.Provider) error {
				out := cmd.OutOrStdout()
				if len(labels) == 0 {
					if err := p.Wipe(); err != nil {
						return err
					}
					_, err := fmt.Fprintln(out, "wiped the store in "+f.dir)
					return err
				}
				for _, label := range labels {
					if err := p.Delete(label); err != nil {
						return err
					}
					if _, err := fmt.Fprintln(out, "wiped "+label); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "destroy them")
	return cmd
}

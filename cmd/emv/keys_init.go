package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/file"
	"github.com/cardwright/emv/crypto/keystore/tpm"
)

func keysInitCommand() *cobra.Command {
	var f storeFlags
	var pcrs []uint
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a store, and the terminal's own key pair in it",
		Long: `init makes a store and, under the label device, the terminal's own key pair: P-256,
made where it stays.

With --provider auto the store is one of the TPM if there is one, otherwise one
of files, sealed under a passphrase: keys are in software then, and list says so.`,
		Example: `  emv keys init
  emv keys init --provider tpm --tpm /dev/tpmrm0 --pcr 0,7
  emv keys init --provider file --dir keys --passphrase-file passphrase`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := f.create(cmd, pcrs)
			if err != nil {
				return err
			}
			defer p.Close()
			if _, err := p.Generate(deviceLabel, deviceHeader(), 256); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), "made a store in "+f.dir); err != nil {
				return err
			}
			return printKeys(cmd, p, false)
		},
	}
	f.add(cmd)
	cmd.Flags().UintSliceVar(&pcrs, "pcr", nil, "PCRs of the TPM to which the store's keys are sealed, 0 to 23")
	return cmd
}

// create makes a store where there is none.
func (f *storeFlags) create(cmd *cobra.Command, pcrs []uint) (keystore.Provider, error) {
	if err := f.resolve(); err != nil {
		return nil, err
	}
	provider := f.provider
	if provider == providerAuto {
		provider = providerFile
		// A TPM that was named is meant.
		if err := tpm.Probe(f.tpm); err == nil || f.tpm != "" {
			provider = providerTPM
		}
	}
	if provider == providerTPM {
		s, err := tpm.Create(f.dir, tpm.Options{Path: f.tpm, PCRs: pcrs})
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if len(pcrs) > 0 {
		return nil, usage("--pcr is for a TPM")
	}
	passphrase, err := f.readPassphrase(cmd)
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	s, err := file.Create(f.dir, passphrase, file.Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

package main

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/tpm"
)

func keysAttestCommand() *cobra.Command {
	var f storeFlags
	var nonce, verify, attestor string
	cmd := &cobra.Command{
		Use:   "attest [LABEL]",
		Short: "Have the TPM state that a key pair is its own, or verify such a statement",
		Long: `attest prints a statement of the TPM that the key pair (device, where no label is
given) was made in it and cannot leave it, for the verifier's nonce. It is refused
for keys in software: nothing can vouch for them.

--verify checks a statement, on any machine, against the attestor that was noted
when the terminal was enrolled (emv keys list shows it), and prints the public key.`,
		Example: `  emv keys attest --nonce 00112233445566778899AABBCCDDEEFF > statement.json
  emv keys attest --verify statement.json --nonce 00112233445566778899AABBCCDDEEFF --attestor 000B...`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := hex.DecodeString(nonce)
			if err != nil || len(n) == 0 {
				return usage("--nonce is what the verifier gave, 8 to 32 bytes in hexadecimal")
			}
			if verify != "" {
				if len(args) != 0 {
					return usage("--verify takes no label")
				}
				return verifyStatement(cmd, verify, attestor, n)
			}
			label := deviceLabel
			if len(args) == 1 {
				label = args[0]
			}
			return f.with(cmd, func(p keystore.Provider) error {
				a, ok := p.(keystore.Attester)
				if !ok {
					return &keystore.Error{
						Code: keystore.CodeUnsupported, Label: label, Text: "keys are in software: nothing can vouch for them",
					}
				}
				statement, err := a.Attest(label, n)
				if err != nil {
					return err
				}
				return writeJSON(cmd.OutOrStdout(), json.RawMessage(statement))
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&nonce, "nonce", "", "the verifier's nonce in hexadecimal")
	flags.StringVar(&verify, "verify", "", "file with a statement to verify")
	flags.StringVar(&attestor, "attestor", "", "the name of the attestor, in hexadecimal, for --verify")
	return cmd
}

func verifyStatement(cmd *cobra.Command, path, attestor string, nonce []byte) error {
	name, err := hex.DecodeString(attestor)
	if err != nil || len(name) == 0 {
		return usage("--attestor is needed: what emv keys list showed when the terminal was enrolled")
	}
	statement, err := os.ReadFile(path)
	if err != nil {
		return usage(err.Error())
	}
	key, err := tpm.Verify(statement, nonce, name)
	if err != nil {
		return &endError{status: exitBad, err: err}
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "the statement holds\npublic key %s\n", upperHex(der))
	return err
}

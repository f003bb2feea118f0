package tpm

import (
	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/windowstpm"

	"github.com/cardwright/emv/crypto/keystore"
)

// DefaultPath is empty: TPM Base Services know one TPM.
const DefaultPath = ""

// connect opens the TPM of TPM Base Services (TBS). There is no path.
func connect(path string) (transport.TPMCloser, error) {
	if path != "" {
		return nil, &keystore.Error{Code: keystore.CodeNoTPM, Text: "on Windows a TPM has no path"}
	}
	t, err := windowstpm.Open()
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeNoTPM, Err: err}
	}
	return t, nil
}

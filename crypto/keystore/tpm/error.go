package tpm

import (
	"errors"

	"github.com/google/go-tpm/tpm2"

	"github.com/cardwright/emv/crypto/keystore"
)

// refused turns what the TPM answered to a command into an Error of the keystore.
func refused(command string, err error) error {
	if err == nil {
		return nil
	}
	code := keystore.CodeTPM
	switch {
	case errors.Is(err, tpm2.TPMRCPolicyFail), errors.Is(err, tpm2.TPMRCPCRChanged):
		code = keystore.CodePolicy
	case errors.Is(err, tpm2.TPMRCIntegrity), errors.Is(err, tpm2.TPMRCAuthFail), errors.Is(err, tpm2.TPMRCBadAuth):
		code = keystore.CodeTampered // a blob that was changed, or is of another store or TPM
	}
	return &keystore.Error{Code: code, Text: command, Err: err}
}

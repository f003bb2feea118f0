package runner

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/cardwright/emv/kernel"
)

// cryptoOperation computes outputs by name, of inputs by name.
type cryptoOperation func(in *inputs) (map[string]any, error)

// cryptoOperations returns the operations of this build, by what follows "crypto." in a run.
func cryptoOperations() map[string]cryptoOperation {
	return map[string]cryptoOperation{
		"aes_cmac": opAESCMAC, "tdes_cmac": opTDESCMAC, "iso9797_alg1": opAlgorithm1, "retail_mac": opRetailMAC,
		"padding":                opPadding,
		"hmac_sha256":            opHMAC,
		"emv_aes_icc_master_key": opMasterKeyAES, "emv_aes_session_key": opSessionKeyAES, "emv_aes_arqc": opCryptogramAES,
		"emv_aes_arpc_method1": opARPC1AES, "emv_aes_arpc_method2": opARPC2AES,
		"emv_secure_messaging_mac": opMessagingMAC, "emv_secure_messaging_encipherment": opMessagingEncipherment,
		"cvv_family": opCardValue, "pvv_offset": opPINValue,
		"emv_icc_master_key": opMasterKey, "emv_session_key": opSessionKey, "emv_arqc_3des": opCryptogram,
		"emv_arpc_method1": opARPC1, "emv_arpc_method2": opARPC2, "scheme_cvn": opScheme,
		"rsa_issuer_recovery": opIssuerRecovery, "rsa_icc_recovery": opICCRecovery, "rsa_sda": opSSAD, "rsa_dda": opDDA,
		"rsa_cda":     opCDA,
		"pin_block_0": opPINBlock0, "pin_block_1": opPINBlock1, "pin_block_2": opPINBlock2, "pin_block_3": opPINBlock3,
		"pin_block_4": opPINBlock4, "dukpt_tdes": opDUKPTTDES, "dukpt_aes": opDUKPTAES,
		"tr31_A": opKeyBlock("A"), "tr31_B": opKeyBlock("B"), "tr31_C": opKeyBlock("C"), "tr31_D": opKeyBlock("D"),
		"tr31_E": opKeyBlock("E"), "tr31_key_derivation": opKeyBlockKeys,
		"ecc_ecdh": opECDH, "ecc_ecsdsa": opECSDSA, "emv_bdh": opBDH, "kernel8_mac": opKernel8MAC,
		"kernel8_iad_mac": opKernel8IADMAC, "kernel8_eda_mac": opKernel8EDAMAC, "kernel8_message": opKernel8Message,
	}
}

// runCrypto runs one operation on given.inputs.
func runCrypto(op cryptoOperation) runFunc {
	return func(_ context.Context, t *job) (map[string]any, error) {
		in := &inputs{m: t.Given.Inputs, id: t.ID, about: t.About}
		out, err := op(in)
		if in.err != nil {
			return nil, in.err
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"outputs": out}, nil
	}
}

// inputs are what an operation is given. The first thing that is wrong with them stays in err.
type inputs struct {
	m     map[string]string
	id    string // of the case: a few operations are named by it alone
	about string // of the case: a few cases say in it, as NAME=VALUE, what no input says
	err   error
}

func (in *inputs) has(name string) bool { _, ok := in.m[name]; return ok }

func (in *inputs) fail(code, format string, args ...any) {
	if in.err == nil {
		in.err = &kernel.Error{Code: code, Text: fmt.Sprintf(format, args...)}
	}
}

func (in *inputs) text(name string) string {
	if !in.has(name) {
		in.fail("input.missing", "the operation needs the input %q", name)
	}
	return in.m[name]
}

// bytes returns a hexadecimal input, nil where it is not given.
func (in *inputs) bytes(name string) []byte {
	if !in.has(name) {
		return nil
	}
	b, err := hex.DecodeString(in.m[name])
	if err != nil {
		in.fail("input.hex", "%s: %v", name, err)
	}
	return b
}

// need returns a hexadecimal input that must be there.
func (in *inputs) need(name string) []byte {
	in.text(name)
	return in.bytes(name)
}

// sized returns a hexadecimal input of n bytes; one that is wrong is zeros, and an error.
func (in *inputs) sized(name string, n int) []byte {
	b := in.need(name)
	if len(b) != n {
		in.fail("input.length", "%s has %d bytes and must have %d", name, len(b), n)
		return make([]byte, n)
	}
	return b
}

func (in *inputs) number(name string) int {
	n, err := strconv.Atoi(in.text(name))
	if err != nil {
		in.fail("input.number", "%s: %q is not a decimal number", name, in.m[name])
	}
	return n
}

func yesNo(b bool) string { return strconv.FormatBool(b) }

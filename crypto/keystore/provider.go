package keystore

import (
	"crypto"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
)

// Provider holds keys by label. The stores of the packages tpm, file and memory are Providers; keystoretest holds each
// to this contract. A Provider can be used from several goroutines.
//
// Every refusal is an *Error; what is listed at a method are its codes besides CodeClosed, CodeLabel, CodeNotFound,
// CodeTampered, CodeStorage and, from a TPM, CodeTPM and CodePolicy, which all may give.
type Provider interface {
	// Name is "tpm", "file" or "memory".
	Name() string

	// Hardware reports whether a copy of all that software can read leaves the keys behind.
	Hardware() bool

	// Generate makes a new key: for algorithm E a P-256 key pair (256 bits, usage S0), for A and T a symmetric key of 128,
	// 192 or 256 bits. CodeExists, CodeHeader, CodeAlgorithm, CodeLength, CodeUsage, CodeMode.
	Generate(label string, h keyblock.Header, bits int) (Info, error)

	// Import keeps the key of a key block that is wrapped under the key kek of this store. That one must be K1 or K0,
	// for version E K4, may decrypt, and is TDES for versions A to C and AES for D and E. The block's key is AES or
	// TDES; an initial DUKPT key (B1) brings its serial number in the optional block KS (TDES) or IK (AES) and becomes a
	// DUKPT state. CodeExists, CodeUsage, CodeMode, CodeAlgorithm, CodeBlock, CodeLength, CodeSerial.
	Import(label, kek string, block []byte) (Info, error)

	// Compose keeps the key of which components, two or more, are the XOR: how the first key encrypting key comes in
	// when no one person may know it. ANSI X9.24-1, split knowledge. Components of a TDES key have odd parity, so that a
	// mistyped one is noticed. CodeExists, CodeComponent, CodeParity, CodeHeader, CodeAlgorithm, CodeLength, CodeUsage.
	Compose(label string, h keyblock.Header, components ...[]byte) (Info, error)

	// List tells what there is, by label, and opens every record to do so. Nothing in it is secret.
	List() ([]Info, error)

	// Delete removes a key or secret for good.
	Delete(label string) error

	// Signer returns the key pair of that label, which must be S0 and may sign: ECDSA over P-256 with SHA-256, in
	// ASN.1 form, good for TLS 1.3 on either side. Its Sign is refused when the key was deleted meanwhile. CodeUsage,
	// CodeMode; CodeLength for a digest that is none of SHA-256.
	Signer(label string) (crypto.Signer, error)

	// Unwrap takes the key out of a key block for one use, and does not keep it: how a host's session keys are used. The
	// block is wrapped as for Import. Its header must permit the use, and must not be NonExportable: such a key may be
	// imported only. The caller wipes the key. CodeUsage, CodeMode, CodeExportability, CodeAlgorithm, CodeBlock.
	Unwrap(kek string, block []byte, use Use) (keyblock.Header, keyblock.Key, error)

	// Encrypt appends data, enciphered in CBC mode under a D0 or P0 key, to dst. iv is one block (nil for zeros), data
	// whole blocks. CodeUsage, CodeMode, CodeAlgorithm, CodeLength.
	Encrypt(dst []byte, label string, usage keyblock.Usage, iv, data []byte) ([]byte, error)

	// Decrypt is the way back.
	Decrypt(dst []byte, label string, usage keyblock.Usage, iv, data []byte) ([]byte, error)

	// MAC appends the whole MAC of data under an M1, M3 or M6 key to dst: ISO 9797-1 algorithm 1, algorithm 3 (both
	// with padding method 2) or CMAC. The operation is OpGenerate or OpVerify (compare with mac.Verify then). CodeUsage,
	// CodeMode, CodeAlgorithm.
	MAC(dst []byte, label string, op keyblock.Operation, data []byte) ([]byte, error)

	// NextTDES makes dst the next transaction of a TDES DUKPT key. No transaction is ever given twice: the state that
	// follows is stored, and counted where there is a counter, before the method returns. CodeUsage, CodeMode,
	// CodeAlgorithm, CodeExhausted, CodeRolledBack.
	NextTDES(dst *dukpt.TDESTransaction, label string) error

	// NextAES is NextTDES for AES DUKPT.
	NextAES(dst *dukpt.AESTransaction, label string) error

	// Seal keeps a secret of 1 to MaxSecret bytes. CodeExists, CodeLength.
	Seal(label string, secret []byte) (Info, error)

	// Unseal gives a sealed secret back; keys cannot be read so. CodeUsage.
	Unseal(dst *Secret, label string) error

	// Wipe destroys every key and the store, for good, and closes it. What can be erased is erased; what was copied
	// elsewhere is of no use where Hardware reports true.
	Wipe() error

	// Close overwrites what the store holds in memory. The keys stay. The error is never CodeClosed.
	Close() error
}

// Attester is a Provider whose hardware certifies its key pairs. Package tpm verifies what it says.
type Attester interface {
	// Attest states, signed by the hardware, that the key pair of that label was made in it and cannot leave it. The
	// verifier's nonce, 8 to 32 bytes, is part of what is signed. CodeUsage, CodeMode, CodeLength.
	Attest(label string, nonce []byte) (statement []byte, err error)
}

// Kind says what a label stands for.
type Kind string

// The kinds.
const (
	KindKeyPair   Kind = "key-pair"  // signs
	KindSymmetric Kind = "symmetric" // enciphers, MACs, unwraps
	KindDUKPT     Kind = "dukpt"     // gives working keys, each once
	KindSecret    Kind = "secret"    // bytes that were sealed
)

// Info describes a key or secret. Nothing in it is secret.
type Info struct {
	Label   string
	Kind    Kind
	Header  keyblock.Header // without optional blocks; the zero Header for a secret
	Bits    int             // of the key; 0 for a secret
	Created time.Time

	// Check is the key check value: for TDES the leftmost three bytes of the zero block enciphered, for AES the
	// leftmost five of its CMAC. ANSI X9.24-1:2017, Annex A. Empty for key pairs and secrets.
	Check []byte

	// Public is the public key in PKIX form; empty but for key pairs.
	Public []byte

	// KSN is the initial key serial number of a DUKPT key; empty for others.
	KSN []byte

	// Counter reports that a monotonic counter of the hardware keeps an old state of the key from being put back.
	Counter bool

	// Fault is why the record does not open, nil where it does. Everything else of such an Info but its label is what an
	// unauthenticated file says.
	Fault error
}

// CheckLabel refuses a label that is not 1 to 32 of a-z, 0-9, '-' and '_', beginning with a letter or a digit. The error
// is CodeLabel.
func CheckLabel(label string) error {
	ok := len(label) >= 1 && len(label) <= 32 && label[0] != '-' && label[0] != '_'
	for _, c := range []byte(label) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return &Error{Code: CodeLabel, Text: "a label is 1 to 32 of a-z, 0-9, '-' and '_'"}
	}
	return nil
}

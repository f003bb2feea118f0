package keystore

// Code names why a store refuses. Codes are stable: programs compare them.
type Code string

// The codes of an Error.
const (
	CodeLabel         Code = "keystore.label"         // a label that is not 1 to 32 of a-z, 0-9, '-' and '_'
	CodeExists        Code = "keystore.exists"        // a label, or a store, that is there already
	CodeNotFound      Code = "keystore.not_found"     // no key or secret has that label
	CodeNoStore       Code = "keystore.no_store"      // the folder holds no store
	CodeClosed        Code = "keystore.closed"        // the store was closed or wiped
	CodeUsage         Code = "keystore.usage"         // the key's header says another usage
	CodeMode          Code = "keystore.mode"          // the key's header forbids this mode of use
	CodeExportability Code = "keystore.exportability" // the key's header keeps it inside
	CodeAlgorithm     Code = "keystore.algorithm"     // the key is of another algorithm, or of one that nothing here has
	CodeLength        Code = "keystore.length"        // data, a key or a secret of a length that the operation does not take
	CodeHeader        Code = "keystore.header"        // a header that contradicts itself
	CodeBlock         Code = "keystore.block"         // a key block that does not open under that key
	CodeSerial        Code = "keystore.serial"        // an initial DUKPT key without its key serial number
	CodeParity        Code = "keystore.parity"        // a component of a TDES key has a byte of even parity
	CodeComponent     Code = "keystore.component"     // key components that are fewer than two, or of several lengths
	CodeExhausted     Code = "keystore.exhausted"     // a DUKPT key that has given all its working keys
	CodePassphrase    Code = "keystore.passphrase"    // not the passphrase of this store
	CodeRolledBack    Code = "keystore.rolled_back"   // an old state was put back, or the counter is gone
	CodeTampered      Code = "keystore.tampered"      // a record that was changed, moved or sealed elsewhere
	CodePolicy        Code = "keystore.policy"        // the platform is not in the state to which the secret is sealed
	CodePermission    Code = "keystore.permission"    // a folder or file that others may read or write
	CodeUnsupported   Code = "keystore.unsupported"   // the provider cannot do it
	CodeAttestation   Code = "keystore.attestation"   // an attestation that does not hold
	CodeNoTPM         Code = "keystore.no_tpm"        // there is no TPM 2.0 at that place
	CodeOtherTPM      Code = "keystore.other_tpm"     // the store was made with another TPM
	CodeWiped         Code = "keystore.wiped"         // the TPM no longer knows the store
	CodeTPM           Code = "keystore.tpm"           // the TPM refused a command
	CodeStorage       Code = "keystore.storage"       // the folder cannot be read or written
)

// Error says what a store refuses, and of which key. It carries no key, no secret and no passphrase.
type Error struct {
	Code  Code
	Label string // of the key, "" where it is about none
	Text  string // what there was and what is asked for, possibly ""
	Err   error  // what the platform said, possibly nil
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Label != "" {
		text += " " + e.Label
	}
	if e.Text != "" {
		text += ": " + e.Text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Label == "" && t.Text == "" && t.Err == nil
}

// Unwrap returns what the platform said.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

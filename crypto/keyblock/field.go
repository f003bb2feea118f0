package keyblock

// The fields of a header are text as it stands in the block: a Usage converts to "P0" and marshals so; String adds what
// it means.

// Version is the version of a key block: how it is protected. ANSI X9.143, 6.2, byte 0.
type Version string

// The versions. X9.143 deprecates A.
const (
	VersionA Version = "A" // TDES, key variant binding method, 2005
	VersionB Version = "B" // TDES, key derivation binding method
	VersionC Version = "C" // TDES, key variant binding method, 2010
	VersionD Version = "D" // AES in CBC mode, key derivation binding method
	VersionE Version = "E" // AES in CTR mode, key derivation binding method: ISO 20038
)

// Algorithm is what a key is a key of. ANSI X9.143, 6.3.2.
type Algorithm string

// The algorithms. Digits are proprietary.
const (
	AlgorithmAES      Algorithm = "A"
	AlgorithmDES      Algorithm = "D"
	AlgorithmEC       Algorithm = "E"
	AlgorithmHMAC     Algorithm = "H" // HMAC; which hash is in the optional block HM
	AlgorithmHMACSHA2 Algorithm = "I"
	AlgorithmHMACSHA3 Algorithm = "J"
	AlgorithmRSA      Algorithm = "R"
	AlgorithmDSA      Algorithm = "S"
	AlgorithmTDES     Algorithm = "T"
)

// Mode is the mode of use: which operations a key may do. ANSI X9.143, 6.3.3.
type Mode string

// The modes of use. Digits are proprietary. To encrypt is to wrap too, to decrypt is to unwrap too.
const (
	ModeBoth           Mode = "B" // encrypt and decrypt
	ModeGenerateVerify Mode = "C" // generate and verify (of MACs, card and PIN verification values)
	ModeDecrypt        Mode = "D" // decrypt only
	ModeEncrypt        Mode = "E" // encrypt only
	ModeGenerate       Mode = "G" // generate only
	ModeNone           Mode = "N" // no special restrictions, but those of the usage
	ModeSign           Mode = "S" // sign only
	ModeSignDecrypt    Mode = "T" // sign and decrypt
	ModeVerify         Mode = "V" // verify only
	ModeDerive         Mode = "X" // derive other keys
	ModeVariant        Mode = "Y" // make key variants
)

// Exportability says whether a key may leave the place that a block is unwrapped in. ANSI X9.143, 6.3.5.
type Exportability string

// The exportabilities. Digits are proprietary.
const (
	Exportable    Exportability = "E" // under a KEK in a form that meets X9.24: in a key block
	NonExportable Exportability = "N" // not at all; keys derived from it may be
	Sensitive     Exportability = "S" // under a KEK, in forms too that do not meet X9.24
)

// Context says whether a block is for storage or for exchange. ANSI X9.143, 6.2, byte 14; TR-31 has '0' there.
type Context string

// The contexts.
const (
	ContextNone     Context = "0" // what it is follows from where the block is
	ContextStorage  Context = "1" // where the key is stored, under a key that never leaves there
	ContextExchange Context = "2" // between two parties that share the KBPK
)

// KeyVersion is the key version number: "00" where there are no versions, "c1" … "c9" for a component of a key, else the
// version in two letters or digits. ANSI X9.143, 6.3.4.
type KeyVersion string

// NoKeyVersion is the key version number of a key without versions.
const NoKeyVersion KeyVersion = "00"

// Component reports whether the block holds a component of a key and not the key, and which one: a letter or digit.
func (v KeyVersion) Component() (byte, bool) {
	if len(v) == 2 && v[0] == 'c' {
		return v[1], true
	}
	return 0, false
}

// The meanings, by value.
var (
	versions = map[Version]string{
		VersionA: "TDES key variant binding of 2005, deprecated", VersionB: "TDES key derivation binding",
		VersionC: "TDES key variant binding", VersionD: "AES key derivation binding", VersionE: "AES-CTR, ISO 20038",
	}
	algorithms = map[Algorithm]string{
		AlgorithmAES: "AES", AlgorithmDES: "DES", AlgorithmEC: "elliptic curve", AlgorithmHMAC: "HMAC",
		AlgorithmHMACSHA2: "HMAC-SHA-2", AlgorithmHMACSHA3: "HMAC-SHA-3", AlgorithmRSA: "RSA", AlgorithmDSA: "DSA",
		AlgorithmTDES: "TDES",
	}
	modes = map[Mode]string{
		ModeBoth: "encrypt and decrypt", ModeGenerateVerify: "generate and verify", ModeDecrypt: "decrypt",
		ModeEncrypt: "encrypt", ModeGenerate: "generate", ModeNone: "no special restrictions", ModeSign: "sign",
		ModeSignDecrypt: "sign and decrypt", ModeVerify: "verify", ModeDerive: "derive keys", ModeVariant: "make variants",
	}
	exportabilities = map[Exportability]string{
		Exportable: "exportable", NonExportable: "not exportable", Sensitive: "sensitive",
	}
	contexts = map[Context]string{
		ContextNone: "any context", ContextStorage: "storage", ContextExchange: "exchange",
	}
)

// explain puts a value and its meaning together.
func explain[T ~string](v T, meanings map[T]string) string {
	if m, ok := meanings[v]; ok {
		return string(v) + " (" + m + ")"
	}
	return string(v)
}

// String returns the value and its meaning: "D (AES key derivation binding)".
func (v Version) String() string { return explain(v, versions) }

// String returns the value and its meaning: "A (AES)".
func (a Algorithm) String() string { return explain(a, algorithms) }

// String returns the value and its meaning: "E (encrypt)".
func (m Mode) String() string { return explain(m, modes) }

// String returns the value and its meaning: "N (not exportable)".
func (x Exportability) String() string { return explain(x, exportabilities) }

// String returns the value and its meaning: "1 (storage)".
func (c Context) String() string { return explain(c, contexts) }

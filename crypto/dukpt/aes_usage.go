package dukpt

// Usage is a key usage indicator of ANSI X9.24-3, 6.3.1, Table 2: what a derived key is for. Where a key serves one
// direction, the indicator names what the terminal does with it.
type Usage uint16

// The key usages.
const (
	KeyEncryption           Usage = 0x0002
	PINEncryption           Usage = 0x1000
	MACGeneration           Usage = 0x2000
	MACVerification         Usage = 0x2001
	MACBothWays             Usage = 0x2002
	DataEncrypt             Usage = 0x3000
	DataDecrypt             Usage = 0x3001
	DataBothWays            Usage = 0x3002
	KeyDerivation           Usage = 0x8000
	KeyDerivationInitialKey Usage = 0x8001 // of AESInitialKey; no working key has it
)

// KeyType is the type of a derived key: an algorithm indicator of ANSI X9.24-3, 6.3.1, Table 3, with a length.
type KeyType uint8

// The key types. TDES keys have parity bits as they come; HMAC keys are for usages of MACs alone.
const (
	TDES2   KeyType = iota + 1 // TDES, double length
	TDES3                      // TDES, triple length
	AES128                     //
	AES192                     //
	AES256                     //
	HMAC128                    // HMAC keys of 128, 192 and 256 bits
	HMAC192                    //
	HMAC256                    //
)

// keyTypes are the properties of the types: the algorithm indicator, the length in bytes, and the strength in bits by
// which ANSI X9.24-3, 6.1 forbids to derive a key from a weaker one.
var keyTypes = [...]struct {
	name      string
	algorithm uint16
	size      int
	strength  int
}{
	TDES2:   {"TDES-2", 0x0000, 16, 80},
	TDES3:   {"TDES-3", 0x0001, 24, 112},
	AES128:  {"AES-128", 0x0002, 16, 128},
	AES192:  {"AES-192", 0x0003, 24, 192},
	AES256:  {"AES-256", 0x0004, 32, 256},
	HMAC128: {"HMAC-128", 0x0005, 16, 128},
	HMAC192: {"HMAC-192", 0x0005, 24, 192},
	HMAC256: {"HMAC-256", 0x0005, 32, 256},
}

// Size returns the length of keys of the type in bytes, 0 where there is no such type.
func (t KeyType) Size() int {
	if !t.exists() {
		return 0
	}
	return keyTypes[t].size
}

// String returns the name of the type: "AES-128".
func (t KeyType) String() string {
	if !t.exists() {
		return "no key type"
	}
	return keyTypes[t].name
}

func (t KeyType) exists() bool { return t >= TDES2 && int(t) < len(keyTypes) }

// aesType returns the type of an AES key.
func aesType(k *Key) KeyType { return AES128 + KeyType(k.size/8-2) }

// checkWorking refuses a working key of a usage and type that do not go together, or that were stronger than base.
func checkWorking(base *Key, u Usage, t KeyType) error {
	if !t.exists() {
		return &Error{Code: CodeKeyType, N: int(t)}
	}
	switch u {
	case MACGeneration, MACVerification, MACBothWays:
	case KeyEncryption, PINEncryption, DataEncrypt, DataDecrypt, DataBothWays, KeyDerivation:
		if t >= HMAC128 {
			return &Error{Code: CodeUsage, N: int(u)}
		}
	default:
		return &Error{Code: CodeUsage, N: int(u)}
	}
	if s := keyTypes[t].strength; s > 8*base.size {
		return &Error{Code: CodeKeyStrength, N: s}
	}
	return nil
}

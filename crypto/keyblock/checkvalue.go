package keyblock

import "github.com/cardwright/emv/crypto/mac"

// CheckMethod is how a key check value is made. ANSI X9.143, 6.3.6 (KC, KP, PK).
type CheckMethod string

// The methods.
const (
	CheckLegacy CheckMethod = "00" // the zero block enciphered, 3 bytes
	CheckCMAC   CheckMethod = "01" // CMAC of the zero block, 5 bytes
)

// length returns how many bytes of the result are taken. ANSI X9.24-1, annex A.
func (m CheckMethod) length() int {
	if m == CheckCMAC {
		return 5
	}
	return 3
}

// CheckValue is a key check value: what tells keys apart without giving them away.
type CheckValue struct {
	Method CheckMethod
	Value  []byte
}

// NewCheckValue computes the check value of a TDES or AES key. ANSI X9.24-1, annex A.
//
// The errors are CodeKeyLength, CodeAlgorithm (neither TDES nor AES) and CodeField (an unknown method).
func NewCheckValue(m CheckMethod, a Algorithm, key []byte) (CheckValue, error) {
	if m != CheckLegacy && m != CheckCMAC {
		return CheckValue{}, &Error{Code: CodeField, Field: string(m)}
	}
	if a != AlgorithmTDES && a != AlgorithmAES {
		return CheckValue{}, &Error{Code: CodeAlgorithm, Field: string(a)}
	}
	if !a.takes(len(key)) {
		return CheckValue{}, &Error{Code: CodeKeyLength, N: len(key)}
	}
	b := binding{aes: a == AlgorithmAES}
	c, err := b.cipher(key)
	if err != nil {
		return CheckValue{}, err
	}
	value := make([]byte, c.BlockSize())
	if m == CheckCMAC {
		if _, err := mac.CMAC(value[:0], c, make([]byte, len(value))); err != nil {
			return CheckValue{}, err
		}
	} else {
		c.Encrypt(value, value)
	}
	return CheckValue{m, value[:m.length():m.length()]}, nil
}

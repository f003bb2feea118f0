package p2pe

import "encoding/binary"

// Content is what a value holds.
type Content uint8

// The contents.
const (
	PAN              Content = iota + 1 // 8 to 19 ASCII digits
	Track1                              // ASCII as on the stripe, without sentinels and LRC. ISO/IEC 7813, 4
	Track2                              // ASCII as on the stripe, without sentinels and LRC. ISO/IEC 7813, 5
	Track2Equivalent                    // the value of tag 57. Book 3, annex A
	PINBlock                            // of format 4 where the algorithm is AES, of format 0 where it is TDES
)

// contents are the names that host links write.
var contents = [...]string{
	PAN: "pan", Track1: "track1", Track2: "track2", Track2Equivalent: "track2-equivalent", PINBlock: "pin-block",
}

func (c Content) exists() bool { return c >= PAN && int(c) < len(contents) }

// String returns the name: "track2".
func (c Content) String() string {
	if !c.exists() {
		return "nothing"
	}
	return contents[c]
}

// MarshalText gives the name to JSON and its like. The error is CodeContent.
func (c Content) MarshalText() ([]byte, error) {
	if !c.exists() {
		return nil, &Error{Code: CodeContent}
	}
	return []byte(contents[c]), nil
}

// UnmarshalText reads a name. The error is CodeContent.
func (c *Content) UnmarshalText(b []byte) error {
	for i, name := range contents {
		if name != "" && name == string(b) {
			*c = Content(i)
			return nil
		}
	}
	return &Error{Code: CodeContent}
}

// Algorithm is what a value is enciphered and authenticated with.
type Algorithm string

// The algorithms, with the lengths of their keys. Card data is in CBC mode, a PIN block stands alone.
const (
	TDES2  Algorithm = "TDES-128"
	TDES3  Algorithm = "TDES-192"
	AES128 Algorithm = "AES-128"
	AES192 Algorithm = "AES-192"
	AES256 Algorithm = "AES-256"
)

// block returns the length of a cipher block, 0 where there is no such algorithm.
func (a Algorithm) block() int {
	switch a {
	case TDES2, TDES3:
		return 8
	case AES128, AES192, AES256:
		return 16
	}
	return 0
}

// Value is something of a card, enciphered under DUKPT: what a host link carries. Nothing in it is secret. Its JSON form is
// stable: keys may be added, none renamed.
type Value struct {
	Content    Content   `json:"content"`
	Algorithm  Algorithm `json:"algorithm"`
	KSN        []byte    `json:"ksn"` // 10 bytes for TDES DUKPT, 12 for AES
	Vector     []byte    `json:"vector,omitempty"`
	Ciphertext []byte    `json:"ciphertext"`
	MAC        []byte    `json:"mac"` // CMAC, one block, over the rest
}

// maxCiphertext bounds what a host deciphers: the longest track, padded.
const maxCiphertext = maxData/16*16 + 16

// check holds a received value to the lengths that its algorithm and content have. The error is CodeForm.
func (v *Value) check() error {
	n := v.Algorithm.block()
	good := n != 0 && v.Content.exists() && len(v.MAC) == n && (len(v.KSN) == 10 || len(v.KSN) == 12)
	if v.Content == PINBlock {
		good = good && len(v.Ciphertext) == n && len(v.Vector) == 0
	} else {
		good = good && len(v.Vector) == n && len(v.Ciphertext) > 0 && len(v.Ciphertext) <= maxCiphertext && len(v.Ciphertext)%n == 0
	}
	if !good {
		return &Error{Code: CodeForm, Content: v.Content}
	}
	return nil
}

// authenticated appends what the MAC is over: a label, and each part with its length before it, so that no two values have
// one form.
func (v *Value) authenticated(dst []byte) []byte {
	dst = append(dst, "cardwright-p2pe/1"...)
	for _, part := range [...][]byte{{byte(v.Content)}, []byte(v.Algorithm), v.KSN, v.Vector, v.Ciphertext} {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(part)))
		dst = append(dst, part...)
	}
	return dst
}

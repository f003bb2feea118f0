package kernel

import (
	"encoding/hex"
	"strings"
)

// ID is a Kernel ID (Book B, table 3-6): one byte for the international kernels, three (short id and country) for a
// domestic one, the first byte most significant: 0x03, 0x830840. AnyKernel stands for a card that leaves it open.
type ID uint32

// The kernels of the contactless books, and Interac.
const (
	AnyKernel  ID = 0
	Mastercard ID = 0x02
	Visa       ID = 0x03
	Amex       ID = 0x04
	JCB        ID = 0x05
	Discover   ID = 0x06
	UnionPay   ID = 0x07
	Kernel8    ID = 0x08

	// Interac is the project's own, of the proprietary form that Book B, table 3-6 leaves to domestic schemes: no public
	// text gives Interac Flash a number, and its cards ask for none.
	Interac ID = 0xC10124
)

// Append appends the ID as tag 9F2A writes it, in one or three bytes.
func (id ID) Append(dst []byte) []byte {
	if id > 0xFF {
		return append(dst, byte(id>>16), byte(id>>8), byte(id))
	}
	return append(dst, byte(id))
}

// String returns the ID in hexadecimal: "03", "830840".
func (id ID) String() string {
	var b [3]byte
	return strings.ToUpper(hex.EncodeToString(id.Append(b[:0])))
}

// AID is an application identifier, 5 to 16 bytes (Book 1, 12.2.1).
type AID []byte

// Valid reports whether the length is one that an AID can have.
func (a AID) Valid() bool { return len(a) >= 5 && len(a) <= 16 }

// String returns the AID in hexadecimal.
func (a AID) String() string { return strings.ToUpper(hex.EncodeToString(a)) }

package kernel

// Cryptogram is the type of an application cryptogram: b8 and b7 of the Cryptogram Information Data (9F27; Book 3, table
// 14), and of P1 of GENERATE AC, which asks for one (Book 3, 6.5.5).
type Cryptogram byte

// The cryptograms.
const (
	AAC  Cryptogram = 0x00 // decline
	TC   Cryptogram = 0x40 // approve offline
	ARQC Cryptogram = 0x80 // go online
)

// CryptogramOf returns the type that Cryptogram Information Data name. Anything but the three is reserved.
func CryptogramOf(cid byte) Cryptogram { return Cryptogram(cid & 0xC0) }

// String returns the cryptogram's name.
func (c Cryptogram) String() string {
	switch c {
	case AAC:
		return "AAC"
	case TC:
		return "TC"
	case ARQC:
		return "ARQC"
	}
	return "RFU"
}

// Answers reports whether a card may give c where request was asked for: the same or a lesser one, a TC being the most and
// an AAC the least (Book 3, 6.5.5.1).
func (c Cryptogram) Answers(request Cryptogram) bool {
	switch c {
	case AAC:
		return true
	case ARQC:
		return request == ARQC || request == TC
	case TC:
		return request == TC
	}
	return false
}

// P1 returns the reference control parameter of GENERATE AC. A combined signature can be asked for with a TC or an ARQC
// only (Book 2, 6.6).
func (c Cryptogram) P1(cda bool) byte {
	if cda && c != AAC {
		return byte(c) | 0x10
	}
	return byte(c)
}

// The Authorisation Response Codes (8A) that a terminal makes itself (Book 4, Annex A6).

// ResponseOffline is Y1 or Z1: approved or declined without going online.
func (c Cryptogram) ResponseOffline() [2]byte { return [2]byte{c.verdict(), '1'} }

// ResponseUnable is Y3 or Z3: unable to go online, and approved or declined.
func (c Cryptogram) ResponseUnable() [2]byte { return [2]byte{c.verdict(), '3'} }

func (c Cryptogram) verdict() byte {
	if c == TC {
		return 'Y'
	}
	return 'Z'
}

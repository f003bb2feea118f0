package issuer

// IADLayout is the first byte of a Visa card's Issuer Application Data, by which its layouts are told apart.
type IADLayout byte

// The layouts.
const (
	// IADShort: length '06', DKI, CVN, CVR of 4 bytes; then 0 to 25 bytes of issuer discretionary data. VIS, IAD formats 0, 1 and 3: CVN 10, 17, 18.
	IADShort IADLayout = 0x06
	// IADLong: length '1F', CVN, DKI, CVR of 5 bytes, 24 bytes of issuer discretionary data. VIS, IAD format 2: CVN 22.
	IADLong IADLayout = 0x1F
	// IADCommonCore: length '0F', Common Core Identifier, DKI, CVR of 5 bytes, 24 bytes that hold 8 of counters, length
	// '0F' and 15 of issuer discretionary data. Book 3, Annex C, Common Core Definitions, format code 'A'.
	IADCommonCore IADLayout = 0x0F
)

const (
	iadMax          = 32 // Book 3, Annex A, tag '9F10'
	iadHead         = 3  // length, DKI and CVN
	iadSecondLength = 16 // where the discretionary data of IADCommonCore have their length
)

// VisaIAD is the Issuer Application Data (tag '9F10') of a Visa card, taken apart.
type VisaIAD struct {
	Layout IADLayout
	DKI    byte   // derivation key index: which issuer master key
	CVN    byte   // cryptogram version number, for Visa; the whole Common Core Identifier in IADCommonCore
	CVR    []byte // Card Verification Results: 4 or 5 bytes, by the layout
	Rest   []byte // all behind the CVR
}

// ParseVisaIAD takes the value of tag '9F10' apart. CVR and Rest alias b. It looks at the layout only: a CVN without a
// profile passes, and any CVR.
//
// The error is CodeIAD: an unknown first byte, or a length that its layout does not have.
func ParseVisaIAD(b []byte) (VisaIAD, error) {
	refused := &Error{Code: CodeIAD, Tag: tagIssuerApplication, N: len(b)}
	if len(b) < iadHead || len(b) > iadMax {
		return VisaIAD{}, refused
	}
	iad := VisaIAD{Layout: IADLayout(b[0])}
	switch iad.Layout {
	case IADShort:
		iad.DKI, iad.CVN = b[1], b[2]
	case IADLong:
		iad.CVN, iad.DKI = b[1], b[2]
		if len(b) != iadMax {
			return VisaIAD{}, refused
		}
	case IADCommonCore:
		iad.CVN, iad.DKI = b[1], b[2]
		if len(b) != iadMax || b[iadSecondLength] != byte(IADCommonCore) {
			return VisaIAD{}, refused
		}
	default:
		return VisaIAD{}, refused
	}
	rest := iadHead + iad.Layout.cvrSize()
	if len(b) < rest {
		return VisaIAD{}, refused
	}
	iad.CVR, iad.Rest = b[iadHead:rest:rest], b[rest:]
	return iad, nil
}

// Append appends the value of tag '9F10' to dst: for what ParseVisaIAD has taken apart, the same bytes. The lengths of
// CVR and Rest are the caller's to keep.
func (iad *VisaIAD) Append(dst []byte) []byte {
	first, second := iad.DKI, iad.CVN
	if iad.Layout != IADShort {
		first, second = second, first
	}
	dst = append(dst, byte(iad.Layout), first, second)
	return append(append(dst, iad.CVR...), iad.Rest...)
}

// cvrSize returns the length of the CVR in bytes.
func (l IADLayout) cvrSize() int {
	if l == IADShort {
		return 4
	}
	return 5
}

package issuer

import "slices"

// Scheme names whose card it is: the layout of Issuer Application Data is the scheme's.
type Scheme string

// The schemes.
const (
	SchemeVisa       Scheme = "visa"
	SchemeMChip      Scheme = "mchip"
	SchemeCommonCore Scheme = "commoncore"
	SchemeAmex       Scheme = "amex"
	SchemeDiscover   Scheme = "discover"
	SchemeJCB        Scheme = "jcb"
	SchemeUnionPay   Scheme = "unionpay"
	SchemeInterac    Scheme = "interac"
)

// IAD is what a host takes from the Issuer Application Data (tag '9F10') to choose key and profile.
type IAD struct {
	DKI  byte   // derivation key index: which issuer master key
	CVN  byte   // cryptogram version number; the Common Core Identifier in CCD
	CVR  []byte // Card Verification Results; nil where the layout is not public
	Rest []byte // all behind the CVR
}

// iadLayout is where the parts stand. tlv/dict has the meaning of the bits.
type iadLayout struct {
	dki, cvn int
	cvrEnd   int   // the CVR is behind DKI and CVN, up to here; 0: not public
	lengths  []int // of the value; nil: any that holds the CVR
	fixed    []fixedByte
}

// fixedByte is a byte that a layout has at a place.
type fixedByte struct {
	at   int
	mask byte
	want byte
}

// visaShape is the layout of VIS formats 0, 1 and 3, which others took over: length, DKI, CVN, CVR of '03' and three
// bytes.
var visaShape = iadLayout{dki: 1, cvn: 2, cvrEnd: 7, fixed: []fixedByte{{3, 0xFF, 0x03}}}

// iadLayouts are the layouts of each scheme.
var iadLayouts = []struct {
	scheme Scheme
	layout iadLayout
}{
	// M/Chip 4 and Advance: CVR of 6 bytes; behind it DAC or ICC dynamic number, and counters.
	{SchemeMChip, iadLayout{dki: 0, cvn: 1, cvrEnd: 8, lengths: []int{18, 20, 26, 28}}},
	// Book 3, C7: length '0F', identifier of format code 'A', DKI, CVR of 5 bytes; the second length in byte 17.
	{SchemeCommonCore, iadLayout{dki: 2, cvn: 1, cvrEnd: 8, lengths: []int{32}, fixed: []fixedByte{{0, 0xFF, 0x0F}, {1, 0xF0, 0xA0}, {16, 0xFF, 0x0F}}}},
	{SchemeAmex, visaShape},
	{SchemeJCB, visaShape},
	{SchemeUnionPay, visaShape},
	// D-PAS: CVR of 8 bytes.
	{SchemeDiscover, iadLayout{dki: 0, cvn: 1, cvrEnd: 10}},
	// Interac: what stands behind the cryptogram version number is not public.
	{SchemeInterac, iadLayout{dki: 0, cvn: 1}},
}

// ParseIAD takes the value of tag '9F10' of a scheme's card apart. CVR and Rest alias b. It looks at the layout only: a
// CVN without a profile passes, and any CVR. Visa's three layouts are ParseVisaIAD's.
//
// The errors are CodeIAD, of a value that does not have the layout, and CodeProfile, of a scheme that is none of these.
func ParseIAD(scheme Scheme, b []byte) (IAD, error) {
	if scheme == SchemeVisa {
		v, err := ParseVisaIAD(b)
		return IAD{DKI: v.DKI, CVN: v.CVN, CVR: v.CVR, Rest: v.Rest}, err
	}
	for _, l := range iadLayouts {
		if l.scheme == scheme {
			return l.layout.parse(b)
		}
	}
	return IAD{}, &Error{Code: CodeProfile}
}

func (l *iadLayout) parse(b []byte) (IAD, error) {
	head := max(l.dki, l.cvn) + 1
	end := max(l.cvrEnd, head)
	ok := len(b) >= end && len(b) <= iadMax && (l.lengths == nil || slices.Contains(l.lengths, len(b)))
	for _, f := range l.fixed {
		ok = ok && f.at < len(b) && b[f.at]&f.mask == f.want
	}
	if !ok {
		return IAD{}, &Error{Code: CodeIAD, Tag: tagIssuerApplication, N: len(b)}
	}
	iad := IAD{DKI: b[l.dki], CVN: b[l.cvn], Rest: b[end:]}
	if l.cvrEnd != 0 {
		iad.CVR = b[head:end:end]
	}
	return iad, nil
}

// ProfileOf returns the profile of a scheme's cryptogram version, as IAD.CVN has it. The error is CodeProfile.
func ProfileOf(scheme Scheme, cvn byte) (Profile, error) {
	switch scheme {
	case SchemeVisa:
		return Visa(cvn)
	case SchemeMChip:
		return MChip(cvn)
	case SchemeCommonCore:
		return CommonCore(cvn)
	case SchemeAmex:
		return Amex(cvn)
	case SchemeDiscover:
		return Discover(cvn)
	case SchemeJCB:
		return JCB(cvn)
	case SchemeUnionPay:
		return UnionPay(cvn)
	case SchemeInterac:
		return Interac(cvn)
	}
	return Profile{}, &Error{Code: CodeProfile, N: int(cvn)}
}

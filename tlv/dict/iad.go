package dict

import "slices"

// Piece is a part of a value that has a meaning of its own. The bytes of Bits count from the piece's first.
type Piece struct {
	Name     string
	From, To int // value[From:To]
	Bits     []Field
}

// ReadIAD cuts the value of tag '9F10' into its parts. The layout is the card scheme's: scope says whose card it is, and
// nothing is guessed from the value. Common stands for the format of Book 3, Annex C7 (Common Core Definitions). It
// returns nil when the scheme's layout is not public or the value does not have it.
func ReadIAD(scope Scope, value []byte) []Piece {
	n := len(value)
	switch scope {
	case Common:
		if n == 32 && value[0] == 0x0F && value[1]>>4 == 0x0A && value[16] == 0x0F {
			return iadCCD
		}
	case C2:
		switch n {
		case 18:
			return iadMChip
		case 20, 26, 28:
			return upTo(append(slices.Clone(iadMChip), Piece{Name: "Further counters", From: 18}), n)
		}
	case C3:
		switch {
		case n == 32 && value[0] == 0x1F:
			return iadVisa2
		case visaShape(value):
			return upTo(iadVisa, n)
		}
	case C4:
		if visaShape(value) {
			return upTo(iadAmex, n)
		}
	case C6:
		if n >= 10 {
			return upTo(iadDiscover, n)
		}
	case C7:
		if visaShape(value) && n >= 8 {
			return upTo(iadUnionPay, n)
		}
	case C5, C8, Interac:
	}
	return nil
}

// visaShape is that of Visa and of those who took it over: a length, two bytes, and the verification results with a length
// of three.
func visaShape(value []byte) bool {
	return len(value) >= 7 && value[0] >= 6 && int(value[0]) < len(value) && value[3] == 3
}

// upTo lets the last piece, which has no end, run to n, or drops it when nothing is left for it.
func upTo(pieces []Piece, n int) []Piece {
	pieces = slices.Clone(pieces)
	last := &pieces[len(pieces)-1]
	if last.From >= n {
		return pieces[:len(pieces)-1]
	}
	last.To = n
	return pieces
}

var iadCCD = []Piece{
	{Name: "Length", From: 0, To: 1},
	{Name: "Common Core Identifier", From: 1, To: 2, Bits: []Field{
		{1, 0xF0, "IAD format code", []Value{{10, "A"}}},
		{1, 0x0F, "Cryptogram version", []Value{{4, "4 (TDES, EMV2000 session keys)"}, {5, "5 (TDES, common session key)"}, {6, "6 (AES)"}}},
	}},
	{Name: "Derivation key index", From: 2, To: 3},
	{Name: "Card Verification Results", From: 3, To: 8, Bits: cvrCCD},
	{Name: "Counters", From: 8, To: 16},
	{Name: "Length", From: 16, To: 17},
	{Name: "Issuer discretionary data", From: 17, To: 32},
}

var iadVisa = []Piece{
	{Name: "Length", From: 0, To: 1},
	{Name: "Derivation key index", From: 1, To: 2},
	{Name: "Cryptogram version number", From: 2, To: 3},
	{Name: "Card Verification Results", From: 3, To: 7, Bits: cvrVisa},
	{Name: "Issuer discretionary data", From: 7},
}

var iadVisa2 = []Piece{
	{Name: "Length", From: 0, To: 1},
	{Name: "Cryptogram version number", From: 1, To: 2},
	{Name: "Derivation key index", From: 2, To: 3},
	{Name: "Card Verification Results", From: 3, To: 8},
	{Name: "Issuer discretionary data", From: 8, To: 32},
}

var iadMChip = []Piece{
	{Name: "Key derivation index", From: 0, To: 1},
	{Name: "Cryptogram version number", From: 1, To: 2},
	{Name: "Card Verification Results", From: 2, To: 8, Bits: cvrMChip},
	{Name: "Data Authentication Code or ICC Dynamic Number", From: 8, To: 10},
	{Name: "Counters", From: 10, To: 18},
}

var iadAmex = []Piece{
	{Name: "Length", From: 0, To: 1},
	{Name: "Derivation key index", From: 1, To: 2},
	{Name: "Cryptogram version number", From: 2, To: 3},
	{Name: "Card Verification Results", From: 3, To: 7, Bits: cvrAmex},
	{Name: "Issuer discretionary data", From: 7},
}

var iadDiscover = []Piece{
	{Name: "Derivation key index", From: 0, To: 1},
	{Name: "Cryptogram version number", From: 1, To: 2},
	{Name: "Card Verification Results", From: 2, To: 10, Bits: c6CVRBits},
	{Name: "Issuer discretionary data", From: 10},
}

var iadUnionPay = []Piece{
	{Name: "Length", From: 0, To: 1},
	{Name: "Derivation key index", From: 1, To: 2},
	{Name: "Cryptogram version number", From: 2, To: 3},
	{Name: "Card Verification Results", From: 3, To: 7, Bits: cvrUnionPay},
	{Name: "Algorithm", From: 7, To: 8, Bits: []Field{
		{1, 0xFF, "Algorithm", []Value{{1, "TDES"}, {4, "SM4"}}},
	}},
	{Name: "Issuer discretionary data", From: 8},
}

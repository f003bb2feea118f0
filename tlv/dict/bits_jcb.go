package dict

import "slices"

// The bit tables of C-5.

var c5AIPBits = slices.Concat(aipBits, []Field{
	{2, 0x80, "EMV mode is supported", nil},
})

var c5CVSBits = []Field{
	{1, 0xF0, "CVM chosen by the card", []Value{
		{0, "No CVM"},
		{1, "signature"},
		{2, "online PIN"},
		{3, "on-device CVM"},
	}},
}

var c5CompatBits = []Field{
	{1, 0x02, "EMV mode supported", nil},
	{1, 0x01, "Mag-stripe mode supported", nil},
}

var c5TIPBits = []Field{
	{1, 0x80, "CVM required by reader", nil},
	{1, 0x40, "Signature supported", nil},
	{1, 0x20, "Online PIN supported", nil},
	{1, 0x10, "On-device CVM supported", nil},
	{1, 0x04, "Reader is a transit reader", nil},
	{1, 0x02, "EMV contact chip supported", nil},
	{1, 0x01, "(Contact chip) offline PIN supported", nil},
	{2, 0x80, "Issuer update supported", nil},
}

var c5UpdateBits = []Field{
	{1, 0xFF, "Issuer update", []Value{{0, "none"}, {1, "present and hold"}, {2, "two presentments"}}},
}

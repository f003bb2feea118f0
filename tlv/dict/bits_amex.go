package dict

import "slices"

// The bit tables of C-4.

var c4AIPBits = slices.Concat(aipBits, []Field{
	{2, 0x80, "EMV and mag-stripe modes supported", nil},
	{2, 0x40, "Contactless mobile supported", nil},
	{2, 0x20, "Contactless mobile HCE supported", nil},
})

var c4ReaderBits = []Field{
	{1, 0xC0, "Reader", []Value{
		{0, "Expresspay 1.0 (deprecated)"},
		{1, "Expresspay mag-stripe only"},
		{2, "Expresspay 2.0 EMV and mag-stripe (deprecated)"},
		{3, "Expresspay EMV and mag-stripe"},
	}},
	{1, 0x08, "CVM required", nil},
}

var c4EnhancedBits = []Field{
	{1, 0x80, "Contact mode supported", nil},
	{1, 0x40, "Mag-stripe mode supported", nil},
	{1, 0x20, "EMV mode full online supported", nil},
	{1, 0x10, "EMV mode partial online supported", nil},
	{1, 0x08, "Contactless mobile supported", nil},
	{1, 0x04, "Try another interface after a decline", nil},
	{2, 0x80, "Mobile CVM supported", nil},
	{2, 0x40, "Online PIN supported", nil},
	{2, 0x20, "Signature supported", nil},
	{2, 0x10, "Plaintext offline PIN supported", nil},
	{3, 0x80, "Reader is offline only", nil},
	{3, 0x40, "CVM required", nil},
	{4, 0x80, "Terminal exempt from No CVM checks", nil},
	{4, 0x40, "Delayed authorisation terminal", nil},
	{4, 0x20, "Transit terminal", nil},
	{4, 0x07, "Kernel version", []Value{{1, "C-4 2.2 to 2.3"}, {2, "C-4 2.4 to 2.6"}, {3, "C-4 2.7 or later"}}},
}

var c4CardBits = []Field{
	{1, 0x80, "Key entry", nil},
	{1, 0x40, "Physical magnetic stripe", nil},
	{1, 0x20, "Contact EMV interface", nil},
	{1, 0x10, "Contactless EMV interface", nil},
	{1, 0x08, "Mobile interface", nil},
	{1, 0x04, "Mag-stripe mode not supported", nil},
	{2, 0x80, "Delayed authorisation usage information present", nil},
	{2, 0x40, "Valid at domestic delayed authorisation terminals", nil},
	{2, 0x20, "Valid at international delayed authorisation terminals", nil},
	{2, 0x0F, "Dynamic limit set", counts},
}

var c4MobileBits = []Field{
	{1, 0xFF, "CVM", []Value{{0x01, "mobile CVM performed"}, {0x3F, "no CVM performed"}}},
	{2, 0xFF, "Condition", []Value{{0x00, "mobile CVM not required"}, {0x03, "terminal required CVM"}}},
	{3, 0xFF, "Result", []Value{
		{0x00, "unknown, mobile CVM not performed"},
		{0x01, "mobile CVM failed"},
		{0x02, "mobile CVM successful"},
		{0x03, "mobile CVM blocked"},
	}},
}

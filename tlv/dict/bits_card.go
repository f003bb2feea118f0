package dict

import "slices"

// aipBits: Book 3, C1. Byte 2 belongs to the contactless books.
var aipBits = []Field{
	{1, 0x80, "XDA supported", nil},
	{1, 0x40, "SDA supported", nil},
	{1, 0x20, "DDA supported", nil},
	{1, 0x10, "Cardholder verification is supported", nil},
	{1, 0x08, "Terminal risk management is to be performed", nil},
	{1, 0x04, "Issuer authentication is supported", nil},
	{1, 0x01, "CDA supported", nil},
}

// c2AIPBits, c8AIPBits: what Kernels 2 and 8 read in it besides.
var (
	c2AIPBits = slices.Concat(aipBits, []Field{
		{1, 0x02, "On device cardholder verification is supported", nil},
		{2, 0x80, "EMV mode is supported", nil},
		{2, 0x01, "Relay resistance protocol is supported", nil},
	})
	c8AIPBits = slices.Concat(aipBits, []Field{
		{2, 0x01, "Relay resistance protocol is supported", nil},
	})
)

// aucBits: Book 3, C2.
var aucBits = []Field{
	{1, 0x80, "Valid for domestic cash transactions", nil},
	{1, 0x40, "Valid for international cash transactions", nil},
	{1, 0x20, "Valid for domestic goods", nil},
	{1, 0x10, "Valid for international goods", nil},
	{1, 0x08, "Valid for domestic services", nil},
	{1, 0x04, "Valid for international services", nil},
	{1, 0x02, "Valid at ATMs", nil},
	{1, 0x01, "Valid at terminals other than ATMs", nil},
	{2, 0x80, "Domestic cashback allowed", nil},
	{2, 0x40, "International cashback allowed", nil},
}

// priorityBits: Book 1, 12.2.3.
var priorityBits = []Field{
	{1, 0x80, "Application cannot be selected without confirmation by the cardholder", nil},
	{1, 0x0F, "Priority", []Value{
		{0, "none assigned"},
		{1, "1, the highest"},
		{2, "2"},
		{3, "3"},
		{4, "4"},
		{5, "5"},
		{6, "6"},
		{7, "7"},
		{8, "8"},
		{9, "9"},
		{10, "10"},
		{11, "11"},
		{12, "12"},
		{13, "13"},
		{14, "14"},
		{15, "15, the lowest"},
	}},
}

// serviceCodeBits: ISO/IEC 7813. Three digits, right justified in two bytes.
var serviceCodeBits = []Field{
	{1, 0x0F, "Interchange", []Value{
		{1, "international"},
		{2, "international, chip to be used where feasible"},
		{5, "national only"},
		{6, "national only, chip to be used where feasible"},
		{7, "none except by bilateral agreement"},
		{9, "test"},
	}},
	{2, 0xF0, "Authorisation", []Value{
		{0, "normal"},
		{2, "by the issuer online"},
		{4, "by the issuer online except by bilateral agreement"},
	}},
	{2, 0x0F, "Services", []Value{
		{0, "no restrictions, PIN required"},
		{1, "no restrictions"},
		{2, "goods and services only"},
		{3, "ATM only, PIN required"},
		{4, "cash only"},
		{5, "goods and services only, PIN required"},
		{6, "no restrictions, PIN where feasible"},
		{7, "goods and services only, PIN where feasible"},
	}},
}

// codeTableBits: Book 3, C4.
var codeTableBits = []Field{
	{1, 0xFF, "Code table", []Value{
		{0x01, "ISO/IEC 8859 part 1"},
		{0x02, "ISO/IEC 8859 part 2"},
		{0x03, "ISO/IEC 8859 part 3"},
		{0x04, "ISO/IEC 8859 part 4"},
		{0x05, "ISO/IEC 8859 part 5"},
		{0x06, "ISO/IEC 8859 part 6"},
		{0x07, "ISO/IEC 8859 part 7"},
		{0x08, "ISO/IEC 8859 part 8"},
		{0x09, "ISO/IEC 8859 part 9"},
		{0x10, "ISO/IEC 8859 part 10"},
	}},
}

// kernelIDBits: Book B, 3.3.2.5. Bytes 2 and 3 are the country of a domestic kernel.
var kernelIDBits = []Field{
	{1, 0xC0, "Type", []Value{
		{0, "international kernel"},
		{2, "domestic kernel, number given by EMVCo"},
		{3, "domestic kernel, proprietary number"},
	}},
	{1, 0x3F, "Short Kernel ID", []Value{
		{0, "none"},
		{1, "1 (retired)"},
		{2, "2 (Mastercard)"},
		{3, "3 (Visa)"},
		{4, "4 (American Express)"},
		{5, "5 (JCB)"},
		{6, "6 (Discover)"},
		{7, "7 (UnionPay)"},
		{8, "8 (EMVCo)"},
	}},
}

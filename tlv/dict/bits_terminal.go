package dict

import "slices"

// The three bytes of the Terminal Capabilities: Book 4, A2. C-2 gives each of them as an object of its own.
var (
	inputCapBits = []Field{
		{1, 0x80, "Manual key entry", nil},
		{1, 0x40, "Magnetic stripe", nil},
		{1, 0x20, "IC with contacts", nil},
	}
	cvmCapBits = []Field{
		{1, 0x80, "Plaintext PIN for ICC verification", nil},
		{1, 0x40, "Enciphered PIN for online verification", nil},
		{1, 0x20, "Signature", nil},
		{1, 0x10, "Enciphered PIN for offline verification (RSA ODE)", nil},
		{1, 0x08, "No CVM required", nil},
		{1, 0x04, "Online biometric", nil},
		{1, 0x02, "Offline biometric", nil},
		{1, 0x01, "Enciphered PIN for offline verification (ECC ODE)", nil},
	}
	securityCapBits = []Field{
		{1, 0x80, "SDA", nil},
		{1, 0x40, "DDA", nil},
		{1, 0x20, "Card capture", nil},
		{1, 0x08, "CDA", nil},
		{1, 0x04, "XDA", nil},
	}
	termCapBits = slices.Concat(inputCapBits, atByte(2, cvmCapBits), atByte(3, securityCapBits))
)

// atByte returns fields of one byte as the fields of byte n.
func atByte(n uint8, fields []Field) []Field {
	moved := slices.Clone(fields)
	for i := range moved {
		moved[i].Byte = n
	}
	return moved
}

// addTermCapBits: Book 4, A3.
var addTermCapBits = []Field{
	{1, 0x80, "Cash", nil},
	{1, 0x40, "Goods", nil},
	{1, 0x20, "Services", nil},
	{1, 0x10, "Cashback", nil},
	{1, 0x08, "Inquiry", nil},
	{1, 0x04, "Transfer", nil},
	{1, 0x02, "Payment", nil},
	{1, 0x01, "Administrative", nil},
	{2, 0x80, "Cash deposit", nil},
	{3, 0x80, "Numeric keys", nil},
	{3, 0x40, "Alphabetic and special characters keys", nil},
	{3, 0x20, "Command keys", nil},
	{3, 0x10, "Function keys", nil},
	{4, 0x80, "Print, attendant", nil},
	{4, 0x40, "Print, cardholder", nil},
	{4, 0x20, "Display, attendant", nil},
	{4, 0x10, "Display, cardholder", nil},
	{4, 0x02, "Code table 10", nil},
	{4, 0x01, "Code table 9", nil},
	{5, 0x80, "Code table 8", nil},
	{5, 0x40, "Code table 7", nil},
	{5, 0x20, "Code table 6", nil},
	{5, 0x10, "Code table 5", nil},
	{5, 0x08, "Code table 4", nil},
	{5, 0x04, "Code table 3", nil},
	{5, 0x02, "Code table 2", nil},
	{5, 0x01, "Code table 1", nil},
}

// termTypeBits: Book 4, A1.
var termTypeBits = []Field{
	{1, 0xFF, "Terminal", []Value{
		{0x11, "attended, financial institution, online only"},
		{0x12, "attended, financial institution, offline with online capability"},
		{0x13, "attended, financial institution, offline only"},
		{0x14, "unattended, financial institution, online only"},
		{0x15, "unattended, financial institution, offline with online capability"},
		{0x16, "unattended, financial institution, offline only"},
		{0x21, "attended, merchant, online only"},
		{0x22, "attended, merchant, offline with online capability"},
		{0x23, "attended, merchant, offline only"},
		{0x24, "unattended, merchant, online only"},
		{0x25, "unattended, merchant, offline with online capability"},
		{0x26, "unattended, merchant, offline only"},
		{0x34, "unattended, cardholder, online only"},
		{0x35, "unattended, cardholder, offline with online capability"},
		{0x36, "unattended, cardholder, offline only"},
	}},
}

// txnTypeBits: the first two digits of the processing code, ISO 8583:1987.
var txnTypeBits = []Field{
	{1, 0xFF, "Transaction", []Value{
		{0x00, "purchase of goods or services"},
		{0x01, "cash withdrawal"},
		{0x09, "purchase with cashback"},
		{0x17, "manual cash disbursement"},
		{0x20, "refund"},
		{0x21, "deposit"},
		{0x30, "available funds inquiry"},
		{0x31, "balance inquiry"},
		{0x40, "transfer"},
		{0x50, "payment"},
	}},
}

// posEntryBits: the first two digits of the POS entry mode, ISO 8583:1987.
var posEntryBits = []Field{
	{1, 0xFF, "Entry mode", []Value{
		{0x00, "unspecified"},
		{0x01, "manual key entry"},
		{0x02, "magnetic stripe"},
		{0x03, "optical code"},
		{0x05, "contact chip"},
		{0x07, "contactless chip"},
		{0x10, "credential on file"},
		{0x80, "magnetic stripe, fallback from chip"},
		{0x81, "electronic commerce"},
		{0x90, "magnetic stripe, complete track"},
		{0x91, "contactless magnetic stripe data"},
		{0x95, "contact chip, card verification value unreliable"},
	}},
}

// accountTypeBits: Book 3, Annex G.
var accountTypeBits = []Field{
	{1, 0xFF, "Account", []Value{
		{0x00, "default, unspecified"},
		{0x10, "savings"},
		{0x20, "cheque or debit"},
		{0x30, "credit"},
		{0x40, "universal"},
	}},
}

package dict

// The bit tables of C-2, Annex A.

// acTypeBits: DS AC Type and the AC type of other objects.
var acTypeBits = []Field{
	{1, 0xC0, "AC type", []Value{{0, "AAC"}, {1, "TC"}, {2, "ARQC"}}},
}

var c2RefControlBits = []Field{
	{1, 0xC0, "AC type", []Value{{0, "AAC"}, {1, "TC"}, {2, "ARQC"}}},
	{1, 0x10, "CDA signature requested", nil},
}

var c2TRMDBits = []Field{
	{1, 0x80, "Restart supported", nil},
	{1, 0x40, "Enciphered PIN verified online (contactless)", nil},
	{1, 0x20, "Signature (paper) (contactless)", nil},
	{1, 0x10, "Enciphered PIN verification performed by ICC (contactless)", nil},
	{1, 0x08, "No CVM required (contactless)", nil},
	{1, 0x04, "CDCVM (contactless)", nil},
	{1, 0x02, "Plaintext PIN verification performed by ICC (contactless)", nil},
	{1, 0x01, "Present and hold supported", nil},
	{2, 0x80, "CVM limit exceeded", nil},
	{2, 0x40, "Enciphered PIN verified online (contact)", nil},
	{2, 0x20, "Signature (paper) (contact)", nil},
	{2, 0x10, "Enciphered PIN verification performed by ICC (contact)", nil},
	{2, 0x08, "No CVM required (contact)", nil},
	{2, 0x04, "CDCVM (contact)", nil},
	{2, 0x02, "Plaintext PIN verification performed by ICC (contact)", nil},
	{3, 0x80, "Mag-stripe mode contactless transactions not supported", nil},
	{3, 0x40, "EMV mode contactless transactions not supported", nil},
	{3, 0x20, "CDCVM without CDA supported", nil},
	{4, 0x80, "CDCVM bypass requested", nil},
	{4, 0x40, "SCA exempt", nil},
}

var c2ACIBits = []Field{
	{1, 0xF0, "Application capabilities information version", []Value{{0, "0"}}},
	{1, 0x0F, "Data storage version", []Value{{0, "not supported"}, {1, "1"}, {2, "2"}}},
	{2, 0x04, "Support for field off detection", nil},
	{2, 0x02, "Support for balance reading", nil},
	{2, 0x01, "CDA supported over TC, ARQC and AAC", nil},
	{3, 0xFF, "SDS scheme", []Value{
		{0x00, "undefined"},
		{0x01, "all 10 tags 32 bytes"},
		{0x02, "all 10 tags 48 bytes"},
		{0x03, "all 10 tags 64 bytes"},
		{0x04, "all 10 tags 96 bytes"},
		{0x05, "all 10 tags 128 bytes"},
		{0x06, "all 10 tags 160 bytes"},
		{0x07, "all 10 tags 192 bytes"},
		{0x08, "all tags 32 bytes except 9F78 with 64 bytes"},
	}},
}

var c2PCIIBits = []Field{
	{1, 0x01, "Version 1", nil},
	{2, 0x10, "Offline CVM verification successful", nil},
	{2, 0x08, "Context is conflicting", nil},
	{2, 0x04, "Offline change PIN required", nil},
	{2, 0x02, "Acknowledgement required", nil},
	{2, 0x01, "Offline CVM required", nil},
	{3, 0x01, "Wallet requires second tap", nil},
}

var (
	c2SlotBits = []Field{
		{1, 0x80, "Permanent slot type", nil},
		{1, 0x40, "Volatile slot type", nil},
		{1, 0x20, "Low volatility", nil},
		{1, 0x10, "Locked slot", nil},
		{1, 0x01, "Deactivated slot", nil},
	}
	c2ODSInfoBits = []Field{
		{1, 0x80, "Permanent slot type", nil},
		{1, 0x40, "Volatile slot type", nil},
		{1, 0x20, "Low volatility", nil},
		{1, 0x08, "Decline payment transaction in case of data storage error", nil},
	}
	c2ODSReaderBits = []Field{
		{1, 0x80, "Usable for TC", nil},
		{1, 0x40, "Usable for ARQC", nil},
		{1, 0x20, "Usable for AAC", nil},
		{1, 0x04, "Stop if no DS ODS Term", nil},
		{1, 0x02, "Stop if write failed", nil},
	}
	c2SumStatusBits = []Field{
		{1, 0x80, "Successful read", nil},
		{1, 0x40, "Successful write", nil},
	}
	c2IDSStatusBits = []Field{
		{1, 0x80, "Read", nil},
		{1, 0x40, "Write", nil},
	}
	putStatusBits = []Field{{1, 0x80, "Completed", nil}}
)

var c2MobileBits = []Field{
	{1, 0x02, "On device CVM required", nil},
	{1, 0x01, "Mobile supported", nil},
}

var c2KernelConfBits = []Field{
	{1, 0x80, "Mag-stripe mode contactless transactions not supported", nil},
	{1, 0x40, "EMV mode contactless transactions not supported", nil},
	{1, 0x20, "On device cardholder verification supported", nil},
	{1, 0x10, "Relay resistance protocol supported", nil},
	{1, 0x08, "Reserved for payment system", nil},
	{1, 0x04, "Read all records even when no CDA", nil},
}

var magCVMBits = []Field{
	{1, 0xF0, "CVM", []Value{{0, "no CVM"}, {1, "obtain signature"}, {2, "online PIN"}, {15, "not applicable"}}},
}

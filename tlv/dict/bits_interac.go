package dict

// The bit tables of Interac Flash.

var icTTIBits = []Field{
	{1, 0x80, "Reader has a display", nil},
	{1, 0x40, "Interac contact application available", nil},
	{1, 0x20, "Interac contact application available at another terminal", nil},
	{1, 0x10, "CDA supported", nil},
	{1, 0x08, "Offline capable", nil},
	{1, 0x04, "Online PIN supported", nil},
	{2, 0xC0, "Interfaces", []Value{
		{0, "contactless only"},
		{1, "contactless and magnetic stripe"},
		{2, "contactless, contact chip and magnetic stripe"},
		{3, "contactless and contact chip"},
	}},
}

var icTOSBits = []Field{
	{1, 0x80, "Use other interface if different currency", nil},
	{1, 0x40, "Use other interface if different country", nil},
	{1, 0x20, "Use other interface if domestic transaction in a different currency", nil},
}

var icTTTBits = []Field{
	{1, 0xFF, "Transaction", []Value{{0, "purchase"}, {1, "refund"}}},
}

var icMTIBits = []Field{
	{1, 0xFF, "Merchant type", []Value{{1, "1"}, {2, "2"}, {3, "3"}, {4, "4"}, {5, "5"}}},
}

var icFFIBits = []Field{
	{1, 0xFF, "Form factor", []Value{
		{0, "dual-interface card"},
		{1, "contactless-only card"},
		{2, "key fob or tag"},
		{3, "mobile phone"},
	}},
}

package dict

// The objects that carry an outcome to the terminal: C-2, Annex A.

var outcomeBits = []Field{
	{1, 0xF0, "Status", []Value{
		{1, "Approved"},
		{2, "Declined"},
		{3, "Online Request"},
		{4, "End Application"},
		{5, "Select Next"},
		{6, "Try Another Interface"},
		{7, "Try Again"},
		{15, "not applicable"},
	}},
	{2, 0xF0, "Start", []Value{{0, "A"}, {1, "B"}, {2, "C"}, {3, "D"}, {15, "not applicable"}}},
	{3, 0xF0, "Online Response Data", []Value{{0, "EMV Data"}, {1, "Any"}, {15, "not applicable"}}},
	{4, 0xF0, "CVM", []Value{
		{0, "No CVM"},
		{1, "Obtain Signature"},
		{2, "Online PIN"},
		{3, "Confirmation Code Verified"},
		{15, "not applicable"},
	}},
	{5, 0x80, "UI Request on Outcome Present", nil},
	{5, 0x40, "UI Request on Restart Present", nil},
	{5, 0x20, "Data Record Present", nil},
	{5, 0x10, "Discretionary Data Present", nil},
	{5, 0x08, "Receipt", nil},
	{6, 0xF0, "Alternate Interface Preference", []Value{
		{1, "Contact Chip"},
		{2, "Magnetic Stripe"},
		{15, "not applicable"},
	}},
	{7, 0xFF, "Field Off Request", []Value{{0xFF, "not applicable"}}},
	{8, 0xFF, "Removal Timeout", []Value{{0, "none"}}},
}

var messageIDs = []Value{
	{0x03, "approved"},
	{0x07, "not authorised"},
	{0x09, "enter PIN"},
	{0x0F, "processing error"},
	{0x10, "remove card"},
	{0x14, "welcome"},
	{0x15, "present card"},
	{0x16, "processing"},
	{0x17, "card read OK, remove card"},
	{0x18, "insert or swipe card"},
	{0x19, "present one card only"},
	{0x1A, "approved, sign"},
	{0x1B, "authorising, wait"},
	{0x1C, "insert, swipe or try another card"},
	{0x1D, "insert card"},
	{0x1E, "clear display"},
	{0x20, "see phone"},
	{0x21, "present card again"},
	{0xFF, "not applicable"},
}

var errorIndicationBits = []Field{
	{1, 0xFF, "L1", []Value{{0, "OK"}, {1, "time out error"}, {2, "transmission error"}, {3, "protocol error"}}},
	{2, 0xFF, "L2", []Value{
		{0x00, "OK"},
		{0x01, "card data missing"},
		{0x02, "CAM failed"},
		{0x03, "status bytes"},
		{0x04, "parsing error"},
		{0x05, "max limit exceeded"},
		{0x06, "card data error"},
		{0x07, "mag-stripe not supported"},
		{0x08, "no PPSE"},
		{0x09, "PPSE fault"},
		{0x0A, "empty candidate list"},
		{0x0B, "IDS read error"},
		{0x0C, "IDS write error"},
		{0x0D, "IDS data error"},
		{0x0E, "IDS no matching AC"},
		{0x0F, "terminal data error"},
	}},
	{3, 0xFF, "L3", []Value{{0, "OK"}, {1, "time out"}, {2, "stop"}, {3, "amount not present"}}},
	{6, 0xFF, "Msg On Error", messageIDs},
}

var uiRequestBits = []Field{
	{1, 0xFF, "Message identifier", messageIDs},
	{2, 0xFF, "Status", []Value{
		{0x00, "Not Ready"},
		{0x01, "Idle"},
		{0x02, "Ready to Read"},
		{0x03, "Processing"},
		{0x04, "Card Read Successfully"},
		{0x05, "Processing Error"},
		{0xFF, "not applicable"},
	}},
	{14, 0xF0, "Value qualifier", []Value{{0, "none"}, {1, "amount"}, {2, "balance"}}},
}

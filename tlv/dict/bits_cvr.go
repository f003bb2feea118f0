package dict

// Card Verification Results, the card's own account of the transaction inside the Issuer Application Data.

// The types of the cryptograms that the card gave, in the byte that begins most of the layouts.
var (
	cvrSecondAC = []Value{{0, "AAC"}, {1, "TC"}, {2, "not requested"}}
	cvrFirstAC  = []Value{{0, "AAC"}, {1, "TC"}, {2, "ARQC"}}
)

// cvrCCD: Book 3, C7.3.
var cvrCCD = []Field{
	{1, 0xC0, "Cryptogram in second GENERATE AC", cvrSecondAC},
	{1, 0x30, "Cryptogram in first GENERATE AC", cvrFirstAC},
	{1, 0x08, "CDA performed", nil},
	{1, 0x04, "Offline DDA performed", nil},
	{1, 0x02, "Issuer authentication not performed", nil},
	{1, 0x01, "Issuer authentication failed", nil},
	{2, 0xF0, "Low order nibble of PIN Try Counter", counts},
	{2, 0x08, "Offline PIN verification performed", nil},
	{2, 0x04, "Offline PIN verification performed and PIN not successfully verified", nil},
	{2, 0x02, "PIN Try Limit exceeded", nil},
	{2, 0x01, "Last online transaction not completed", nil},
	{3, 0x80, "Lower offline transaction count limit exceeded", nil},
	{3, 0x40, "Upper offline transaction count limit exceeded", nil},
	{3, 0x20, "Lower cumulative offline amount limit exceeded", nil},
	{3, 0x10, "Upper cumulative offline amount limit exceeded", nil},
	{3, 0x08, "Issuer-discretionary bit 1", nil},
	{3, 0x04, "Issuer-discretionary bit 2", nil},
	{3, 0x02, "Issuer-discretionary bit 3", nil},
	{3, 0x01, "Issuer-discretionary bit 4", nil},
	{4, 0xF0, "Issuer script commands processed", counts},
	{4, 0x08, "Issuer script processing failed", nil},
	{4, 0x04, "Offline data authentication failed on previous transaction", nil},
	{4, 0x02, "Go online on next transaction was set", nil},
	{4, 0x01, "Unable to go online", nil},
}

// cvrVisa: VIS, the first byte is the length 3.
var cvrVisa = []Field{
	{2, 0xC0, "Cryptogram in second GENERATE AC", cvrSecondAC},
	{2, 0x30, "Cryptogram in first GENERATE AC", cvrFirstAC},
	{2, 0x08, "Issuer authentication performed and failed", nil},
	{2, 0x04, "Offline PIN verification performed", nil},
	{2, 0x02, "Offline PIN verification failed", nil},
	{2, 0x01, "Unable to go online", nil},
	{3, 0x80, "Last online transaction not completed", nil},
	{3, 0x40, "PIN Try Limit exceeded", nil},
	{3, 0x20, "Exceeded velocity checking counters", nil},
	{3, 0x10, "New card", nil},
	{3, 0x08, "Issuer authentication failure on last online transaction", nil},
	{3, 0x04, "Issuer authentication not performed after online authorisation", nil},
	{3, 0x02, "Application blocked by card because PIN Try Limit exceeded", nil},
	{3, 0x01, "SDA failed on last transaction and transaction declined offline", nil},
	{4, 0xF0, "Issuer script commands processed", counts},
	{4, 0x08, "Issuer script processing failed", nil},
	{4, 0x04, "DDA failed on last transaction and transaction declined offline", nil},
	{4, 0x02, "DDA performed", nil},
	{4, 0x01, "PIN verification command not received for a PIN-expecting card", nil},
}

// cvrAmex and cvrUnionPay are as much of the two as is public and undisputed.
var (
	cvrAmex     = cvrVisa[:2:2]
	cvrUnionPay = cvrVisa[:6:6]
)

// cvrMChip: M/Chip Advance.
var cvrMChip = []Field{
	{1, 0xC0, "Cryptogram in second GENERATE AC", cvrSecondAC},
	{1, 0x30, "Cryptogram in first GENERATE AC", cvrFirstAC},
	{1, 0x04, "Offline PIN verification performed", nil},
	{1, 0x02, "Offline enciphered PIN verification performed", nil},
	{1, 0x01, "Offline PIN verification successful", nil},
	{2, 0x80, "DDA returned", nil},
	{2, 0x40, "CDA returned in first GENERATE AC", nil},
	{2, 0x20, "CDA returned in second GENERATE AC", nil},
	{2, 0x10, "Issuer authentication performed", nil},
	{2, 0x08, "CIAC-Default skipped on CAT3", nil},
	{3, 0xF0, "Script counter", counts},
	{3, 0x0F, "PIN Try Counter", counts},
	{4, 0x80, "Last online transaction not completed", nil},
	{4, 0x40, "Unable to go online", nil},
	{4, 0x20, "Offline PIN verification not performed", nil},
	{4, 0x10, "Offline PIN verification failed", nil},
	{4, 0x08, "PIN Try Limit exceeded", nil},
	{4, 0x04, "International transaction", nil},
	{4, 0x02, "Domestic transaction", nil},
	{4, 0x01, "Terminal erroneously considers offline PIN OK", nil},
	{5, 0x80, "Lower consecutive counter 1 limit exceeded", nil},
	{5, 0x40, "Upper consecutive counter 1 limit exceeded", nil},
	{5, 0x20, "Lower cumulative accumulator 1 limit exceeded", nil},
	{5, 0x10, "Upper cumulative accumulator 1 limit exceeded", nil},
	{5, 0x08, "Go online on next transaction was set", nil},
	{5, 0x04, "Issuer authentication failed", nil},
	{5, 0x02, "Script received", nil},
	{5, 0x01, "Script failed", nil},
	{6, 0x80, "Lower consecutive counter 2 limit exceeded", nil},
	{6, 0x40, "Upper consecutive counter 2 limit exceeded", nil},
	{6, 0x20, "Lower cumulative accumulator 2 limit exceeded", nil},
	{6, 0x10, "Upper cumulative accumulator 2 limit exceeded", nil},
	{6, 0x08, "MTA limit exceeded", nil},
	{6, 0x04, "Number of days offline limit exceeded", nil},
	{6, 0x02, "Match found in additional check table", nil},
	{6, 0x01, "No match found in additional check table", nil},
}

// counts are the values of four bits that hold a number.
var counts = []Value{
	{0, "0"},
	{1, "1"},
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
	{15, "15"},
}

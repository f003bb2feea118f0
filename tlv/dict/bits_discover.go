package dict

// The bit tables of C-6.

var c6CPRBits = []Field{
	{1, 0x80, "Online PIN required", nil},
	{1, 0x40, "Signature required", nil},
	{1, 0x20, "PID limit reached, loyalty transaction approved", nil},
	{1, 0x10, "Consumer device CVM performed", nil},
	{2, 0x80, "Switch other interface if unable to process online", nil},
	{2, 0x40, "Process online if CDA failed", nil},
	{2, 0x20, "Decline or switch other interface if CDA failed", nil},
	{2, 0x10, "Issuer update processing supported", nil},
	{2, 0x08, "Process online if card expired", nil},
	{2, 0x04, "Decline if card expired", nil},
	{2, 0x02, "CVM fallback to signature allowed", nil},
	{2, 0x01, "CVM fallback to No CVM allowed", nil},
}

// c6CVRBits is as much of the card verification results as a reader uses.
var c6CVRBits = []Field{
	{2, 0x10, "Domestic transaction", nil},
	{2, 0x08, "International transaction", nil},
	{2, 0x02, "Confirmation code verification performed", nil},
	{2, 0x01, "Confirmation code verification performed and failed", nil},
}

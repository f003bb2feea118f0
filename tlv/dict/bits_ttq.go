package dict

import "slices"

// ttqBits: Book A, 5.7.
var ttqBits = []Field{
	{1, 0x80, "Mag-stripe mode supported", nil},
	{1, 0x20, "EMV mode supported", nil},
	{1, 0x10, "EMV contact chip supported", nil},
	{1, 0x08, "Offline-only reader", nil},
	{1, 0x04, "Online PIN supported", nil},
	{1, 0x02, "Signature supported", nil},
	{1, 0x01, "Offline data authentication for online authorisations supported", nil},
	{2, 0x80, "Online cryptogram required", nil},
	{2, 0x40, "CVM required", nil},
	{2, 0x20, "(Contact chip) offline PIN supported", nil},
	{3, 0x80, "Issuer update processing supported", nil},
	{3, 0x40, "Consumer device CVM supported", nil},
}

// c6TTQBits: C-6 gives meanings to further bits.
var c6TTQBits = slices.Concat(ttqBits, []Field{
	{2, 0x08, "Fast mode supported", nil},
	{2, 0x04, "Transit terminal", nil},
	{3, 0x20, "Consumer device CVM for transit merchant categories supported", nil},
	{3, 0x08, "Consumer device CVM required", nil},
})

// c7TTQBits: C-7, 3.1.
var c7TTQBits = slices.Concat(ttqBits, []Field{
	{4, 0x80, "fDDA version 1 supported", nil},
})

// ctqBits: C-3, Annex A; C-7 has the same.
var ctqBits = []Field{
	{1, 0x80, "Online PIN required", nil},
	{1, 0x40, "Signature required", nil},
	{1, 0x20, "Go online if offline data authentication fails and reader is online capable", nil},
	{1, 0x10, "Switch interface if offline data authentication fails and reader supports contact chip", nil},
	{1, 0x08, "Go online if application expired", nil},
	{1, 0x04, "Switch interface for cash transactions", nil},
	{1, 0x02, "Switch interface for cashback transactions", nil},
	{1, 0x01, "Valid for contactless ATM transactions", nil},
	{2, 0x80, "Consumer device CVM performed", nil},
	{2, 0x40, "Card supports issuer update processing at the POS", nil},
}

// c3FFIBits: C-3, Annex A.
var c3FFIBits = []Field{
	{1, 0xE0, "Version", []Value{{0, "0"}, {1, "1"}, {2, "2"}}},
	{1, 0x1F, "Form factor", []Value{
		{0, "standard card"},
		{1, "mini card"},
		{2, "non-card form factor"},
		{3, "consumer mobile phone"},
		{4, "wrist-worn device"},
	}},
	{2, 0x80, "Passcode capable", nil},
	{2, 0x40, "Signature panel", nil},
	{2, 0x20, "Hologram", nil},
	{2, 0x10, "CVV2 support", nil},
	{2, 0x08, "Two-way messaging", nil},
	{2, 0x04, "Cloud based payment credentials", nil},
	{2, 0x02, "Biometric cardholder verification capable", nil},
	{4, 0x0F, "Payment transaction technology", []Value{{0, "contactless, ISO/IEC 14443"}}},
}

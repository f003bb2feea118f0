package dict

import "github.com/cardwright/emv/tlv"

// jcb is Kernel 5. 9F52 and 9F53 are the reader's here.
var jcb = []Entry{
	{Tag: 0x82, Scope: C5, Name: "Application Interchange Profile", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inAnswer, Bits: c5AIPBits, Ref: "C-5, Annex A"},
	{Tag: 0x9F50, Scope: C5, Name: "Cardholder Verification Status", Format: tlv.Binary, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inAnswer, Bits: c5CVSBits, Ref: "C-5, Annex A"},
	{Tag: 0x9F52, Scope: C5, Name: "Terminal Compatibility Indicator", Format: tlv.Binary, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Bits: c5CompatBits, Ref: "C-5, Annex A"},
	{Tag: 0x9F53, Scope: C5, Name: "Terminal Interchange Profile", Format: tlv.Binary, Min: 3, Max: 3, Source: Terminal, Update: Terminal | Kernel, Bits: c5TIPBits, Ref: "C-5, Annex A"},
	{Tag: 0x9F57, Scope: C5, Name: "Issuer Country Code", Format: tlv.Numeric, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecord, Ref: "C-5, Annex A"},
	{Tag: 0x9F5C, Scope: C5, Name: "Magstripe Data Object List (MDOL)", Format: tlv.Binary, Max: 252, Source: Card, Update: Card, Templates: inRecord, Ref: "C-5, Annex A"},
	{Tag: 0x9F5F, Scope: C5, Name: "Offline Balance", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inAnswer, Ref: "C-5, Annex A"},
	{Tag: 0x9F60, Scope: C5, Name: "Issuer Update Parameter", Format: tlv.Binary, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inAnswer, Bits: c5UpdateBits, Ref: "C-5, Annex A"},
	{Tag: 0x9F6E, Scope: C5, Name: "Device Information", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Ref: "C-5, Annex A"},
	{Tag: 0x9F7C, Scope: C5, Name: "Customer Exclusive Data", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecord, Ref: "C-5, Annex A"},
}

package dict

import "github.com/cardwright/emv/tlv"

// visa is Kernel 3, with the objects of Visa's contactless cards that a reader may meet.
var visa = []Entry{
	{Tag: 0x56, Scope: C3, Name: "Track 1 Data", Format: tlv.AlphanumericSpecial, Max: 76, Source: Card, Update: Card | Kernel, Templates: inRecord, Sensitive: Track, Ref: "C-3, Annex A"},
	{Tag: 0x9F5A, Scope: C3, Name: "Application Program Identifier (Program ID)", Format: tlv.Binary, Min: 1, Max: 16, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Ref: "C-3, Annex A"},
	{Tag: 0x9F5D, Scope: C3, Name: "Available Offline Spending Amount (AOSA)", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0x9F67, Scope: C3, Name: "MSD Offset", Format: tlv.Binary, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0x9F68, Scope: C3, Name: "Card Additional Processes", Format: tlv.Binary, Min: 4, Max: 4, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0x9F69, Scope: C3, Name: "Card Authentication Related Data", Format: tlv.Binary, Min: 5, Max: 16, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0x9F6B, Scope: C3, Name: "Card CVM Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-3, Annex A"},
	{Tag: 0x9F6C, Scope: C3, Name: "Card Transaction Qualifiers (CTQ)", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecord, Bits: ctqBits, Ref: "C-3, Annex A"},
	{Tag: 0x9F6D, Scope: C3, Name: "VLP Reset Threshold", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-3, Annex A"},
	{Tag: 0x9F6E, Scope: C3, Name: "Form Factor Indicator (FFI)", Format: tlv.Binary, Min: 4, Max: 4, Source: Card, Update: Card, Templates: inRecord, Bits: c3FFIBits, Ref: "C-3, Annex A"},
	{Tag: 0x9F74, Scope: C3, Name: "VLP Issuer Authorisation Code", Format: tlv.Alphanumeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0x9F77, Scope: C3, Name: "VLP Funds Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-3, Annex A"},
	{Tag: 0x9F78, Scope: C3, Name: "VLP Single Transaction Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-3, Annex A"},
	{Tag: 0x9F79, Scope: C3, Name: "VLP Available Funds", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-3, Annex A"},
	{Tag: 0x9F7A, Scope: C3, Name: "VLP Terminal Support Indicator", Format: tlv.Binary, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Ref: "C-3, Annex A"},
	{Tag: 0x9F7B, Scope: C3, Name: "VLP Terminal Transaction Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Terminal, Update: Terminal | Kernel, Ref: "C-3, Annex A"},
	{Tag: 0x9F7C, Scope: C3, Name: "Customer Exclusive Data (CED)", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecord, Ref: "C-3, Annex A"},
	{Tag: 0xD2, Scope: C3, Name: "Integrated Data Storage Directory", Format: tlv.Binary, Max: 252, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Ref: "C-3, Annex A"},
	{Tag: 0xBF60, Scope: C3, Name: "Integrated Data Storage Record Update Template", Format: tlv.TemplateOfDataObjects, Max: 252, Source: Terminal, Update: Terminal | Kernel, Ref: "C-3, Annex A"},
}

package dict

import "github.com/cardwright/emv/tlv"

// discover is Kernel 6. Its tag '9F80' (second form of the DCVV) is no BER-TLV tag and can't be an entry.
var discover = []Entry{
	{Tag: 0x56, Scope: C6, Name: "Track 1 Data", Format: tlv.AlphanumericSpecial, Max: 76, Source: Card, Update: Card | Kernel, Templates: inRecord, Sensitive: Track, Ref: "C-6, Annex A"},
	{Tag: 0x9F53, Scope: C6, Name: "Contactless Card Verification Results", Format: tlv.Binary, Min: 8, Max: 8, Source: Card, Update: Kernel, Bits: c6CVRBits, Ref: "C-6, Annex A"},
	{Tag: 0x9F66, Scope: C6, Name: "Terminal Transaction Qualifiers (TTQ)", Format: tlv.Binary, Min: 4, Max: 4, Source: Terminal, Update: Terminal | Kernel, Bits: c6TTQBits, Ref: "C-6, Annex A"},
	{Tag: 0x9F6E, Scope: C6, Name: "Form Factor Indicator", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Ref: "C-6, Annex A"},
	{Tag: 0x9F71, Scope: C6, Name: "Card Processing Requirements (CPR)", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inAnswer, Bits: c6CPRBits, Ref: "C-6, Annex A"},
	{Tag: 0x9F7C, Scope: C6, Name: "Customer Exclusive Data", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecord, Ref: "C-6, Annex A"},
	{Tag: 0x9F7D, Scope: C6, Name: "Mag-stripe Mode Application Version Number", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecordOrFCI, Ref: "C-6, Annex A"},
	{Tag: 0x9F7E, Scope: C6, Name: "Dynamic Card Verification Value (DCVV)", Format: tlv.Binary, Min: 3, Max: 3, Source: Card, Update: Card, Templates: inRecord, Sensitive: Track, Ref: "C-6, Annex A"},
	{Tag: 0xBF10, Scope: C6, Name: "Data Storage Update Template", Format: tlv.TemplateOfDataObjects, Max: 255, Source: Terminal, Update: Terminal | Kernel, Ref: "C-6, Annex A"},
	{Tag: 0xBF11, Scope: C6, Name: "Write Data Storage Template", Format: tlv.TemplateOfDataObjects, Max: 255, Source: Terminal, Update: Terminal | Kernel, Ref: "C-6, Annex A"},
	{Tag: 0xD1, Scope: C6, Name: "Offline Balance", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inAnswer, Ref: "C-6, Annex A"},
	{Tag: 0xDF3A, Scope: C6, Name: "Card Feature Version Number", Format: tlv.Binary, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inFCIDiscretionary, Ref: "C-6, Annex A"},
	{Tag: 0xDF3B, Scope: C6, Name: "Card Feature Descriptor", Format: tlv.Binary, Max: 252, Source: Card, Update: Card, Templates: inFCIDiscretionary, Ref: "C-6, Annex A"},
	{Tag: 0xDF3C, Scope: C6, Name: "Extended Logging Data", Format: tlv.Binary, Min: 1, Max: 32, Source: Terminal, Update: Terminal | Kernel, Ref: "C-6, Annex A"},
	{Tag: 0xDF3E, Scope: C6, Name: "Card Identifier", Format: tlv.Binary, Min: 11, Max: 64, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Sensitive: Cardholder, Ref: "C-6, Annex A"},
}

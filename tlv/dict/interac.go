package dict

import "github.com/cardwright/emv/tlv"

// interac is Interac Flash as far as it is public. 9F52 and 9F54 to 9F57 are the card's limits by merchant type.
var interac = []Entry{
	{Tag: 0x9F51, Scope: Interac, Name: "Lower Cumulative Offline Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F52, Scope: Interac, Name: "Merchant Type 1 Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F54, Scope: Interac, Name: "Merchant Type 2 Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F55, Scope: Interac, Name: "Merchant Type 3 Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F56, Scope: Interac, Name: "Merchant Type 4 Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F57, Scope: Interac, Name: "Merchant Type 5 Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F58, Scope: Interac, Name: "Merchant Type Indicator (MTI)", Format: tlv.Numeric, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Bits: icMTIBits, Ref: "Interac Flash"},
	{Tag: 0x9F59, Scope: Interac, Name: "Terminal Transaction Information (TTI)", Format: tlv.Binary, Min: 3, Max: 3, Source: Terminal, Update: Terminal | Kernel, Bits: icTTIBits, Ref: "Interac Flash"},
	{Tag: 0x9F5A, Scope: Interac, Name: "Terminal Transaction Type (TTT)", Format: tlv.Numeric, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Bits: icTTTBits, Ref: "Interac Flash"},
	{Tag: 0x9F5C, Scope: Interac, Name: "Upper Cumulative Offline Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "Interac Flash"},
	{Tag: 0x9F5D, Scope: Interac, Name: "Terminal Contactless Receipt Required Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Terminal, Update: Terminal | Kernel, Ref: "Interac Flash"},
	{Tag: 0x9F5E, Scope: Interac, Name: "Terminal Option Status (TOS)", Format: tlv.Binary, Min: 2, Max: 2, Source: Terminal, Update: Terminal | Kernel, Bits: icTOSBits, Ref: "Interac Flash"},
	{Tag: 0x9F5F, Scope: Interac, Name: "Terminal Contactless Floor Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Terminal, Update: Terminal | Kernel, Ref: "Interac Flash"},
	{Tag: 0x9F62, Scope: Interac, Name: "Card Product Code", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecord, Ref: "Interac Flash"},
	{Tag: 0x9F63, Scope: Interac, Name: "Card Transaction Information (CTI)", Format: tlv.Binary, Min: 4, Max: 4, Source: Card, Update: Card, Templates: inRecord, Ref: "Interac Flash"},
	{Tag: 0x9F70, Scope: Interac, Name: "Form Factor Indicator", Format: tlv.Numeric, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inRecordOrDiscretionary, Bits: icFFIBits, Ref: "Interac Flash"},
}

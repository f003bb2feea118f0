package dict

import "github.com/cardwright/emv/tlv"

// amex is Kernel 4. 9F6D and 9F6E are the reader's here. The book gives no tags to the pseudo tracks of mag-stripe mode: they have
// those of Kernel 2.
var amex = []Entry{
	{Tag: 0x56, Scope: C4, Name: "Track 1 Data (of mag-stripe mode)", Format: tlv.AlphanumericSpecial, Max: 76, Source: Kernel, Update: Kernel, Sensitive: Track, Ref: "C-4, Annex A"},
	{Tag: 0x82, Scope: C4, Name: "Application Interchange Profile", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inAnswer, Bits: c4AIPBits, Ref: "C-4, Annex A"},
	{Tag: 0x9F5A, Scope: C4, Name: "Membership Product Identifier", Format: tlv.AlphanumericSpecial, Min: 8, Max: 8, Source: Card, Update: Card, Templates: inRecord, Ref: "C-4, Annex A"},
	{Tag: 0x9F5B, Scope: C4, Name: "Product Membership Number", Format: tlv.AlphanumericSpecial, Max: 32, Source: Card, Update: Card, Templates: inRecord, Sensitive: Cardholder, Ref: "C-4, Annex A"},
	{Tag: 0x9F67, Scope: C4, Name: "Form Factor", Format: tlv.Numeric, Min: 3, Max: 3, Source: Card, Update: Card, Templates: inRecord, Ref: "C-4, Annex A"},
	{Tag: 0x9F6B, Scope: C4, Name: "Track 2 Data (of mag-stripe mode)", Format: tlv.Binary, Max: 19, Source: Kernel, Update: Kernel, Sensitive: Track, Ref: "C-4, Annex A"},
	{Tag: 0x9F6D, Scope: C4, Name: "Contactless Reader Capabilities", Format: tlv.Binary, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Bits: c4ReaderBits, Ref: "C-4, Annex A"},
	{Tag: 0x9F6E, Scope: C4, Name: "Enhanced Contactless Reader Capabilities", Format: tlv.Binary, Min: 4, Max: 4, Source: Terminal, Update: Terminal | Kernel, Bits: c4EnhancedBits, Ref: "C-4, Annex A"},
	{Tag: 0x9F70, Scope: C4, Name: "Card Interface and Payment Capabilities", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecord, Bits: c4CardBits, Ref: "C-4, Annex A"},
	{Tag: 0x9F71, Scope: C4, Name: "Mobile CVM Results", Format: tlv.Binary, Min: 3, Max: 3, Source: Card, Update: Card, Templates: inAnswer, Bits: c4MobileBits, Ref: "C-4, Annex A"},
}

package dict

import "github.com/cardwright/emv/tlv"

// commonContactless is what Contactless Books A and B add, and what Book 4 says that a terminal reports.
var commonContactless = []Entry{
	{Tag: 0x96, Name: "Kernel Identifier - Terminal", Format: tlv.Binary, Min: 1, Max: 8, Source: Terminal, Update: Terminal | Kernel, Bits: kernelIDBits, Ref: "Book B, Annex A"},
	{Tag: 0x8B, Name: "POI Information", Format: tlv.Binary, Max: 252, Source: Terminal, Update: Terminal | Kernel, Ref: "Book B, Annex A"},
	{Tag: 0x9F29, Name: "Extended Selection", Format: tlv.Binary, Max: 11, Source: Card, Update: Card, Templates: inDirectoryEntry, Ref: "Book B, Annex A"},
	{Tag: 0x9F2A, Name: "Kernel Identifier", Format: tlv.Binary, Min: 1, Max: 8, Lengths: []uint16{1, 3, 4, 5, 6, 7, 8}, Source: Card, Update: Card, Templates: inDirectoryEntry, Bits: kernelIDBits, Ref: "Book B, Annex A"},
	{Tag: 0x9F3E, Name: "Terminal Categories Supported List", Format: tlv.Binary, Max: 252, Source: Terminal, Update: Terminal | Kernel, Ref: "Book B, Annex A"},
	{Tag: 0x9F3F, Name: "Selection Data Object List (SDOL)", Format: tlv.Binary, Max: 252, Source: Card, Update: Card, Templates: inFCIDiscretionary, Ref: "Book B, Annex A"},
	{Tag: 0x9F5B, Name: "Issuer Script Results", Format: tlv.Binary, Max: 255, Source: Terminal, Update: Kernel, Ref: "Book 4, Annex A"},
	{Tag: 0x9F66, Name: "Terminal Transaction Qualifiers (TTQ)", Format: tlv.Binary, Min: 4, Max: 4, Source: Terminal, Update: Terminal | Kernel, Bits: ttqBits, Ref: "Book A, 5.7"},
}

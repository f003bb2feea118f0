package dict

import "github.com/cardwright/emv/tlv"

// unionpay is Kernel 7, with the electronic cash objects of PBOC 3.0 that its cards carry.
var unionpay = []Entry{
	{Tag: 0x9F5D, Scope: C7, Name: "Available Offline Amount", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F61, Scope: C7, Name: "Cardholder Identification Number", Format: tlv.Alphanumeric, Min: 1, Max: 40, Source: Card, Update: Card, Templates: inRecord, Sensitive: Cardholder, Ref: "C-7, Annex A"},
	{Tag: 0x9F62, Scope: C7, Name: "Cardholder Identification Type", Format: tlv.Numeric, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F63, Scope: C7, Name: "Product Identification Information", Format: tlv.Binary, Min: 16, Max: 16, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F66, Scope: C7, Name: "Terminal Transaction Qualifiers (TTQ)", Format: tlv.Binary, Min: 4, Max: 4, Source: Terminal, Update: Terminal | Kernel, Bits: c7TTQBits, Ref: "C-7, Annex A"},
	{Tag: 0x9F68, Scope: C7, Name: "Card Additional Processes", Format: tlv.Binary, Min: 4, Max: 4, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F69, Scope: C7, Name: "Card Authentication Related Data", Format: tlv.Binary, Min: 8, Max: 16, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F6B, Scope: C7, Name: "Card CVM Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-7, Annex A"},
	{Tag: 0x9F6C, Scope: C7, Name: "Card Transaction Qualifiers (CTQ)", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inRecord, Bits: ctqBits, Ref: "C-7, Annex A"},
	{Tag: 0x9F6D, Scope: C7, Name: "Electronic Cash Reset Threshold", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F6E, Scope: C7, Name: "Form Factor Indicator", Format: tlv.Binary, Min: 4, Max: 32, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F74, Scope: C7, Name: "Electronic Cash Issuer Authorisation Code", Format: tlv.Alphanumeric, Min: 6, Max: 6, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0x9F77, Scope: C7, Name: "Electronic Cash Balance Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-7, Annex A"},
	{Tag: 0x9F78, Scope: C7, Name: "Electronic Cash Single Transaction Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-7, Annex A"},
	{Tag: 0x9F79, Scope: C7, Name: "Electronic Cash Balance", Format: tlv.Numeric, Min: 6, Max: 6, Source: Card, Update: Card, Ref: "C-7, Annex A"},
	{Tag: 0x9F7A, Scope: C7, Name: "Electronic Cash Terminal Support Indicator", Format: tlv.Numeric, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Ref: "C-7, Annex A"},
	{Tag: 0x9F7B, Scope: C7, Name: "Electronic Cash Terminal Transaction Limit", Format: tlv.Numeric, Min: 6, Max: 6, Source: Terminal, Update: Terminal | Kernel, Ref: "C-7, Annex A"},
	{Tag: 0x9F7C, Scope: C7, Name: "Customer Exclusive Data", Format: tlv.Binary, Max: 32, Source: Card, Update: Card, Templates: inRecord, Ref: "C-7, Annex A"},
	{Tag: 0xDF4D, Scope: C7, Name: "Load Log Entry", Format: tlv.Binary, Min: 2, Max: 2, Source: Card, Update: Card, Templates: inFCIDiscretionary, Ref: "C-7, Annex A"},
	{Tag: 0xDF60, Scope: C7, Name: "CAPP Transaction Indicator", Format: tlv.Binary, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Ref: "C-7, Annex A"},
	{Tag: 0xDF61, Scope: C7, Name: "Card Additional Function Indicator", Format: tlv.Binary, Min: 1, Max: 1, Source: Card, Update: Card, Templates: inFCIDiscretionary, Ref: "C-7, Annex A"},
	{Tag: 0xDF69, Scope: C7, Name: "SM Algorithm Support Indicator", Format: tlv.Binary, Min: 1, Max: 1, Source: Terminal, Update: Terminal | Kernel, Ref: "C-7, Annex A"},
}

// Where an ICC certificate of the algorithms SM2 and SM3 (JR/T 0025.17) has format, Application PAN and algorithm. Its fields
// stand in the clear, unlike those of RSA.
const (
	smICCFormat      = 0x14
	smPANFrom, smPAN = 1, 10
	smAlgorithm      = 0x04
	smAlgorithmAt    = 16
)

// maskCertificate appends an ICC certificate, with the card number hidden that one of SM2 shows.
func maskCertificate(value, dst []byte) []byte {
	if len(value) <= smAlgorithmAt || value[0] != smICCFormat || value[smAlgorithmAt] != smAlgorithm {
		return appendHex(dst, value)
	}
	dst = appendHex(dst, value[:smPANFrom])
	dst = hide(dst, 2*smPAN)
	return appendHex(dst, value[smPANFrom+smPAN:])
}

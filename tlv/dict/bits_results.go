package dict

import "slices"

// tvrBits is the coding of the TVR and of the action codes that are compared with it: Book 3, C5. What version 4.4 added
// for XDA and biometric verification is included.
var tvrBits = slices.Concat(tvrByte1To4, tvrByte5, []Field{
	{5, 0x08, "CA ECC key missing", nil},
	{5, 0x04, "ECC key recovery failed", nil},
})

// rrpTVRBits is the same where a reader runs the relay resistance protocol: C-2 and C-8 give byte 5 other low bits.
var rrpTVRBits = slices.Concat(tvrByte1To4, tvrByte5, []Field{
	{5, 0x08, "Relay resistance threshold exceeded", nil},
	{5, 0x04, "Relay resistance time limits exceeded", nil},
	{5, 0x03, "Relay resistance protocol", []Value{
		{0, "not supported"}, {1, "not performed"}, {2, "performed"},
	}},
})

var tvrByte1To4 = []Field{
	{1, 0x80, "Offline data authentication was not performed", nil},
	{1, 0x40, "SDA failed", nil},
	{1, 0x20, "ICC data missing", nil},
	{1, 0x10, "Card appears on terminal exception file", nil},
	{1, 0x08, "DDA failed", nil},
	{1, 0x04, "CDA failed", nil},
	{1, 0x02, "SDA selected", nil},
	{1, 0x01, "XDA selected", nil},
	{2, 0x80, "ICC and terminal have different application versions", nil},
	{2, 0x40, "Expired application", nil},
	{2, 0x20, "Application not yet effective", nil},
	{2, 0x10, "Requested service not allowed for card product", nil},
	{2, 0x08, "New card", nil},
	{2, 0x04, "Biometric performed and successful", nil},
	{2, 0x02, "Biometric template format not supported", nil},
	{3, 0x80, "Cardholder verification was not successful", nil},
	{3, 0x40, "Unrecognised CVM", nil},
	{3, 0x20, "PIN Try Limit exceeded", nil},
	{3, 0x10, "PIN entry required and PIN pad not present or not working", nil},
	{3, 0x08, "PIN entry required, PIN pad present, but PIN was not entered", nil},
	{3, 0x04, "Online CVM captured", nil},
	{3, 0x02, "Biometric required but Biometric capture device not working", nil},
	{3, 0x01, "Biometric required, Biometric capture device present, but Biometric Subtype entry was bypassed", nil},
	{4, 0x80, "Transaction exceeds floor limit", nil},
	{4, 0x40, "Lower consecutive offline limit exceeded", nil},
	{4, 0x20, "Upper consecutive offline limit exceeded", nil},
	{4, 0x10, "Transaction selected randomly for online processing", nil},
	{4, 0x08, "Merchant forced transaction online", nil},
	{4, 0x04, "Biometric Try Limit exceeded", nil},
	{4, 0x02, "A selected Biometric Type not supported", nil},
	{4, 0x01, "XDA signature verification failed", nil},
}

var tvrByte5 = []Field{
	{5, 0x80, "Default TDOL used", nil},
	{5, 0x40, "Issuer authentication failed", nil},
	{5, 0x20, "Script processing failed before final GENERATE AC", nil},
	{5, 0x10, "Script processing failed after final GENERATE AC", nil},
}

// tsiBits: Book 3, C6.
var tsiBits = []Field{
	{1, 0x80, "Offline data authentication was performed", nil},
	{1, 0x40, "Cardholder verification was performed", nil},
	{1, 0x20, "Card risk management was performed", nil},
	{1, 0x10, "Issuer authentication was performed", nil},
	{1, 0x08, "Terminal risk management was performed", nil},
	{1, 0x04, "Script processing was performed", nil},
}

// cidBits: Book 3, 6.5.5.4.
var cidBits = []Field{
	{1, 0xC0, "Cryptogram", []Value{{0, "AAC"}, {1, "TC"}, {2, "ARQC"}}},
	{1, 0x08, "Advice required", nil},
	{1, 0x07, "Reason", []Value{
		{0, "no information given"},
		{1, "service not allowed"},
		{2, "PIN Try Limit exceeded"},
		{3, "issuer authentication failed"},
	}},
}

// cvmResultsBits: Book 4, A4.
var cvmResultsBits = []Field{
	{1, 0x40, "Apply succeeding rule if this CVM is unsuccessful", nil},
	{1, 0x3F, "CVM", slices.Concat(cvmMethods, []Value{{0x3F, "no CVM performed"}})},
	{2, 0xFF, "Condition", cvmConditions},
	{3, 0xFF, "Result", []Value{{0, "unknown"}, {1, "failed"}, {2, "successful"}}},
}

// cvmMethods are the low six bits of a CVM code: Book 3, C3.
var cvmMethods = []Value{
	{0x00, "fail CVM processing"},
	{0x01, "plaintext PIN verified by the card"},
	{0x02, "enciphered PIN verified online"},
	{0x03, "plaintext PIN verified by the card and signature"},
	{0x04, "enciphered PIN verified by the card"},
	{0x05, "enciphered PIN verified by the card and signature"},
	{0x06, "facial biometric verified offline"},
	{0x07, "facial biometric verified online"},
	{0x08, "finger biometric verified offline"},
	{0x09, "finger biometric verified online"},
	{0x0A, "palm biometric verified offline"},
	{0x0B, "palm biometric verified online"},
	{0x0C, "iris biometric verified offline"},
	{0x0D, "iris biometric verified online"},
	{0x0E, "voice biometric verified offline"},
	{0x0F, "voice biometric verified online"},
	{0x1E, "signature"},
	{0x1F, "no CVM required"},
}

// cvmConditions: Book 3, C3.
var cvmConditions = []Value{
	{0x00, "always"},
	{0x01, "if unattended cash"},
	{0x02, "if not unattended cash and not manual cash and not purchase with cashback"},
	{0x03, "if terminal supports the CVM"},
	{0x04, "if manual cash"},
	{0x05, "if purchase with cashback"},
	{0x06, "if transaction is in the application currency and is under X value"},
	{0x07, "if transaction is in the application currency and is over X value"},
	{0x08, "if transaction is in the application currency and is under Y value"},
	{0x09, "if transaction is in the application currency and is over Y value"},
}

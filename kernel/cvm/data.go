package cvm

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of the stage.
const (
	tagCurrency     tlv.Tag = 0x5F2A // Transaction Currency Code
	tagLanguage     tlv.Tag = 0x5F2D // Language Preference
	tagAIP          tlv.Tag = 0x82   // Application Interchange Profile
	tagCVMList      tlv.Tag = 0x8E   // Cardholder Verification Method List
	tagType         tlv.Tag = 0x9C   // Transaction Type
	tagAmount       tlv.Tag = 0x9F02 // Amount, Authorised (Numeric)
	tagOther        tlv.Tag = 0x9F03 // Amount, Other (Numeric)
	tagTryCounter   tlv.Tag = 0x9F17 // PIN Try Counter
	tagCapabilities tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults   tlv.Tag = 0x9F34 // CVM Results
	tagTerminalType tlv.Tag = 0x9F35 // Terminal Type
	tagAppCurrency  tlv.Tag = 0x9F42 // Application Currency Code
)

const stage = "cardholder verification"

// aipSupported is "Cardholder verification is supported" (82; Book 3, Annex C1).
const aipSupported = kernel.Bit(1<<8 | 0x10)

// Terminal Capabilities byte 2 (9F33; Book 4, Annex A2).
const (
	canPlaintextPIN  = kernel.Bit(2<<8 | 0x80)
	canOnlinePIN     = kernel.Bit(2<<8 | 0x40)
	canSignature     = kernel.Bit(2<<8 | 0x20)
	canEncipheredPIN = kernel.Bit(2<<8 | 0x10) // under an RSA key
	canNoCVM         = kernel.Bit(2<<8 | 0x08)
)

// The messages of Book 4, 11.2 that the stage shows.
const (
	msgIncorrectPIN kernel.Message = 0x0A
	msgPINOK        kernel.Message = 0x0D
)

// A CVM List is amounts X and Y, and rules of two bytes (Book 3, Annex C3).
const (
	amountX  = 0
	amountY  = 4
	rulesAt  = 8
	ruleSize = 2
)

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
	tagAmount       tlv.Tag = 0x9F02 // Amount, Authorised (Numeric)
	tagTryCounter   tlv.Tag = 0x9F17 // PIN Try Counter
	tagCapabilities tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults   tlv.Tag = 0x9F34 // CVM Results
	tagAppCurrency  tlv.Tag = 0x9F42 // Application Currency Code
)

const stage = "cardholder verification"

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

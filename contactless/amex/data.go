package amex

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 4 (C-4, Annex A).
const (
	tagTrack1       tlv.Tag = 0x56   // the pseudo track 1 of mag-stripe mode
	tagTrack2Eq     tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN          tlv.Tag = 0x5A   // Application PAN
	tagName         tlv.Tag = 0x5F20 // Cardholder Name
	tagExpiry       tlv.Tag = 0x5F24 // Application Expiration Date
	tagEffective    tlv.Tag = 0x5F25 // Application Effective Date
	tagIssuer       tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency     tlv.Tag = 0x5F2A // Transaction Currency Code
	tagPSN          tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP          tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName       tlv.Tag = 0x84   // Dedicated File Name
	tagARC          tlv.Tag = 0x8A   // Authorisation Response Code
	tagCDOL1        tlv.Tag = 0x8C   // Card Risk Management Data Object List 1
	tagCDOL2        tlv.Tag = 0x8D   // Card Risk Management Data Object List 2
	tagCVMList      tlv.Tag = 0x8E   // CVM List
	tagCAIndex      tlv.Tag = 0x8F   // Certification Authority Public Key Index
	tagIssuerAuth   tlv.Tag = 0x91   // Issuer Authentication Data
	tagAFL          tlv.Tag = 0x94   // Application File Locator
	tagTVR          tlv.Tag = 0x95   // Terminal Verification Results
	tagDate         tlv.Tag = 0x9A   // Transaction Date
	tagType         tlv.Tag = 0x9C   // Transaction Type
	tagAmount       tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther        tlv.Tag = 0x9F03 // Amount, Other
	tagAID          tlv.Tag = 0x9F06 // Application Identifier (terminal)
	tagVersion      tlv.Tag = 0x9F09 // Application Version Number (Terminal)
	tagIACDefault   tlv.Tag = 0x9F0D // Issuer Action Code - Default
	tagIACDenial    tlv.Tag = 0x9F0E // Issuer Action Code - Denial
	tagIACOnline    tlv.Tag = 0x9F0F // Issuer Action Code - Online
	tagIAD          tlv.Tag = 0x9F10 // Issuer Application Data
	tagMCC          tlv.Tag = 0x9F15 // Merchant Category Code
	tagTokenReq     tlv.Tag = 0x9F19 // Token Requestor ID
	tagCountry      tlv.Tag = 0x9F1A // Terminal Country Code
	tagPAR          tlv.Tag = 0x9F24 // Payment Account Reference
	tagLast4        tlv.Tag = 0x9F25 // Last 4 Digits of PAN
	tagCryptogram   tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID          tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagTermCap      tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults   tlv.Tag = 0x9F34 // CVM Results
	tagTermType     tlv.Tag = 0x9F35 // Terminal Type
	tagATC          tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN           tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL         tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagSDATagList   tlv.Tag = 0x9F4A // Static Data Authentication Tag List
	tagSDAD         tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagMerchant     tlv.Tag = 0x9F4E // Merchant Name and Location
	tagMembership   tlv.Tag = 0x9F5A // Membership Product Identifier
	tagMember       tlv.Tag = 0x9F5B // Product Membership Number
	tagFormFactor   tlv.Tag = 0x9F67 // Form Factor
	tagTrack2       tlv.Tag = 0x9F6B // the pseudo track 2 of mag-stripe mode
	tagReader       tlv.Tag = 0x9F6D // Contactless Reader Capabilities
	tagEnhanced     tlv.Tag = 0x9F6E // Enhanced Contactless Reader Capabilities
	tagCapabilities tlv.Tag = 0x9F70 // Card Interface and Payment Capabilities
	tagMobileCVM    tlv.Tag = 0x9F71 // Mobile CVM Results
)

// Contactless Reader Capabilities (9F6D; C-4, Annex A): b8 and b7 tell what the reader can do.
const (
	readerMode        = 0xC0                    // b8 and b7
	readerMagstripe   = 0x40                    // mag-stripe mode only
	readerBoth        = 0xC0                    // EMV mode and mag-stripe mode
	readerEMV         = kernel.Bit(1<<8 | 0x80) // EMV mode is among them
	readerCVMRequired = kernel.Bit(1<<8 | 0x08) // dynamic
)

// Enhanced Contactless Reader Capabilities (9F6E; C-4, Annex A).
const (
	enhancedContact     = kernel.Bit(1<<8 | 0x80) // contact mode supported
	enhancedMagstripe   = kernel.Bit(1<<8 | 0x40) // mag-stripe mode supported
	enhancedFullOnline  = kernel.Bit(1<<8 | 0x20) // EMV mode full online supported
	enhancedPartial     = kernel.Bit(1<<8 | 0x10) // EMV mode partial online supported
	enhancedMobile      = kernel.Bit(1<<8 | 0x08) // contactless mobile supported
	enhancedTryAnother  = kernel.Bit(1<<8 | 0x04) // try another interface after a decline
	enhancedMobileCVM   = kernel.Bit(2<<8 | 0x80) // mobile CVM supported
	enhancedOnlinePIN   = kernel.Bit(2<<8 | 0x40) // online PIN supported
	enhancedSignature   = kernel.Bit(2<<8 | 0x20) // signature supported
	enhancedOfflineOnly = kernel.Bit(3<<8 | 0x80) // the reader is offline only; dynamic
	enhancedCVMRequired = kernel.Bit(3<<8 | 0x40) // CVM required; dynamic
	enhancedExempt      = kernel.Bit(4<<8 | 0x80) // the terminal is exempt from No-CVM checks
	enhancedDelayed     = kernel.Bit(4<<8 | 0x40) // delayed authorisation terminal
	enhancedTransit     = kernel.Bit(4<<8 | 0x20) // transit terminal
	enhancedVersion     = 0x03                    // byte 4 b3 to b1: this version of the book
)

// Application Interchange Profile (82; C-4, Annex A), byte 2.
const (
	aipEMVMode = kernel.Bit(2<<8 | 0x80) // EMV mode and mag-stripe mode supported
	aipMobile  = kernel.Bit(2<<8 | 0x40) // contactless mobile supported: this is a phone or its like
)

// Card Interface and Payment Capabilities (9F70; C-4, Annex A).
const (
	cardContact        = kernel.Bit(1<<8 | 0x20) // contact EMV interface
	cardMobile         = kernel.Bit(1<<8 | 0x08) // mobile interface
	cardDelayedUsage   = kernel.Bit(2<<8 | 0x80) // delayed authorisation usage information present
	cardDelayedHome    = kernel.Bit(2<<8 | 0x40) // valid at domestic delayed authorisation terminals
	cardDelayedAbroad  = kernel.Bit(2<<8 | 0x20) // valid at international delayed authorisation terminals
	cardLimitSet       = 0x0F                    // byte 2 b4 to b1: the dynamic limit set
	cardLimitSetInByte = 1
)

// Mobile CVM Results (9F71; C-4, Annex A), of three bytes.
const (
	mobileMethod    = 0    // byte 1
	mobileResult    = 2    // byte 3
	mobilePerformed = 0x01 // byte 1: mobile CVM performed
	mobileFailed    = 0x01 // byte 3
	mobileSucceeded = 0x02 // byte 3
	mobileBlocked   = 0x03 // byte 3
)

// The stages, as reasons and events name them.
const (
	stageInitiate = "initiate application processing"
	stageRead     = "read application data"
	stageODA      = "offline data authentication"
	stageLimits   = "reader limits"
	stageRestrict = "processing restrictions"
	stageCVM      = "cardholder verification"
	stageRisk     = "terminal risk management"
	stageAction   = "terminal action analysis"
	stageGenerate = "generate AC"
	stageComplete = "completion"
	stageOnline   = "online processing"
)

package jcb

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 5 (C-5, Annex A).
const (
	tagTrack2       tlv.Tag = 0x57   // Track 2 Equivalent Data
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
	tagCVMList      tlv.Tag = 0x8E   // Cardholder Verification Method List
	tagCAIndex      tlv.Tag = 0x8F   // Certification Authority Public Key Index
	tagIssuerCert   tlv.Tag = 0x90   // Issuer Public Key Certificate
	tagIssuerAuth   tlv.Tag = 0x91   // Issuer Authentication Data
	tagIssuerRest   tlv.Tag = 0x92   // Issuer Public Key Remainder
	tagAFL          tlv.Tag = 0x94   // Application File Locator
	tagTVR          tlv.Tag = 0x95   // Terminal Verification Results
	tagDate         tlv.Tag = 0x9A   // Transaction Date
	tagType         tlv.Tag = 0x9C   // Transaction Type
	tagAmount       tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther        tlv.Tag = 0x9F03 // Amount, Other
	tagAID          tlv.Tag = 0x9F06 // Application Identifier - terminal
	tagAUC          tlv.Tag = 0x9F07 // Application Usage Control
	tagIAD          tlv.Tag = 0x9F10 // Issuer Application Data
	tagMCC          tlv.Tag = 0x9F15 // Merchant Category Code
	tagTokenReq     tlv.Tag = 0x9F19 // Token Requestor ID
	tagCountry      tlv.Tag = 0x9F1A // Terminal Country Code
	tagIFDSerial    tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagTrack1DD     tlv.Tag = 0x9F1F // Track 1 Discretionary Data
	tagTime         tlv.Tag = 0x9F21 // Transaction Time
	tagPAR          tlv.Tag = 0x9F24 // Payment Account Reference
	tagLast4        tlv.Tag = 0x9F25 // Last 4 Digits of PAN
	tagCryptogram   tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID          tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagIssuerExp    tlv.Tag = 0x9F32 // Issuer Public Key Exponent
	tagTermCap      tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults   tlv.Tag = 0x9F34 // CVM Results
	tagTermType     tlv.Tag = 0x9F35 // Terminal Type
	tagATC          tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN           tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL         tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode    tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagSequence     tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagICCCert      tlv.Tag = 0x9F46 // ICC Public Key Certificate
	tagICCExp       tlv.Tag = 0x9F47 // ICC Public Key Exponent
	tagSDAD         tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagMerchant     tlv.Tag = 0x9F4E // Merchant Name and Location
	tagCVStatus     tlv.Tag = 0x9F50 // Cardholder Verification Status
	tagCompatible   tlv.Tag = 0x9F52 // Terminal Compatibility Indicator
	tagTIP          tlv.Tag = 0x9F53 // Terminal Interchange Profile
	tagIssuerJCB    tlv.Tag = 0x9F57 // Issuer Country Code, JCB's own tag
	tagMDOL         tlv.Tag = 0x9F5C // Magstripe Data Object List
	tagBalance      tlv.Tag = 0x9F5F // Offline Balance
	tagIssuerUpdate tlv.Tag = 0x9F60 // Issuer Update Parameter
	tagDevice       tlv.Tag = 0x9F6E // Device Information
	tagExclusive    tlv.Tag = 0x9F7C // Customer Exclusive Data
)

// aipEMVMode is Application Interchange Profile byte 2 b8; without it the card is of Mag-stripe mode.
const aipEMVMode = kernel.Bit(2<<8 | 0x80)

// Terminal Compatibility Indicator (9F52).
const (
	compatibleMagstripe byte = 0x01
	compatibleEMV       byte = 0x02
)

// Terminal Interchange Profile (9F53; C-5, Annex A).
const (
	tipCVMRequired  = kernel.Bit(1<<8 | 0x80) // CVM required by reader; dynamic
	tipSignature    = kernel.Bit(1<<8 | 0x40) // signature supported
	tipOnlinePIN    = kernel.Bit(1<<8 | 0x20) // online PIN supported
	tipDeviceCVM    = kernel.Bit(1<<8 | 0x10) // on-device CVM supported
	tipTransit      = kernel.Bit(1<<8 | 0x04) // reader is a transit reader
	tipContactChip  = kernel.Bit(1<<8 | 0x02) // EMV contact chip supported
	tipIssuerUpdate = kernel.Bit(2<<8 | 0x80) // issuer update supported
)

// What a card chose in the Cardholder Verification Status (9F50): its left half, with the whole byte where it is no device.
const (
	statusNoCVM     byte = 0x00
	statusSignature byte = 0x10
	statusOnlinePIN byte = 0x20
	statusDevice    byte = 0x30 // 30 to 3F
)

// Issuer Update Parameter (9F60); absent is none.
const (
	updateHold   byte = 0x01 // present and hold
	updateSecond byte = 0x02 // two presentments
)

// The commands that only these cards have.
const (
	insGetMagstripeData byte = 0xD0
	insEcho             byte = 0xDF
)

// reserved is the one value of the CID that is no type of cryptogram (Book 3, table 14).
const reserved kernel.Cryptogram = 0xC0

// The stages, as reasons and events name them.
const (
	stageActivate  = "kernel activation"
	stageInitiate  = "initiate application processing"
	stageRead      = "read application data"
	stageRisk      = "terminal risk management"
	stageRestrict  = "processing restrictions"
	stageAction    = "terminal action analysis"
	stageGenerate  = "generate AC"
	stageODA       = "offline data authentication"
	stageCVM       = "cardholder verification"
	stageComplete  = "completion"
	stageMagstripe = "mag-stripe mode"
	stageLegacy    = "legacy mode"
	stageUpdate    = "issuer update processing"
	stageTorn      = "torn transaction recovery"
)

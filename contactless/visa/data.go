package visa

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 3 (C-3, Annex A).
const (
	tagTrack2       tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN          tlv.Tag = 0x5A   // Application PAN
	tagLabel        tlv.Tag = 0x50   // Application Label
	tagExpiry       tlv.Tag = 0x5F24 // Application Expiration Date
	tagIssuer       tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency     tlv.Tag = 0x5F2A // Transaction Currency Code
	tagPSN          tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP          tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName       tlv.Tag = 0x84   // Dedicated File Name
	tagAFL          tlv.Tag = 0x94   // Application File Locator
	tagSSAD         tlv.Tag = 0x93   // Signed Static Application Data
	tagTVR          tlv.Tag = 0x95   // Terminal Verification Results, all zero in this kernel
	tagDate         tlv.Tag = 0x9A   // Transaction Date
	tagType         tlv.Tag = 0x9C   // Transaction Type
	tagAmount       tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther        tlv.Tag = 0x9F03 // Amount, Other
	tagAUC          tlv.Tag = 0x9F07 // Application Usage Control
	tagIAD          tlv.Tag = 0x9F10 // Issuer Application Data
	tagTokenReq     tlv.Tag = 0x9F19 // Token Requestor ID
	tagCountry      tlv.Tag = 0x9F1A // Terminal Country Code
	tagIFDSerial    tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagPAR          tlv.Tag = 0x9F24 // Payment Account Reference
	tagLast4        tlv.Tag = 0x9F25 // Last 4 Digits of PAN
	tagCryptogram   tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID          tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagTermCap      tlv.Tag = 0x9F33 // Terminal Capabilities
	tagTermType     tlv.Tag = 0x9F35 // Terminal Type
	tagATC          tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN           tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL         tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode    tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagSequence     tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagSDAD         tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagICCDynamic   tlv.Tag = 0x9F4C // ICC Dynamic Number
	tagProgramID    tlv.Tag = 0x9F5A // Application Program Identifier
	tagScriptResult tlv.Tag = 0x9F5B // Issuer Script Results
	tagSpending     tlv.Tag = 0x9F5D // Available Offline Spending Amount
	tagTTQ          tlv.Tag = 0x9F66 // Terminal Transaction Qualifiers
	tagCARD         tlv.Tag = 0x9F69 // Card Authentication Related Data
	tagCTQ          tlv.Tag = 0x9F6C // Card Transaction Qualifiers
	tagFormFactor   tlv.Tag = 0x9F6E // Form Factor Indicator
	tagExclusive    tlv.Tag = 0x9F7C // Customer Exclusive Data
)

// Card Transaction Qualifiers (9F6C; C-3, Annex A).
const (
	ctqOnlinePIN              = kernel.Bit(1<<8 | 0x80) // online PIN required
	ctqSignature              = kernel.Bit(1<<8 | 0x40) // signature required
	ctqOnlineIfODAFails       = kernel.Bit(1<<8 | 0x20) // go online if ODA fails and the reader is online capable
	ctqSwitchIfODAFails       = kernel.Bit(1<<8 | 0x10) // switch interface if ODA fails and the reader supports contact chip
	ctqOnlineIfExpired        = kernel.Bit(1<<8 | 0x08) // go online if the application has expired
	ctqSwitchForCash          = kernel.Bit(1<<8 | 0x04) // switch interface for cash transactions
	ctqSwitchForCashback      = kernel.Bit(1<<8 | 0x02) // switch interface for cashback transactions
	ctqValidForATM            = kernel.Bit(1<<8 | 0x01) // valid for contactless ATM transactions
	ctqConsumerDeviceCVM      = kernel.Bit(2<<8 | 0x80) // consumer device CVM performed
	ctqIssuerUpdateAtPOS      = kernel.Bit(2<<8 | 0x40) // the card supports issuer update processing at the POS
	ctqCopyInCARD             = 5                       // where 9F69 of version 01 has its copy of the CTQ
	cardVersion          byte = 0x01                    // the one version of 9F69 that is accepted
)

// reserved is the one value of the CID that is no type of cryptogram (Book 3, table 14).
const reserved kernel.Cryptogram = 0xC0

// The stages, as reasons and events name them.
const (
	stageLimits   = "dynamic reader limits"
	stageInitiate = "initiate application processing"
	stageRead     = "read application data"
	stageData     = "card read complete"
	stageRestrict = "processing restrictions"
	stageODA      = "offline data authentication"
	stageCVM      = "cardholder verification"
	stageOnline   = "online processing"
	stageComplete = "completion"
	stageUpdate   = "issuer update processing"
)

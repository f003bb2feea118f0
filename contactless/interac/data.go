package interac

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of the kernel: those of Book 3, Annex A, and Interac's own from 9F58 on.
const (
	tagLabel       tlv.Tag = 0x50   // Application Label
	tagTrack2      tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN         tlv.Tag = 0x5A   // Application PAN
	tagExpiry      tlv.Tag = 0x5F24 // Application Expiration Date
	tagIssuer      tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency    tlv.Tag = 0x5F2A // Transaction Currency Code
	tagPSN         tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP         tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName      tlv.Tag = 0x84   // Dedicated File Name
	tagCDOL1       tlv.Tag = 0x8C   // Card Risk Management Data Object List 1
	tagCAIndex     tlv.Tag = 0x8F   // CA Public Key Index
	tagIssuerCert  tlv.Tag = 0x90   // Issuer Public Key Certificate
	tagAFL         tlv.Tag = 0x94   // Application File Locator
	tagTVR         tlv.Tag = 0x95   // Terminal Verification Results
	tagDate        tlv.Tag = 0x9A   // Transaction Date
	tagType        tlv.Tag = 0x9C   // Transaction Type
	tagAmount      tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther       tlv.Tag = 0x9F03 // Amount, Other
	tagAID         tlv.Tag = 0x9F06 // Application Identifier (Terminal)
	tagVersion     tlv.Tag = 0x9F09 // Application Version Number (Terminal)
	tagIAD         tlv.Tag = 0x9F10 // Issuer Application Data
	tagPreferred   tlv.Tag = 0x9F12 // Application Preferred Name
	tagCountry     tlv.Tag = 0x9F1A // Terminal Country Code
	tagFloorLimit  tlv.Tag = 0x9F1B // Terminal Floor Limit
	tagIFDSerial   tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagPAR         tlv.Tag = 0x9F24 // Payment Account Reference
	tagCryptogram  tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID         tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagIssuerExp   tlv.Tag = 0x9F32 // Issuer Public Key Exponent
	tagTermCap     tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults  tlv.Tag = 0x9F34 // CVM Results
	tagTermType    tlv.Tag = 0x9F35 // Terminal Type
	tagATC         tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN          tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL        tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode   tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagAddCap      tlv.Tag = 0x9F40 // Additional Terminal Capabilities
	tagSequence    tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagAppCurrency tlv.Tag = 0x9F42 // Application Currency Code
	tagICCCert     tlv.Tag = 0x9F46 // ICC Public Key Certificate
	tagICCExp      tlv.Tag = 0x9F47 // ICC Public Key Exponent
	tagSDAD        tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagMTI         tlv.Tag = 0x9F58 // Merchant Type Indicator
	tagTTI         tlv.Tag = 0x9F59 // Terminal Transaction Information
	tagTTT         tlv.Tag = 0x9F5A // Terminal Transaction Type
	tagReceipt     tlv.Tag = 0x9F5D // Terminal Contactless Receipt Required Limit
	tagTOS         tlv.Tag = 0x9F5E // Terminal Option Status
	tagTapFloor    tlv.Tag = 0x9F5F // Terminal Contactless Floor Limit
	tagProduct     tlv.Tag = 0x9F62 // Card Product Code
	tagCTI         tlv.Tag = 0x9F63 // Card Transaction Information
	tagFormFactor  tlv.Tag = 0x9F70 // Form Factor Indicator
)

// Terminal Transaction Information (9F59).
const (
	ttiDisplay          = kernel.Bit(1<<8 | 0x80) // the reader has a display
	ttiContactHere      = kernel.Bit(1<<8 | 0x40) // Interac contact application in this terminal
	ttiContactElsewhere = kernel.Bit(1<<8 | 0x20) // Interac contact application at another terminal
	ttiCDA              = kernel.Bit(1<<8 | 0x10) // CDA supported
	ttiOffline          = kernel.Bit(1<<8 | 0x08) // offline capable; otherwise online only
	ttiOnlinePIN        = kernel.Bit(1<<8 | 0x04) // online PIN supported
)

// Terminal Transaction Information byte 2, b8 and b7: the interfaces. Without either bit there are taps only.
const (
	ttiTapAndSwipe = 0x40
	ttiAll         = 0x80
	ttiTapAndChip  = 0xC0
)

// Terminal Option Status (9F5E): when a tap is to be the other interface's.
const (
	tosOtherCurrency    = kernel.Bit(1<<8 | 0x80) // the card's currency is another one
	tosOtherCountry     = kernel.Bit(1<<8 | 0x40) // the card is of another country
	tosDomesticCurrency = kernel.Bit(1<<8 | 0x20) // of this country, and another currency
)

// Terminal Transaction Type (9F5A).
const (
	tttPurchase = 0x00 // and all else
	tttRefund   = 0x01
)

// formFactorPhone is the Form Factor Indicator (9F70) of a mobile phone. '00' to '02' are cards and tags.
const formFactorPhone = 0x03

// The stages, as reasons and events name them.
const (
	stagePrepare  = "terminal transaction data"
	stageInitiate = "initiate application processing"
	stageRead     = "read application data"
	stageData     = "card data"
	stageDevice   = "form factor and limits"
	stageStatus   = "terminal option status"
	stageCVM      = "cardholder verification"
	stageRisk     = "terminal risk management"
	stageAction   = "terminal action analysis"
	stageGenerate = "generate AC"
	stageODA      = "offline data authentication"
	stageComplete = "completion"
)

package discover

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 6 (C-6, Annex A).
const (
	tagLabel      tlv.Tag = 0x50   // Application Label
	tagTrack1     tlv.Tag = 0x56   // Track 1 Data
	tagTrack2     tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN        tlv.Tag = 0x5A   // Application PAN
	tagName       tlv.Tag = 0x5F20 // Cardholder Name
	tagExpiry     tlv.Tag = 0x5F24 // Application Expiration Date
	tagEffective  tlv.Tag = 0x5F25 // Application Effective Date
	tagIssuer     tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency   tlv.Tag = 0x5F2A // Transaction Currency Code
	tagPSN        tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP        tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName     tlv.Tag = 0x84   // Dedicated File Name
	tagAFL        tlv.Tag = 0x94   // Application File Locator
	tagTVR        tlv.Tag = 0x95   // Terminal Verification Results
	tagDate       tlv.Tag = 0x9A   // Transaction Date
	tagTSI        tlv.Tag = 0x9B   // Transaction Status Information
	tagType       tlv.Tag = 0x9C   // Transaction Type
	tagBalance    tlv.Tag = 0xD1   // Offline Balance
	tagAmount     tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther      tlv.Tag = 0x9F03 // Amount, Other
	tagAID        tlv.Tag = 0x9F06 // Application Identifier - terminal
	tagAUC        tlv.Tag = 0x9F07 // Application Usage Control
	tagVersion    tlv.Tag = 0x9F08 // Application Version Number - card
	tagTermVer    tlv.Tag = 0x9F09 // Application Version Number - terminal
	tagIAD        tlv.Tag = 0x9F10 // Issuer Application Data
	tagMCC        tlv.Tag = 0x9F15 // Merchant Category Code
	tagTokenReq   tlv.Tag = 0x9F19 // Token Requestor ID
	tagCountry    tlv.Tag = 0x9F1A // Terminal Country Code
	tagFloorLimit tlv.Tag = 0x9F1B // Terminal Floor Limit
	tagIFDSerial  tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagTrack1DD   tlv.Tag = 0x9F1F // Track 1 Discretionary Data
	tagPAR        tlv.Tag = 0x9F24 // Payment Account Reference
	tagCryptogram tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID        tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagTermCap    tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults tlv.Tag = 0x9F34 // CVM Results
	tagTermType   tlv.Tag = 0x9F35 // Terminal Type
	tagATC        tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN         tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL       tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode  tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagSequence   tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagSDAD       tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagCVR        tlv.Tag = 0x9F53 // Contactless Card Verification Results
	tagTTQ        tlv.Tag = 0x9F66 // Terminal Transaction Qualifiers
	tagFormFactor tlv.Tag = 0x9F6E // Form Factor Indicator
	tagCPR        tlv.Tag = 0x9F71 // Card Processing Requirements
	tagMSVersion  tlv.Tag = 0x9F7D // Mag-stripe Mode Application Version Number
	tagDCVV       tlv.Tag = 0x9F7E // Dynamic Card Verification Value
)

// Card Processing Requirements (9F71; C-6, Annex A).
const (
	cprOnlinePIN          = kernel.Bit(1<<8 | 0x80) // online PIN required
	cprSignature          = kernel.Bit(1<<8 | 0x40) // signature required
	cprPIDLimit           = kernel.Bit(1<<8 | 0x20) // PID limit reached, loyalty transaction approved
	cprConsumerDeviceCVM  = kernel.Bit(1<<8 | 0x10) // consumer device CVM performed
	cprSwitchIfOffline    = kernel.Bit(2<<8 | 0x80) // switch interface if unable to process online
	cprOnlineIfCDAFails   = kernel.Bit(2<<8 | 0x40) // process online if CDA failed
	cprSwitchIfCDAFails   = kernel.Bit(2<<8 | 0x20) // decline or switch interface if CDA failed
	cprIssuerUpdate       = kernel.Bit(2<<8 | 0x10) // issuer update processing supported
	cprOnlineIfExpired    = kernel.Bit(2<<8 | 0x08) // process online if the card expired
	cprDeclineIfExpired   = kernel.Bit(2<<8 | 0x04) // decline if the card expired
	cprFallbackSignature  = kernel.Bit(2<<8 | 0x02) // CVM fallback to signature allowed
	cprFallbackNoCVM      = kernel.Bit(2<<8 | 0x01) // CVM fallback to No CVM allowed
	cvrConfirmed          = kernel.Bit(2<<8 | 0x02) // 9F53: confirmation code verification performed
	cvrConfirmationFailed = kernel.Bit(2<<8 | 0x01) // 9F53: confirmation code verification performed and failed
)

// reserved is the one value of the CID that is no type of cryptogram (Book 3, table 14).
const reserved kernel.Cryptogram = 0xC0

// Where the Contactless Card Verification Results stand in the Issuer Application Data (C-6, Annex A).
const (
	cvrFrom = 2
	cvrTo   = 10
)

// zipRID is the RID of the legacy mag-stripe application.
var zipRID = [...]byte{0xA0, 0x00, 0x00, 0x03, 0x24}

// The stages, as reasons and events name them.
const (
	stageActivate  = "kernel activation"
	stageInitiate  = "initiate application processing"
	stageRead      = "read application data"
	stageODA       = "offline data authentication"
	stageCVM       = "cardholder verification"
	stageRestrict  = "processing restrictions"
	stageAction    = "terminal action analysis"
	stageComplete  = "completion"
	stageUpdate    = "issuer update processing"
	stageMagstripe = "mag-stripe mode"
)

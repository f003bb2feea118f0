package unionpay

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 7 (C-7, Annex A).
const (
	tagLabel       tlv.Tag = 0x50   // Application Label
	tagTrack2      tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN         tlv.Tag = 0x5A   // Application PAN
	tagName        tlv.Tag = 0x5F20 // Cardholder Name
	tagExpiry      tlv.Tag = 0x5F24 // Application Expiration Date
	tagEffective   tlv.Tag = 0x5F25 // Application Effective Date
	tagIssuer      tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency    tlv.Tag = 0x5F2A // Transaction Currency Code
	tagPSN         tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP         tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName      tlv.Tag = 0x84   // Dedicated File Name
	tagIssuerCert  tlv.Tag = 0x90   // Issuer Public Key Certificate
	tagAFL         tlv.Tag = 0x94   // Application File Locator
	tagTVR         tlv.Tag = 0x95   // Terminal Verification Results, all zero in this kernel
	tagDate        tlv.Tag = 0x9A   // Transaction Date
	tagType        tlv.Tag = 0x9C   // Transaction Type
	tagAmount      tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther       tlv.Tag = 0x9F03 // Amount, Other
	tagAID         tlv.Tag = 0x9F06 // Application Identifier
	tagAUC         tlv.Tag = 0x9F07 // Application Usage Control
	tagVersion     tlv.Tag = 0x9F08 // Application Version Number of the card
	tagTermVersion tlv.Tag = 0x9F09 // Application Version Number of the terminal
	tagIAD         tlv.Tag = 0x9F10 // Issuer Application Data
	tagTokenReq    tlv.Tag = 0x9F19 // Token Requestor ID
	tagCountry     tlv.Tag = 0x9F1A // Terminal Country Code
	tagIFDSerial   tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagTime        tlv.Tag = 0x9F21 // Transaction Time
	tagPAR         tlv.Tag = 0x9F24 // Payment Account Reference
	tagLast4       tlv.Tag = 0x9F25 // Last 4 Digits of PAN
	tagCryptogram  tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID         tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagTermCap     tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults  tlv.Tag = 0x9F34 // CVM Results, for the host only
	tagTermType    tlv.Tag = 0x9F35 // Terminal Type
	tagATC         tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN          tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL        tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode   tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagSequence    tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagMerchant    tlv.Tag = 0x9F4E // Merchant Name and Location
	tagSDAD        tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagAvailable   tlv.Tag = 0x9F5D // Available Offline Amount
	tagProduct     tlv.Tag = 0x9F63 // Product Identification Information
	tagTTQ         tlv.Tag = 0x9F66 // Terminal Transaction Qualifiers
	tagCARD        tlv.Tag = 0x9F69 // Card Authentication Related Data
	tagCTQ         tlv.Tag = 0x9F6C // Card Transaction Qualifiers
	tagFormFactor  tlv.Tag = 0x9F6E // Form Factor Indicator
	tagECIssuer    tlv.Tag = 0x9F74 // Electronic Cash Issuer Authorisation Code
	tagECBalance   tlv.Tag = 0x9F79 // Electronic Cash Balance
	tagExclusive   tlv.Tag = 0x9F7C // Customer Exclusive Data
	tagExtended    tlv.Tag = 0xDF60 // CAPP Transaction Indicator: an extended application
	tagFunctions   tlv.Tag = 0xDF61 // Card Additional Function Indicator
	tagSM          tlv.Tag = 0xDF69 // SM Algorithm Support Indicator
)

// Card Transaction Qualifiers (9F6C; C-7, Annex A), of which C-3 has the same table.
const (
	ctqOnlinePIN         = kernel.Bit(1<<8 | 0x80) // online PIN required
	ctqSignature         = kernel.Bit(1<<8 | 0x40) // signature required
	ctqOnlineIfODAFails  = kernel.Bit(1<<8 | 0x20) // go online if ODA fails and the reader is online capable
	ctqSwitchIfODAFails  = kernel.Bit(1<<8 | 0x10) // switch interface if ODA fails and the reader supports contact chip
	ctqOnlineIfExpired   = kernel.Bit(1<<8 | 0x08) // go online if the application has expired
	ctqSwitchForCash     = kernel.Bit(1<<8 | 0x04) // switch interface for cash transactions
	ctqSwitchForCashback = kernel.Bit(1<<8 | 0x02) // switch interface for cashback transactions
	ctqConsumerDeviceCVM = kernel.Bit(2<<8 | 0x80) // consumer device CVM performed
)

// functionOnlineODA is the bit of DF61 by which a card says that it signs for online transactions. Which one it is no public
// text says.
const functionOnlineODA = kernel.Bit(1<<8 | 0x80)

// Card Authentication Related Data (9F69): version, unpredictable number of the card, copy of the CTQ.
const (
	version00     byte = 0x00 // of cards before application version 0030
	version01     byte = 0x01
	ctqCopyInCARD      = 5
)

// defaultVersion is the Application Version Number (9F09) of a terminal that has none configured, and the first of cards
// whose fDDA is of version 01.
var defaultVersion = [...]byte{0x00, 0x30}

// A certificate of the algorithms SM2 and SM3 (JR/T 0025.17): its format, and where it names its algorithm. It is no RSA
// block but plain fields with a signature behind them.
const (
	smFormat      byte = 0x12
	smAlgorithm   byte = 0x04
	smAlgorithmAt      = 10
)

// reserved is the one value of the CID that is no type of cryptogram (Book 3, table 14).
const reserved kernel.Cryptogram = 0xC0

// The stages, as reasons and events name them.
const (
	stageActivate = "kernel activation"
	stageInitiate = "initiate application processing"
	stageRead     = "read application data"
	stageData     = "card read complete"
	stageRestrict = "processing restrictions"
	stageCVM      = "cardholder verification"
	stageODA      = "offline data authentication"
	stageComplete = "completion"
)

package mastercard

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of Kernel 2 (C-2, Annex A).
const (
	tagLabel         tlv.Tag = 0x50     // Application Label
	tagTrack1        tlv.Tag = 0x56     // Track 1 Data
	tagTrack2Eq      tlv.Tag = 0x57     // Track 2 Equivalent Data
	tagPAN           tlv.Tag = 0x5A     // Application PAN
	tagExpiry        tlv.Tag = 0x5F24   // Application Expiration Date
	tagEffective     tlv.Tag = 0x5F25   // Application Effective Date
	tagIssuer        tlv.Tag = 0x5F28   // Issuer Country Code
	tagCurrency      tlv.Tag = 0x5F2A   // Transaction Currency Code
	tagLanguage      tlv.Tag = 0x5F2D   // Language Preference
	tagPSN           tlv.Tag = 0x5F34   // Application PAN Sequence Number
	tagAIP           tlv.Tag = 0x82     // Application Interchange Profile
	tagDFName        tlv.Tag = 0x84     // Dedicated File Name
	tagCDOL1         tlv.Tag = 0x8C     // Card Risk Management Data Object List 1
	tagCVMList       tlv.Tag = 0x8E     // CVM List
	tagCAIndex       tlv.Tag = 0x8F     // Certification Authority Public Key Index
	tagIssuerCert    tlv.Tag = 0x90     // Issuer Public Key Certificate
	tagAFL           tlv.Tag = 0x94     // Application File Locator
	tagTVR           tlv.Tag = 0x95     // Terminal Verification Results
	tagDate          tlv.Tag = 0x9A     // Transaction Date
	tagType          tlv.Tag = 0x9C     // Transaction Type
	tagAmount        tlv.Tag = 0x9F02   // Amount, Authorised
	tagOther         tlv.Tag = 0x9F03   // Amount, Other
	tagAUC           tlv.Tag = 0x9F07   // Application Usage Control
	tagVersionCard   tlv.Tag = 0x9F08   // Application Version Number (Card)
	tagVersionReader tlv.Tag = 0x9F09   // Application Version Number (Reader)
	tagIACDefault    tlv.Tag = 0x9F0D   // Issuer Action Code - Default
	tagIACDenial     tlv.Tag = 0x9F0E   // Issuer Action Code - Denial
	tagIACOnline     tlv.Tag = 0x9F0F   // Issuer Action Code - Online
	tagIAD           tlv.Tag = 0x9F10   // Issuer Application Data
	tagCodeTable     tlv.Tag = 0x9F11   // Issuer Code Table Index
	tagPreferredName tlv.Tag = 0x9F12   // Application Preferred Name
	tagCountry       tlv.Tag = 0x9F1A   // Terminal Country Code
	tagTRMD          tlv.Tag = 0x9F1D   // Terminal Risk Management Data
	tagIFDSerial     tlv.Tag = 0x9F1E   // Interface Device Serial Number
	tagTime          tlv.Tag = 0x9F21   // Transaction Time
	tagPAR           tlv.Tag = 0x9F24   // Payment Account Reference
	tagCryptogram    tlv.Tag = 0x9F26   // Application Cryptogram
	tagCID           tlv.Tag = 0x9F27   // Cryptogram Information Data
	tagIssuerExp     tlv.Tag = 0x9F32   // Issuer Public Key Exponent
	tagTermCap       tlv.Tag = 0x9F33   // Terminal Capabilities
	tagCVMResults    tlv.Tag = 0x9F34   // CVM Results
	tagTermType      tlv.Tag = 0x9F35   // Terminal Type
	tagATC           tlv.Tag = 0x9F36   // Application Transaction Counter
	tagUN            tlv.Tag = 0x9F37   // Unpredictable Number
	tagPDOL          tlv.Tag = 0x9F38   // Processing Options Data Object List
	tagAddCap        tlv.Tag = 0x9F40   // Additional Terminal Capabilities
	tagAppCurrency   tlv.Tag = 0x9F42   // Application Currency Code
	tagICCCert       tlv.Tag = 0x9F46   // ICC Public Key Certificate
	tagICCExp        tlv.Tag = 0x9F47   // ICC Public Key Exponent
	tagSDATagList    tlv.Tag = 0x9F4A   // Static Data Authentication Tag List
	tagSDAD          tlv.Tag = 0x9F4B   // Signed Dynamic Application Data
	tagBalance       tlv.Tag = 0x9F50   // Offline Accumulator Balance
	tagDRDOL         tlv.Tag = 0x9F51   // DRDOL
	tagCategory      tlv.Tag = 0x9F53   // Transaction Category Code
	tagODSCard       tlv.Tag = 0x9F54   // DS ODS Card
	tagDSDOL         tlv.Tag = 0x9F5B   // DSDOL
	tagOperator      tlv.Tag = 0x9F5C   // DS Requested Operator ID
	tagCapabilities  tlv.Tag = 0x9F5D   // Application Capabilities Information
	tagDSID          tlv.Tag = 0x9F5E   // DS ID
	tagSlots         tlv.Tag = 0x9F5F   // DS Slot Availability
	tagCVC3Track1    tlv.Tag = 0x9F60   // CVC3 (Track1)
	tagCVC3Track2    tlv.Tag = 0x9F61   // CVC3 (Track2)
	tagPCVC3Track1   tlv.Tag = 0x9F62   // PCVC3 (Track1)
	tagPUNATCTrack1  tlv.Tag = 0x9F63   // PUNATC (Track1)
	tagNATCTrack1    tlv.Tag = 0x9F64   // NATC (Track1)
	tagPCVC3Track2   tlv.Tag = 0x9F65   // PCVC3 (Track2)
	tagPUNATCTrack2  tlv.Tag = 0x9F66   // PUNATC (Track2)
	tagNATCTrack2    tlv.Tag = 0x9F67   // NATC (Track2)
	tagUDOL          tlv.Tag = 0x9F69   // UDOL
	tagUNNumeric     tlv.Tag = 0x9F6A   // Unpredictable Number (Numeric)
	tagTrack2        tlv.Tag = 0x9F6B   // Track 2 Data
	tagMSVersion     tlv.Tag = 0x9F6D   // Mag-stripe Application Version Number (Reader)
	tagThirdParty    tlv.Tag = 0x9F6E   // Third Party Data
	tagSlotControl   tlv.Tag = 0x9F6F   // DS Slot Management Control
	tagMerchantData  tlv.Tag = 0x9F7C   // Merchant Custom Data
	tagSummary1      tlv.Tag = 0x9F7D   // DS Summary 1
	tagMobileSupport tlv.Tag = 0x9F7E   // Mobile Support Indicator
	tagDSUN          tlv.Tag = 0x9F7F   // DS Unpredictable Number
	tagPCII          tlv.Tag = 0xDF4B   // POS Cardholder Interaction Information
	tagDSInputCard   tlv.Tag = 0xDF60   // DS Input (Card)
	tagDSDigest      tlv.Tag = 0xDF61   // DS Digest H
	tagODSInfo       tlv.Tag = 0xDF62   // DS ODS Info
	tagODSTerm       tlv.Tag = 0xDF63   // DS ODS Term
	tagSummary2      tlv.Tag = 0xDF8101 // DS Summary 2
	tagSummary3      tlv.Tag = 0xDF8102 // DS Summary 3
	tagBalanceBefore tlv.Tag = 0xDF8104 // Balance Read Before Gen AC
	tagBalanceAfter  tlv.Tag = 0xDF8105 // Balance Read After Gen AC
	tagCDOL1Data     tlv.Tag = 0xDF8107 // CDOL1 Related Data
	tagDSACType      tlv.Tag = 0xDF8108 // DS AC Type
	tagDSInputTerm   tlv.Tag = 0xDF8109 // DS Input (Term)
	tagODSReader     tlv.Tag = 0xDF810A // DS ODS Info For Reader
	tagSumStatus     tlv.Tag = 0xDF810B // DS Summary Status
	tagKernelID      tlv.Tag = 0xDF810C // Kernel ID
	tagDSVNTerm      tlv.Tag = 0xDF810D // DSVN Term
	tagPostStatus    tlv.Tag = 0xDF810E // Post-Gen AC Put Data Status
	tagPreStatus     tlv.Tag = 0xDF810F // Pre-Gen AC Put Data Status
	tagProceed       tlv.Tag = 0xDF8110 // Proceed To First Write Flag
	tagPDOLData      tlv.Tag = 0xDF8111 // PDOL Related Data
	tagTagsToRead    tlv.Tag = 0xDF8112 // Tags To Read
	tagDRDOLData     tlv.Tag = 0xDF8113 // DRDOL Related Data
	tagRefControl    tlv.Tag = 0xDF8114 // Reference Control Parameter
	tagError         tlv.Tag = 0xDF8115 // Error Indication
	tagUIRequest     tlv.Tag = 0xDF8116 // User Interface Request Data
	tagInputCap      tlv.Tag = 0xDF8117 // Card Data Input Capability
	tagCVMRequired   tlv.Tag = 0xDF8118 // CVM Capability - CVM Required
	tagCVMNot        tlv.Tag = 0xDF8119 // CVM Capability - No CVM Required
	tagDefaultUDOL   tlv.Tag = 0xDF811A // Default UDOL
	tagKernelConfig  tlv.Tag = 0xDF811B // Kernel Configuration
	tagTornLifetime  tlv.Tag = 0xDF811C // Max Lifetime of Torn Transaction Log Record
	tagTornRecords   tlv.Tag = 0xDF811D // Max Number of Torn Transaction Log Records
	tagMSCVMRequired tlv.Tag = 0xDF811E // Mag-stripe CVM Capability - CVM Required
	tagSecurityCap   tlv.Tag = 0xDF811F // Security Capability
	tagTACDefault    tlv.Tag = 0xDF8120 // Terminal Action Code - Default
	tagTACDenial     tlv.Tag = 0xDF8121 // Terminal Action Code - Denial
	tagTACOnline     tlv.Tag = 0xDF8122 // Terminal Action Code - Online
	tagFloorLimit    tlv.Tag = 0xDF8123 // Reader Contactless Floor Limit
	tagLimit         tlv.Tag = 0xDF8124 // Reader Contactless Transaction Limit (No On-device CVM)
	tagLimitDevice   tlv.Tag = 0xDF8125 // Reader Contactless Transaction Limit (On-device CVM)
	tagCVMLimit      tlv.Tag = 0xDF8126 // Reader CVM Required Limit
	tagTimeOut       tlv.Tag = 0xDF8127 // Time Out Value
	tagIDSStatus     tlv.Tag = 0xDF8128 // IDS Status
	tagOutcome       tlv.Tag = 0xDF8129 // Outcome Parameter Set
	tagDDCardTrack1  tlv.Tag = 0xDF812A // DD Card (Track1)
	tagDDCardTrack2  tlv.Tag = 0xDF812B // DD Card (Track2)
	tagMSCVMNot      tlv.Tag = 0xDF812C // Mag-stripe CVM Capability - No CVM Required
	tagMessageHold   tlv.Tag = 0xDF812D // Message Hold Time
	tagHoldTime      tlv.Tag = 0xDF8130 // Hold Time Value
	tagPhoneMessages tlv.Tag = 0xDF8131 // Phone Message Table
	tagGraceMin      tlv.Tag = 0xDF8132 // Minimum Relay Resistance Grace Period
	tagGraceMax      tlv.Tag = 0xDF8133 // Maximum Relay Resistance Grace Period
	tagTermCAPDU     tlv.Tag = 0xDF8134 // Terminal Expected Transmission Time For Relay Resistance C-APDU
	tagTermRAPDU     tlv.Tag = 0xDF8135 // Terminal Expected Transmission Time For Relay Resistance R-APDU
	tagAccuracy      tlv.Tag = 0xDF8136 // Relay Resistance Accuracy Threshold
	tagMismatch      tlv.Tag = 0xDF8137 // Relay Resistance Transmission Time Mismatch Threshold
	tagTermEntropy   tlv.Tag = 0xDF8301 // Terminal Relay Resistance Entropy
	tagDeviceEntropy tlv.Tag = 0xDF8302 // Device Relay Resistance Entropy
	tagMinTime       tlv.Tag = 0xDF8303 // Min Time For Processing Relay Resistance APDU
	tagMaxTime       tlv.Tag = 0xDF8304 // Max Time For Processing Relay Resistance APDU
	tagDeviceRAPDU   tlv.Tag = 0xDF8305 // Device Estimated Transmission Time For Relay Resistance R-APDU
	tagMeasured      tlv.Tag = 0xDF8306 // Measured Relay Resistance Processing Time
	tagRRPCounter    tlv.Tag = 0xDF8307 // RRP Counter
	tagTornRecord    tlv.Tag = 0xFF8101 // Torn Record
	tagWriteBefore   tlv.Tag = 0xFF8102 // Tags To Write Before Gen AC
	tagWriteAfter    tlv.Tag = 0xFF8103 // Tags To Write After Gen AC
	tagDataRecord    tlv.Tag = 0xFF8105 // Data Record
	tagDiscretionary tlv.Tag = 0xFF8106 // Discretionary Data
)

// Application Interchange Profile (82; C-2, Annex A).
const (
	aipDeviceCVM = kernel.Bit(1<<8 | 0x02) // on-device cardholder verification is supported
	aipEMVMode   = kernel.Bit(2<<8 | 0x80)
	aipRRP       = kernel.Bit(2<<8 | 0x01)
)

// Kernel Configuration (DF811B; C-2, Annex A).
const (
	configNoMagstripe = kernel.Bit(1<<8 | 0x80) // mag-stripe mode not supported
	configNoEMVMode   = kernel.Bit(1<<8 | 0x40) // EMV mode not supported
	configDeviceCVM   = kernel.Bit(1<<8 | 0x20) // on-device cardholder verification supported
	configRRP         = kernel.Bit(1<<8 | 0x10) // relay resistance protocol supported
	configReadAll     = kernel.Bit(1<<8 | 0x04) // read all records even when no CDA
)

// Terminal Verification Results (95; C-2, Annex A): the bits that only this kernel has.
const (
	tvrRRThreshold     = kernel.Bit(5<<8 | 0x08) // relay resistance threshold exceeded
	tvrRRTimeLimits    = kernel.Bit(5<<8 | 0x04) // relay resistance time limits exceeded
	tvrRRPPerformed    = kernel.Bit(5<<8 | 0x02) // b2-1: 10
	tvrRRPNotPerformed = kernel.Bit(5<<8 | 0x01) // b2-1: 01
)

// Other bits (C-2, Annex A).
const (
	capabilityFieldOff = kernel.Bit(2<<8 | 0x04) // 9F5D: support for field off detection
	capabilityBalance  = kernel.Bit(2<<8 | 0x02) // 9F5D: support for balance reading
	capabilityCDAOnAAC = kernel.Bit(2<<8 | 0x01) // 9F5D: CDA supported over TC, ARQC and AAC
	mobileCVMRequired  = kernel.Bit(1<<8 | 0x02) // 9F7E: on-device CVM required
	refControlCDA      = 0x10                    // DF8114: CDA signature requested
)

// Integrated data storage (C-2, Annex A).
const (
	idsStatusRead   = 0x80                    // DF8128
	idsStatusWrite  = 0x40                    //
	sumStatusRead   = 0x80                    // DF810B: successful read
	sumStatusWrite  = 0x40                    // successful write
	slotPermanent   = kernel.Bit(1<<8 | 0x80) // 9F6F: permanent slot type
	slotLocked      = kernel.Bit(1<<8 | 0x10) // 9F6F: locked slot
	odsVolatile     = kernel.Bit(1<<8 | 0x40) // DF62: volatile slot type
	readerForARQC   = kernel.Bit(1<<8 | 0x40) // DF810A: usable for ARQC
	readerForAAC    = kernel.Bit(1<<8 | 0x20) // DF810A: usable for AAC
	readerStopNone  = kernel.Bit(1<<8 | 0x04) // DF810A: stop if no DS ODS Term
	readerStopWrite = kernel.Bit(1<<8 | 0x02) // DF810A: stop if write failed
)

// POS Cardholder Interaction Information (DF4B; C-2, Annex A).
const pciiVerified = kernel.Bit(2<<8 | 0x10) // offline CVM verification successful

// The stages, as reasons and events name them.
const (
	stageIdle      = "initialisation"
	stageInitiate  = "initiate application processing"
	stageRelay     = "relay resistance"
	stageRead      = "read application data"
	stageData      = "card data"
	stageBalance   = "balance reading"
	stageRestrict  = "processing restrictions"
	stageCVM       = "cvm selection"
	stageAction    = "terminal action analysis"
	stageGenerate  = "generate ac"
	stageRecover   = "torn transaction recovery"
	stageODA       = "combined data authentication"
	stageComplete  = "completion"
	stageMagstripe = "mag-stripe mode"
	stageExchange  = "data exchange"
	stageStorage   = "integrated data storage"
)

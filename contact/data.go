package contact

import "github.com/cardwright/emv/tlv"

// The data objects of contact processing (Book 3, Annex A).
const (
	tagLabel      tlv.Tag = 0x50   // Application Label
	tagTrack2     tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN        tlv.Tag = 0x5A   // Application PAN
	tagExpiry     tlv.Tag = 0x5F24 // Application Expiration Date
	tagCurrency   tlv.Tag = 0x5F2A // Transaction Currency Code
	tagLanguage   tlv.Tag = 0x5F2D // Language Preference
	tagPSN        tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagExponent   tlv.Tag = 0x5F36 // Transaction Currency Exponent
	tagAccount    tlv.Tag = 0x5F57 // Account Type
	tagFCI        tlv.Tag = 0x6F   // FCI Template
	tagAmountBin  tlv.Tag = 0x81   // Amount, Authorised (Binary)
	tagAIP        tlv.Tag = 0x82   // Application Interchange Profile
	tagDFName     tlv.Tag = 0x84   // Dedicated File Name
	tagPriority   tlv.Tag = 0x87   // Application Priority Indicator
	tagSFI        tlv.Tag = 0x88   // Short File Identifier
	tagARC        tlv.Tag = 0x8A   // Authorisation Response Code
	tagAuthCode   tlv.Tag = 0x89   // Authorisation Code
	tagCDOL1      tlv.Tag = 0x8C   // Card Risk Management Data Object List 1
	tagCDOL2      tlv.Tag = 0x8D   // Card Risk Management Data Object List 2
	tagIssuerAuth tlv.Tag = 0x91   // Issuer Authentication Data
	tagAFL        tlv.Tag = 0x94   // Application File Locator
	tagTVR        tlv.Tag = 0x95   // Terminal Verification Results
	tagTDOL       tlv.Tag = 0x97   // Transaction Certificate Data Object List
	tagTCHash     tlv.Tag = 0x98   // Transaction Certificate Hash Value
	tagDate       tlv.Tag = 0x9A   // Transaction Date
	tagTSI        tlv.Tag = 0x9B   // Transaction Status Information
	tagType       tlv.Tag = 0x9C   // Transaction Type
	tagAmount     tlv.Tag = 0x9F02 // Amount, Authorised
	tagOther      tlv.Tag = 0x9F03 // Amount, Other
	tagOtherBin   tlv.Tag = 0x9F04 // Amount, Other (Binary)
	tagAID        tlv.Tag = 0x9F06 // Application Identifier - terminal
	tagAppVersion tlv.Tag = 0x9F09 // Application Version Number - terminal
	tagIAD        tlv.Tag = 0x9F10 // Issuer Application Data
	tagCodeTable  tlv.Tag = 0x9F11 // Issuer Code Table Index
	tagPreferred  tlv.Tag = 0x9F12 // Application Preferred Name
	tagCountry    tlv.Tag = 0x9F1A // Terminal Country Code
	tagFloorLimit tlv.Tag = 0x9F1B // Terminal Floor Limit
	tagIFDSerial  tlv.Tag = 0x9F1E // Interface Device Serial Number
	tagTime       tlv.Tag = 0x9F21 // Transaction Time
	tagCryptogram tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID        tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagTermCap    tlv.Tag = 0x9F33 // Terminal Capabilities
	tagCVMResults tlv.Tag = 0x9F34 // CVM Results
	tagTermType   tlv.Tag = 0x9F35 // Terminal Type
	tagATC        tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN         tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL       tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagEntryMode  tlv.Tag = 0x9F39 // Point-of-Service Entry Mode
	tagAddCap     tlv.Tag = 0x9F40 // Additional Terminal Capabilities
	tagSequence   tlv.Tag = 0x9F41 // Transaction Sequence Counter
	tagDDOL       tlv.Tag = 0x9F49 // Dynamic Data Authentication Data Object List
	tagSDAD       tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagScripts    tlv.Tag = 0x9F5B // Issuer Script Results
)

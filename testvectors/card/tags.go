package card

import "github.com/cardwright/emv/tlv"

// The data objects of every card (Book 3, Annex A; Book B, 3.3).
const (
	tagADFName         tlv.Tag = 0x4F   // Application Dedicated File Name
	tagLabel           tlv.Tag = 0x50   // Application Label
	tagTrack2          tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN             tlv.Tag = 0x5A   // Application PAN
	tagEntry           tlv.Tag = 0x61   // Directory Entry
	tagFCI             tlv.Tag = 0x6F   // File Control Information Template
	tagRecord          tlv.Tag = 0x70   // record template
	tagFormat2         tlv.Tag = 0x77   // Response Message Template Format 2
	tagAIP             tlv.Tag = 0x82   // Application Interchange Profile
	tagCommandTemplate tlv.Tag = 0x83   // Command Template
	tagDFName          tlv.Tag = 0x84   // Dedicated File Name
	tagPriority        tlv.Tag = 0x87   // Application Priority Indicator
	tagCAIndex         tlv.Tag = 0x8F   // Certification Authority Public Key Index
	tagIssuerCert      tlv.Tag = 0x90   // Issuer Public Key Certificate
	tagIssuerRemainder tlv.Tag = 0x92   // Issuer Public Key Remainder
	tagSSAD            tlv.Tag = 0x93   // Signed Static Application Data
	tagAFL             tlv.Tag = 0x94   // Application File Locator
	tagProprietary     tlv.Tag = 0xA5   // FCI Proprietary Template
	tagName            tlv.Tag = 0x5F20 // Cardholder Name
	tagExpiry          tlv.Tag = 0x5F24 // Application Expiration Date
	tagEffective       tlv.Tag = 0x5F25 // Application Effective Date
	tagIssuerCountry   tlv.Tag = 0x5F28 // Issuer Country Code
	tagCurrency        tlv.Tag = 0x5F2A // Transaction Currency Code
	tagLanguage        tlv.Tag = 0x5F2D // Language Preference
	tagPSN             tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAmount          tlv.Tag = 0x9F02 // Amount, Authorised
	tagUsage           tlv.Tag = 0x9F07 // Application Usage Control
	tagIAD             tlv.Tag = 0x9F10 // Issuer Application Data
	tagCodeTable       tlv.Tag = 0x9F11 // Issuer Code Table Index
	tagPreferredName   tlv.Tag = 0x9F12 // Application Preferred Name
	tagTokenRequestor  tlv.Tag = 0x9F19 // Token Requestor ID
	tagPAR             tlv.Tag = 0x9F24 // Payment Account Reference
	tagLastFour        tlv.Tag = 0x9F25 // Last 4 Digits of PAN
	tagCryptogram      tlv.Tag = 0x9F26 // Application Cryptogram
	tagCID             tlv.Tag = 0x9F27 // Cryptogram Information Data
	tagKernel          tlv.Tag = 0x9F2A // Kernel Identifier
	tagIssuerExponent  tlv.Tag = 0x9F32 // Issuer Public Key Exponent
	tagATC             tlv.Tag = 0x9F36 // Application Transaction Counter
	tagUN              tlv.Tag = 0x9F37 // Unpredictable Number
	tagPDOL            tlv.Tag = 0x9F38 // Processing Options Data Object List
	tagICCCert         tlv.Tag = 0x9F46 // ICC Public Key Certificate
	tagICCExponent     tlv.Tag = 0x9F47 // ICC Public Key Exponent
	tagICCRemainder    tlv.Tag = 0x9F48 // ICC Public Key Remainder
	tagSDATagList      tlv.Tag = 0x9F4A // Static Data Authentication Tag List
	tagSDAD            tlv.Tag = 0x9F4B // Signed Dynamic Application Data
	tagDiscretionary   tlv.Tag = 0xBF0C // FCI Issuer Discretionary Data
)

// What the faults send that no card should.
const (
	tagUnknownTemplate  tlv.Tag = 0xE1   // a template that EMV does not know
	tagUnknownPrimitive tlv.Tag = 0xDF7F // an object that EMV does not know
)

package issuer

import (
	"slices"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/tlv"
)

// The data objects of cryptogram inputs.
const (
	tagAmount            tlv.Tag = 0x9F02
	tagAmountOther       tlv.Tag = 0x9F03
	tagTerminalCountry   tlv.Tag = 0x9F1A
	tagTVR               tlv.Tag = 0x95
	tagCurrency          tlv.Tag = 0x5F2A
	tagDate              tlv.Tag = 0x9A
	tagType              tlv.Tag = 0x9C
	tagUN                tlv.Tag = 0x9F37
	tagAIP               tlv.Tag = 0x82
	tagATC               tlv.Tag = 0x9F36
	tagIssuerApplication tlv.Tag = 0x9F10
)

// minimumInput is the recommended minimum set of data objects of Book 2, 8.1.1, in its order.
var minimumInput = []Item{
	{Tag: tagAmount, Size: 6},
	{Tag: tagAmountOther, Size: 6},
	{Tag: tagTerminalCountry, Size: 2},
	{Tag: tagTVR, Size: 5},
	{Tag: tagCurrency, Size: 2},
	{Tag: tagDate, Size: 3},
	{Tag: tagType, Size: 1},
	{Tag: tagUN, Size: 4},
	{Tag: tagAIP, Size: 2},
	{Tag: tagATC, Size: 2},
}

// The inputs of Visa's cryptogram versions: the minimum, and what the card adds of its Issuer Application Data.
var (
	// VIS, Cryptogram Version 10: the CVR of layout '06'.
	cvrInput = slices.Concat(minimumInput, []Item{{Tag: tagIssuerApplication, From: 3, To: 7}})
	// VIS, Cryptogram Versions 18 and '22': all of it.
	iadInput = slices.Concat(minimumInput, []Item{{Tag: tagIssuerApplication}})
	// VCPS, Cryptogram Version 17: four objects, of the CVR its second byte.
	shortInput = []Item{
		{Tag: tagAmount, Size: 6},
		{Tag: tagUN, Size: 4},
		{Tag: tagATC, Size: 2},
		{Tag: tagIssuerApplication, From: 4, To: 5},
	}
)

// visa is the table of Visa's cryptogram versions.
var visa = []Profile{
	{
		Name: "Visa CVN 10", CVN: 0x0A, Input: cvrInput,
		ACKey: MasterKeyItself, Padding: mac.Method1,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "Visa CVN 17", CVN: 0x11, Input: shortInput,
		ACKey: MasterKeyItself, Padding: mac.Method1,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "Visa CVN 18", CVN: 0x12, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method2, ARPCKey: CommonSessionKey,
	},
	{
		Name: "Visa CVN 22", CVN: 0x22, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method2, ARPCKey: CommonSessionKey,
	},
}

// Visa returns the profile of a Visa cryptogram version, as VisaIAD.CVN has it: 0x0A is CVN 10, 0x11 is CVN 17, 0x12 is
// CVN 18, 0x22 is CVN 22 (whose name is its hexadecimal). The error is CodeProfile.
func Visa(cvn byte) (Profile, error) { return find(visa, cvn) }

package issuer

import (
	"slices"

	"github.com/cardwright/emv/crypto/mac"
)

// The inputs of M/Chip's cryptogram versions: the minimum, and what the card adds of its Issuer Application Data.
var (
	// M/Chip 4, cryptogram versions 16 and 20: the Card Verification Results.
	mchipInput = slices.Concat(minimumInput, []Item{{Tag: tagIssuerApplication, From: 2, To: 8}})
	// M/Chip 4, cryptogram versions 17 and 21: and the counters, which the card then shows in plain.
	mchipCounters = slices.Concat(mchipInput, []Item{{Tag: tagIssuerApplication, From: 10, To: 18}})
)

// mchip is the table of M/Chip's cryptogram versions. The bits of the version say which: '10' for the number that a card
// of M/Chip 4 or Advance has, '04' for the common session key in place of Mastercard's own, '01' for the counters.
var mchip = []Profile{
	{
		Name: "M/Chip CVN 16", CVN: 0x10, Input: mchipInput,
		ACKey: MChipSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "M/Chip CVN 17", CVN: 0x11, Input: mchipCounters,
		ACKey: MChipSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "M/Chip CVN 20", CVN: 0x14, Input: mchipInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
	{
		Name: "M/Chip CVN 21", CVN: 0x15, Input: mchipCounters,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
}

// MChip returns the profile of an M/Chip cryptogram version, as IAD.CVN has it: 0x10 is CVN 16, 0x11 is CVN 17, 0x14 is
// CVN 20, 0x15 is CVN 21. The error is CodeProfile.
func MChip(cvn byte) (Profile, error) { return find(mchip, cvn) }

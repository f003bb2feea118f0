package issuer

import "github.com/cardwright/emv/crypto/mac"

// discover is the table of the cryptogram versions that D-PAS cards show: 5 on the contact interface, 15 on the
// contactless one.
//
// Only the general form of EMV is public: the common session key of Book 2, A1.3.1 over the minimum of 8.1.1 and the
// Issuer Application Data, answered by method 1. No published number shows it; the project's own tests hold the issuer's
// side to the card's.
var discover = []Profile{
	{
		Name: "D-PAS CVN 5 (EMV)", CVN: 0x05, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
	{
		Name: "D-PAS CVN 15 (EMV)", CVN: 0x15, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
}

// Discover returns the profile of a D-PAS cryptogram version, as IAD.CVN has it: 0x05 or 0x15, in the general form of
// EMV. The error is CodeProfile.
func Discover(cvn byte) (Profile, error) { return find(discover, cvn) }

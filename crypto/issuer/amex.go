package issuer

import "github.com/cardwright/emv/crypto/mac"

// amex is the table of American Express's cryptogram versions.
//
// Public are: that version 1 takes the ICC master key itself, without the ATC (the parameters that payment HSM services
// publish for the scheme: PAN and PSN alone), and that its Issuer Application Data have the shape of VIS, with a CVR of
// 4 bytes. Its input is written as that of VIS Cryptogram Version 10. For version 2 only the general form of EMV is
// public: the common session key of Book 2, A1.3.1 over the minimum of 8.1.1 and the Issuer Application Data. No published
// number shows either; the project's own tests hold the issuer's side to the card's.
var amex = []Profile{
	{
		Name: "Amex CVN 1", CVN: 0x01, Input: cvrInput,
		ACKey: MasterKeyItself, Padding: mac.Method1,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "Amex CVN 2 (EMV)", CVN: 0x02, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
}

// Amex returns the profile of an American Express cryptogram version, as IAD.CVN has it: 1, or 2 in the general form of
// EMV. The error is CodeProfile.
func Amex(cvn byte) (Profile, error) { return find(amex, cvn) }

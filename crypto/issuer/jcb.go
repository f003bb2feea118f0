package issuer

import "github.com/cardwright/emv/crypto/mac"

// jcb is the table of JCB's cryptogram versions.
//
// Public are, from the guides of payment HSM services: that version 1 takes the ICC master key itself over the payload
// that Visa's version 10 has too, and that version 4 takes the common session key of Book 2, A1.3.1. Its input is written
// in the general form of EMV: the minimum of 8.1.1 and the Issuer Application Data. No published number shows either; the
// project's own tests hold the issuer's side to the card's.
var jcb = []Profile{
	{
		Name: "JCB CVN 1", CVN: 0x01, Input: cvrInput,
		ACKey: MasterKeyItself, Padding: mac.Method1,
		ARPC: Method1, ARPCKey: MasterKeyItself,
	},
	{
		Name: "JCB CVN 4 (EMV)", CVN: 0x04, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: CommonSessionKey,
	},
}

// JCB returns the profile of a JCB cryptogram version, as IAD.CVN has it: 1, or 4 with its input in the general form of
// EMV. The error is CodeProfile.
func JCB(cvn byte) (Profile, error) { return find(jcb, cvn) }

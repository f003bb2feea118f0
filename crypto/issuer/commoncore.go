package issuer

import "github.com/cardwright/emv/crypto/mac"

// commonCore is the table of cryptograms of the Common Core Definitions, which the Common Payment Application has too:
// the minimum and the whole of the Issuer Application Data. Book 2, Common Core Definitions, Table CCD 3 (8.1.1), 8.2.2.
var commonCore = []Profile{
	{
		Name: "CCD version 5", CVN: 0xA5, Input: iadInput,
		ACKey: CommonSessionKey, Padding: mac.Method2,
		ARPC: Method2, ARPCKey: CommonSessionKey,
	},
	{
		Name: "CCD version 6", CVN: 0xA6, Cipher: AES, Input: iadInput,
		ACKey:   CommonSessionKey,
		ARPC:    Method2,
		ARPCKey: CommonSessionKey,
	},
}

// CommonCore returns the profile of a Common Core Identifier: format code 'A' and the cryptogram version, 0xA5 for TDES
// and 0xA6 for AES. Version 4, of session keys from a tree, is superseded (Specification Update Bulletin 46).
// Book 3, C7.1 and C8. The error is CodeProfile.
//
// For AES no published number shows a cryptogram; the project's own tests hold the issuer's side to the card's.
func CommonCore(identifier byte) (Profile, error) { return find(commonCore, identifier) }

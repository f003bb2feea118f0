package issuer

import (
	"slices"

	"github.com/cardwright/emv/crypto/mac"
)

// interac is the table of Interac's cryptogram versions. Public is the session key, which is that of M/Chip; the layout
// behind the cryptogram version number is not, so that all of it enters, and the answer is written as Book 2, 8.2.1 has
// it. A host that knows more changes the row that Interac returns.
var interac = []Profile{
	{
		Name: "Interac CVN 133", CVN: 0x85, Input: slices.Concat(minimumInput, []Item{{Tag: tagIssuerApplication, From: 2}}),
		ACKey: MChipSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: MChipSessionKey,
	},
}

// Interac returns the profile of an Interac cryptogram version, as IAD.CVN has it: 0x85 is CVN 133. The error is
// CodeProfile.
func Interac(cvn byte) (Profile, error) { return find(interac, cvn) }

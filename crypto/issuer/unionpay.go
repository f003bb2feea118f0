package issuer

import "github.com/cardwright/emv/crypto/mac"

// unionPay is the table of UnionPay's cryptogram versions for TDES: the minimum and the CVR, under the session key of the
// ATC and its inverse, answered by method 1 under that key. JR/T 0025.5 (PBOC), application cryptograms; JR/T 0025.7,
// session keys. Tests hold it to cryptograms and answers that were published.
var unionPay = []Profile{
	{
		Name: "UnionPay CVN 1", CVN: 0x01, Input: cvrInput,
		ACKey: InverseATCSessionKey, Padding: mac.Method2,
		ARPC: Method1, ARPCKey: InverseATCSessionKey,
	},
}

// UnionPay returns the profile of a UnionPay cryptogram version, as IAD.CVN has it: 1. The error is CodeProfile.
func UnionPay(cvn byte) (Profile, error) { return find(unionPay, cvn) }

package cvm

import "github.com/cardwright/emv/kernel"

// Of reads CVM Results (9F34; Book 4, 6.3.4.5 and Annex A4): how the cardholder was verified, as an outcome names it, and
// whether the card verified a PIN, for which an outcome has no name. What failed, or was not performed, is neither.
func Of(results []byte) (c kernel.CVM, offlinePIN bool) {
	if len(results) != 3 || results[2] == failed {
		return kernel.NotApplicable, false
	}
	m := method(results[0] & 0x3F)
	offlinePIN = m.offlinePIN() && results[2] == successful
	switch {
	case m.signature():
		return kernel.ObtainSignature, offlinePIN
	case m == onlinePIN:
		return kernel.OnlinePIN, false
	case m == noCVM:
		return kernel.NoCVM, false
	}
	return kernel.NotApplicable, offlinePIN
}

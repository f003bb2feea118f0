package cert

var pinKeyCodes = iccCodes{
	frame:            frameCodes{CodePINLength, CodePINTrailer, CodePINHeader, CodePINFormat},
	remainderMissing: CodePINRemainderMissing,
	hashAlgorithm:    CodePINHashAlgorithm,
	hash:             CodePINHash,
	pan:              CodePINPAN,
	algorithm:        CodePINAlgorithm,
	dates:            dateCodes{CodePINDate, CodePINExpired},
	join:             joinCodes{CodePINKeyLength, CodePINRemainderLength, CodePINExponent},
}

// PINKey retrieves the ICC PIN encipherment public key from tags 9F2D, 9F2F and 9F2E (Book 2, 7.1). The steps are
// those of the ICC certificate, but no static data enter the hash: d.Static is ignored. A card without
// such a certificate has its PIN enciphered under the ICC key. The error is the [Code] of the first step that fails.
func (v *Verifier) PINKey(issuer PublicKey, d ICCData) (ICC, error) {
	d.Static = nil
	return v.iccKey(issuer, &d, &v.pin, &pinKeyCodes)
}

package cert

// check describes a Code.
type check struct {
	code      Code
	ref, text string
}

// checks holds every Code. Issuer certificates are cited by 6.3; 5.3 has the same steps.
var checks = [...]check{
	{CodeKey, "Book 2, Annex B2.1", "the verifying key cannot be used"},
	{CodeLength, "Book 2, Annex A2.1.3", "the signature is not as long as the modulus"},
	{CodeToday, "Book 4, 6.7.3", "the terminal's date is not a date"},
	{CodeIssuerLength, "Book 2, 6.3 step 1", "issuer: the certificate is not as long as the certifier's modulus"},
	{CodeIssuerTrailer, "Book 2, 6.3 step 2", "issuer: the recovered data trailer is not 'BC'"},
	{CodeIssuerHeader, "Book 2, 6.3 step 3", "issuer: the recovered data header is not '6A'"},
	{CodeIssuerFormat, "Book 2, 6.3 step 4", "issuer: the certificate format is not '02'"},
	{CodeIssuerRemainderMissing, "Book 2, 6.3 step 5", "issuer: the key does not fit the certificate and there is no remainder"},
	{CodeIssuerHashAlgorithm, "Book 2, 6.3 step 6", "issuer: the hash algorithm is not recognised"},
	{CodeIssuerHash, "Book 2, 6.3 step 7", "issuer: the hash result does not agree"},
	{CodeIssuerIdentifier, "Book 2, 6.3 step 8", "issuer: the identifier is not the beginning of the PAN"},
	{CodeIssuerDate, "Book 2, 6.3 step 9", "issuer: the expiration date is not a date"},
	{CodeIssuerExpired, "Book 2, 6.3 step 9", "issuer: the certificate has expired"},
	{CodeIssuerRevoked, "Book 2, 6.3 step 10", "issuer: the certificate is revoked"},
	{CodeIssuerAlgorithm, "Book 2, 6.3 step 11", "issuer: the public key algorithm is not recognised"},
	{CodeIssuerKeyLength, "Book 2, 6.3 step 12", "issuer: the key is empty or longer than the certifier's key"},
	{CodeIssuerRemainderLength, "Book 2, 6.3 step 12", "issuer: the remainder does not complete the key"},
	{CodeIssuerExponent, "Book 2, 6.3 step 12", "issuer: the exponent is not 3 or 2^16+1, or not of the length in the certificate"},
	{CodeICCLength, "Book 2, 6.4 step 1", "ICC: the certificate is not as long as the certifier's modulus"},
	{CodeICCTrailer, "Book 2, 6.4 step 2", "ICC: the recovered data trailer is not 'BC'"},
	{CodeICCHeader, "Book 2, 6.4 step 3", "ICC: the recovered data header is not '6A'"},
	{CodeICCFormat, "Book 2, 6.4 step 4", "ICC: the certificate format is not '04'"},
	{CodeICCRemainderMissing, "Book 2, 6.4 step 5", "ICC: the key does not fit the certificate and there is no remainder"},
	{CodeICCHashAlgorithm, "Book 2, 6.4 step 6", "ICC: the hash algorithm is not recognised"},
	{CodeICCHash, "Book 2, 6.4 step 7", "ICC: the hash result does not agree"},
	{CodeICCPAN, "Book 2, 6.4 step 8", "ICC: the PAN is not that of the card"},
	{CodeICCDate, "Book 2, 6.4 step 9", "ICC: the expiration date is not a date"},
	{CodeICCExpired, "Book 2, 6.4 step 9", "ICC: the certificate has expired"},
	{CodeICCAlgorithm, "Book 2, 6.4 step 10", "ICC: the public key algorithm is not recognised"},
	{CodeICCKeyLength, "Book 2, 6.4 step 11", "ICC: the key is empty or longer than the certifier's key"},
	{CodeICCRemainderLength, "Book 2, 6.4 step 11", "ICC: the remainder does not complete the key"},
	{CodeICCExponent, "Book 2, 6.4 step 11", "ICC: the exponent is not 3 or 2^16+1, or not of the length in the certificate"},
	{CodePINLength, "Book 2, 7.1, as 6.4 step 1", "ICC PIN encipherment: the certificate is not as long as the certifier's modulus"},
	{CodePINTrailer, "Book 2, 7.1, as 6.4 step 2", "ICC PIN encipherment: the recovered data trailer is not 'BC'"},
	{CodePINHeader, "Book 2, 7.1, as 6.4 step 3", "ICC PIN encipherment: the recovered data header is not '6A'"},
	{CodePINFormat, "Book 2, 7.1, as 6.4 step 4", "ICC PIN encipherment: the certificate format is not '04'"},
	{CodePINRemainderMissing, "Book 2, 7.1, as 6.4 step 5", "ICC PIN encipherment: the key does not fit the certificate and there is no remainder"},
	{CodePINHashAlgorithm, "Book 2, 7.1, as 6.4 step 6", "ICC PIN encipherment: the hash algorithm is not recognised"},
	{CodePINHash, "Book 2, 7.1, as 6.4 step 7", "ICC PIN encipherment: the hash result does not agree"},
	{CodePINPAN, "Book 2, 7.1, as 6.4 step 8", "ICC PIN encipherment: the PAN is not that of the card"},
	{CodePINDate, "Book 2, 7.1, as 6.4 step 9", "ICC PIN encipherment: the expiration date is not a date"},
	{CodePINExpired, "Book 2, 7.1, as 6.4 step 9", "ICC PIN encipherment: the certificate has expired"},
	{CodePINAlgorithm, "Book 2, 7.1, as 6.4 step 10", "ICC PIN encipherment: the public key algorithm is not recognised"},
	{CodePINKeyLength, "Book 2, 7.1, as 6.4 step 11", "ICC PIN encipherment: the key is empty or longer than the certifier's key"},
	{CodePINRemainderLength, "Book 2, 7.1, as 6.4 step 11", "ICC PIN encipherment: the remainder does not complete the key"},
	{CodePINExponent, "Book 2, 7.1, as 6.4 step 11", "ICC PIN encipherment: the exponent is not 3 or 2^16+1, or not of the length in the certificate"},
	{CodeSSADLength, "Book 2, 5.4 step 1", "SSAD: not as long as the issuer's modulus"},
	{CodeSSADTrailer, "Book 2, 5.4 step 2", "SSAD: the recovered data trailer is not 'BC'"},
	{CodeSSADHeader, "Book 2, 5.4 step 3", "SSAD: the recovered data header is not '6A'"},
	{CodeSSADFormat, "Book 2, 5.4 step 4", "SSAD: not the signed data format asked for"},
	{CodeSSADHashAlgorithm, "Book 2, 5.4 step 6", "SSAD: the hash algorithm is not recognised"},
	{CodeSSADHash, "Book 2, 5.4 step 7", "SSAD: the hash result does not agree"},
	{CodeSDADLength, "Book 2, 6.5.2 step 1", "SDAD: not as long as the ICC's modulus"},
	{CodeSDADTrailer, "Book 2, 6.5.2 step 2", "SDAD: the recovered data trailer is not 'BC'"},
	{CodeSDADHeader, "Book 2, 6.5.2 step 3", "SDAD: the recovered data header is not '6A'"},
	{CodeSDADFormat, "Book 2, 6.5.2 step 4", "SDAD: not the signed data format asked for"},
	{CodeSDADDynamicLength, "Book 2, 6.5.1", "SDAD: the ICC dynamic data do not fit the block"},
	{CodeSDADHashAlgorithm, "Book 2, 6.5.2 step 6", "SDAD: the hash algorithm is not recognised"},
	{CodeSDADHash, "Book 2, 6.5.2 step 7", "SDAD: the hash result does not agree"},
	{CodeSDADDynamicNumber, "Book 2, 6.5.1", "SDAD: the ICC dynamic number is not 2 to 8 bytes"},
	{CodeSDADDynamicData, "Book 2, 6.6.2 step 5", "SDAD: the ICC dynamic data do not hold a cryptogram"},
	{CodeSDADCID, "Book 2, 6.6.2 step 6", "SDAD: the CID is not that of the response"},
	{CodeSDADTransactionHash, "Book 2, 6.6.2 step 12", "SDAD: the transaction data hash code does not agree"},
}

// Codes returns every code, in the order of the book.
func Codes() []Code {
	all := make([]Code, len(checks))
	for i := range checks {
		all[i] = checks[i].code
	}
	return all
}

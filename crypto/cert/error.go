package cert

// Code is the check that failed, and is itself the error. Codes are stable: programs compare them with errors.Is or
// ==, find them with errors.As, and vectors name them. An error of this package is always a Code.
type Code string

// Codes that belong to no one object.
const (
	CodeKey    Code = "cert.key"    // the verifying key: modulus even, empty or over 248 bytes, or exponent not 3 or 2^16+1
	CodeLength Code = "cert.length" // Recover: the signature is not as long as the modulus
	CodeToday  Code = "cert.today"  // the terminal's own date is not a date
)

// Codes of the issuer certificate (Book 2, 5.3 and 6.3).
const (
	CodeIssuerLength           Code = "cert.issuer.length"
	CodeIssuerTrailer          Code = "cert.issuer.trailer"
	CodeIssuerHeader           Code = "cert.issuer.header"
	CodeIssuerFormat           Code = "cert.issuer.format"
	CodeIssuerRemainderMissing Code = "cert.issuer.remainder_missing"
	CodeIssuerHashAlgorithm    Code = "cert.issuer.hash_algorithm"
	CodeIssuerHash             Code = "cert.issuer.hash"
	CodeIssuerIdentifier       Code = "cert.issuer.identifier"
	CodeIssuerDate             Code = "cert.issuer.date"
	CodeIssuerExpired          Code = "cert.issuer.expired"
	CodeIssuerRevoked          Code = "cert.issuer.revoked"
	CodeIssuerAlgorithm        Code = "cert.issuer.algorithm"
	CodeIssuerKeyLength        Code = "cert.issuer.key_length"
	CodeIssuerRemainderLength  Code = "cert.issuer.remainder_length"
	CodeIssuerExponent         Code = "cert.issuer.exponent"
)

// Codes of the ICC certificate (Book 2, 6.4).
const (
	CodeICCLength           Code = "cert.icc.length"
	CodeICCTrailer          Code = "cert.icc.trailer"
	CodeICCHeader           Code = "cert.icc.header"
	CodeICCFormat           Code = "cert.icc.format"
	CodeICCRemainderMissing Code = "cert.icc.remainder_missing"
	CodeICCHashAlgorithm    Code = "cert.icc.hash_algorithm"
	CodeICCHash             Code = "cert.icc.hash"
	CodeICCPAN              Code = "cert.icc.pan"
	CodeICCDate             Code = "cert.icc.date"
	CodeICCExpired          Code = "cert.icc.expired"
	CodeICCAlgorithm        Code = "cert.icc.algorithm"
	CodeICCKeyLength        Code = "cert.icc.key_length"
	CodeICCRemainderLength  Code = "cert.icc.remainder_length"
	CodeICCExponent         Code = "cert.icc.exponent"
)

// Codes of the ICC PIN encipherment certificate (Book 2, 7.1).
const (
	CodePINLength           Code = "cert.pin.length"
	CodePINTrailer          Code = "cert.pin.trailer"
	CodePINHeader           Code = "cert.pin.header"
	CodePINFormat           Code = "cert.pin.format"
	CodePINRemainderMissing Code = "cert.pin.remainder_missing"
	CodePINHashAlgorithm    Code = "cert.pin.hash_algorithm"
	CodePINHash             Code = "cert.pin.hash"
	CodePINPAN              Code = "cert.pin.pan"
	CodePINDate             Code = "cert.pin.date"
	CodePINExpired          Code = "cert.pin.expired"
	CodePINAlgorithm        Code = "cert.pin.algorithm"
	CodePINKeyLength        Code = "cert.pin.key_length"
	CodePINRemainderLength  Code = "cert.pin.remainder_length"
	CodePINExponent         Code = "cert.pin.exponent"
)

// Codes of signed static application data (Book 2, 5.4).
const (
	CodeSSADLength        Code = "cert.ssad.length"
	CodeSSADTrailer       Code = "cert.ssad.trailer"
	CodeSSADHeader        Code = "cert.ssad.header"
	CodeSSADFormat        Code = "cert.ssad.format"
	CodeSSADHashAlgorithm Code = "cert.ssad.hash_algorithm"
	CodeSSADHash          Code = "cert.ssad.hash"
)

// Codes of signed dynamic application data (Book 2, 6.5.2 and 6.6.2).
const (
	CodeSDADLength          Code = "cert.sdad.length"
	CodeSDADTrailer         Code = "cert.sdad.trailer"
	CodeSDADHeader          Code = "cert.sdad.header"
	CodeSDADFormat          Code = "cert.sdad.format"
	CodeSDADDynamicLength   Code = "cert.sdad.dynamic_length"
	CodeSDADHashAlgorithm   Code = "cert.sdad.hash_algorithm"
	CodeSDADHash            Code = "cert.sdad.hash"
	CodeSDADDynamicNumber   Code = "cert.sdad.dynamic_number"
	CodeSDADDynamicData     Code = "cert.sdad.dynamic_data"
	CodeSDADCID             Code = "cert.sdad.cid"
	CodeSDADTransactionHash Code = "cert.sdad.transaction_hash"
)

// Error returns the code, what failed, and where the check is written.
func (c Code) Error() string {
	if k, ok := find(c); ok {
		return string(c) + ": " + k.text + " (" + k.ref + ")"
	}
	return string(c)
}

// ErrorCode returns the stable code as text.
func (c Code) ErrorCode() string { return string(c) }

// Ref returns where the check is written, in the spelling that vectors use: "Book 2, 6.3 step 7". It is empty where
// the check is this package's own.
func (c Code) Ref() string {
	k, _ := find(c)
	return k.ref
}

func find(c Code) (check, bool) {
	for i := range checks {
		if checks[i].code == c {
			return checks[i], true
		}
	}
	for i := range eccChecks {
		if eccChecks[i].code == c {
			return eccChecks[i], true
		}
	}
	return check{}, false
}

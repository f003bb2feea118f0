package cert

// Codes of the issuer certificate on an elliptic curve, format '12' (Book E).
const (
	CodeECCIssuerLength     Code = "cert.ecc_issuer.length"
	CodeECCIssuerFormat     Code = "cert.ecc_issuer.format"
	CodeECCIssuerEncoding   Code = "cert.ecc_issuer.encoding"
	CodeECCIssuerSuite      Code = "cert.ecc_issuer.suite"
	CodeECCIssuerRID        Code = "cert.ecc_issuer.rid"
	CodeECCIssuerIndex      Code = "cert.ecc_issuer.index"
	CodeECCIssuerCAKey      Code = "cert.ecc_issuer.ca_key"
	CodeECCIssuerSignature  Code = "cert.ecc_issuer.signature"
	CodeECCIssuerIdentifier Code = "cert.ecc_issuer.identifier"
	CodeECCIssuerDate       Code = "cert.ecc_issuer.date"
	CodeECCIssuerExpired    Code = "cert.ecc_issuer.expired"
	CodeECCIssuerRevoked    Code = "cert.ecc_issuer.revoked"
	CodeECCIssuerPoint      Code = "cert.ecc_issuer.point"
)

// Codes of the ICC certificate on an elliptic curve, format '14' (Book E).
const (
	CodeECCICCLength        Code = "cert.ecc_icc.length"
	CodeECCICCFormat        Code = "cert.ecc_icc.format"
	CodeECCICCEncoding      Code = "cert.ecc_icc.encoding"
	CodeECCICCSuite         Code = "cert.ecc_icc.suite"
	CodeECCICCHashEncoding  Code = "cert.ecc_icc.hash_encoding"
	CodeECCICCHashAlgorithm Code = "cert.ecc_icc.hash_algorithm"
	CodeECCICCIssuerKey     Code = "cert.ecc_icc.issuer_key"
	CodeECCICCSignature     Code = "cert.ecc_icc.signature"
	CodeECCICCDate          Code = "cert.ecc_icc.date"
	CodeECCICCExpired       Code = "cert.ecc_icc.expired"
	CodeECCICCStaticHash    Code = "cert.ecc_icc.static_hash"
	CodeECCICCPoint         Code = "cert.ecc_icc.point"
)

// bookE is the reference of checks whose place in the book is not public.
const bookE = "Book E"

// signatureE is that of the signature, and of the examples that show the formats.
const signatureE = "Book E, 8.8.7"

// eccChecks holds every code of the certificates on elliptic curves, in the order of the checks.
var eccChecks = [...]check{
	{CodeECCIssuerLength, signatureE, "ECC issuer: the certificate is not as long as its format and keys ask for"},
	{CodeECCIssuerFormat, signatureE, "ECC issuer: the certificate format is not '12'"},
	{CodeECCIssuerEncoding, signatureE, "ECC issuer: the certificate encoding is not '00'"},
	{CodeECCIssuerSuite, bookE, "ECC issuer: the algorithm suite is not known, or not one of signatures"},
	{CodeECCIssuerRID, bookE, "ECC issuer: the RID is not that of the CA key"},
	{CodeECCIssuerIndex, bookE, "ECC issuer: the index is not that of the CA key"},
	{CodeECCIssuerCAKey, bookE, "ECC issuer: the CA key cannot be used"},
	{CodeECCIssuerSignature, signatureE, "ECC issuer: the signature is not that of the CA key"},
	{CodeECCIssuerIdentifier, bookE, "ECC issuer: the identifier is not the beginning of the PAN"},
	{CodeECCIssuerDate, bookE, "ECC issuer: the expiration date is not a date"},
	{CodeECCIssuerExpired, bookE, "ECC issuer: the certificate has expired"},
	{CodeECCIssuerRevoked, bookE, "ECC issuer: the certificate is revoked"},
	{CodeECCIssuerPoint, bookE, "ECC issuer: the public key is not on the curve"},
	{CodeECCICCLength, signatureE, "ECC ICC: the certificate is not as long as its format and keys ask for"},
	{CodeECCICCFormat, signatureE, "ECC ICC: the certificate format is not '14'"},
	{CodeECCICCEncoding, signatureE, "ECC ICC: the certificate encoding is not '00'"},
	{CodeECCICCSuite, bookE, "ECC ICC: the algorithm suite is not known"},
	{CodeECCICCHashEncoding, signatureE, "ECC ICC: the encoding of the hashed data is not '01'"},
	{CodeECCICCHashAlgorithm, signatureE, "ECC ICC: the hash algorithm is not '02'"},
	{CodeECCICCIssuerKey, bookE, "ECC ICC: the issuer key cannot be used"},
	{CodeECCICCSignature, signatureE, "ECC ICC: the signature is not that of the issuer key"},
	{CodeECCICCDate, bookE, "ECC ICC: the expiration date or time is not one"},
	{CodeECCICCExpired, bookE, "ECC ICC: the certificate has expired"},
	{CodeECCICCStaticHash, bookE, "ECC ICC: the hash of the static data does not agree"},
	{CodeECCICCPoint, bookE, "ECC ICC: the public key is not on the curve"},
}

// ECCCodes returns every code of the certificates on elliptic curves, in the order of the checks. They may also fail with
// CodeToday.
func ECCCodes() []Code {
	all := make([]Code, len(eccChecks))
	for i := range eccChecks {
		all[i] = eccChecks[i].code
	}
	return all
}

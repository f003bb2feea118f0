package cert

import (
	"crypto/sha256"
	"crypto/subtle"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/ecc"
)

// eccICCFixed is an ICC certificate without its hash, its key and its signature.
const eccICCFixed = 17

// What the worked example has in the two fields that describe the hash; other values are not public and are refused.
const (
	iccdEncoding = 0x01
	iccdSHA256   = 0x02 // the hash of the example has 32 bytes
)

// ECCICCCertificate is what an ICC certificate of format '14' holds. Slices alias the certificate.
type ECCICCCertificate struct {
	Suite         ecc.Suite // of the ICC's key
	Expiry        [4]byte   // YYYYMMDD
	ExpiryTime    [2]byte   // HHMM
	Serial        [6]byte
	HashEncoding  byte   // how the static data were put together before they were hashed
	HashAlgorithm byte   // of the static data, '02'
	StaticHash    []byte // 32 bytes
	X             []byte // x-coordinate of the ICC's key, as many bytes as the suite's curve has
	Signed        []byte // all of the above with format and encoding: what the signature covers
	Signature     []byte // 64 or 130 bytes
}

// ParseECCICC takes an ICC certificate apart. What it returns is not verified.
//
// The errors are CodeECCICCLength, CodeECCICCFormat, CodeECCICCEncoding, CodeECCICCSuite, CodeECCICCHashEncoding and
// CodeECCICCHashAlgorithm.
func ParseECCICC(b []byte) (ECCICCCertificate, error) {
	if len(b) < eccICCFixed {
		return ECCICCCertificate{}, CodeECCICCLength
	}
	if b[0] != 0x14 {
		return ECCICCCertificate{}, CodeECCICCFormat
	}
	if b[1] != 0x00 {
		return ECCICCCertificate{}, CodeECCICCEncoding
	}
	suite := ecc.Suite(b[2])
	curve, err := suite.Curve()
	if err != nil {
		return ECCICCCertificate{}, CodeECCICCSuite
	}
	if b[15] != iccdEncoding {
		return ECCICCCertificate{}, CodeECCICCHashEncoding
	}
	if b[16] != iccdSHA256 {
		return ECCICCCertificate{}, CodeECCICCHashAlgorithm
	}
	key := eccICCFixed + sha256.Size
	signed := key + curve.Size()
	if !eccSignatureLength(len(b) - signed) {
		return ECCICCCertificate{}, CodeECCICCLength
	}
	return ECCICCCertificate{
		Suite:         suite,
		Expiry:        [4]byte(b[3:7]),
		ExpiryTime:    [2]byte(b[7:9]),
		Serial:        [6]byte(b[9:15]),
		HashEncoding:  b[15],
		HashAlgorithm: b[16],
		StaticHash:    b[eccICCFixed:key],
		X:             b[key:signed],
		Signed:        b[:signed],
		Signature:     b[signed:],
	}, nil
}

// ECCICCData is what the verification of an ICC certificate takes besides the issuer's key.
type ECCICCData struct {
	Certificate []byte
	Today       capk.Date
	Now         [2]byte  // the time of day, HHMM, on the clock that the certificate's is read on
	Static      [][]byte // the static data to be authenticated, in the encoding that the kernel's book asks for
}

// ECCICC is a verified ICC certificate.
type ECCICC struct {
	ECCICCCertificate
	Key ECCPublicKey
}

// VerifyECCICC verifies an ICC certificate by the issuer's key, and returns the ICC's public key. The certificate names
// no PAN: the static data do. The error is the [Code] of the first check that fails, in the order of ECCCodes, or
// CodeToday.
func VerifyECCICC(issuer *ECCPublicKey, d ECCICCData) (ECCICC, error) {
	c, err := ParseECCICC(d.Certificate)
	if err != nil {
		return ECCICC{}, err
	}
	if !issuer.Suite.Signs() || !eccUsable(issuer.Suite, &issuer.Point) {
		return ECCICC{}, CodeECCICCIssuerKey
	}
	if len(c.Signature) != issuer.Point.Curve().SignatureSize() {
		return ECCICC{}, CodeECCICCLength
	}
	// Book E, 8.8.7
	if ecc.Verify(&issuer.Point, c.Signature, c.Signed) != nil {
		return ECCICC{}, CodeECCICCSignature
	}
	today, ok := eccToday(d.Today)
	if !ok || !eccTime(d.Now) {
		return ECCICC{}, CodeToday
	}
	if !eccDate(c.Expiry) || !eccTime(c.ExpiryTime) {
		return ECCICC{}, CodeECCICCDate
	}
	last := eccNumber(c.Expiry[:])
	if last < today || last == today && eccNumber(c.ExpiryTime[:]) < eccNumber(d.Now[:]) {
		return ECCICC{}, CodeECCICCExpired
	}
	h := sha256.New()
	for _, part := range d.Static {
		h.Write(part)
	}
	var sum [sha256.Size]byte
	if subtle.ConstantTimeCompare(h.Sum(sum[:0]), c.StaticHash) != 1 {
		return ECCICC{}, CodeECCICCStaticHash
	}
	key, ok := eccKey(c.Suite, c.X)
	if !ok {
		return ECCICC{}, CodeECCICCPoint
	}
	return ECCICC{c, key}, nil
}

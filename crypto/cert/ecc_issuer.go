package cert

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/ecc"
)

// The certificates on elliptic curves carry what is signed in the clear, with the signature behind it. Their formats are
// public by the two worked examples of Book E, 8.8.7, each a whole part that is signed; the contact books have them from
// version 4.4 on. The fields were read off the examples, whose values tell them apart. How the book words and orders its
// checks is not public: the order here is what is needed to verify the signature, the signature, and then the contents
// from left to right, as Book 2, 6.3 has it for RSA.

// eccIssuerFixed is an issuer certificate without its key and its signature.
const eccIssuerFixed = 21

// ECCIssuerCertificate is what an issuer certificate of format '12' holds. Slices alias the certificate.
type ECCIssuerCertificate struct {
	Identifier [5]byte   // leftmost 3 to 10 digits of the PAN, padded with 'F'
	Suite      ecc.Suite // of the issuer's key
	Expiry     [4]byte   // YYYYMMDD
	Serial     [3]byte
	RID        capk.RID
	Index      byte   // Certification Authority Public Key Index
	X          []byte // x-coordinate of the issuer's key, as many bytes as the suite's curve has
	Signed     []byte // all of the above with format and encoding: what the signature covers
	Signature  []byte // 64 or 130 bytes
}

// ParseECCIssuer takes an issuer certificate apart. What it returns is not verified.
//
// The errors are CodeECCIssuerLength, CodeECCIssuerFormat, CodeECCIssuerEncoding and CodeECCIssuerSuite.
func ParseECCIssuer(b []byte) (ECCIssuerCertificate, error) {
	if len(b) < eccIssuerFixed {
		return ECCIssuerCertificate{}, CodeECCIssuerLength
	}
	if b[0] != 0x12 {
		return ECCIssuerCertificate{}, CodeECCIssuerFormat
	}
	if b[1] != 0x00 {
		return ECCIssuerCertificate{}, CodeECCIssuerEncoding
	}
	suite := ecc.Suite(b[7])
	curve, err := suite.Curve()
	if err != nil || !suite.Signs() {
		return ECCIssuerCertificate{}, CodeECCIssuerSuite
	}
	signed := eccIssuerFixed + curve.Size()
	if !eccSignatureLength(len(b) - signed) {
		return ECCIssuerCertificate{}, CodeECCIssuerLength
	}
	return ECCIssuerCertificate{
		Identifier: [5]byte(b[2:7]),
		Suite:      suite,
		Expiry:     [4]byte(b[8:12]),
		Serial:     [3]byte(b[12:15]),
		RID:        capk.RID(b[15:20]),
		Index:      b[20],
		X:          b[eccIssuerFixed:signed],
		Signed:     b[:signed],
		Signature:  b[signed:],
	}, nil
}

// ECCIssuerData is what the verification of an issuer certificate takes besides the CA key.
type ECCIssuerData struct {
	Certificate []byte
	PAN         []byte // tag 5A: digits, padded with 'F'
	Today       capk.Date
	Revoked     capk.Revocations // nil: the terminal keeps no list
}

// ECCPublicKey is a certified public key on an elliptic curve.
type ECCPublicKey struct {
	Suite ecc.Suite
	Point ecc.Point
}

// ECCIssuer is a verified issuer certificate.
type ECCIssuer struct {
	ECCIssuerCertificate
	Key ECCPublicKey
}

// VerifyECCIssuer verifies an issuer certificate by the CA key of the card's RID and index, and returns the issuer's
// public key. The error is the [Code] of the first check that fails, in the order of ECCCodes, or CodeToday.
func VerifyECCIssuer(ca *capk.ECCKey, d ECCIssuerData) (ECCIssuer, error) {
	c, err := ParseECCIssuer(d.Certificate)
	if err != nil {
		return ECCIssuer{}, err
	}
	if c.RID != ca.RID {
		return ECCIssuer{}, CodeECCIssuerRID
	}
	if c.Index != ca.Index {
		return ECCIssuer{}, CodeECCIssuerIndex
	}
	if !ca.Suite.Signs() || !eccUsable(ca.Suite, &ca.Point) {
		return ECCIssuer{}, CodeECCIssuerCAKey
	}
	if len(c.Signature) != ca.Point.Curve().SignatureSize() {
		return ECCIssuer{}, CodeECCIssuerLength
	}
	// Book E, 8.8.7
	if ecc.Verify(&ca.Point, c.Signature, c.Signed) != nil {
		return ECCIssuer{}, CodeECCIssuerSignature
	}
	if !eccIdentifies(c.Identifier, d.PAN) {
		return ECCIssuer{}, CodeECCIssuerIdentifier
	}
	today, ok := eccToday(d.Today)
	if !ok {
		return ECCIssuer{}, CodeToday
	}
	if !eccDate(c.Expiry) {
		return ECCIssuer{}, CodeECCIssuerDate
	}
	if eccNumber(c.Expiry[:]) < today {
		return ECCIssuer{}, CodeECCIssuerExpired
	}
	if d.Revoked != nil && d.Revoked.Revoked(c.RID, c.Index, c.Serial) {
		return ECCIssuer{}, CodeECCIssuerRevoked
	}
	key, ok := eccKey(c.Suite, c.X)
	if !ok {
		return ECCIssuer{}, CodeECCIssuerPoint
	}
	return ECCIssuer{c, key}, nil
}

// eccIdentifies reports whether an Issuer Identifier is the leftmost 3 to 10 digits of a PAN.
func eccIdentifies(id [5]byte, pan []byte) bool {
	digits := 0
	for digits < 2*len(id) && digit(id[:], digits) != pad {
		d := digit(id[:], digits)
		if d > 9 || d != digit(pan, digits) {
			return false
		}
		digits++
	}
	for i := digits; i < 2*len(id); i++ {
		if digit(id[:], i) != pad {
			return false
		}
	}
	return digits >= 3
}

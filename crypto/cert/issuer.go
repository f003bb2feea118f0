package cert

import "github.com/cardwright/emv/crypto/capk"

// issuerFixed is a block without its leftmost digits (Book 2, Table 6: the field has N_CA - 36 bytes).
const issuerFixed = 36

var (
	issuerFrame = frameCodes{CodeIssuerLength, CodeIssuerTrailer, CodeIssuerHeader, CodeIssuerFormat}
	issuerDates = dateCodes{CodeIssuerDate, CodeIssuerExpired}
	issuerJoin  = joinCodes{CodeIssuerKeyLength, CodeIssuerRemainderLength, CodeIssuerExponent}
)

// IssuerCertificate is what an issuer certificate holds (Book 2, Tables 6 and 13). Slices alias the block.
type IssuerCertificate struct {
	Identifier     [4]byte // leftmost 3 to 8 digits of the PAN, padded with 'F'
	Expiry         [2]byte // MMYY
	Serial         [3]byte
	HashAlgorithm  byte
	Algorithm      byte   // Issuer Public Key Algorithm Indicator
	KeyLength      int    // N_I, bytes
	ExponentLength int    // bytes
	Leftmost       []byte // the key, or as much of it as fits, padded with 'BB': N_CA - 36 bytes
	Hash           []byte // 20 bytes
}

// ParseIssuer takes a recovered block apart. It performs steps 2 to 4 of Book 2, 6.3 and no others: what it returns
// is not verified. Errors: CodeIssuerLength, CodeIssuerTrailer, CodeIssuerHeader, CodeIssuerFormat.
func ParseIssuer(block []byte) (IssuerCertificate, error) {
	if err := checkFrame(block, issuerFixed, 0x02, &issuerFrame); err != nil {
		return IssuerCertificate{}, err
	}
	n := len(block)
	return IssuerCertificate{
		Identifier:     [4]byte(block[2:6]),
		Expiry:         [2]byte(block[6:8]),
		Serial:         [3]byte(block[8:11]),
		HashAlgorithm:  block[11],
		Algorithm:      block[12],
		KeyLength:      int(block[13]),
		ExponentLength: int(block[14]),
		Leftmost:       block[15 : n-hashStart],
		Hash:           block[n-hashStart : n-1],
	}, nil
}

// IssuerData is what the verification of an issuer certificate takes besides the CA key.
type IssuerData struct {
	Certificate []byte // tag 90
	Remainder   []byte // tag 92, empty where the card has none
	Exponent    []byte // tag 9F32
	PAN         []byte // tag 5A: digits, padded with 'F'
	Today       capk.Date
	Revoked     capk.Revocations // nil: the terminal keeps no list
}

// Issuer is a verified issuer certificate. Key is good until Issuer is called again.
type Issuer struct {
	IssuerCertificate
	Key PublicKey
}

// Issuer retrieves the issuer public key: Book 2, 5.3 for static and 6.3 for dynamic data authentication, which have
// the same steps. The error is the [Code] of the first that fails.
func (v *Verifier) Issuer(ca *capk.Key, d IssuerData) (Issuer, error) {
	// Book 2, 6.3 step 1
	if len(d.Certificate) != len(ca.Modulus) {
		return Issuer{}, CodeIssuerLength
	}
	// Book 2, 6.3 steps 2 to 4
	block, err := v.Recover(PublicKey{ca.Modulus, ca.Exponent}, d.Certificate)
	if err != nil {
		return Issuer{}, err
	}
	c, err := ParseIssuer(block)
	if err != nil {
		return Issuer{}, err
	}
	// Book 2, 6.3 step 5. A remainder that the key needs and the card has not is told apart from a wrong hash:
	// Book 3, 7.5 counts it as missing data.
	if c.KeyLength > len(c.Leftmost) && len(d.Remainder) == 0 {
		return Issuer{}, CodeIssuerRemainderMissing
	}
	// Book 2, 6.3 step 6
	if c.HashAlgorithm != hashSHA1 {
		return Issuer{}, CodeIssuerHashAlgorithm
	}
	v.begin()
	v.add(hashed(block))
	v.add(d.Remainder)
	v.add(d.Exponent)
	// Book 2, 6.3 step 7
	if !v.matches(c.Hash) {
		return Issuer{}, CodeIssuerHash
	}
	// Book 2, 6.3 step 8
	if !identifies(c.Identifier, d.PAN) {
		return Issuer{}, CodeIssuerIdentifier
	}
	// Book 2, 6.3 step 9
	if err := checkExpiry(c.Expiry, d.Today, &issuerDates); err != nil {
		return Issuer{}, err
	}
	// Book 2, 6.3 step 10
	if d.Revoked != nil && d.Revoked.Revoked(ca.RID, ca.Index, c.Serial) {
		return Issuer{}, CodeIssuerRevoked
	}
	// Book 2, 6.3 step 11
	if c.Algorithm != algorithmRSA {
		return Issuer{}, CodeIssuerAlgorithm
	}
	// Book 2, 6.3 step 12
	key, err := join(&v.issuer, c.Leftmost, d.Remainder, d.Exponent, c.KeyLength, len(ca.Modulus), c.ExponentLength, &issuerJoin)
	if err != nil {
		return Issuer{}, err
	}
	return Issuer{c, key}, nil
}

// identifies reports whether an Issuer Identifier is the leftmost 3 to 8 digits of a PAN.
func identifies(id [4]byte, pan []byte) bool {
	digits := 0
	for digits < 8 && digit(id[:], digits) != pad {
		d := digit(id[:], digits)
		if d > 9 || d != digit(pan, digits) {
			return false
		}
		digits++
	}
	for i := digits; i < 8; i++ {
		if digit(id[:], i) != pad {
			return false
		}
	}
	return digits >= 3
}

package cert

import "github.com/cardwright/emv/crypto/capk"

// iccFixed is a block without its leftmost digits (Book 2, Table 14: the field has N_I - 42 bytes).
const iccFixed = 42

// iccCodes are the failures of a certificate with format '04'.
type iccCodes struct {
	frame                                                 frameCodes
	remainderMissing, hashAlgorithm, hash, pan, algorithm Code
	dates                                                 dateCodes
	join                                                  joinCodes
}

var iccKeyCodes = iccCodes{
	frame:            frameCodes{CodeICCLength, CodeICCTrailer, CodeICCHeader, CodeICCFormat},
	remainderMissing: CodeICCRemainderMissing,
	hashAlgorithm:    CodeICCHashAlgorithm,
	hash:             CodeICCHash,
	pan:              CodeICCPAN,
	algorithm:        CodeICCAlgorithm,
	dates:            dateCodes{CodeICCDate, CodeICCExpired},
	join:             joinCodes{CodeICCKeyLength, CodeICCRemainderLength, CodeICCExponent},
}

// ICCCertificate is what an ICC certificate or an ICC PIN encipherment certificate holds (Book 2, 6.4 and 7.1).
// Slices alias the block.
type ICCCertificate struct {
	PAN            PAN
	Expiry         [2]byte // MMYY
	Serial         [3]byte
	HashAlgorithm  byte
	Algorithm      byte   // ICC Public Key Algorithm Indicator
	KeyLength      int    // N_IC or N_PE, bytes
	ExponentLength int    // bytes
	Leftmost       []byte // the key, or as much of it as fits, padded with 'BB': N_I - 42 bytes
	Hash           []byte // 20 bytes
}

// ParseICC takes a recovered block apart. It performs steps 2 to 4 of Book 2, 6.4 and no others: what it returns is
// not verified. Errors: CodeICCLength, CodeICCTrailer, CodeICCHeader, CodeICCFormat.
func ParseICC(block []byte) (ICCCertificate, error) { return parseICC(block, &iccKeyCodes.frame) }

func parseICC(block []byte, codes *frameCodes) (ICCCertificate, error) {
	if err := checkFrame(block, iccFixed, 0x04, codes); err != nil {
		return ICCCertificate{}, err
	}
	n := len(block)
	return ICCCertificate{
		PAN:            PAN(block[2:12]),
		Expiry:         [2]byte(block[12:14]),
		Serial:         [3]byte(block[14:17]),
		HashAlgorithm:  block[17],
		Algorithm:      block[18],
		KeyLength:      int(block[19]),
		ExponentLength: int(block[20]),
		Leftmost:       block[21 : n-hashStart],
		Hash:           block[n-hashStart : n-1],
	}, nil
}

// ICCData is what the verification of an ICC certificate takes besides the issuer key.
type ICCData struct {
	Certificate []byte // tag 9F46
	Remainder   []byte // tag 9F48, empty where the card has none
	Exponent    []byte // tag 9F47
	PAN         []byte // tag 5A: digits, padded with 'F'
	Today       capk.Date
	Static      [][]byte // Static Data to be Authenticated in pieces, the value of the tag list's 82 last (Book 3, 10.3)
}

// ICC is a verified ICC certificate. Key is good until the method that returned it is called again.
type ICC struct {
	ICCCertificate
	Key PublicKey
}

// ICC retrieves the ICC public key (Book 2, 6.4). The error is the [Code] of the first step that fails.
func (v *Verifier) ICC(issuer PublicKey, d ICCData) (ICC, error) {
	return v.iccKey(issuer, &d, &v.icc, &iccKeyCodes)
}

// iccKey performs the steps that an ICC key and an ICC PIN encipherment key have in common.
func (v *Verifier) iccKey(issuer PublicKey, d *ICCData, dst *keyBuffer, codes *iccCodes) (ICC, error) {
	// Book 2, 6.4 step 1
	if len(d.Certificate) != len(issuer.Modulus) {
		return ICC{}, codes.frame.length
	}
	// Book 2, 6.4 steps 2 to 4
	block, err := v.Recover(issuer, d.Certificate)
	if err != nil {
		return ICC{}, err
	}
	c, err := parseICC(block, &codes.frame)
	if err != nil {
		return ICC{}, err
	}
	// Book 2, 6.4 step 5, and see Issuer for the remainder
	if c.KeyLength > len(c.Leftmost) && len(d.Remainder) == 0 {
		return ICC{}, codes.remainderMissing
	}
	// Book 2, 6.4 step 6
	if c.HashAlgorithm != hashSHA1 {
		return ICC{}, codes.hashAlgorithm
	}
	v.begin()
	v.add(hashed(block))
	v.add(d.Remainder)
	v.add(d.Exponent)
	v.addAll(d.Static)
	// Book 2, 6.4 step 7
	if !v.matches(c.Hash) {
		return ICC{}, codes.hash
	}
	// Book 2, 6.4 step 8
	if !c.PAN.equals(d.PAN) {
		return ICC{}, codes.pan
	}
	// Book 2, 6.4 step 9
	if err := checkExpiry(c.Expiry, d.Today, &codes.dates); err != nil {
		return ICC{}, err
	}
	// Book 2, 6.4 step 10
	if c.Algorithm != algorithmRSA {
		return ICC{}, codes.algorithm
	}
	// Book 2, 6.4 step 11
	key, err := join(dst, c.Leftmost, d.Remainder, d.Exponent, c.KeyLength, len(issuer.Modulus), c.ExponentLength, &codes.join)
	if err != nil {
		return ICC{}, err
	}
	return ICC{c, key}, nil
}

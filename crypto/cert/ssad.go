package cert

// Signed data formats of static data. FormatSSADOnline is Visa's, for offline data authentication of a transaction
// that goes online (C-3).
const (
	FormatSSAD       = 0x03
	FormatSSADOnline = 0x93
)

// ssadFixed is a block without its pad pattern (Book 2, Table 7: the field has N_I - 26 bytes).
const ssadFixed = 26

var ssadFrame = frameCodes{CodeSSADLength, CodeSSADTrailer, CodeSSADHeader, CodeSSADFormat}

// SSAD is what signed static application data hold (Book 2, Table 7).
type SSAD struct {
	HashAlgorithm byte
	DAC           [2]byte // Data Authentication Code, to be stored in tag 9F45
	Hash          []byte  // 20 bytes, aliases the block
}

// ParseSSAD takes a recovered block apart. It performs steps 2 to 4 of Book 2, 5.4 and no others: what it returns is
// not verified. Errors: CodeSSADLength, CodeSSADTrailer, CodeSSADHeader, CodeSSADFormat.
func ParseSSAD(block []byte, format byte) (SSAD, error) {
	if err := checkFrame(block, ssadFixed, format, &ssadFrame); err != nil {
		return SSAD{}, err
	}
	n := len(block)
	return SSAD{HashAlgorithm: block[2], DAC: [2]byte(block[3:5]), Hash: block[n-hashStart : n-1]}, nil
}

// SSAD verifies signed static application data (Book 2, 5.4).
//
//	issuer  the key that Issuer returned
//	ssad    tag 93
//	format  FormatSSAD, or another that the kernel's book asks for
//	static  Static Data to be Authenticated in pieces, the value of the tag list's 82 last (Book 3, 10.3)
//
// The error is the [Code] of the first step that fails.
func (v *Verifier) SSAD(issuer PublicKey, ssad []byte, format byte, static [][]byte) (SSAD, error) {
	// Book 2, 5.4 step 1
	if len(ssad) != len(issuer.Modulus) {
		return SSAD{}, CodeSSADLength
	}
	// Book 2, 5.4 steps 2 to 4
	block, err := v.Recover(issuer, ssad)
	if err != nil {
		return SSAD{}, err
	}
	s, err := ParseSSAD(block, format)
	if err != nil {
		return SSAD{}, err
	}
	// Book 2, 5.4 steps 5 and 6
	if s.HashAlgorithm != hashSHA1 {
		return SSAD{}, CodeSSADHashAlgorithm
	}
	v.begin()
	v.add(hashed(block))
	v.addAll(static)
	// Book 2, 5.4 step 7
	if !v.matches(s.Hash) {
		return SSAD{}, CodeSSADHash
	}
	return s, nil
}

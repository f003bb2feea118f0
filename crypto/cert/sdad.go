package cert

// Signed data formats of dynamic data. FormatSDADOnline is Visa's, for offline data authentication of a transaction
// that goes online (C-3).
const (
	FormatSDAD       = 0x05
	FormatSDADOnline = 0x95
)

// sdadFixed is a block without ICC dynamic data and pad pattern (Book 2, 6.5.1: L_DD is at most N_IC - 25).
const sdadFixed = 25

var sdadFrame = frameCodes{CodeSDADLength, CodeSDADTrailer, CodeSDADHeader, CodeSDADFormat}

// SDAD is what signed dynamic application data hold (Book 2, Table 17). Slices alias the block.
type SDAD struct {
	HashAlgorithm byte
	Data          []byte // ICC Dynamic Data, L_DD bytes
	Hash          []byte // 20 bytes
}

// ParseSDAD takes a recovered block apart. It performs steps 2 to 4 of Book 2, 6.5.2 and no others: what it returns
// is not verified. Errors: CodeSDADLength, CodeSDADTrailer, CodeSDADHeader, CodeSDADFormat, CodeSDADDynamicLength.
func ParseSDAD(block []byte, format byte) (SDAD, error) {
	if err := checkFrame(block, sdadFixed, format, &sdadFrame); err != nil {
		return SDAD{}, err
	}
	n := len(block)
	length := int(block[3])
	if length > n-sdadFixed {
		return SDAD{}, CodeSDADDynamicLength
	}
	return SDAD{HashAlgorithm: block[2], Data: block[4 : 4+length], Hash: block[n-hashStart : n-1]}, nil
}

// DynamicNumber returns the ICC Dynamic Number, 2 to 8 bytes after their length at the start of the ICC Dynamic Data
// (Book 2, 6.5.1), and false where it is not so. It is to be stored in tag 9F4C.
func (s *SDAD) DynamicNumber() ([]byte, bool) {
	if len(s.Data) == 0 {
		return nil, false
	}
	n := int(s.Data[0])
	if n < 2 || n > 8 || n > len(s.Data)-1 {
		return nil, false
	}
	return s.Data[1 : 1+n], true
}

// SDAD verifies signed dynamic application data (Book 2, 6.5.2).
//
//	icc      the key that ICC returned
//	sdad     tag 9F4B
//	format   FormatSDAD, or another that the kernel's book asks for
//	dynamic  the terminal's part of what is signed, in pieces: for DDA the values of the DDOL, for fDDA what C-3 lists
//
// The error is the [Code] of the first step that fails. When it is nil, DynamicNumber is there.
func (v *Verifier) SDAD(icc PublicKey, sdad []byte, format byte, dynamic [][]byte) (SDAD, error) {
	block, s, err := v.openSDAD(icc, sdad, format)
	if err != nil {
		return SDAD{}, err
	}
	// Book 2, 6.5.2 step 5
	if err := v.checkSDAD(block, &s, dynamic); err != nil {
		return SDAD{}, err
	}
	// Book 2, 6.5.2, last paragraph: what is stored in tag 9F4C must be there.
	if _, ok := s.DynamicNumber(); !ok {
		return SDAD{}, CodeSDADDynamicNumber
	}
	return s, nil
}

// openSDAD performs steps 1 to 4 of Book 2, 6.5.2 and 6.6.2.
func (v *Verifier) openSDAD(icc PublicKey, sdad []byte, format byte) ([]byte, SDAD, error) {
	// Book 2, 6.5.2 step 1
	if len(sdad) != len(icc.Modulus) {
		return nil, SDAD{}, CodeSDADLength
	}
	// Book 2, 6.5.2 steps 2 to 4
	block, err := v.Recover(icc, sdad)
	if err != nil {
		return nil, SDAD{}, err
	}
	s, err := ParseSDAD(block, format)
	return block, s, err
}

// checkSDAD performs steps 6 and 7 of Book 2, 6.5.2, which are steps 8 and 9 of 6.6.2.
func (v *Verifier) checkSDAD(block []byte, s *SDAD, dynamic [][]byte) error {
	if s.HashAlgorithm != hashSHA1 {
		return CodeSDADHashAlgorithm
	}
	v.begin()
	v.add(hashed(block))
	v.addAll(dynamic)
	if !v.matches(s.Hash) {
		return CodeSDADHash
	}
	return nil
}

package cert

// CDA is the ICC Dynamic Data of a combined signature (Book 2, 6.6.1). Slices alias the block.
type CDA struct {
	DynamicNumber   []byte // ICC Dynamic Number, 2 to 8 bytes, to be stored in tag 9F4C
	CID             byte   // Cryptogram Information Data
	Cryptogram      []byte // TC or ARQC, 8 bytes, to be stored in tag 9F26
	TransactionHash []byte // Transaction Data Hash Code, 20 bytes
	Rest            []byte // what follows: kernels 2 and 8 have more there
}

// CDA takes the ICC Dynamic Data apart as a combined signature has them (Book 2, 6.6.2 step 5). Errors:
// CodeSDADDynamicNumber, CodeSDADDynamicData.
func (s *SDAD) CDA() (CDA, error) {
	number, ok := s.DynamicNumber()
	if !ok {
		return CDA{}, CodeSDADDynamicNumber
	}
	rest := s.Data[1+len(number):]
	if len(rest) < 1+8+20 {
		return CDA{}, CodeSDADDynamicData
	}
	return CDA{
		DynamicNumber:   number,
		CID:             rest[0],
		Cryptogram:      rest[1:9],
		TransactionHash: rest[9:29],
		Rest:            rest[29:],
	}, nil
}

// CDAData is what the verification of a combined signature takes besides the ICC key.
type CDAData struct {
	SDAD                []byte // tag 9F4B
	CID                 byte   // tag 9F27 of the response to GENERATE AC
	UnpredictableNumber []byte // tag 9F37
	// Transaction is what the Transaction Data Hash Code covers, in pieces (Book 2, 6.6.2 step 10): the values of the
	// PDOL, of CDOL1 and, for the second GENERATE AC, of CDOL2, then tags, lengths and values of the response in its
	// order, without the SDAD.
	Transaction [][]byte
}

// CDA verifies a combined signature (Book 2, 6.6.2), whose signed data format is FormatSDAD. The error is the [Code]
// of the first step that fails.
func (v *Verifier) CDA(icc PublicKey, d CDAData) (CDA, error) {
	// Book 2, 6.6.2 steps 1 to 4
	block, s, err := v.openSDAD(icc, d.SDAD, FormatSDAD)
	if err != nil {
		return CDA{}, err
	}
	// Book 2, 6.6.2 step 5
	c, err := s.CDA()
	if err != nil {
		return CDA{}, err
	}
	// Book 2, 6.6.2 step 6
	if c.CID != d.CID {
		return CDA{}, CodeSDADCID
	}
	// Book 2, 6.6.2 steps 7 to 9
	v.number = append(v.number[:0], d.UnpredictableNumber...)
	un := [1][]byte{v.number}
	if err := v.checkSDAD(block, &s, un[:]); err != nil {
		return CDA{}, err
	}
	// Book 2, 6.6.2 steps 10 to 12
	v.begin()
	v.addAll(d.Transaction)
	if !v.matches(c.TransactionHash) {
		return CDA{}, CodeSDADTransactionHash
	}
	return c, nil
}

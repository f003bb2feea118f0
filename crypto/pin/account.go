package pin

// checkPAN refuses what is not 1 to 19 ASCII digits. ISO/IEC 7812-1, 4.1 has no longer PAN.
func checkPAN(pan []byte) error {
	if len(pan) < 1 || len(pan) > 19 {
		return &Error{Code: CodePAN}
	}
	for _, c := range pan {
		if c < '0' || c > '9' {
			return &Error{Code: CodePAN}
		}
	}
	return nil
}

// accountField returns the account number field of formats 0 and 3: four zeros, then the 12 rightmost digits of the PAN
// without its check digit, with zeros before them where there are fewer. ISO 9564-1, 9.3.2.2.
func accountField(pan []byte) (field Block, err error) {
	if err := checkPAN(pan); err != nil {
		return field, err
	}
	right := pan[:len(pan)-1]
	right = right[max(0, len(right)-12):]
	setDigits(field[:], 16-len(right), right)
	return field, nil
}

// PANField returns the plain text PAN field of format 4: how many digits the PAN has beyond 12, the PAN, and zeros. A
// PAN of fewer digits has zeros before it. The error is CodePAN. ISO 9564-1, 9.4.2.2.
func PANField(pan []byte) (field [16]byte, err error) {
	if err := checkPAN(pan); err != nil {
		return field, err
	}
	field[0] = byte(max(0, len(pan)-12)) << 4
	setDigits(field[:], 1+max(0, 12-len(pan)), pan)
	return field, nil
}

// setDigits puts ASCII digits into a field that is zero there, from the digit at on.
func setDigits(field []byte, at int, digits []byte) {
	for i, c := range digits {
		d := c - '0'
		if (at+i)%2 == 0 {
			d <<= 4
		}
		field[(at+i)/2] |= d
	}
}

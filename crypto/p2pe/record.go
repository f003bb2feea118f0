package p2pe

import (
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// The data objects that have the card number in them and that a host wants.
const (
	tagTrack1       tlv.Tag = 0x56   // Track 1 Data
	tagTrack2       tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN          tlv.Tag = 0x5A   // Application PAN
	tagTrack2Stripe tlv.Tag = 0x9F6B // Track 2 Data of C-2's mag-stripe mode, written as 57 is
)

// Record is what leaves of the data record of a transaction: the objects that are not confidential, as they were, and in
// place of the others values and what stays readable.
type Record struct {
	Objects []byte   `json:"objects"` // TLV data objects, without any that is confidential
	Values  []*Value `json:"values"`  // 5A, 57 or 9F6B, and 56, where the record had them
	Account Account  `json:"account"` // of 5A, or of the track where there is no 5A
}

// Record makes a kernel's Data Record, TLV data objects one after the other, fit to leave: every object that the
// dictionary holds for confidential in any of its meanings, or does not know, is taken out, and 5A, 57, 9F6B and 56 are
// enciphered. Others that are confidential, such as the cardholder's name, are left out: no host needs them.
//
// The errors are those of PAN, Track1, Track2Equivalent and ReadableOf, and CodeData for a record that can't be read
// or has a template in it. On an error nothing leaves.
func (t *Terminal) Record(objects []byte, bin BINLength) (*Record, error) {
	r := &Record{}
	var account [19]byte // the digits of the card number
	defer clear(account[:])
	n := 0
	c := tlv.Read(objects)
	for c.Next() {
		if c.Tag().Constructed() { // no kernel's record has one, and what is inside must not be lost or leave unseen
			return nil, &Error{Code: CodeData}
		}
		if dict.SensitivityOf(c.Tag()) == dict.Public {
			r.Objects = tlv.Append(r.Objects, c.Tag(), c.Value())
			continue
		}
		var v *Value
		var err error
		switch c.Tag() {
		case tagPAN:
			if n = digits(account[:], c.Value()); n == 0 {
				return nil, &Error{Code: CodePAN, Content: PAN}
			}
			v, err = t.PAN(account[:n])
		case tagTrack2, tagTrack2Stripe:
			if n == 0 {
				n = digits(account[:], c.Value())
			}
			v, err = t.Track2Equivalent(c.Value())
		case tagTrack1:
			v, err = t.Track1(c.Value())
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		r.Values = append(r.Values, v)
	}
	if c.Err() != nil {
		return nil, &Error{Code: CodeData}
	}
	if n == 0 {
		return r, nil
	}
	a, err := ReadableOf(account[:n], bin)
	if err != nil {
		return nil, err
	}
	r.Account = a
	return r, nil
}

// digits writes the decimal digits that a value begins with, in ASCII, and returns how many there are; 0 when they do not
// fit.
func digits(dst, value []byte) int {
	n := 0
	for i := range 2 * len(value) {
		d := value[i/2] >> (4 * (1 - i%2)) & 0x0F
		switch {
		case d > 9:
			return n
		case n == len(dst):
			return 0
		}
		dst[n] = '0' + d
		n++
	}
	return n
}

package host

import (
	"slices"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/tlv"
)

// Enciphered card data, as a message carries it: a template E1 for each value, with primitive objects in this order. No
// standard fixes a form; this one is the project's.
//
//	E1  80  1      what it is: 1 PAN, 2 track 1, 3 track 2, 4 Track 2 Equivalent Data, 5 PIN block
//	    81  1      with what: 1 TDES-128, 2 TDES-192, 3 AES-128, 4 AES-192, 5 AES-256
//	    82  10|12  key serial number
//	    83  8|16   vector; absent for a PIN block
//	    84  var    ciphertext
//	    85  8|16   MAC
const tagValue tlv.Tag = 0xE1

var algorithms = []p2pe.Algorithm{p2pe.TDES2, p2pe.TDES3, p2pe.AES128, p2pe.AES192, p2pe.AES256}

// maxValues bounds how many values a message has: a PAN, three tracks and a PIN.
const maxValues = 5

// AppendValues appends values in the form that messages carry. The error is CodeValues for one that has no form.
func AppendValues(dst []byte, values ...*p2pe.Value) ([]byte, error) {
	for _, v := range values {
		if v == nil || v.Content < p2pe.PAN || v.Content > p2pe.PINBlock || slices.Index(algorithms, v.Algorithm) < 0 {
			return dst, &Error{Code: CodeValues}
		}
		open, mark := tlv.Open(dst, tagValue)
		open = tlv.Append(open, 0x80, []byte{byte(v.Content)})
		open = tlv.Append(open, 0x81, []byte{byte(slices.Index(algorithms, v.Algorithm) + 1)})
		open = tlv.Append(open, 0x82, v.KSN)
		if len(v.Vector) > 0 {
			open = tlv.Append(open, 0x83, v.Vector)
		}
		open = tlv.Append(open, 0x84, v.Ciphertext)
		open = tlv.Append(open, 0x85, v.MAC)
		dst = tlv.Close(open, mark)
	}
	return dst, nil
}

// ParseValues reads what AppendValues wrote. The error is CodeValues.
func ParseValues(b []byte) ([]*p2pe.Value, error) {
	var values []*p2pe.Value
	c := tlv.Read(b)
	for c.Next() {
		v, good := parseValue(c.Value())
		if c.Tag() != tagValue || !good || len(values) == maxValues {
			return nil, &Error{Code: CodeValues}
		}
		values = append(values, v)
	}
	if c.Err() != nil || len(values) == 0 {
		return nil, &Error{Code: CodeValues}
	}
	if again, err := AppendValues(nil, values...); err != nil || !slices.Equal(again, b) {
		return nil, &Error{Code: CodeValues}
	}
	return values, nil
}

func parseValue(b []byte) (*p2pe.Value, bool) {
	v := &p2pe.Value{}
	c := tlv.Read(b)
	for c.Next() {
		data := slices.Clone(c.Value())
		switch c.Tag() {
		case 0x80, 0x81:
			if len(data) != 1 {
				return nil, false
			}
			if c.Tag() == 0x80 {
				v.Content = p2pe.Content(data[0])
			} else if n := int(data[0]) - 1; n >= 0 && n < len(algorithms) {
				v.Algorithm = algorithms[n]
			}
		case 0x82:
			v.KSN = data
		case 0x83:
			v.Vector = data
		case 0x84:
			v.Ciphertext = data
		case 0x85:
			v.MAC = data
		default:
			return nil, false
		}
	}
	return v, c.Err() == nil
}

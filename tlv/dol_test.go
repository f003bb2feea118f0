package tlv_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// source answers with one object of each format.
type source struct{}

var (
	amount      = []byte{0x00, 0x00, 0x00, 0x01, 0x23, 0x45}
	pan         = []byte{0x47, 0x61, 0x73, 0x9F}
	un          = []byte{1, 2, 3, 4}
	name        = []byte("AB")
	terminal    = []byte("T1")
	constructed = []byte{0x9F, 0x5A, 0x01, 0x02}
	stranger    = []byte{0xEE}
)

func (source) DOLValue(t tlv.Tag) ([]byte, tlv.Format) {
	switch t {
	case 0x9F02:
		return amount, tlv.Numeric
	case 0x5A:
		return pan, tlv.CompressedNumeric
	case 0x9F37:
		return un, tlv.Binary
	case 0x5F20:
		return name, tlv.AlphanumericSpecial
	case 0x9F1C:
		return terminal, tlv.Alphanumeric
	case 0x9F03:
		return nil, tlv.Numeric // known, absent
	case 0xBF0C:
		return constructed, tlv.TemplateOfDataObjects
	}
	return stranger, tlv.FormatUnknown
}

// TestDOLData has the rules of Book 3, 5.4, one by one.
func TestDOLData(t *testing.T) {
	for _, c := range []struct{ name, dol, want string }{
		{"as long as asked", "9F0206", "000000012345"},
		{"numeric too long loses its left", "9F0202", "2345"},
		{"numeric too short is filled on the left", "9F0208", "0000000000012345"},
		{"compressed numeric too long loses its right", "5A02", "4761"},
		{"compressed numeric too short is filled with F on the right", "5A06", "4761739FFFFF"},
		{"binary too long loses its right", "9F3702", "0102"},
		{"binary too short is filled on the right", "9F3706", "010203040000"},
		{"ans too short is filled on the right", "5F2004", "41420000"},
		{"an too long loses its right", "9F1C01", "54"},
		{"absent is zeros", "9F0306", "000000000000"},
		{"unknown is zeros, whatever the source has", "9F7002", "0000"},
		{"constructed is zeros", "BF0C04", "00000000"},
		{"asked for twice is given twice", "9F37049F3704", "0102030401020304"},
		{"nothing asked of an object", "9F3700", ""},
		{"empty list", "", ""},
		{"order is the list's", "9F37045A02", "010203044761"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := tlv.AppendDOLData(nil, unhex(t, c.dol), source{})
			if err != nil || !bytes.Equal(got, unhex(t, c.want)) {
				t.Errorf("%X, %v; want %s", got, err, c.want)
			}
			if n, err := tlv.DOLDataLen(unhex(t, c.dol)); err != nil || n != len(c.want)/2 {
				t.Errorf("length %d, %v; want %d", n, err, len(c.want)/2)
			}
		})
	}
}

func TestDOLRefuses(t *testing.T) {
	for _, c := range []struct {
		name, dol string
		code      tlv.Code
	}{
		{"no length", "9F37", tlv.CodeTruncated},
		{"half a tag", "9F02069F", tlv.CodeTruncated},
		{"padding", "00009F0206", tlv.CodeTagNumber},
		{"more than a command holds", strings.Repeat("9F37FF", 2), tlv.CodeDOLLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := []byte{0xAA}
			got, err := tlv.AppendDOLData(dst, unhex(t, c.dol), source{})
			if !hasCode(err, c.code) {
				t.Errorf("%v; want %s", err, c.code)
			}
			if !bytes.Equal(got, dst) {
				t.Errorf("left %X behind", got)
			}
			if _, err := tlv.DOLDataLen(unhex(t, c.dol)); !hasCode(err, c.code) {
				t.Errorf("DOLDataLen: %v; want %s", err, c.code)
			}
		})
	}
}

func hasCode(err error, code tlv.Code) bool {
	var s *tlv.SyntaxError
	return errors.As(err, &s) && s.Code == code
}

func TestDOLHas(t *testing.T) {
	pdol := unhex(t, "9F66049F02065F2A029F3704")
	if !tlv.DOLHas(pdol, 0x9F66) || !tlv.DOLHas(pdol, 0x9F37) || tlv.DOLHas(pdol, 0x9F1A) || tlv.DOLHas(nil, 0x9F66) {
		t.Error("wrong")
	}
}

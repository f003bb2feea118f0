package decode

import (
	"fmt"
	"strconv"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// text returns a value as people read it, or nothing where hexadecimal says as much. The value may be shown.
func (d *Decoder) text(e *dict.Entry, v []byte) string {
	if len(v) == 0 {
		return ""
	}
	switch e.Tag {
	case 0x9F02, 0x9F03:
		return d.amount(v)
	case 0x9A, 0x5F24, 0x5F25:
		if _, ok := kernel.BCD(v); ok && len(v) == 3 {
			return fmt.Sprintf("20%02X-%02X-%02X", v[0], v[1], v[2])
		}
	case 0x9F21:
		if _, ok := kernel.BCD(v); ok && len(v) == 3 {
			return fmt.Sprintf("%02X:%02X:%02X", v[0], v[1], v[2])
		}
	case 0x9F1A, 0x5F28:
		if n, ok := kernel.BCD(v); ok && len(v) == 2 {
			c, _ := iso.CountryOf(uint16(n))
			return c.Name
		}
	case 0x5F2A, 0x9F42:
		if n, ok := kernel.BCD(v); ok && len(v) == 2 {
			c, _ := iso.CurrencyOf(uint16(n))
			return c.Alpha
		}
	case 0x9F36, 0x9F13:
		if len(v) == 2 {
			return strconv.Itoa(int(v[0])<<8 | int(v[1]))
		}
	case 0x84, 0x4F:
		return quoted(v)
	}
	switch e.Format {
	case tlv.Alphabetic, tlv.Alphanumeric, tlv.AlphanumericSpecial:
		return quoted(v)
	case tlv.Variable:
		if e.Tag == 0x89 {
			return quoted(v)
		}
	default:
	}
	return ""
}

func (d *Decoder) amount(v []byte) string {
	n, ok := kernel.BCD(v)
	if !ok {
		return ""
	}
	if c, ok := iso.CurrencyOf(d.currency); ok {
		return c.Format(n)
	}
	return strconv.FormatUint(n, 10) + " in minor units"
}

// quoted returns printable text in quotation marks, and nothing for other bytes.
func quoted(v []byte) string {
	for _, c := range v {
		if c < 0x20 || c > 0x7E {
			return ""
		}
	}
	return `"` + string(v) + `"`
}

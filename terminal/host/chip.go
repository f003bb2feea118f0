package host

import (
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Chip makes field 55 of a kernel's data objects: those of the dialect's list that are there, in the list's order, the first
// of each. Nothing confidential is taken, whatever the list says. It is nil where there is none.
//
// The error is CodeChip for objects that can't be read, or that are longer together than the field.
func (d *Dialect) Chip(objects []byte) ([]byte, error) {
	if tlv.Check(objects) != nil {
		return nil, &Error{Code: CodeChip, Field: fieldChip, Text: "objects that can't be read"}
	}
	var out []byte
	for _, t := range d.chip {
		if v, found := tlv.Find(objects, t); found && len(v) > 0 && dict.SensitivityOf(t) == dict.Public {
			out = tlv.Append(out, t, v)
		}
	}
	if f := d.fields[fieldChip]; f == nil || len(out) > f.length {
		return nil, &Error{Code: CodeChip, Field: fieldChip, Text: "longer than the field"}
	}
	return out, nil
}

// The templates that field 55 of an answer has. Book 3, Annex A.
const (
	tagScript71 tlv.Tag = 0x71
	tagScript72 tlv.Tag = 0x72
)

// checkChip holds field 55 to what it may have: objects that can be read, none confidential, none empty, none twice but
// script templates.
func checkChip(v []byte) error {
	fault := func(text string) error { return &Error{Code: CodeChip, Field: fieldChip, Text: text} }
	if tlv.Check(v) != nil {
		return fault("objects that can't be read")
	}
	for c := tlv.Read(v); c.Next(); {
		t := c.Tag()
		switch script := t == tagScript71 || t == tagScript72; {
		case len(c.Value()) == 0:
			return fault("an empty object")
		case t.Constructed() && !script:
			return fault("a template")
		case !script && dict.SensitivityOf(t) != dict.Public:
			return fault("an object that is confidential or not known: " + t.String())
		case !script:
			for rest := c; rest.Next(); {
				if rest.Tag() == t {
					return fault("an object twice")
				}
			}
		}
	}
	return nil
}

package decode

import (
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// guess says what the input looks like. Where nothing fits it is TLV, whose fault then tells where reading ended.
func (d *Decoder) guess(in []line) Kind {
	for _, l := range in {
		switch {
		case l.tag != "":
			return Tag
		case l.from != 0:
			return APDU
		}
	}
	all := join(in)
	switch {
	case len(in) > 1 && isCommand(in[0].bytes) && isResponse(in[1].bytes):
		return APDU
	case isCommand(all) || d.endsInStatus(all):
		return APDU
	case isKnownTag(all):
		return Tag
	}
	wellFormed, known := d.survey(all)
	switch list := isKnownList(all); {
	case wellFormed && (known || !list):
		if has(all, 0x9F26) && has(all, 0x9F36) || has(all, 0x91) {
			return DE55
		}
		return TLV
	case list:
		return DOL
	case isResponse(all) && !wellFormed && len(all) > 2 && d.check(all[:len(all)-2]):
		return APDU
	case lengthPrefix(all) > 0 && d.check(all[lengthPrefix(all):]):
		return DE55
	}
	return TLV
}

// isCommand reports whether b is a command that EMV knows, with a class that goes with it.
func isCommand(b []byte) bool {
	c, err := apdu.ParseCommand(b)
	if err != nil || c.Name() == "unknown command" {
		return false
	}
	switch c.CLA {
	case 0x00, 0x04, 0x0C, 0x80, 0x84, 0x8C:
		return true
	}
	return false
}

// isResponse reports whether b ends in a status word that cards use.
func isResponse(b []byte) bool {
	r, ok := apdu.ParseResponse(b)
	if !ok {
		return false
	}
	return r.SW == apdu.OK || r.SW.SW1() >= 0x61 && r.SW.SW1() <= 0x6F
}

// endsInStatus reports whether b is a whole answer: a status alone, or data objects and '9000'.
func (d *Decoder) endsInStatus(b []byte) bool {
	r, ok := apdu.ParseResponse(b)
	switch {
	case !ok:
		return false
	case len(r.Data) == 0:
		return isResponse(b)
	}
	return r.SW == apdu.OK && d.check(r.Data)
}

func (d *Decoder) check(b []byte) bool {
	ok, _ := d.survey(b)
	return ok
}

// survey reports whether b is well-formed TLV, and whether some book knows all tags of its outermost level.
func (d *Decoder) survey(b []byte) (wellFormed, known bool) {
	c := d.read(b)
	known = true
	n := 0
	for c.Next() {
		n++
		_, ok := dict.IDOf(c.Tag())
		known = known && ok
		if c.Tag().Constructed() {
			in := c.Enter()
			if !deep(&in) {
				return false, false
			}
		}
	}
	return c.Err() == nil && n > 0, known
}

func deep(c *tlv.Cursor) bool {
	for c.Next() {
		if c.Tag().Constructed() {
			in := c.Enter()
			if !deep(&in) {
				return false
			}
		}
	}
	return c.Err() == nil
}

// isKnownTag reports whether b is one tag that some book knows, and nothing else.
func isKnownTag(b []byte) bool {
	if len(b) == 0 || len(b) > 4 {
		return false
	}
	t, err := tlv.ParseTag(toHex(b))
	if err != nil {
		return false
	}
	_, ok := dict.IDOf(t)
	return ok
}

// isKnownList reports whether b is a data object list of known, primitive tags.
func isKnownList(b []byte) bool {
	l := tlv.ReadDOL(b)
	for l.Next() {
		if _, ok := dict.IDOf(l.Tag()); !ok || l.Tag().Constructed() {
			return false
		}
	}
	return l.Err() == nil && len(b) > 0
}

func has(b []byte, t tlv.Tag) bool {
	_, ok := tlv.Find(b, t)
	return ok
}

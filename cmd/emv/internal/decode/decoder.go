package decode

import (
	"bytes"
	"fmt"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Decoder takes bytes apart. The zero value guesses everything and masks.
type Decoder struct {
	As       Kind
	Kernel   *dict.Scope // whose meaning tags have; nil finds out by the AIDs that are met, and is EMV's until one is
	Tolerant bool        // 'FF' is padding too
	Unmask   bool        // card numbers, tracks and names are shown

	scope    dict.Scope
	scopeBy  string
	currency uint16 // of the amounts, as far as it is known
	lists    lists
	last     command
}

// lists are the data object lists that a card has sent.
type lists struct {
	pdol, cdol1, cdol2, ddol, udol []byte
	generated                      bool // the first GENERATE AC has been seen
}

// Decode reads text in hexadecimal and takes it apart. On an error the Document holds what could be read.
func (d *Decoder) Decode(text string) (*Document, error) {
	in, err := readLines(text)
	if err != nil {
		return &Document{}, err
	}
	d.begin()
	kind := d.As
	if kind == Guess {
		kind = d.guess(in)
	}
	doc := &Document{Kind: kind, Guessed: d.As == Guess, Bytes: len(join(in))}
	switch kind {
	case APDU:
		doc.Parts, err = d.dialogue(in)
	case DOL:
		doc.Parts, err = d.dolPart(join(in))
	case Tag:
		doc.Parts, err = d.tagParts(in)
	case DE55:
		doc.Parts, err = d.de55Part(join(in))
	default:
		doc.Parts, err = d.tlvPart(join(in))
	}
	doc.Book, doc.BookBy = d.scope.String(), d.scopeBy
	return doc, err
}

// DecodeBytes is Decode for bytes. A Guess sees them as one line.
func (d *Decoder) DecodeBytes(b []byte) (*Document, error) { return d.Decode(toHex(b)) }

// begin forgets what was learned.
func (d *Decoder) begin() {
	d.scope, d.scopeBy, d.currency, d.lists, d.last = dict.Common, "default", 0, lists{}, command{}
	if d.Kernel != nil {
		d.scope, d.scopeBy = *d.Kernel, "asked"
	}
}

// learn takes from an object what helps to read the next one.
func (d *Decoder) learn(t tlv.Tag, v []byte) {
	v = bytes.Clone(v) // a caller's buffer may not live as long
	switch t {
	case 0x5F2A:
		if n, ok := kernel.BCD(v); ok && len(v) == 2 {
			d.currency = uint16(n)
		}
	case 0x9F38:
		d.lists.pdol = v
	case 0x8C:
		d.lists.cdol1 = v
	case 0x8D:
		d.lists.cdol2 = v
	case 0x9F49:
		d.lists.ddol = v
	case 0x9F69:
		if d.scope == dict.C2 {
			d.lists.udol = v
		}
	}
}

// schemes say whose kernel a RID's cards are for (Book B, table 3-6, and the domestic scheme of Canada).
var schemes = map[[5]byte]dict.Scope{
	{0xA0, 0x00, 0x00, 0x00, 0x03}: dict.C3,
	{0xA0, 0x00, 0x00, 0x00, 0x04}: dict.C2,
	{0xA0, 0x00, 0x00, 0x00, 0x25}: dict.C4,
	{0xA0, 0x00, 0x00, 0x00, 0x65}: dict.C5,
	{0xA0, 0x00, 0x00, 0x01, 0x52}: dict.C6,
	{0xA0, 0x00, 0x00, 0x03, 0x24}: dict.C6,
	{0xA0, 0x00, 0x00, 0x03, 0x33}: dict.C7,
	{0xA0, 0x00, 0x00, 0x02, 0x77}: dict.Interac,
}

// meet takes the scope from an AID, unless it was asked for.
func (d *Decoder) meet(aid []byte) {
	if d.Kernel != nil || len(aid) < 5 {
		return
	}
	if scope, ok := schemes[[5]byte(aid)]; ok {
		d.scope, d.scopeBy = scope, "AID "+toHex(aid[:5])
	}
}

// meetAll looks for AIDs in data objects before they are named. Where a directory names several schemes, none counts.
func (d *Decoder) meetAll(b []byte) {
	var found *dict.Scope
	var aid []byte
	several := false
	c := d.read(b)
	d.eachAID(&c, func(name []byte) {
		if len(name) < 5 {
			return
		}
		scope, ok := schemes[[5]byte(name)]
		if !ok {
			return
		}
		several = several || found != nil && *found != scope
		found, aid = &scope, name
	})
	if found != nil && !several {
		d.meet(aid)
	}
}

func (d *Decoder) eachAID(c *tlv.Cursor, yield func([]byte)) {
	for c.Next() {
		switch c.Tag() {
		case 0x4F, 0x84, 0x9F06:
			yield(c.Value())
		case 0x5F2A: // amounts often come before their currency
			d.learn(c.Tag(), c.Value())
		}
		if c.Tag().Constructed() {
			in := c.Enter()
			d.eachAID(&in, yield)
		}
	}
}

func (d *Decoder) tlvPart(b []byte) ([]Part, error) {
	d.meetAll(b)
	c := d.read(b)
	objects, err := d.objects(&c)
	return []Part{{Kind: "tlv", Objects: objects}}, fault(err)
}

func (d *Decoder) dolPart(b []byte) ([]Part, error) {
	objects, total, err := d.list(b)
	p := Part{Kind: "dol", Objects: objects}
	if err == nil {
		p.Notes = append(p.Notes, fmt.Sprintf("asks for %s in all", count(total, "byte")))
	}
	return []Part{p}, fault(err)
}

// tagParts reads lines of TAG:VALUE. A tag alone gives what the dictionary says about it.
func (d *Decoder) tagParts(in []line) ([]Part, error) {
	var parts []Part
	for _, l := range in {
		alone := l.tag == ""
		if alone {
			l.tag = toHex(l.bytes)
		}
		t, err := tlv.ParseTag(l.tag)
		if err != nil {
			return parts, fault(err)
		}
		if alone {
			p, err := d.entryPart(t)
			if err != nil {
				return parts, err
			}
			parts = append(parts, p)
			continue
		}
		p := Part{Kind: "tag"}
		if t.Constructed() {
			d.meetAll(l.bytes)
		}
		o := d.object(t, l.bytes)
		if t.Constructed() {
			c := d.read(l.bytes)
			o.Objects, err = d.objects(&c)
		}
		p.Objects = []Object{o}
		parts = append(parts, p)
		if err != nil {
			return parts, fault(err)
		}
	}
	return parts, nil
}

// count writes a number with its unit: "1 byte", "2 bytes".
func count(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

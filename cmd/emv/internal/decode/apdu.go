package decode

import (
	"fmt"
	"strings"

	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// command is what the next answer belongs to.
type command struct {
	ins, p1, p2 byte
	sent        bool
}

// dialogue reads commands and answers, one a line. Lines without a mark are a command where they look like one and no
// answer is due.
func (d *Decoder) dialogue(in []line) ([]Part, error) {
	if len(in) > 1 && in[0].from == 0 && !isCommand(in[0].bytes) && !isResponse(in[0].bytes) {
		in = []line{{number: 1, bytes: join(in)}}
	}
	var parts []Part
	for _, l := range in {
		from := l.from
		if from == 0 {
			from = '<'
			if isCommand(l.bytes) && !d.last.sent {
				from = '>'
			}
		}
		read := d.Response
		if from == '>' {
			read = d.Command
		}
		p, err := read(l.bytes)
		if f, ok := err.(*Fault); ok && len(in) > 1 {
			f.Place = fmt.Sprintf("line %d, %s", l.number, f.Place)
		}
		parts = append(parts, p)
		if err != nil {
			return parts, err
		}
	}
	return parts, nil
}

// Start makes a Decoder ready for Command and Response. Decode does it itself.
func (d *Decoder) Start() { d.begin() }

// Command takes a command APDU apart. The error's code is "apdu.command".
func (d *Decoder) Command(b []byte) (Part, error) {
	c, err := apdu.ParseCommand(b)
	if err != nil {
		return Part{Kind: "command"}, &Fault{
			Code: "apdu.command", Place: "offset 0", Text: "not a command APDU of ISO/IEC 7816-4",
		}
	}
	p := Part{Kind: "command", Title: c.Name(), Raw: toHex(b)}
	d.last = command{c.INS, c.P1, c.P2, true}
	note := func(format string, args ...any) { p.Notes = append(p.Notes, fmt.Sprintf(format, args...)) }
	open := false // what the data are is known, or they can't be a cardholder's
	switch c.INS {
	case apdu.InsSelect:
		open = true
		p.Title = strings.TrimSpace(p.Title + " " + name(c.Data))
		if c.P2&0x03 == 0x02 {
			note("next occurrence")
		}
		if c.P1 != 0x04 {
			note("P1 %02X: not a selection by name", c.P1)
		}
		d.meet(c.Data)
		d.lists = lists{}
	case apdu.InsReadRecord:
		p.Title += fmt.Sprintf(" %d of SFI %d", c.P1, c.P2>>3)
	case apdu.InsGetProcessingOptions:
		open = true
		p.Objects = d.options(c.Data)
	case apdu.InsGenerateAC:
		p.Title = d.generate(c.P1)
		list := d.lists.cdol1
		if d.lists.generated {
			list = d.lists.cdol2
		}
		d.lists.generated = true
		p.Objects = d.answers(list, c.Data)
		open = p.Objects != nil
	case apdu.InsExternalAuthenticate:
		p.Objects, open = []Object{d.object(0x91, c.Data)}, true
	case apdu.InsInternalAuthenticate:
		p.Objects = d.answers(d.lists.ddol, c.Data)
		if p.Objects == nil && len(c.Data) == 4 { // Book 3, 10.3: the default DDOL is the Unpredictable Number
			p.Objects = []Object{d.object(0x9F37, c.Data)}
		}
		open = p.Objects != nil
	case apdu.InsComputeCryptographicChecksum:
		p.Objects = d.answers(d.lists.udol, c.Data)
		open = p.Objects != nil || len(c.Data) <= unknownShown
	case apdu.InsExchangeRelayResistance:
		open = true
	case apdu.InsGetData:
		t := tlv.Tag(c.P1)<<8 | tlv.Tag(c.P2)
		if c.P1 == 0 {
			t = tlv.Tag(c.P2)
		}
		o := Object{Tag: t.String(), entry: true}
		d.describe(&o, t)
		p.Title += " " + o.Tag + " " + o.Name
	}
	for i := range p.Objects { // a list may ask for the card number
		open = open && !strings.Contains(p.Objects[i].Value, "*")
	}
	secret := c.INS == apdu.InsVerify || c.INS == apdu.InsPINChangeUnblock
	if n := len(c.Data); n > 0 && !open && (secret || !d.Unmask) {
		at := 5
		if len(b) > 260 {
			at = 7
		}
		p.Raw = toHex(b[:at]) + hidden(c.Data) + toHex(b[at+n:])
		note("%s of data hidden", count(n, "byte"))
	}
	return p, nil
}

// name is what a SELECT asks for.
func name(b []byte) string {
	if s := quoted(b); s != "" {
		return s[1 : len(s)-1]
	}
	return toHex(b)
}

// options names the values in GET PROCESSING OPTIONS (Book 3, 6.5.8).
func (d *Decoder) options(data []byte) []Object {
	c := tlv.Read(data)
	if !c.Next() || c.Tag() != 0x83 || c.Len() == 0 {
		return nil
	}
	if named := d.answers(d.lists.pdol, c.Value()); named != nil {
		return named
	}
	return []Object{{Tag: "83", Name: "Command Template", Length: c.Len(), Value: toHex(c.Value())}}
}

// generate is GENERATE AC with what is asked for (Book 3, table 12).
func (d *Decoder) generate(p1 byte) string {
	s := [...]string{"first", "second"}
	i := 0
	if d.lists.generated {
		i = 1
	}
	kind := [...]string{"AAC", "TC", "ARQC", "RFU"}[p1>>6]
	out := s[i] + " GENERATE AC, " + kind
	switch p1 & 0x18 {
	case 0x10:
		out += " with CDA signature"
	case 0x08:
		out += " with XDA signature"
	}
	return out
}

// Response takes an answer apart. The error is a *Fault: "apdu.response" for fewer than two bytes, or where its data
// break the encoding.
func (d *Decoder) Response(b []byte) (Part, error) {
	p := Part{Kind: "response"}
	r, ok := apdu.ParseResponse(b)
	if !ok {
		return p, &Fault{Code: "apdu.response", Place: "offset 0", Text: "fewer than two bytes"}
	}
	last := d.last
	d.last.sent = false
	p.SW = r.SW.String()
	p.Title = r.SW.Meaning()
	if len(r.Data) == 0 {
		return p, nil
	}
	if last.sent && last.ins == apdu.InsGetChallenge || last.ins == apdu.InsReadRecord && last.p2>>3 > 10 && tlv.Check(r.Data) != nil {
		p.Objects = []Object{{Name: "data", Length: len(r.Data), Value: d.unnamed(r.Data)}}
		return p, nil
	}
	d.meetOne(r.Data)
	c := d.read(r.Data)
	var err error
	p.Objects, err = d.objects(&c)
	if err != nil {
		return p, fault(err)
	}
	if o := p.Objects; len(o) == 1 && o[0].Tag == "80" {
		d.formatOne(&o[0], last, r.Data)
	}
	return p, nil
}

// meetOne takes the scope from the FCI of an application.
func (d *Decoder) meetOne(data []byte) {
	if aid, ok := tlv.Find(data, 0x6F, 0x84); ok {
		d.meet(aid)
	}
}

func (d *Decoder) unnamed(b []byte) string {
	if d.Unmask || len(b) <= 8 { // a challenge has eight bytes
		return toHex(b)
	}
	return hidden(b)
}

// formatOne names the values of an answer in format 1 (Book 3, 6.5.5.4 and 6.5.8.4), which come without tags.
func (d *Decoder) formatOne(o *Object, last command, data []byte) {
	v, ok := tlv.Find(data, 0x80)
	if !ok || !last.sent {
		return
	}
	take := func(t tlv.Tag, n int) {
		if n > 0 && n <= len(v) {
			o.Objects = append(o.Objects, d.object(t, v[:n:n]))
			v = v[n:]
		}
	}
	switch last.ins {
	case apdu.InsGetProcessingOptions:
		if len(v) >= 2 && len(v)%4 == 2 {
			take(0x82, 2)
			take(0x94, len(v))
		}
	case apdu.InsGenerateAC:
		if len(v) >= 11 {
			take(0x9F27, 1)
			take(0x9F36, 2)
			take(0x9F26, 8)
			take(0x9F10, len(v))
		}
	case apdu.InsInternalAuthenticate:
		take(0x9F4B, len(v))
	}
	if o.Objects != nil {
		o.Value, o.Text, o.Meaning = "", "", nil
	}
}

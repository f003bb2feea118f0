package decode

import (
	"iter"

	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// objects reads the data objects of one level and below. On an error it returns what stood before the fault.
func (d *Decoder) objects(c *tlv.Cursor) ([]Object, error) {
	var list []Object
	for c.Next() {
		o := d.object(c.Tag(), c.Value())
		o.Offset = new(c.Offset())
		if o.constructed {
			in := c.Enter()
			var err error
			o.Objects, err = d.objects(&in)
			if err != nil {
				return append(list, o), err
			}
		}
		list = append(list, o)
	}
	return list, c.Err()
}

// read returns a cursor by the decoder's rules for padding.
func (d *Decoder) read(b []byte) tlv.Cursor {
	if d.Tolerant {
		return tlv.ReadTolerant(b)
	}
	return tlv.Read(b)
}

// object names one object and, where it is primitive, says what its value means.
func (d *Decoder) object(t tlv.Tag, v []byte) Object {
	o := Object{Tag: t.String(), Length: len(v), constructed: t.Constructed()}
	e := d.describe(&o, t)
	if o.constructed {
		return o
	}
	shown, masked := d.value(t, v)
	o.Value = shown
	if e != nil {
		for s := range lines(e, d.scope, v) {
			o.Meaning = append(o.Meaning, s)
		}
		if !masked {
			o.Text = d.text(e, v)
		}
	}
	if t == 0x86 { // a command inside an issuer script
		if c, err := apdu.ParseCommand(v); err == nil {
			o.Text = c.Name()
		}
	}
	d.learn(t, v)
	return o
}

// describe gives an object the name that the scope's books have for it, and returns the entry. Where they have none and
// other books agree on one, it takes theirs; where those differ it lists their names as meanings and returns nil.
func (d *Decoder) describe(o *Object, t tlv.Tag) *dict.Entry {
	if e := dict.Lookup(t, d.scope); e != nil {
		o.Name, o.Book, o.Format = e.Name, e.Scope.String(), e.Format.String()
		return e
	}
	var (
		one   *dict.Entry
		names []string
		agree = true
	)
	for s := range dict.Scope(dict.Scopes) {
		e := dict.Lookup(t, s)
		if e == nil {
			continue
		}
		if one == nil {
			one = e
		}
		agree = agree && e.Name == one.Name
		names = append(names, "to "+s.String()+": "+e.Name)
	}
	switch {
	case one == nil:
		return nil
	case !agree:
		o.Meaning, o.ambiguous = names, true
		return nil
	}
	o.Name, o.Book, o.Format = one.Name, one.Scope.String(), one.Format.String()
	return one
}

// list names the entries of a data object list. On an error it returns those before the fault.
func (d *Decoder) list(b []byte) ([]Object, int, error) {
	var list []Object
	total := 0
	l := tlv.ReadDOL(b)
	for l.Next() {
		o := Object{Tag: l.Tag().String(), Length: l.Len(), entry: true}
		d.describe(&o, l.Tag())
		list = append(list, o)
		total += l.Len()
	}
	return list, total, l.Err()
}

// answers names the values that answer a data object list. It returns nil when they are not as long as the list asks.
func (d *Decoder) answers(list, data []byte) []Object {
	if n, err := tlv.DOLDataLen(list); err != nil || n != len(data) || n == 0 {
		return nil
	}
	at := 0
	for l := tlv.ReadDOL(list); l.Next(); at += l.Len() {
		if l.Tag() == 0x5F2A { // amounts often come before their currency
			d.learn(0x5F2A, data[at:at+l.Len()])
		}
	}
	var out []Object
	for l := tlv.ReadDOL(list); l.Next(); {
		out = append(out, d.object(l.Tag(), data[:l.Len():l.Len()]))
		data = data[l.Len():]
	}
	return out
}

// lines is dict.Explain as an iterator.
func lines(e *dict.Entry, scope dict.Scope, v []byte) iter.Seq[string] {
	return func(yield func(string) bool) { dict.Explain(e, scope, v, yield) }
}

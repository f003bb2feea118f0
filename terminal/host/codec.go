package host

import (
	"bytes"

	"github.com/moov-io/iso8583"
)

// Build appends a message to dst: the dialect's header, message type, bitmap and fields. The MAC, where the dialect has one,
// is a field like the others: see Authenticate.
//
// The errors are CodeMTI, CodeUnknown, CodeUnexpected, CodeMissing, CodeField, CodeChip, CodeCardData and CodeTooLong.
func (d *Dialect) Build(dst []byte, m *Message) ([]byte, error) {
	if err := d.check(m); err != nil {
		return dst, err
	}
	b, err := d.pack(m)
	if err != nil {
		return dst, err
	}
	if len(b)+len(d.header) > d.maxMessage {
		return dst, &Error{Code: CodeTooLong}
	}
	return append(append(dst, d.header...), b...), nil
}

// pack encodes a message that was checked.
func (d *Dialect) pack(m *Message) ([]byte, error) {
	p := iso8583.NewMessage(d.spec)
	p.MTI(string(m.MTI))
	for n, v := range m.fields {
		if err := p.BinaryField(n, v); err != nil {
			return nil, &Error{Code: CodeField, Field: n, Text: "can't be encoded"}
		}
	}
	b, err := p.Pack()
	if err != nil { // the text of the error may have card data
		return nil, &Error{Code: CodeSyntax, Text: "can't be encoded"}
	}
	return b, nil
}

// Parse reads a message, whole and with the dialect's header. What it returns does not alias b.
//
// The errors are CodeTooLong, CodeSyntax and those of Build. A message that is written otherwise than Build writes it is
// refused with CodeSyntax: with bytes behind its end, a sign in a length, a bitmap that is longer than it has to be.
func (d *Dialect) Parse(b []byte) (*Message, error) {
	if len(b) > d.maxMessage {
		return nil, &Error{Code: CodeTooLong}
	}
	if !bytes.HasPrefix(b, d.header) {
		return nil, &Error{Code: CodeSyntax, Text: "another header"}
	}
	b = b[len(d.header):]
	p := iso8583.NewMessage(d.spec)
	if err := p.Unpack(b); err != nil { // the text of the error may have card data
		return nil, &Error{Code: CodeSyntax}
	}
	mti, err := p.GetMTI()
	if err != nil {
		return nil, &Error{Code: CodeSyntax}
	}
	m := NewMessage(MTI(mti))
	for n, f := range p.GetFields() {
		if n < 2 {
			continue
		}
		if n > maxField {
			return nil, &Error{Code: CodeUnknown, Field: n}
		}
		v, err := f.Bytes()
		if err != nil || v == nil {
			return nil, &Error{Code: CodeField, Field: n}
		}
		m.fields[n] = bytes.Clone(v)
	}
	if err := d.check(m); err != nil {
		return nil, err
	}
	if again, err := d.pack(m); err != nil || !bytes.Equal(again, b) {
		return nil, &Error{Code: CodeSyntax, Text: "not in the one form that it has"}
	}
	return m, nil
}

// check holds a message to the dialect: its fields to their types, the message to its list.
func (d *Dialect) check(m *Message) error {
	list, known := d.messages[m.MTI]
	if !known {
		return &Error{Code: CodeMTI}
	}
	for _, n := range m.Fields() {
		f := d.fields[n]
		switch {
		case f == nil:
			return &Error{Code: CodeUnknown, Field: n}
		case !list.takes(n):
			return &Error{Code: CodeUnexpected, Field: n}
		}
		if err := f.check(n, m.fields[n]); err != nil {
			return err
		}
	}
	for _, n := range list.must {
		if !m.Has(n) {
			return &Error{Code: CodeMissing, Field: n}
		}
	}
	if d.security.MAC.Algorithm != "" && !m.Has(d.macField(m)) {
		return &Error{Code: CodeMissing, Field: d.macField(m)}
	}
	if m.Has(fieldMAC) && m.Has(fieldMAC2) && d.security.MAC.Algorithm != "" {
		return &Error{Code: CodeUnexpected, Field: fieldMAC}
	}
	if m.Has(fieldChip) {
		return checkChip(m.Get(fieldChip))
	}
	return nil
}

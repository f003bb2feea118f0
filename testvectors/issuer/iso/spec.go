package iso

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// Fixed and variable fields of the simulated acquirer, ISO 8583:1987 in ASCII. Numbers and lengths of the standard; 52, 53,
// 61, 62 and 96 are the acquirer's own.
var (
	fixed = map[int]int{
		3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 15: 4, 18: 4, 19: 3, 22: 3, 23: 3, 25: 2, 26: 2, 28: 9, 37: 12, 38: 6, 39: 2,
		41: 8, 42: 15, 43: 40, 49: 3, 50: 3, 66: 1, 70: 3, 74: 10, 75: 10, 76: 10, 77: 10, 86: 16, 87: 16, 88: 16, 89: 16,
		90: 42, 95: 42, 97: 17,
	}
	upTo99    = map[int]int{32: 11, 33: 11}
	upTo999   = map[int]int{48: 999, 54: 120, 60: 999, 63: 999}
	bytesOf   = map[int]int{52: 16, 53: 12, 61: 12, 64: 8, 128: 8}
	bytesUpTo = map[int]int{55: 999, 62: 999, 96: 999}
)

// spec describes all of it to the codec.
func spec() *iso8583.MessageSpec {
	s := &iso8583.MessageSpec{Name: "simulated acquirer", Fields: map[int]field.Field{
		0: field.NewString(&field.Spec{Length: 4, Enc: encoding.ASCII, Pref: prefix.ASCII.Fixed}),
		1: field.NewBitmap(&field.Spec{Length: 8, Enc: encoding.Binary, Pref: prefix.Binary.Fixed}),
	}}
	text := func(n, length int, p prefix.Prefixer) {
		s.Fields[n] = field.NewString(&field.Spec{Length: length, Enc: encoding.ASCII, Pref: p})
	}
	binary := func(n, length int, p prefix.Prefixer) {
		s.Fields[n] = field.NewBinary(&field.Spec{Length: length, Enc: encoding.Binary, Pref: p})
	}
	for n, l := range fixed {
		text(n, l, prefix.ASCII.Fixed)
	}
	for n, l := range upTo99 {
		text(n, l, prefix.ASCII.LL)
	}
	for n, l := range upTo999 {
		text(n, l, prefix.ASCII.LLL)
	}
	for n, l := range bytesOf {
		binary(n, l, prefix.ASCII.Fixed)
	}
	for n, l := range bytesUpTo {
		binary(n, l, prefix.ASCII.LLL)
	}
	return s
}

// maxFrame is the longest message.
const maxFrame = 4096

// message is a message, by field.
type message struct {
	mti    string
	fields map[int]string // b fields are their bytes
}

func (m *message) has(n int) bool { _, ok := m.fields[n]; return ok }

func (m *message) clone() *message { return &message{m.mti, maps.Clone(m.fields)} }

var errSyntax = errors.New("iso: not a message")

// read takes a message apart. Digits are checked where they are needed.
func (s *Server) read(b []byte) (*message, error) {
	p := iso8583.NewMessage(s.spec)
	if err := p.Unpack(b); err != nil {
		return nil, errSyntax
	}
	m := &message{fields: map[int]string{}}
	var err error
	if m.mti, err = p.GetMTI(); err != nil {
		return nil, errSyntax
	}
	for n, f := range p.GetFields() {
		v, err := f.Bytes()
		if err != nil || n > 128 {
			return nil, errSyntax
		}
		if n > 1 {
			m.fields[n] = string(v)
		}
	}
	if again, err := s.write(m); err != nil || !bytes.Equal(again, b) {
		return nil, errSyntax
	}
	return m, nil
}

// write builds a message.
func (s *Server) write(m *message) ([]byte, error) {
	p := iso8583.NewMessage(s.spec)
	p.MTI(m.mti)
	for _, n := range slices.Sorted(maps.Keys(m.fields)) {
		if err := p.BinaryField(n, []byte(m.fields[n])); err != nil {
			return nil, fmt.Errorf("iso: field %d: %w", n, errSyntax)
		}
	}
	b, err := p.Pack()
	if err != nil {
		return nil, errSyntax
	}
	return b, nil
}

// digits reads a number, and reports whether it is one.
func digits(s string) (n uint64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

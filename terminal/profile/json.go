package profile

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/document"
	"github.com/cardwright/emv/tlv"
)

// The codes of what can be wrong with a file. They are stable; each comes with the path of the place.
const (
	CodeSyntax    = "profile.syntax"     // no JSON, or more than one document
	CodeSize      = "profile.size"       // too large, or too deep
	CodeFormat    = "profile.format"     // "format" names another one
	CodeUnknown   = "profile.unknown"    // a key that there is not
	CodeMissing   = "profile.missing"    // a key that must be there is not
	CodeType      = "profile.type"       // another type of JSON value than it must be
	CodeHex       = "profile.hex"        // not hexadecimal
	CodeLength    = "profile.length"     // a length that the value can't have
	CodeValue     = "profile.value"      // a value that is not one of those there are
	CodeDuplicate = "profile.duplicate"  // a key, an AID or a brand that is given twice
	CodeReference = "profile.reference"  // a brand, an AID or a kernel that is not defined
	CodeSource    = "profile.no_source"  // figures that don't say where they come from
	CodeCountry   = "profile.no_country" // no profile for the country
)

// MaxFile is the most bytes that a file may have.
const MaxFile = 1 << 20

// The bounds of what is in a file: it may come from anywhere.
const (
	maxDepth = 16
	maxText  = 1000
)

// format is what a file may be.
var format = document.Format{
	Bytes: MaxFile, Depth: maxDepth, Syntax: CodeSyntax, Size: CodeSize, Unknown: CodeUnknown, Missing: CodeMissing,
	Duplicate: CodeDuplicate, Type: CodeType, Length: CodeLength, Value: CodeValue,
}

// object is an object of a file. Beside what any document has there is hexadecimal, and a number or a list may be null, which
// is as good as absent: its Number and List stand before those of the document.
type object struct{ *document.Object }

// parseFile reads one JSON document whose outermost value is an object.
func parseFile(file []byte) (*object, error) {
	o, err := format.Read(file)
	if err != nil {
		return nil, err
	}
	return &object{o}, nil
}

// text reads a text; an absent one is empty.
func (o *object) text(key string) string { return o.Text(key, maxText) }

// word reads one of several texts; an absent one is the first.
func (o *object) word(key string, of ...string) string {
	s := o.text(key)
	switch {
	case !o.Has(key):
		return of[0]
	case !slices.Contains(of, s):
		o.Fault(key, CodeValue, "must be one of %s", strings.Join(of, ", "))
		return of[0]
	}
	return s
}

// optional reads a whole number of at most most; nil where it is absent or null.
func (o *object) optional(key string, most uint64) *uint64 {
	v, _ := o.Take(key)
	if v == nil {
		return nil
	}
	n, ok := o.NumberOf(key, v, most)
	if !ok {
		return nil
	}
	return &n
}

// Number is optional with 0 for an absent one.
func (o *object) Number(key string, most uint64) uint64 {
	if n := o.optional(key, most); n != nil {
		return *n
	}
	return 0
}

// List reads a list; nil where it is absent or null.
func (o *object) List(key string) []any {
	if v, _ := o.Take(key); v == nil {
		return nil
	}
	return o.Object.List(key)
}

// bytes reads hexadecimal of low to high bytes; nil where it is absent.
func (o *object) bytes(key string, low, high int) []byte {
	s := o.text(key)
	if !o.Has(key) {
		return nil
	}
	return o.hexOf(key, s, low, high)
}

func (o *object) hexOf(key, s string, low, high int) []byte {
	b, err := hex.DecodeString(s)
	switch {
	case err != nil:
		o.Fault(key, CodeHex, "is not hexadecimal")
		return nil
	case low == high && len(b) != low:
		o.Fault(key, CodeLength, "%d bytes; it has %d", len(b), low)
		return nil
	case len(b) < low || len(b) > high:
		o.Fault(key, CodeLength, "%d bytes; it has %d to %d", len(b), low, high)
		return nil
	}
	return b
}

// texts reads a list of texts.
func (o *object) texts(key string) []string {
	var list []string
	for i, v := range o.List(key) {
		s, ok := v.(string)
		if !ok || len(s) > maxText {
			o.Fault(fmt.Sprintf("%s[%d]", key, i), CodeType, "must be a text")
			continue
		}
		list = append(list, s)
	}
	return list
}

// object reads a member that is an object; nil where it is absent.
func (o *object) object(key string) *object {
	if c := o.Child(key); c != nil {
		return &object{c}
	}
	return nil
}

// objects reads a list of objects.
func (o *object) objects(key string) []*object {
	var list []*object
	for i, v := range o.List(key) {
		if c := o.ChildOf(fmt.Sprintf("%s[%d]", key, i), v); c != nil {
			list = append(list, &object{c})
		}
	}
	return list
}

// aids reads a list of AIDs.
func (o *object) aids(key string) []kernel.AID {
	var list []kernel.AID
	for i, s := range o.texts(key) {
		if b := o.hexOf(fmt.Sprintf("%s[%d]", key, i), s, 5, 16); b != nil {
			list = append(list, b)
		}
	}
	return list
}

// data reads an object of tags and values, in the order of the tags.
func (o *object) data(key string) []byte {
	m := o.object(key)
	if m == nil {
		return nil
	}
	type member struct {
		tag   tlv.Tag
		value []byte
	}
	var list []member
	for _, name := range m.Keys() {
		t, err := tlv.ParseTag(name)
		if err != nil {
			m.Fault(name, CodeHex, "is not a tag")
			m.Take(name)
			continue
		}
		v := m.bytes(name, 0, 255)
		if slices.ContainsFunc(list, func(e member) bool { return e.tag == t }) {
			m.Fault(name, CodeDuplicate, "given twice")
			continue
		}
		list = append(list, member{t, v})
	}
	slices.SortFunc(list, func(a, b member) int { return int(int64(a.tag) - int64(b.tag)) })
	var data []byte
	for _, e := range list {
		data = tlv.Append(data, e.tag, e.value)
	}
	return data
}

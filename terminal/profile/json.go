package profile

import (
	"encoding/hex"
	"encoding/json"
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

// object is a JSON object that is being read. Whatever is wrong goes to faults, so that all of it is told at once.
type object struct {
	path   string
	values map[string]any
	read   []string
	faults *[]kernel.Fault
}

// format is what a file may be.
var format = document.Format{
	Bytes: MaxFile, Depth: maxDepth, Syntax: CodeSyntax, Size: CodeSize, Type: CodeType, Duplicate: CodeDuplicate,
}

// parseFile reads one JSON document whose outermost value is an object.
func parseFile(file []byte) (*object, error) {
	values, faults, err := format.Parse(file)
	if err != nil {
		return nil, err
	}
	return &object{values: values, faults: &faults}, nil
}

func (o *object) fault(key, code, text string) {
	*o.faults = append(*o.faults, kernel.Fault{Path: document.Join(o.path, key), Code: code, Text: text})
}

// err is everything that was found.
func (o *object) err() error {
	if len(*o.faults) == 0 {
		return nil
	}
	return &kernel.ConfigError{Faults: *o.faults}
}

// take returns a member and notes that somebody knows its key.
func (o *object) take(key string) (any, bool) {
	o.read = append(o.read, key)
	v, ok := o.values[key]
	return v, ok
}

func (o *object) has(key string) bool { _, ok := o.values[key]; return ok }

// done reports the keys that nobody has asked for.
func (o *object) done() {
	var unknown []string
	for key := range o.values {
		if !slices.Contains(o.read, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		o.fault(key, CodeUnknown, "there is no such key")
	}
}

// need reports a required member that is missing.
func (o *object) need(key string) bool {
	if !o.has(key) {
		o.fault(key, CodeMissing, "is required")
		return false
	}
	return true
}

// text reads a text; an absent one is empty.
func (o *object) text(key string) string {
	v, ok := o.take(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		o.fault(key, CodeType, "must be a text")
	case len(s) > maxText:
		o.fault(key, CodeLength, fmt.Sprintf("more than %d bytes", maxText))
		return ""
	}
	return s
}

// word reads one of several texts; an absent one is the first.
func (o *object) word(key string, of ...string) string {
	s := o.text(key)
	switch {
	case !o.has(key):
		return of[0]
	case !slices.Contains(of, s):
		o.fault(key, CodeValue, "must be one of "+strings.Join(of, ", "))
		return of[0]
	}
	return s
}

func (o *object) flag(key string) bool {
	v, ok := o.take(key)
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		o.fault(key, CodeType, "must be true or false")
	}
	return b
}

// optional reads a whole number of at most most; nil where it is absent or null.
func (o *object) optional(key string, most uint64) *uint64 {
	v, ok := o.take(key)
	if !ok || v == nil {
		return nil
	}
	n, ok := v.(json.Number)
	if !ok {
		o.fault(key, CodeType, "must be a number")
		return nil
	}
	var u uint64
	if err := json.Unmarshal([]byte(n), &u); err != nil || u > most {
		o.fault(key, CodeValue, fmt.Sprintf("must be a whole number from 0 to %d", most))
		return nil
	}
	return &u
}

// number is optional with 0 for an absent one.
func (o *object) number(key string, most uint64) uint64 {
	if u := o.optional(key, most); u != nil {
		return *u
	}
	return 0
}

// bytes reads hexadecimal of low to high bytes; nil where it is absent.
func (o *object) bytes(key string, low, high int) []byte {
	if !o.has(key) {
		o.take(key)
		return nil
	}
	return o.hexOf(key, o.text(key), low, high)
}

func (o *object) hexOf(key, s string, low, high int) []byte {
	b, err := hex.DecodeString(s)
	switch {
	case err != nil:
		o.fault(key, CodeHex, "is not hexadecimal")
		return nil
	case len(b) < low || len(b) > high:
		text := fmt.Sprintf("%d bytes; it has %d to %d", len(b), low, high)
		if low == high {
			text = fmt.Sprintf("%d bytes; it has %d", len(b), low)
		}
		o.fault(key, CodeLength, text)
		return nil
	}
	return b
}

// texts reads a list of texts.
func (o *object) texts(key string) []string {
	var list []string
	for i, v := range o.list(key) {
		s, ok := v.(string)
		if !ok || len(s) > maxText {
			o.fault(fmt.Sprintf("%s[%d]", key, i), CodeType, "must be a text")
			continue
		}
		list = append(list, s)
	}
	return list
}

func (o *object) list(key string) []any {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok && v != nil {
		o.fault(key, CodeType, "must be a list")
	}
	return list
}

// object reads a member that is an object; nil where it is absent.
func (o *object) object(key string) *object {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.within(key, v)
}

func (o *object) within(key string, v any) *object {
	values, ok := v.(map[string]any)
	if !ok {
		o.fault(key, CodeType, "must be an object")
		return nil
	}
	return &object{path: document.Join(o.path, key), values: values, faults: o.faults}
}

// objects reads a list of objects.
func (o *object) objects(key string) []*object {
	var list []*object
	for i, v := range o.list(key) {
		if e := o.within(fmt.Sprintf("%s[%d]", key, i), v); e != nil {
			list = append(list, e)
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
	for name := range m.values {
		t, err := tlv.ParseTag(name)
		if err != nil {
			m.fault(name, CodeHex, "is not a tag")
			m.take(name)
			continue
		}
		v := m.bytes(name, 0, 255)
		if slices.ContainsFunc(list, func(e member) bool { return e.tag == t }) {
			m.fault(name, CodeDuplicate, "given twice")
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

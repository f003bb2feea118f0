package runner

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cardwright/emv/tlv"
)

// Problem is one thing that is wrong with a suite: Code is stable, Path is where below the case it is.
type Problem struct {
	File, Suite, Case string
	Path              string
	Code              string
	Text              string
}

// String returns the problem in one line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	for _, s := range []string{p.Case, p.Path} {
		if s != "" {
			b.WriteString(": " + s)
		}
	}
	b.WriteString(": " + p.Code + ": " + p.Text)
	return b.String()
}

// The codes of problems that keep a suite from being run.
const (
	CodeRead    = "suite.read"        // the file can't be read
	CodeJSON    = "suite.json"        // not one JSON value
	CodeFormat  = "suite.format"      // "format" is missing or another one
	CodeUnknown = "suite.unknown_key" // a key that the format does not have
	CodeType    = "suite.type"        // a value of the wrong type
	CodeHex     = "suite.hex"         // not hexadecimal
	CodeMasked  = "suite.masked"      // an answer that a masked capture hides
	CodeValue   = "suite.value"       // a value that the key can't have
	CodeMissing = "suite.missing"     // a key that must be there
	CodeTwice   = "suite.twice"       // two cases of a suite with the same id
)

// sink collects the problems of one file.
type sink struct {
	file, suite, id string
	problems        []Problem
}

func (s *sink) add(path, code, format string, args ...any) {
	s.problems = append(s.problems, Problem{s.file, s.suite, s.id, path, code, fmt.Sprintf(format, args...)})
}

// object reads the fields of one JSON object and knows which keys it was asked for: done reports the others.
type object struct {
	*sink
	path  string
	m     map[string]any
	known []string
}

// object makes an object of a value; of anything else it makes an empty one and a problem.
func (s *sink) object(path string, v any) *object {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		s.add(path, CodeType, "must be an object")
	}
	return &object{sink: s, path: path, m: m}
}

// at returns the path of a key.
func (o *object) at(key string) string { return join(o.path, key) }

// take returns the value of a key and whether it is there. null is no value: a case takes away with it what the defaults
// have.
func (o *object) take(key string) (any, bool) {
	o.known = append(o.known, key)
	v := o.m[key]
	return v, v != nil
}

// done reports every key that nothing asked for.
func (o *object) done() {
	var unknown []string
	for k := range o.m {
		if !slices.Contains(o.known, k) {
			unknown = append(unknown, k)
		}
	}
	slices.Sort(unknown)
	for _, k := range unknown {
		o.add(o.at(k), CodeUnknown, "the format has no key %q here", k)
	}
}

func (o *object) text(key string) string {
	v, ok := o.take(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		o.add(o.at(key), CodeType, "must be text")
	}
	return s
}

func (o *object) flag(key string) (value, there bool) {
	v, ok := o.take(key)
	if !ok {
		return false, false
	}
	b, ok := v.(bool)
	if !ok {
		o.add(o.at(key), CodeType, "must be true or false")
	}
	return b, ok
}

// bytes returns the value of a hexadecimal key, nil when it is not there.
func (o *object) bytes(key string) []byte {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.hexOf(o.at(key), v)
}

func (s *sink) hexOf(path string, v any) []byte {
	text, ok := v.(string)
	if !ok {
		s.add(path, CodeType, "must be hexadecimal text")
		return nil
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		s.add(path, CodeHex, "%v", err)
		return nil
	}
	return b
}

// sized is bytes with a length of its own.
func (o *object) sized(key string, n int) []byte {
	b := o.bytes(key)
	if b != nil && len(b) != n {
		o.add(o.at(key), CodeValue, "has %d bytes and must have %d", len(b), n)
		return nil
	}
	return b
}

// decimal reads an amount: decimal text in minor units; a JSON number is taken too.
func (o *object) decimal(key string) *uint64 {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	default:
		o.add(o.at(key), CodeType, "must be a decimal number as text")
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		o.add(o.at(key), CodeValue, "%q is not a decimal number", text)
		return nil
	}
	return &n
}

// most reads a decimal that is bounded.
func (o *object) most(key string, most uint64) *uint64 {
	n := o.decimal(key)
	if n != nil && *n > most {
		o.add(o.at(key), CodeValue, "is %d and may be %d at most", *n, most)
		return nil
	}
	return n
}

// number reads a JSON number that is a whole one.
func (o *object) number(key string) (int64, bool) {
	v, ok := o.take(key)
	if !ok {
		return 0, false
	}
	n, ok := v.(json.Number)
	if !ok {
		o.add(o.at(key), CodeType, "must be a number")
		return 0, false
	}
	i, err := n.Int64()
	if err != nil {
		o.add(o.at(key), CodeValue, "must be a whole number")
		return 0, false
	}
	return i, true
}

// whole is number for a key that may be written as decimal text, too.
func (o *object) whole(key string) (int64, bool) {
	if s, ok := o.m[key].(string); ok {
		o.take(key)
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			o.add(o.at(key), CodeValue, "%q is not a decimal number", s)
		}
		return n, err == nil
	}
	return o.number(key)
}

// list returns the elements of an array, nil when it is not there.
func (o *object) list(key string) []any {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		o.add(o.at(key), CodeType, "must be an array")
	}
	return l
}

func (o *object) texts(key string) []string {
	var out []string
	for i, v := range o.list(key) {
		s, ok := v.(string)
		if !ok {
			o.add(fmt.Sprintf("%s[%d]", o.at(key), i), CodeType, "must be text")
			continue
		}
		out = append(out, s)
	}
	return out
}

// one reads one of the named values.
func (o *object) one(key string, names ...string) string {
	s := o.text(key)
	if s != "" && !slices.Contains(names, s) {
		o.add(o.at(key), CodeValue, "%q is none of %s", s, strings.Join(names, ", "))
	}
	return s
}

// child returns the object under a key, nil when it is not there.
func (o *object) child(key string) *object {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	return o.object(o.at(key), v)
}

// objects returns the objects of an array.
func (o *object) objects(key string) []*object {
	var out []*object
	for i, v := range o.list(key) {
		path := fmt.Sprintf("%s[%d]", o.at(key), i)
		if _, ok := v.(map[string]any); !ok {
			o.add(path, CodeType, "must be an object")
			continue
		}
		out = append(out, o.object(path, v))
	}
	return out
}

// Objects are data objects by tag, in the order of their tags.
type Objects []DataObject

// DataObject is one of them.
type DataObject struct {
	Tag   tlv.Tag
	Value []byte
}

// objectsOf returns the objects of a list in TLV, those of its first level.
func objectsOf(list []byte) Objects {
	var l Objects
	for c := tlv.Read(list); c.Next(); {
		l = append(l, DataObject{c.Tag(), c.Value()})
	}
	return l
}

// Get returns a value, nil when the object is not there.
func (l Objects) Get(t tlv.Tag) []byte {
	for _, d := range l {
		if d.Tag == t {
			return d.Value
		}
	}
	return nil
}

// Append appends the objects as TLV.
func (l Objects) Append(dst []byte) []byte {
	for _, d := range l {
		dst = tlv.Append(dst, d.Tag, d.Value)
	}
	return dst
}

// With returns the objects with one put in, in place of one with its tag.
func (l Objects) With(t tlv.Tag, value []byte) Objects {
	out := slices.DeleteFunc(slices.Clone(l), func(d DataObject) bool { return d.Tag == t })
	return append(out, DataObject{t, value})
}

// tags reads an object of tag → hexadecimal.
func (o *object) tags(key string) Objects {
	c := o.child(key)
	if c == nil {
		return nil
	}
	var out Objects
	for k, v := range c.m {
		t, err := tlv.ParseTag(k)
		if err != nil {
			o.add(c.at(k), CodeUnknown, "the key %q is not a tag", k)
			continue
		}
		if v == nil {
			continue
		}
		b := o.hexOf(c.at(k), v)
		if len(b) > tlv.MaxLength {
			o.add(c.at(k), CodeValue, "has %d bytes; a data object has at most %d", len(b), tlv.MaxLength)
			continue
		}
		if b != nil {
			out = append(out, DataObject{t, b})
		}
	}
	slices.SortFunc(out, func(a, b DataObject) int { return int(int64(a.Tag) - int64(b.Tag)) })
	return out
}

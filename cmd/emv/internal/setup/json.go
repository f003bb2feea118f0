package setup

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/document"
)

// The codes of what can be wrong with a file. They are stable; each comes with the path of the place.
const (
	CodeSyntax    = "setup.syntax"    // no JSON, or more than one document
	CodeSize      = "setup.size"      // too large, or too deep
	CodeFormat    = "setup.format"    // "format" names another one
	CodeUnknown   = "setup.unknown"   // a key that there is not
	CodeMissing   = "setup.missing"   // a key that must be there is not
	CodeType      = "setup.type"      // another type of JSON value than it must be
	CodeLength    = "setup.length"    // longer than it may be
	CodeValue     = "setup.value"     // a value that it can't have
	CodeDuplicate = "setup.duplicate" // given twice
	CodeConflict  = "setup.conflict"  // two keys of which only one may be there
	CodeFile      = "setup.file"      // a file that can't be read, or is not what it must be
)

// The bounds of what is in a file.
const (
	maxFile  = 1 << 18
	maxDepth = 8
	maxText  = 1000
	maxList  = 64
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
	Bytes: maxFile, Depth: maxDepth, Syntax: CodeSyntax, Size: CodeSize, Type: CodeType, Duplicate: CodeDuplicate,
}

// parse reads one JSON document whose outermost value is an object.
func parse(file []byte) (*object, error) {
	values, faults, err := format.Parse(file)
	if err != nil {
		return nil, err
	}
	return &object{values: values, faults: &faults}, nil
}

func (o *object) fault(key, code, format string, a ...any) {
	*o.faults = append(*o.faults, kernel.Fault{Path: document.Join(o.path, key), Code: code, Text: fmt.Sprintf(format, a...)})
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
func (o *object) need(keys ...string) {
	for _, key := range keys {
		if !o.has(key) {
			o.fault(key, CodeMissing, "is required")
		}
	}
}

// text reads a text of at most most bytes; an absent one is empty.
func (o *object) text(key string, most int) string {
	v, ok := o.take(key)
	if !ok {
		return ""
	}
	return o.textOf(key, v, most)
}

func (o *object) textOf(key string, v any, most int) string {
	s, ok := v.(string)
	switch {
	case !ok:
		o.fault(key, CodeType, "must be a text")
	case len(s) > most:
		o.fault(key, CodeLength, "more than %d bytes", most)
		return ""
	case s == "":
		o.fault(key, CodeValue, "is empty")
	}
	return s
}

// word reads one of several texts; an absent one is empty.
func (o *object) word(key string, of ...string) string {
	s := o.text(key, maxText)
	if s != "" && !slices.Contains(of, s) {
		o.fault(key, CodeValue, "must be one of %s", strings.Join(of, ", "))
		return ""
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

// number reads a whole number of at most most; 0 where it is absent.
func (o *object) number(key string, most uint64) uint64 {
	v, ok := o.take(key)
	if !ok {
		return 0
	}
	n, ok := v.(json.Number)
	if !ok {
		o.fault(key, CodeType, "must be a number")
		return 0
	}
	var u uint64
	if err := json.Unmarshal([]byte(n), &u); err != nil || u > most {
		o.fault(key, CodeValue, "must be a whole number from 0 to %d", most)
		return 0
	}
	return u
}

// texts reads a list of texts, each of at most most bytes, none of them twice.
func (o *object) texts(key string, most int) []string {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	switch {
	case !ok:
		o.fault(key, CodeType, "must be a list")
		return nil
	case len(list) > maxList:
		o.fault(key, CodeLength, "more than %d", maxList)
		return nil
	}
	texts := []string{}
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		s := o.textOf(at, v, most)
		if s != "" && slices.Contains(texts, s) {
			o.fault(at, CodeDuplicate, "given twice")
		}
		texts = append(texts, s)
	}
	return texts
}

// object reads a member that is an object; nil where it is absent.
func (o *object) object(key string) *object {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	values, ok := v.(map[string]any)
	if !ok {
		o.fault(key, CodeType, "must be an object")
		return nil
	}
	return &object{path: document.Join(o.path, key), values: values, faults: o.faults}
}

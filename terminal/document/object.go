package document

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cardwright/emv/kernel"
)

// Object is a JSON object that is being read. Whatever is wrong with it and with what is inside is noted with its path, so
// that Err tells all of it at once. A member that is absent reads as the zero value and is no fault; null is one.
//
// The methods whose names end in Of read a value that was taken before, such as an element of a list; key is what its
// faults are shown at: "tips[2]".
type Object struct {
	format *Format
	path   string
	values map[string]any
	known  map[string]bool // the keys that somebody has asked for
	faults *[]kernel.Fault // of the whole document
}

// Fault notes what is wrong with a member.
func (o *Object) Fault(key, code, format string, a ...any) {
	*o.faults = append(*o.faults, kernel.Fault{Path: join(o.path, key), Code: code, Text: fmt.Sprintf(format, a...)})
}

// Nested notes what is wrong with the document that a member names, each fault at its path there.
func (o *Object) Nested(key string, faults []kernel.Fault) {
	for _, f := range faults {
		f.Path = join(o.path, key) + ":" + f.Path
		*o.faults = append(*o.faults, f)
	}
}

// Err is everything that was found in the whole document, a *kernel.ConfigError, or nil.
func (o *Object) Err() error {
	if len(*o.faults) == 0 {
		return nil
	}
	return &kernel.ConfigError{Faults: *o.faults}
}

// Take returns a member as encoding/json has it, numbers as json.Number, and notes that its key is known.
func (o *Object) Take(key string) (any, bool) {
	o.known[key] = true
	v, ok := o.values[key]
	return v, ok
}

// Has reports whether a member is there. It does not make its key known.
func (o *Object) Has(key string) bool { _, ok := o.values[key]; return ok }

// Keys returns the keys that are there, sorted.
func (o *Object) Keys() []string { return slices.Sorted(maps.Keys(o.values)) }

// Done notes the keys that nobody has asked for.
func (o *Object) Done() {
	for _, key := range o.Keys() {
		if !o.known[key] {
			o.Fault(key, o.format.Unknown, "there is no such key")
		}
	}
}

// Need notes required members that are missing, and reports whether all are there.
func (o *Object) Need(keys ...string) bool {
	all := true
	for _, key := range keys {
		if !o.Has(key) {
			o.Fault(key, o.format.Missing, "is required")
			all = false
		}
	}
	return all
}

// Text reads a text of at most most bytes. One that is longer reads as empty.
func (o *Object) Text(key string, most int) string {
	v, ok := o.Take(key)
	if !ok {
		return ""
	}
	return o.TextOf(key, v, most)
}

// TextOf is Text for a value.
func (o *Object) TextOf(key string, v any, most int) string {
	s, ok := v.(string)
	switch {
	case !ok:
		o.Fault(key, o.format.Type, "must be a text")
	case len(s) > most:
		o.Fault(key, o.format.Length, "more than %d bytes", most)
		return ""
	}
	return s
}

// Flag reads true or false.
func (o *Object) Flag(key string) bool {
	v, ok := o.Take(key)
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		o.Fault(key, o.format.Type, "must be true or false")
	}
	return b
}

// Number reads a whole number from 0 to most, written without a point and without an exponent.
func (o *Object) Number(key string, most uint64) uint64 {
	v, ok := o.Take(key)
	if !ok {
		return 0
	}
	n, _ := o.NumberOf(key, v, most)
	return n
}

// NumberOf is Number for a value, and reports whether it is one.
func (o *Object) NumberOf(key string, v any, most uint64) (uint64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		o.Fault(key, o.format.Type, "must be a number")
		return 0, false
	}
	var u uint64
	if err := json.Unmarshal([]byte(n), &u); err != nil || u > most {
		o.Fault(key, o.format.Value, "must be a whole number from 0 to %d", most)
		return 0, false
	}
	return u, true
}

// List reads a list. It is nil where there is none, and not where there is an empty one.
func (o *Object) List(key string) []any {
	v, ok := o.Take(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		o.Fault(key, o.format.Type, "must be a list")
	}
	return list
}

// Child reads a member that is an object, nil where there is none.
func (o *Object) Child(key string) *Object {
	v, ok := o.Take(key)
	if !ok {
		return nil
	}
	return o.ChildOf(key, v)
}

// ChildOf is Child for a value.
func (o *Object) ChildOf(key string, v any) *Object {
	values, ok := v.(map[string]any)
	if !ok {
		o.Fault(key, o.format.Type, "must be an object")
		return nil
	}
	return &Object{format: o.format, path: join(o.path, key), values: values, known: map[string]bool{}, faults: o.faults}
}

// join is the path of a member. A key is shown as far as it is one that a person would write.
func join(path, key string) string {
	if len(key) > 40 {
		key = key[:40] + "…"
	}
	key = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7F {
			return '?'
		}
		return r
	}, key)
	if path == "" {
		return key
	}
	return path + "." + key
}

// Package document reads the JSON files that people write for a terminal: its configuration, a country's profile. It is
// strict where encoding/json is not: a key that is given twice is a fault, and so is one that nobody asks for, nothing may
// stand behind the document, and depth and size are bounded. What the values mean is for the caller, who puts its own codes
// on what is wrong.
//
//	o, err := format.Read(file)
//	if err != nil {
//		return err
//	}
//	o.Need("port")
//	port := o.Number("port", 65535)
//	o.Done()
//	return o.Err()
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/cardwright/emv/kernel"
)

// Format is what a kind of file may be, and the stable codes of what it must not be.
type Format struct {
	Bytes, Depth int // at most

	Syntax    string // no JSON, or more than one document
	Size      string // too large, or too deep
	Unknown   string // a key that there is not
	Missing   string // a key that must be there is not
	Duplicate string // a key that is given twice
	Type      string // another type of JSON value than it must be
	Length    string // a text that is too long
	Value     string // a number that it can't be
}

// Read reads a file whose outermost value is an object. Keys that are given twice are faults of the object, with their
// paths, and do not end the reading; the error, a *kernel.ConfigError with the path "file", is what does.
func (f *Format) Read(file []byte) (*Object, error) {
	fault := func(code, text string) error {
		return &kernel.ConfigError{Faults: []kernel.Fault{{Path: "file", Code: code, Text: text}}}
	}
	if len(file) > f.Bytes {
		return nil, fault(f.Size, fmt.Sprintf("%d bytes, the most is %d", len(file), f.Bytes))
	}
	r := reader{Format: f, d: json.NewDecoder(bytes.NewReader(file))}
	r.d.UseNumber()
	v, err := r.next("", 0)
	if err == nil {
		if _, more := r.d.Token(); !errors.Is(more, io.EOF) {
			return nil, fault(f.Syntax, "something stands behind the document")
		}
	}
	switch {
	case errors.Is(err, errDepth):
		return nil, fault(f.Size, fmt.Sprintf("nested more than %d deep", f.Depth))
	case err != nil:
		return nil, fault(f.Syntax, fmt.Sprintf("at byte %d: %v", r.d.InputOffset(), err))
	}
	values, ok := v.(map[string]any)
	if !ok {
		return nil, fault(f.Type, "the document is no object")
	}
	return &Object{format: f, values: values, known: map[string]bool{}, faults: &r.faults}, nil
}

var errDepth = errors.New("nested too deep")

// reader reads one document.
type reader struct {
	*Format
	d      *json.Decoder
	faults []kernel.Fault
}

// next reads the next value. encoding/json itself would let the last of two equal keys win.
func (r *reader) next(path string, depth int) (any, error) {
	if depth > r.Depth {
		return nil, errDepth
	}
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		values := map[string]any{}
		for r.d.More() {
			k, err := r.d.Token()
			if err != nil {
				return nil, err
			}
			key, _ := k.(string)
			at := join(path, key)
			if _, twice := values[key]; twice {
				r.faults = append(r.faults, kernel.Fault{Path: at, Code: r.Duplicate, Text: "given twice"})
			}
			if values[key], err = r.next(at, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := r.d.Token()
		return values, err
	case json.Delim('['):
		list := []any{}
		for r.d.More() {
			v, err := r.next(fmt.Sprintf("%s[%d]", path, len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := r.d.Token()
		return list, err
	}
	return t, nil
}

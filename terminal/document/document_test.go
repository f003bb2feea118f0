package document_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/document"
)

var format = document.Format{
	Bytes: 64, Depth: 3, Syntax: "x.syntax", Size: "x.size", Unknown: "x.unknown", Missing: "x.missing", Duplicate: "x.twice",
	Type: "x.type", Length: "x.length", Value: "x.value",
}

// read is an object that must be one.
func read(t *testing.T, file string) *document.Object {
	t.Helper()
	o, err := format.Read([]byte(file))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return o
}

// faults are what an error lists, nil for none.
func faults(t *testing.T, err error) []kernel.Fault {
	t.Helper()
	var config *kernel.ConfigError
	if err != nil && !errors.As(err, &config) {
		t.Fatalf("no list of faults: %v", err)
	}
	if config == nil {
		return nil
	}
	return config.Faults
}

// TestRead: what ends the reading, and what just does not.
func TestRead(t *testing.T) {
	for _, c := range []struct{ file, code, text string }{
		{`{"a":{"b":[1]}}`, "", ""},
		{`{"a":"` + strings.Repeat("x", 56) + `"}`, "", ""},
		{` {} ` + "\n", "", ""},
		{`{"a":{"b":[[1]]}}`, "x.size", "nested more than 3 deep"}, // the number is the fourth level below the document
		{`{"a":"` + strings.Repeat("x", 57) + `"}`, "x.size", "65 bytes, the most is 64"},
		{`{"a":1} {}`, "x.syntax", "something stands behind the document"},
		{`{"a":1} ]`, "x.syntax", "something stands behind the document"},
		{`{"a":1`, "x.syntax", "at byte 6: "},
		{``, "x.syntax", "at byte 0: "},
		{`[]`, "x.type", "the document is no object"},
		{`null`, "x.type", "the document is no object"},
	} {
		o, err := format.Read([]byte(c.file))
		got := faults(t, err)
		switch {
		case c.code == "" && got != nil:
			t.Errorf("%s: %v", c.file, got)
		case c.code != "" && (len(got) != 1 || got[0].Path != "file" || got[0].Code != c.code || !strings.HasPrefix(got[0].Text, c.text)):
			t.Errorf("%s: %v, want %s: %s", c.file, got, c.code, c.text)
		}
		if (o == nil) != (c.code != "") {
			t.Errorf("%s: an object and an error, or neither", c.file)
		}
	}
}

// TestTwice: the last of two equal keys counts, and both are told of.
func TestTwice(t *testing.T) {
	o := read(t, `{"a":{"b":1,"b":2},"c":3,"c":4,"d":[{"e":0,"e":0}]}`)
	want := []kernel.Fault{
		{Path: "a.b", Code: "x.twice", Text: "given twice"},
		{Path: "c", Code: "x.twice", Text: "given twice"},
		{Path: "d[0].e", Code: "x.twice", Text: "given twice"},
	}
	if got := faults(t, o.Err()); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if n := o.Number("c", 9); n != 4 {
		t.Errorf("c is %d", n)
	}
}

package document_test

import (
	"errors"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/document"
)

var format = document.Format{Bytes: 64, Depth: 2, Syntax: "x.syntax", Size: "x.size", Type: "x.type", Duplicate: "x.twice"}

func TestParse(t *testing.T) {
	for _, c := range []struct{ file, code string }{
		{`{"a":{"b":[]}}`, ""},
		{`{"a":{"b":[1]}}`, "x.size"}, // the number is the third level below the document
		{`{"a":"` + string(make([]byte, 64)) + `"}`, "x.size"},
		{`{"a":1} {}`, "x.syntax"},
		{`{"a":1`, "x.syntax"},
		{``, "x.syntax"},
		{`[]`, "x.type"},
	} {
		_, faults, err := format.Parse([]byte(c.file))
		var config *kernel.ConfigError
		switch {
		case c.code == "" && (err != nil || len(faults) != 0):
			t.Errorf("%s: %v, %v", c.file, faults, err)
		case c.code != "" && (!errors.As(err, &config) || config.Faults[0].Code != c.code):
			t.Errorf("%s: %v, want %s", c.file, err, c.code)
		}
	}
}

func TestTwice(t *testing.T) {
	_, faults, err := format.Parse([]byte(`{"a":{"b":1,"b":2},"a":3}`))
	if err != nil || len(faults) != 2 || faults[0].Path != "a.b" || faults[1].Path != "a" || faults[1].Code != "x.twice" {
		t.Errorf("%+v, %v", faults, err)
	}
}

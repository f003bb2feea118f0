package setup

import (
	"fmt"
	"slices"
	"strings"

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

// format is what a file may be.
var format = document.Format{
	Bytes: maxFile, Depth: maxDepth, Syntax: CodeSyntax, Size: CodeSize, Unknown: CodeUnknown, Missing: CodeMissing,
	Duplicate: CodeDuplicate, Type: CodeType, Length: CodeLength, Value: CodeValue,
}

// object is an object of a file. A text that is there is not empty: its Text and TextOf stand before those of the document.
type object struct{ *document.Object }

// parse reads one JSON document whose outermost value is an object.
func parse(file []byte) (*object, error) {
	o, err := format.Read(file)
	if err != nil {
		return nil, err
	}
	return &object{o}, nil
}

// Text reads a text of at most most bytes; an absent one is empty.
func (o *object) Text(key string, most int) string {
	v, ok := o.Take(key)
	if !ok {
		return ""
	}
	return o.TextOf(key, v, most)
}

// TextOf is Text for a value.
func (o *object) TextOf(key string, v any, most int) string {
	if v == "" {
		o.Fault(key, CodeValue, "is empty")
	}
	return o.Object.TextOf(key, v, most)
}

// word reads one of several texts; an absent one is empty.
func (o *object) word(key string, of ...string) string {
	s := o.Text(key, maxText)
	if s != "" && !slices.Contains(of, s) {
		o.Fault(key, CodeValue, "must be one of %s", strings.Join(of, ", "))
		return ""
	}
	return s
}

// texts reads a list of texts, each of at most most bytes, none of them twice.
func (o *object) texts(key string, most int) []string {
	list := o.List(key)
	switch {
	case list == nil:
		return nil
	case len(list) > maxList:
		o.Fault(key, CodeLength, "more than %d", maxList)
		return nil
	}
	texts := []string{}
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		s := o.TextOf(at, v, most)
		if s != "" && slices.Contains(texts, s) {
			o.Fault(at, CodeDuplicate, "given twice")
		}
		texts = append(texts, s)
	}
	return texts
}

// object reads a member that is an object; nil where it is absent.
func (o *object) object(key string) *object {
	if c := o.Child(key); c != nil {
		return &object{c}
	}
	return nil
}

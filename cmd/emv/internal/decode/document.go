package decode

import (
	"fmt"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Kind is what some bytes are taken for.
type Kind string

// The kinds. Guess finds out by itself.
const (
	Guess Kind = ""
	TLV   Kind = "tlv"  // BER-TLV data objects
	DOL   Kind = "dol"  // a data object list: tags and lengths
	APDU  Kind = "apdu" // commands and answers, one a line
	DE55  Kind = "de55" // field 55 of an ISO 8583 message, with or without its length
	Tag   Kind = "tag"  // TAG:VALUE, or a tag alone
)

// Kinds are all kinds but Guess.
var Kinds = []Kind{TLV, DOL, APDU, DE55, Tag}

// Document is what was found. Its JSON form is stable: keys may be added, none renamed.
type Document struct {
	Kind    Kind   `json:"kind"`
	Guessed bool   `json:"guessed"` // the kind was not asked for
	Book    string `json:"book"`    // whose meaning tags have: "EMV", "C-3"
	BookBy  string `json:"book_by"` // how that was found: "default", "asked", "AID A000000003"
	Bytes   int    `json:"bytes"`
	Parts   []Part `json:"parts"`
}

// Part is one self-contained piece: a command, an answer, a string of data objects.
type Part struct {
	Kind    string   `json:"kind"`            // "tlv", "dol", "command", "response", "tag", "entry"
	Title   string   `json:"title,omitempty"` // "SELECT 2PAY.SYS.DDF01"
	Raw     string   `json:"raw,omitempty"`   // a command in hexadecimal, masked
	SW      string   `json:"sw,omitempty"`    // of an answer
	Notes   []string `json:"notes,omitempty"`
	Objects []Object `json:"objects,omitempty"`
}

// Object is one data object, or one entry of a list.
type Object struct {
	Tag     string   `json:"tag"`
	Name    string   `json:"name,omitempty"` // empty for a tag that nobody knows, or that means different things to different kernels
	Book    string   `json:"book,omitempty"` // where the name is from: "EMV", "C-3"
	Format  string   `json:"format,omitempty"`
	Length  int      `json:"length"`
	Offset  *int     `json:"offset,omitempty"` // of the value, in the part; not set where the object was not read from TLV
	Value   string   `json:"value,omitempty"`  // of a primitive object: hexadecimal, masked; of Track 1 the text
	Text    string   `json:"text,omitempty"`   // the value as people read it: "12.50 USD"
	Meaning []string `json:"meaning,omitempty"`
	Objects []Object `json:"objects,omitempty"`

	constructed bool
	entry       bool // of a list or the dictionary: there is no value
	ambiguous   bool // Meaning lists what different books call it
}

// Fault is an input that can't be read. Place says where it is, for people.
type Fault struct {
	Code  string // stable: "tlv.truncated", "input.hex"
	Place string // "line 2", "offset 5"
	Text  string
}

func (f *Fault) Error() string {
	s := f.Code
	if f.Place != "" {
		s += " at " + f.Place
	}
	if f.Text != "" {
		s += ": " + f.Text
	}
	return s
}

// ErrorCode returns the stable code.
func (f *Fault) ErrorCode() string { return f.Code }

// syntaxTexts say in words what the codes of package tlv say.
var syntaxTexts = map[tlv.Code]string{
	tlv.CodeTruncated:  "a tag, length or value runs past the end",
	tlv.CodeTagLong:    "a tag of more than four bytes",
	tlv.CodeTagNumber:  "a long tag whose number begins with zero",
	tlv.CodeTagText:    "not one tag in hexadecimal",
	tlv.CodeIndefinite: "the indefinite length '80' is not allowed in EMV",
	tlv.CodeLengthLong: "a length field of more than three bytes",
	tlv.CodeDepth:      fmt.Sprintf("objects nested deeper than %d levels", tlv.MaxDepth),
	tlv.CodeDOLLength:  "the length of an entry is not one byte",
}

// fault makes an error of package tlv a Fault.
func fault(err error) error {
	s, ok := err.(*tlv.SyntaxError)
	if !ok {
		return err
	}
	f := &Fault{Code: string(s.Code), Place: fmt.Sprintf("offset %d", s.Offset), Text: syntaxTexts[s.Code]}
	if s.Code == tlv.CodeTagText {
		f.Place = ""
	}
	return f
}

// kernels are the names by which scopes are asked for.
var kernels = map[string]dict.Scope{
	"EMV": dict.Common, "C2": dict.C2, "C3": dict.C3, "C4": dict.C4, "C5": dict.C5, "C6": dict.C6, "C7": dict.C7,
	"C8": dict.C8, "INTERAC": dict.Interac,
}

// ParseKernel reads the name of a scope: "C2" to "C8", "INTERAC", "EMV"; also "C-2". The error's code is
// "input.kernel".
func ParseKernel(s string) (dict.Scope, error) {
	if scope, ok := kernels[strings.ToUpper(strings.ReplaceAll(s, "-", ""))]; ok {
		return scope, nil
	}
	return 0, &kernel.Error{Code: "input.kernel", Text: fmt.Sprintf("%q is not one of C2 C3 C4 C5 C6 C7 C8 INTERAC EMV", s)}
}

// ParseKind reads the name of a kind. The error's code is "input.kind".
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds {
		if strings.EqualFold(s, string(k)) {
			return k, nil
		}
	}
	return Guess, &kernel.Error{Code: "input.kind", Text: fmt.Sprintf("%q is not one of tlv dol apdu de55 tag", s)}
}

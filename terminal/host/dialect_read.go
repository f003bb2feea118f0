package host

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"

	"github.com/cardwright/emv/tlv"
)

// dialectFormat is the format of dialects' files.
const dialectFormat = "emv-iso8583/1"

// maxDialect bounds a file, maxMessage a message: the length in front of it has two bytes.
const (
	maxDialect = 256 << 10
	maxMessage = 0xFFFF
)

// dialectFile is the JSON form. data/README.md describes it.
type dialectFile struct {
	Format     string                 `json:"format"`
	Name       string                 `json:"name"`
	About      string                 `json:"about"`
	Source     string                 `json:"source"`
	Encoding   encodingFile           `json:"encoding"`
	Fields     map[string]fieldFile   `json:"fields"`
	Messages   map[string]messageFile `json:"messages"`
	Operations map[Operation]MTI      `json:"operations"`
	Codes      map[string]codeFile    `json:"codes"`
	Security   security               `json:"security"`
	Chip       []string               `json:"chip"`
	Echo       []int                  `json:"echo"`
	Constants  map[string]string      `json:"constants"`
	Amounts    amountTypes            `json:"additional_amounts"`
}

type encodingFile struct {
	Header     string `json:"header"`
	MTI        string `json:"mti"`
	Bitmap     string `json:"bitmap"`
	Digits     string `json:"digits"`
	Text       string `json:"text"`
	Lengths    string `json:"lengths"`
	MaxMessage int    `json:"max_message"`
}

type fieldFile struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Length int    `json:"length"`
	Prefix string `json:"prefix"`
	Secret bool   `json:"secret"`
}

type messageFile struct {
	Must []int `json:"must"`
	May  []int `json:"may"`
	Any  bool  `json:"any"`
}

type codeFile struct {
	Action Action `json:"action"`
	ARC    string `json:"arc"`
}

// LoadDialect reads a dialect's file: JSON of format emv-iso8583/1. Keys that are not known, fields that no message has
// defined, and everything else that a typing error could leave behind are refused with CodeDialect, which says where.
func LoadDialect(file []byte) (*Dialect, error) {
	if len(file) > maxDialect {
		return nil, dialectFault("", "longer than a dialect is")
	}
	var f dialectFile
	r := json.NewDecoder(bytes.NewReader(file))
	r.DisallowUnknownFields()
	if err := r.Decode(&f); err != nil {
		return nil, &Error{Code: CodeDialect, Err: err}
	}
	if _, err := r.Token(); err != io.EOF {
		return nil, dialectFault("", "something behind its end")
	}
	if key, twice := repeated(json.NewDecoder(bytes.NewReader(file))); twice {
		return nil, dialectFault(key, "given twice")
	}
	if f.Format != dialectFormat {
		return nil, dialectFault("format", "must be "+dialectFormat)
	}
	d := &Dialect{Name: f.Name, About: f.About, security: f.Security, amounts: f.Amounts}
	for _, step := range []func(*dialectFile) error{
		d.readFields, d.readMessages, d.readCodes, d.readSecurity, d.readRest,
	} {
		if err := step(&f); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// repeated returns a key that an object has twice, of which a decoder would take the last. The JSON was read before.
func repeated(d *json.Decoder) (string, bool) {
	t, err := d.Token()
	if err != nil || t != json.Delim('{') && t != json.Delim('[') {
		return "", false
	}
	seen := map[any]bool{}
	for d.More() {
		if t == json.Delim('{') {
			key, _ := d.Token()
			if seen[key] {
				return fmt.Sprint(key), true
			}
			seen[key] = true
		}
		if key, twice := repeated(d); twice {
			return key, true
		}
	}
	_, _ = d.Token()
	return "", false
}

func dialectFault(at, text string) error {
	if at != "" {
		text = at + ": " + text
	}
	return &Error{Code: CodeDialect, Text: text}
}

// encodingOf returns the encodings that a file names.
func (f *encodingFile) read() (*encodings, error) {
	e := &encodings{}
	characters := map[string]encoding.Encoder{"ascii": encoding.ASCII, "ebcdic": encoding.EBCDIC}
	numbers := map[string]encoding.Encoder{"ascii": encoding.ASCII, "ebcdic": encoding.EBCDIC, "bcd": encoding.BCD}
	bitmaps := map[string]encoding.Encoder{"binary": encoding.Binary, "hex": encoding.BytesToASCIIHex}
	lengths := map[string]prefix.Prefixers{"ascii": prefix.ASCII, "ebcdic": prefix.EBCDIC, "bcd": prefix.BCD}
	var good [5]bool
	e.mti, good[0] = numbers[f.MTI]
	e.bitmap, good[1] = bitmaps[f.Bitmap]
	e.digits, good[2] = numbers[f.Digits]
	e.text, good[3] = characters[f.Text]
	e.lengths, good[4] = lengths[f.Lengths]
	for i, name := range []string{"mti", "bitmap", "digits", "text", "lengths"} {
		if !good[i] {
			return nil, dialectFault("encoding."+name, "not an encoding")
		}
	}
	return e, nil
}

// prefixes are the names of lengths in front of values.
var prefixes = []string{"", "L", "LL", "LLL"}

func (d *Dialect) readFields(f *dialectFile) error {
	e, err := f.Encoding.read()
	if err != nil {
		return err
	}
	if d.header, err = hex.DecodeString(f.Encoding.Header); err != nil || len(d.header) > 32 {
		return dialectFault("encoding.header", "not hexadecimal, or longer than 32 bytes")
	}
	if d.maxMessage = f.Encoding.MaxMessage; d.maxMessage < 64 || d.maxMessage > maxMessage {
		return dialectFault("encoding.max_message", "must be 64 to 65535 bytes")
	}
	d.fields = map[int]*definition{}
	d.spec = &iso8583.MessageSpec{Name: d.Name, Fields: map[int]field.Field{
		0: field.NewString(&field.Spec{Length: 4, Description: "message type", Enc: e.mti, Pref: prefix.ASCII.Fixed}),
		1: field.NewBitmap(&field.Spec{Length: 8, Description: "bitmap", Enc: e.bitmap, Pref: prefix.Binary.Fixed}),
	}}
	for key, v := range f.Fields {
		n, err := strconv.Atoi(key)
		at := "fields." + key
		switch {
		case err != nil || strconv.Itoa(n) != key || n < 2 || n > maxField || n == 65:
			return dialectFault(at, "fields are numbered 2 to 128, without 65")
		case kinds[v.Type] == nil:
			return dialectFault(at, "not a type")
		case v.Length < 1 || v.Length > 999:
			return dialectFault(at, "must be 1 to 999 long")
		case !slices.Contains(prefixes, v.Prefix) || v.Prefix == "L" && v.Length > 9 || v.Prefix == "LL" && v.Length > 99:
			return dialectFault(at, "a prefix that can't tell the length")
		}
		def := &definition{name: v.Name, kind: v.Type, length: v.Length, prefix: len(v.Prefix), sensitive: v.Secret}
		d.fields[n] = def
		d.spec.Fields[n] = def.spec(e)
	}
	return nil
}

func (d *Dialect) readMessages(f *dialectFile) error {
	d.messages, d.operations = map[MTI]*list{}, map[Operation]MTI{}
	for key, v := range f.Messages {
		if !MTI(key).valid() {
			return dialectFault("messages."+key, "not a message type")
		}
		l := &list{must: slices.Clone(v.Must), may: slices.Clone(v.May), any: v.Any}
		slices.Sort(l.must)
		for i, n := range slices.Concat(l.must, l.may) {
			if d.fields[n] == nil {
				return dialectFault("messages."+key, fmt.Sprintf("field %d is not defined", n))
			}
			if slices.Contains(l.must, n) && i >= len(l.must) {
				return dialectFault("messages."+key, fmt.Sprintf("field %d is in both lists", n))
			}
		}
		d.messages[MTI(key)] = l
	}
	for _, o := range operations {
		t, given := f.Operations[o]
		if !given {
			continue
		}
		for _, needed := range []MTI{t, t.Answer()} {
			if d.messages[needed] == nil {
				return dialectFault("operations."+string(o), fmt.Sprintf("there is no message %q", needed))
			}
		}
		if l := d.messages[t]; !t.request() || !l.takes(fieldSTAN) || !d.messages[t.Answer()].takes(fieldCode) {
			return dialectFault("operations."+string(o), "a request with field 11, and an answer with field 39")
		}
		d.operations[o] = t
	}
	for o := range f.Operations {
		if !slices.Contains(operations, o) {
			return dialectFault("operations", "one that does not exist")
		}
	}
	return nil
}

func (d *Dialect) readCodes(f *dialectFile) error {
	d.codes = map[string]meaning{}
	for code, v := range f.Codes {
		switch {
		case len(code) != 2:
			return dialectFault("codes", "codes have two characters")
		case !slices.Contains(actions, v.Action):
			return dialectFault("codes."+code, "not an action")
		case v.ARC != "" && len(v.ARC) != 2:
			return dialectFault("codes."+code, "an arc has two characters")
		}
		d.codes[code] = meaning{v.Action, v.ARC}
	}
	return nil
}

func (d *Dialect) readSecurity(f *dialectFile) error {
	s := &f.Security
	switch s.MAC.Algorithm {
	case "":
	case algorithmCMAC, algorithmRetail:
		ksn := 10
		if s.MAC.Algorithm == algorithmCMAC {
			ksn = 12
		}
		for _, n := range []int{fieldMAC, fieldMAC2} {
			if def := d.fields[n]; def == nil || def.kind != "b" || def.length != macLength || def.prefix != 0 {
				return dialectFault("security.mac", "fields 64 and 128 must be b 8")
			}
		}
		if def := d.fields[s.MAC.KSN]; def == nil || def.kind != "b" || def.length < ksn {
			return dialectFault("security.mac.ksn", "must be a field of type b that holds the key serial number")
		}
	default:
		return dialectFault("security.mac.algorithm", "must be cmac-aes or retail")
	}
	for at, n := range map[string]int{"pin.block": s.PIN.Block, "pin.ksn": s.PIN.KSN, "p2pe.field": s.Values.Field} {
		if n != 0 && (d.fields[n] == nil || d.fields[n].kind != "b") {
			return dialectFault("security."+at, "must be a field of type b")
		}
	}
	return nil
}

func (d *Dialect) readRest(f *dialectFile) error {
	for _, s := range f.Chip {
		t, err := tlv.ParseTag(s)
		if err != nil || slices.Contains(d.chip, t) {
			return dialectFault("chip", "not a tag, or twice")
		}
		d.chip = append(d.chip, t)
	}
	for _, n := range f.Echo {
		if d.fields[n] == nil {
			return dialectFault("echo", fmt.Sprintf("field %d is not defined", n))
		}
	}
	d.echo = slices.Clone(f.Echo)
	d.constants = map[int]string{}
	for key, v := range f.Constants {
		n, err := strconv.Atoi(key)
		if err != nil || d.fields[n] == nil || d.fields[n].kind == "b" {
			return dialectFault("constants."+key, "not a field of the dialect that has text")
		}
		if err := d.fields[n].check(n, []byte(v)); err != nil {
			return dialectFault("constants."+key, "not a value of its field")
		}
		d.constants[n] = v
	}
	for _, t := range []string{f.Amounts.Tip, f.Amounts.Surcharge, f.Amounts.Cashback} {
		if t != "" && (len(t) != 2 || !isDigit(t[0]) || !isDigit(t[1])) {
			return dialectFault("additional_amounts", "amount types have two digits")
		}
	}
	return nil
}

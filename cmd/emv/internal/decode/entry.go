package decode

import (
	"fmt"
	"strings"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// entryPart gives what the dictionary says about a tag: to the scope that was asked for, or to all.
func (d *Decoder) entryPart(t tlv.Tag) (Part, error) {
	p := Part{Kind: "entry"}
	for s := range dict.Scope(dict.Scopes) {
		e := dict.Lookup(t, s)
		if e == nil || e.Scope != s && (d.Kernel == nil || s != d.scope) {
			continue
		}
		if d.Kernel != nil && s != d.scope {
			continue
		}
		p.Objects = append(p.Objects, Object{
			Tag: t.String(), Name: e.Name, Book: e.Scope.String(), Format: e.Format.String(), Length: int(e.Max),
			Meaning: describeEntry(e), entry: true, constructed: t.Constructed(),
		})
	}
	if p.Objects == nil {
		return p, &Fault{Code: "input.unknown_tag", Text: t.String() + " is in none of the books"}
	}
	return p, nil
}

func describeEntry(e *dict.Entry) []string {
	out := []string{
		"defined in " + e.Ref,
		"format " + e.Format.String() + ", " + lengths(e),
		"given by " + parties(e.Source) + ", may be changed by " + parties(e.Update),
	}
	if len(e.Templates) > 0 {
		tags := make([]string, len(e.Templates))
		for i, t := range e.Templates {
			tags[i] = t.String()
		}
		out = append(out, "found in "+strings.Join(tags, " "))
	}
	if s := sensitivities[e.Sensitive]; s != "" {
		out = append(out, s)
	}
	if dict.IsDOL(e) {
		out = append(out, "a data object list")
	}
	if dict.IsTagList(e) {
		out = append(out, "a list of tags")
	}
	for i := range e.Bits {
		out = append(out, bits(&e.Bits[i]))
	}
	return out
}

var sensitivities = map[dict.Sensitivity]string{
	dict.PAN:        "confidential: a card number, masked wherever it is shown",
	dict.Track:      "confidential: track data, masked wherever it is shown",
	dict.Cardholder: "confidential: about the cardholder, hidden wherever it is shown",
	dict.Secret:     "secret: never shown",
}

func lengths(e *dict.Entry) string {
	switch {
	case len(e.Lengths) > 0:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(e.Lengths), "[]"), " ", ", ") + " bytes"
	case e.Min == e.Max:
		return count(int(e.Max), "byte")
	}
	return fmt.Sprintf("%d to %d bytes", e.Min, e.Max)
}

func parties(p dict.Party) string {
	var names []string
	for _, x := range []struct {
		is   dict.Party
		name string
	}{{dict.Card, "card"}, {dict.Terminal, "terminal"}, {dict.Issuer, "issuer"}, {dict.Kernel, "kernel"}} {
		if p.Has(x.is) {
			names = append(names, x.name)
		}
	}
	if names == nil {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// bits writes one field of an entry: "byte 1 b8: name", with its values where it is coded.
func bits(f *dict.Field) string {
	high, low := 0, 0
	for i := range 8 {
		if f.Mask&(1<<i) != 0 {
			high = i + 1
			if low == 0 {
				low = i + 1
			}
		}
	}
	s := fmt.Sprintf("byte %d", f.Byte)
	switch {
	case high == low:
		s += fmt.Sprintf(" b%d", high)
	case f.Mask != 0xFF:
		s += fmt.Sprintf(" b%d-b%d", high, low)
	}
	s += ": " + f.Name
	for i, v := range f.Values {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		s += fmt.Sprintf("%s%02X %s", sep, v.Is, v.Name)
	}
	return s
}

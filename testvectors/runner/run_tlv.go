package runner

import (
	"context"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// runParse is tlv.parse: given.bytes as a tree.
func runParse(_ context.Context, t *job) (map[string]any, error) {
	parse := tlv.Parse
	if t.Given.does(featureTolerant) {
		parse = tlv.ParseTolerant
	}
	nodes, err := parse(t.Given.Bytes)
	if err != nil {
		return nil, answerError{err}
	}
	return map[string]any{"tree": tree(nodes)}, nil
}

func tree(nodes []tlv.Node) []any {
	out := []any{}
	for _, n := range nodes {
		one := map[string]any{"tag": n.Tag.String(), "value": upper(n.Value)}
		if n.Tag.Constructed() {
			one["children"] = tree(n.Children)
		}
		out = append(out, one)
	}
	return out
}

// runDOL is tlv.dol: the bytes that given.dol asks for, from given.data with the formats of the dictionary.
func runDOL(_ context.Context, t *job) (map[string]any, error) {
	out, err := tlv.AppendDOLData(nil, t.Given.DOL, dolData(t.Given.Data))
	if err != nil {
		return nil, answerError{err}
	}
	return map[string]any{"bytes": upper(out)}, nil
}

// dolData answers a DOL as kernel.Data does: a tag that nobody knows is there only where it is given, and binary.
type dolData Objects

// DOLValue returns a value and its format.
func (d dolData) DOLValue(t tlv.Tag) ([]byte, tlv.Format) {
	v := Objects(d).Get(t)
	for s := range dict.Scope(dict.Scopes) {
		if e := dict.Lookup(t, s); e != nil {
			return v, e.Format
		}
	}
	if v == nil {
		return nil, tlv.FormatUnknown
	}
	return v, tlv.Binary
}

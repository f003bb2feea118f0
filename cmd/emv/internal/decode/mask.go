package decode

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// unknownShown is how long a value may be that nobody knows and that is shown nevertheless: too short for a card number.
const unknownShown = 5

// value returns a primitive object's value as it may be shown, and whether something of it is hidden.
func (d *Decoder) value(t tlv.Tag, v []byte) (string, bool) {
	e := strictest(t, d.scope)
	if e == nil {
		if len(v) > unknownShown && !d.Unmask {
			return hidden(v), true
		}
		return toHex(v), false
	}
	if d.Unmask && e.Sensitive != dict.Secret {
		return toHex(v), false
	}
	shown := string(dict.Mask(e, v, nil))
	return shown, e.Sensitive != dict.Public || strings.Contains(shown, "*")
}

// strictest returns the entry by which t is masked: what one book does not know, another may.
func strictest(t tlv.Tag, scope dict.Scope) *dict.Entry {
	e := dict.Lookup(t, scope)
	for s := range dict.Scope(dict.Scopes) {
		if o := dict.Lookup(t, s); o != nil && (e == nil || o.Sensitive > e.Sensitive) {
			e = o
		}
	}
	return e
}

func hidden(v []byte) string { return strings.Repeat("*", 2*len(v)) }

func toHex(v []byte) string { return strings.ToUpper(hex.EncodeToString(v)) }

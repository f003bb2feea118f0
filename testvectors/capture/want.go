package capture

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// results are the data objects that a capture wants to see again: what card and terminal decided, and nothing that names a
// card.
var results = []tlv.Tag{
	0x82, 0x8A, 0x95, 0x9B, 0x9F26, 0x9F27, 0x9F34, 0x9F36, 0x9F37,
}

// wanted is how a transaction ended.
func wanted(run string, out *kernel.Outcome, data *kernel.Data) map[string]any {
	want := map[string]any{"outcome": out.Kind.String(), "cvm": out.CVM.String(), "receipt": out.Receipt}
	if run == runTap {
		want["start"] = out.Start.String()
		want["online_response"] = out.OnlineResponse.String()
		want["alternate_interface"] = out.Alternate.String()
		want["removal_timeout_ms"] = out.RemovalTimeout.Milliseconds()
		switch {
		case out.FieldOff == 0:
			want["field_off_ms"] = "na"
		case out.FieldOff < 0:
			want["field_off_ms"] = 0
		default:
			want["field_off_ms"] = out.FieldOff.Milliseconds()
		}
	}
	store := map[string]any{}
	for _, t := range results {
		if v := data.Get(t); v != nil {
			store[t.String()] = upper(v)
		}
	}
	if len(store) > 0 {
		want["data"] = store
	}
	return want
}

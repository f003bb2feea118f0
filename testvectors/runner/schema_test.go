package runner

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/cardwright/emv/testvectors"
)

// TestSchemaKeys holds schema.json to the same keys that the loader takes, object by object.
func TestSchemaKeys(t *testing.T) {
	data, err := testvectors.FS().ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type definition struct {
		Properties           map[string]json.RawMessage
		AdditionalProperties any
	}
	var schema struct {
		definition
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	keys := loaderKeys()
	for name, want := range keys {
		d, ok := schema.Defs[name]
		if got := slices.Sorted(maps.Keys(d.Properties)); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the loader %v", name, got, want)
		}
		if d.AdditionalProperties != false {
			t.Errorf("%s: the schema lets other keys pass", name)
		}
	}
	for name, d := range schema.Defs {
		if _, ok := keys[name]; !ok && d.Properties != nil {
			t.Errorf("%s: the schema describes an object that this test does not know", name)
		}
	}
}

// loaderKeys returns the keys of each object of the format, as the loader asks for them.
func loaderKeys() map[string][]string {
	asked := func(read func(*object), with map[string]any) []string {
		o := (&sink{}).object("", with)
		read(o)
		slices.Sort(o.known)
		return slices.Compact(o.known)
	}
	of := func(shapes map[string]shape) []string { return sortedKeys(shapes) }
	below := func(key string) []string {
		s := wantShapes()[key]
		if l, ok := s.(list); ok {
			s = l.of
		}
		return of(s.(record))
	}
	given := &Given{}
	sorted := func(keys ...string) []string { slices.Sort(keys); return keys }
	return map[string][]string{
		"case": sorted(slices.Clone(caseKeys)...), "defaults": sorted(slices.Clone(caseKeys)...),
		"given":         asked(func(o *object) { readGiven(o) }, nil),
		"application":   asked(func(o *object) { readApplication(o) }, nil),
		"options":       asked(func(o *object) { readOptions(o) }, nil),
		"preference":    asked(func(o *object) { readPreference(o) }, nil),
		"limitSet":      asked(func(o *object) { readLimits(o); o.bytes("program_id") }, nil),
		"transaction":   asked(func(o *object) { readTransaction(o) }, nil),
		"script":        asked(func(o *object) { readCard(o, given) }, nil),
		"simulated":     asked(func(o *object) { readCard(o, given) }, map[string]any{"profile": "p"}),
		"exchange":      asked(func(o *object) { readExchange(o) }, nil),
		"host":          asked(func(o *object) { readHost(o) }, nil),
		"simulatedHost": asked(func(o *object) { readSimulatedHost(o) }, nil),
		"scriptCommand": asked(func(o *object) { readCommand(o) }, nil),
		"tap":           asked(func(o *object) { readTap(o, given) }, nil),
		"kernelOutcome": asked(func(o *object) {
			readKernelOutcome(o)
		}, nil),
		// These are read in line; TestRefusals holds that they take no other key.
		"capk":       sorted("rid", "index", "modulus", "exponent", "algorithm", "point"),
		"revocation": sorted("rid", "index", "serial"), "logEntry": sorted("pan", "sequence", "date", "amount"),
		"features": sorted("supports", "lacks"), "node": sorted("tag", "value", "children"),

		"want":   of(wantShapes()),
		"signal": asked(func(o *object) { readSignal(o) }, nil), "told": below("dek"),
		"ui": below("ui"), "candidate": below("candidates"), "activation": below("activations"),
		"combination": below("combinations"), "recovered": below("recovered"), "wallet": below("wallet"),
	}
}

package runner

import "testing"

// TestWantedSpellings holds what a case may want: an array of values for one, null for absent, "na" for not applicable, and other
// spellings.
func TestWantedSpellings(t *testing.T) {
	got := map[string]any{
		"outcome": "approved", "cvm": "na", "receipt": oneOf{false, "na"}, "field_off_ms": "na",
		"alternate_interface": "contact-chip", "removal_timeout_ms": oneOf{int64(0), "na"},
		"selected":    oneOf{"A0000000031010", nil},
		"ui":          []any{map[string]any{"message": "15", "status": "ready-to-read", "amount": int64(250), "language": "en"}},
		"activations": []any{map[string]any{"kernel": "830840", "ttq": nil, "data": map[string]any{"9F02": "000000000100"}}},
	}
	for _, c := range []struct {
		want    string
		matches bool
	}{
		{`{"outcome":["declined","approved"]}`, true},
		{`{"outcome":["declined","try-again"]}`, false},
		{`{"cvm":[null,"signature"],"receipt":null,"field_off_ms":null,"removal_timeout_ms":["na"]}`, true},
		{`{"cvm":"signature"}`, false},
		{`{"receipt":["yes"]}`, false},
		{`{"receipt":[true,false]}`, true},
		{`{"alternate_interface":"contact"}`, true},
		{`{"alternate_interface":["magstripe","na"]}`, false},
		{`{"selected":null}`, true},
		{`{"selected":["a0000000041010","a0000000031010"]}`, true},
		{`{"ui":[{"message":["14","15"],"amount":["250",7],"language":["656E","fr"]}]}`, true},
		{`{"ui":[{"message":["14","16"]}]}`, false},
		{`{"ui":[{"message":"15"},{"message":"03"}]}`, false},
		{`{"activations":[{"kernel":["03","830840"],"ttq":null,"data":{"9F02":["000000000100",null],"5A":null}}]}`, true},
		{`{"activations":[{"data":{"9F02":[null,"000000000200"]}}]}`, false},
		{`{"activations":[{"ttq":["26000000"]}]}`, false},
	} {
		v, err := parseJSON([]byte(c.want))
		if err != nil {
			t.Fatal(err)
		}
		var to sink
		want := readWant(to.object("want", v))
		if len(to.problems) > 0 {
			t.Errorf("%s: %v", c.want, to.problems)
			continue
		}
		if bad := compare(want, got); (len(bad) == 0) != c.matches {
			t.Errorf("%s: %v", c.want, bad)
		}
	}
}

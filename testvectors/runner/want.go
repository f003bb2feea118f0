package runner

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// wantShapes returns what each key of `want` may hold.
func wantShapes() map[string]shape {
	ui := record{
		"message": hexadecimal(), "status": name(statusNames), "hold_ms": millis(), "language": either(), "amount": whole(),
	}
	indicators := list{of: name(indicatorNames), set: true}
	return map[string]shape{
		"error":               errorShape(),
		"outcome":             name(slices.Concat(kindNames, contactKindNames)),
		"start":               name(startNames),
		"online_response":     name(onlineResponseNames),
		"cvm":                 name(cvmNames),
		"alternate_interface": name(alternateNames),
		"receipt":             receiptShape(),
		"field_off_ms":        millis(),
		"removal_timeout_ms":  millis(),
		"ui":                  list{of: ui},
		"tvr":                 hexadecimal(),
		"tsi":                 hexadecimal(),
		"cvm_results":         hexadecimal(),
		"cid":                 hexadecimal(),
		"data":                byTag{},
		"candidates": list{of: record{
			"aid": hexadecimal(), "label": either(), "priority": whole(), "kernel": hexadecimal(),
		}},
		"selected": hexadecimal(),
		"commands": list{of: pattern()},
		"activations": list{of: record{
			"kernel": hexadecimal(), "aid": hexadecimal(), "ttq": hexadecimal(), "start": name(startNames),
			"restart": truth(), "indicators": indicators, "data": byTag{},
		}},
		"field": list{of: text()},
		"dek":   list{of: record{"state": text(), "needed": hexadecimal(), "data": byTag{}}},
		"combinations": list{of: record{
			"aid": hexadecimal(), "kernel": hexadecimal(), "ttq": hexadecimal(), "allowed": truth(),
			"indicators": indicators, "status_check_requested": truth(), "application_not_allowed": truth(), "zero_amount": truth(),
			"cvm_required_limit_exceeded": truth(), "floor_limit_exceeded": truth(),
		}},
		"recovered": record{
			"issuer_key": hexadecimal(), "icc_key": hexadecimal(), "dac": hexadecimal(), "idn": hexadecimal(),
			"issuer_exponent": hexadecimal(), "icc_exponent": hexadecimal(), "issuer_identifier": hexadecimal(),
			"issuer_serial": hexadecimal(), "issuer_expiry": hexadecimal(), "icc_serial": hexadecimal(),
			"icc_expiry": hexadecimal(), "cid": hexadecimal(), "cryptogram": hexadecimal(),
			"transaction_hash": hexadecimal(),
		},
		"result": text(),
		"wallet": record{
			"kind": text(), "device": text(), "cdcvm": truth(), "token_requestor": hexadecimal(), "par": text(),
		},
		"cryptogram_valid": truth(),
		"tree":             branch{},
		"bytes":            hexadecimal(),
		"outputs":          byName{},
		"fields":           byName{},
	}
}

// contactKindNames are the outcomes of contact transactions.
var contactKindNames = []string{
	"approved-offline", "approved-online", "declined-offline", "declined-online", "terminated", "not-accepted", "fallback",
}

// indicatorNames are the indicators of pre-processing (Book B, table 3-2).
var indicatorNames = []string{
	"status-check-requested", "application-not-allowed", "zero-amount", "cvm-required-limit-exceeded",
	"floor-limit-exceeded",
}

// errorShape is a stable code, or true for any error.
func errorShape() scalar {
	return scalar{
		func(want any) string {
			if want == true {
				return ""
			}
			if s, ok := want.(string); !ok || s == "" {
				return "must be a code or true"
			}
			return ""
		},
		func(want, got any) bool { return want == true || want == got },
	}
}

// receiptShape is true or false, for which Book A says "yes" and "N/A".
func receiptShape() scalar {
	value := func(v any) any {
		if s, ok := v.(string); ok && (isNA(s) || s == "yes") {
			return s == "yes"
		}
		return v
	}
	return scalar{
		func(want any) string {
			if _, ok := value(want).(bool); !ok {
				return "must be true or false"
			}
			return ""
		},
		func(want, got any) bool { return value(want) == got },
	}
}

// readWant checks `want` and returns it.
func readWant(o *object) map[string]any {
	shapes := wantShapes()
	for k, v := range o.m {
		if sh, ok := shapes[k]; ok {
			sh.check(o.sink, o.at(k), v)
		}
	}
	o.known = slices.Collect(maps.Keys(shapes))
	o.done()
	return o.m
}

// Mismatch is one wanted key that a run did not give.
type Mismatch struct {
	Key       string
	Got, Want any
}

// compare judges what a run gave by what is wanted, in the order of the keys' names.
func compare(want, got map[string]any) []Mismatch {
	shapes := wantShapes()
	var out []Mismatch
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !shapes[k].match(want[k], got[k]) {
			out = append(out, Mismatch{k, project(want[k], got[k]), want[k]})
		}
	}
	return out
}

// projectAll returns of what a run gave only what is wanted: results should not carry all of a card's data.
func projectAll(want, got map[string]any) map[string]any {
	out := map[string]any{}
	for k, w := range want {
		out[k] = project(w, got[k])
	}
	if e, ok := got["error"]; ok {
		out["error"] = project(nil, e)
	}
	return out
}

// project reduces got to the keys of want where these are objects of data objects, and otherwise leaves it whole.
func project(want, got any) any {
	switch g := got.(type) {
	case oneOf:
		return g[0]
	case []any:
		w, _ := want.([]any)
		out := make([]any, len(g))
		for i := range g {
			var one any
			if i < len(w) {
				one = w[i]
			}
			out[i] = project(one, g[i])
		}
		return out
	case map[string]any:
		w, wanted := want.(map[string]any)
		out := map[string]any{}
		if !wanted { // nothing to go by: all but the data objects
			for k, v := range g {
				if _, deep := v.(map[string]any); !deep {
					out[k] = project(nil, v)
				}
			}
		}
		for k, v := range w {
			if strings.ToUpper(k) != k && g[k] == nil {
				out[k] = project(v, g[strings.ToUpper(k)])
				continue
			}
			out[k] = project(v, g[k])
		}
		return out
	}
	return got
}

// compact returns a value as JSON in one line.
func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}

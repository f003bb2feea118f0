package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/testvectors"
)

// load returns the project's own suites.
func load(t testing.TB) []*Suite {
	t.Helper()
	suites, err := LoadFS(testvectors.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(suites) < 4 {
		t.Fatalf("%d suites", len(suites))
	}
	return suites
}

// TestEveryWantCanFail runs every case of the project's suites and changes every value that it wants, one at a time: each
// change must be seen. Together the cases reach every key of `want` that this build can give, at all depths.
func TestEveryWantCanFail(t *testing.T) {
	table := runTable()
	reached := map[string]bool{}
	changed := 0
	own, err := Load("testdata/selftest.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(load(t), own...) {
		for i := range s.Cases {
			c := &s.Cases[i]
			got, err := (&job{Case: c}).perform(context.Background(), table)
			var r Result
			r.Case = c
			if r.judge(got, err); r.Status != Pass {
				continue
			}
			if got == nil {
				got = map[string]any{}
			}
			if err != nil {
				got["error"] = codesOf(err)
			}
			for _, twin := range twins(c.Want) {
				reached[twin.key] = true
				changed++
				if len(compare(twin.want, got)) == 0 {
					t.Errorf("%s/%s: %s can be changed and the case still passes", s.Name, c.ID, twin.path)
				}
			}
		}
	}
	if changed < 1000 {
		t.Errorf("only %d values changed", changed)
	}
	absent := []string{ // what no run of this build gives: wanting it fails, see TestAbsent
		"cvm_results", "fields",
	}
	for _, k := range keysOf("", wantShapes()) {
		if !reached[k] && !slices.Contains(absent, k) {
			t.Errorf("no case of the suites wants %s: nothing shows that it can fail", k)
		}
	}
}

// TestAbsent wants what no run gives.
func TestAbsent(t *testing.T) {
	for key, want := range map[string]any{
		"cvm_results": "1F0000", "fields": map[string]any{"pan": "1"}, "wallet": map[string]any{"kind": "x"},
		"ui": []any{}, "commands": []any{}, "data": map[string]any{"9F02": "00"}, "receipt": false, "recovered": map[string]any{},
		"tree": []any{}, "outputs": map[string]any{}, "cryptogram_valid": false, "error": true,
	} {
		if len(compare(map[string]any{key: want}, map[string]any{})) == 0 {
			t.Errorf("%s is wanted, is not there, and passes", key)
		}
		if len(compare(map[string]any{key: nil}, map[string]any{})) != 0 && key != "tree" {
			t.Errorf("%s must be absent, is, and fails", key)
		}
	}
}

// TestAnyOf holds that an array where one value is expected means any of these, and nothing else does.
func TestAnyOf(t *testing.T) {
	got := map[string]any{"outcome": "approved", "tvr": "8000000000", "data": map[string]any{"9A": "261123"}}
	for _, x := range []struct {
		key  string
		want any
		ok   bool
	}{
		{"outcome", []any{"declined", "approved"}, true},
		{"outcome", []any{"declined", "try-again"}, false},
		{"outcome", []any{nil, "approved"}, true},
		{"tvr", []any{"0000000000", "8000000000"}, true},
		{"data", map[string]any{"9A": []any{"261122", "261123"}}, true},
		{"data", map[string]any{"9A": []any{"261122"}}, false},
		{"data", map[string]any{"9A": nil}, false},
		{"data", map[string]any{"9B": nil}, true},
		{"cid", nil, true},
		{"tvr", nil, false},
	} {
		if ok := len(compare(map[string]any{x.key: x.want}, got)) == 0; ok != x.ok {
			t.Errorf("%s %v: %v", x.key, x.want, ok)
		}
	}
}

// keysOf returns the keys of shapes with those of the records below them: "ui.message".
func keysOf(prefix string, shapes map[string]shape) []string {
	var out []string
	for k, s := range shapes {
		if prefix != "" {
			k = prefix + "." + k
		}
		out = append(out, k)
		if l, ok := s.(list); ok {
			s = l.of
		}
		if r, ok := s.(record); ok {
			out = append(out, keysOf(k, r)...)
		}
	}
	slices.Sort(out)
	return out
}

// twin is a want of which one value was changed.
type twin struct {
	want      map[string]any
	key, path string
}

// twins returns a want once for each value in it, with that value changed.
func twins(want map[string]any) []twin {
	var out []twin
	var walk func(v any, key, path string, put func(any) map[string]any)
	walk = func(v any, key, path string, put func(any) map[string]any) {
		switch v := v.(type) {
		case map[string]any:
			for k, one := range v {
				sub := key + "." + k
				if strings.HasSuffix(key, "data") || key == "outputs" || key == "fields" {
					sub = key
				}
				walk(one, strings.TrimPrefix(sub, "."), path+"."+k, func(x any) map[string]any {
					m := maps.Clone(v)
					m[k] = x
					return put(m)
				})
			}
			return
		case []any:
			for i, one := range v {
				walk(one, key, fmt.Sprintf("%s[%d]", path, i), func(x any) map[string]any {
					l := slices.Clone(v)
					l[i] = x
					return put(l)
				})
			}
			out = append(out, twin{put(append(slices.Clone(v), map[string]any{})), key, path + "[+]"})
			return
		}
		out = append(out, twin{put(other(v)), key, path})
	}
	for k, v := range want {
		walk(v, k, k, func(x any) map[string]any {
			m := maps.Clone(want)
			m[k] = x
			return m
		})
	}
	for _, t := range out { // a list reaches the key that it stands under
		if k, _, ok := strings.Cut(t.key, "."); ok {
			out = append(out, twin{t.want, k, t.path})
		}
	}
	return out
}

// other returns another value of the same kind.
func other(v any) any {
	switch v := v.(type) {
	case nil:
		return "00"
	case bool:
		return !v
	case json.Number:
		n, _ := v.Int64()
		return json.Number(fmt.Sprint(n + 1))
	case string:
		if v == "" {
			return "00"
		}
		last := "0"
		if v[len(v)-1] == '0' {
			last = "1"
		}
		return v[:len(v)-1] + last
	}
	return v
}

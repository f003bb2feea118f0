package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// collect keeps results.
type collect struct{ results []Result }

func (c *collect) Begin(int) error     { return nil }
func (c *collect) Case(r Result) error { c.results = append(c.results, r); return nil }
func (c *collect) End(Counts) error    { return nil }

func run(t testing.TB, suites []*Suite, o Options) ([]Result, Counts) {
	t.Helper()
	var c collect
	counts, err := Run(context.Background(), suites, o, &c)
	if err != nil {
		t.Fatal(err)
	}
	return c.results, counts
}

// TestSuites runs the project's own suites.
func TestSuites(t *testing.T) {
	results, counts := run(t, load(t), Options{Workers: 4})
	for _, r := range results {
		name := r.Case.Suite + "/" + r.Case.ID
		switch {
		case r.Status == Skip && (name != "recorded-contactless/msc-offline" || r.Why != "kernel C2 is not in this build"):
			t.Errorf("%s: skipped: %s", name, r.Why)
		case r.Status == Fail || r.Status == StatusError:
			t.Errorf("%s: %s: %s", name, r.Status, strings.Join(r.details(), "; "))
		}
	}
	if counts.Passed < 400 {
		t.Errorf("%v: where are the others?", counts)
	}
}

// TestOrder holds that the order of results does not depend on the workers.
func TestOrder(t *testing.T) {
	us := regexp.MustCompile(`"us":\d+`)
	var outs []string
	for _, workers := range []int{1, 7} {
		var b bytes.Buffer
		if _, err := Run(context.Background(), load(t), Options{Workers: workers}, JSON(&b)); err != nil {
			t.Fatal(err)
		}
		outs = append(outs, us.ReplaceAllString(b.String(), ""))
	}
	if outs[0] != outs[1] {
		t.Error("one worker and seven do not give the same")
	}
}

func TestShards(t *testing.T) {
	all, _ := run(t, load(t), Options{})
	seen := map[*Case]int{}
	suites := load(t)
	for i := 1; i <= 3; i++ {
		s, err := ParseShard(strings.Replace("N/3", "N", string(rune('0'+i)), 1))
		if err != nil {
			t.Fatal(err)
		}
		part, _ := run(t, suites, Options{Shard: s})
		for _, r := range part {
			seen[r.Case]++
		}
	}
	if len(seen) != len(all) {
		t.Errorf("%d cases in three parts, %d in all", len(seen), len(all))
	}
	for c, n := range seen {
		if n != 1 {
			t.Errorf("%s is in %d parts", c.ID, n)
		}
	}
	for _, bad := range []string{"", "1", "0/2", "3/2", "1/0", "a/2", "-1/2"} {
		if _, err := ParseShard(bad); err == nil {
			t.Errorf("%q is a shard", bad)
		}
	}
}

func TestFilter(t *testing.T) {
	c := &Case{Suite: "entry", ID: "sel-one", Run: "contactless.select", Refs: []string{"Book B 3.3.2.5", "C-3 5.4"}}
	for text, want := range map[string]bool{
		"": true, "sel": true, "entry/sel": true, "pre": false, "sel-*": true, "entry/*-one": true, "*-two": false,
		"run=contactless.*": true, "run=contact.*": false, "suite=entry id=sel-one": true, "suite=entry id=sel-two": false,
		`ref="Book B, 3.3.2"`: true, `ref="Book B, 3.3.2.5"`: true, `ref="Book B, 3.3"`: true, `ref="Book B, 3.3.2.51"`: false,
		"ref=C-3": true, "ref=C-2": false, "!run=crypto.*": true, "!sel": false, "!pre sel": true,
	} {
		f, err := ParseFilter(text)
		if err != nil || f.Match(c) != want {
			t.Errorf("%q: %v %v", text, f.Match(c), err)
		}
	}
	for _, bad := range []string{`ref="Book`, "tag=9F02", "[", "run=["} {
		if _, err := ParseFilter(bad); err == nil {
			t.Errorf("%q is a filter", bad)
		}
	}
}

// four is a suite with a case of each status.
func four(t testing.TB) []*Suite {
	t.Helper()
	s, err := Parse("f", []byte(`{"format":"emv-vectors/1","suite":"four <&>","about":"a","source":"b","cases":[
		{"id":"good","about":"a","refs":["Book 3, Annex B1"],"run":"tlv.parse","given":{"bytes":"820259"},"want":{"error":"tlv.truncated"}},
		{"id":"bad","about":"a","refs":["Book 3, Annex B1"],"run":"tlv.parse","given":{"bytes":"8200"},"want":{"tree":[{"tag":"82","value":"01"}]}},
		{"id":"refused","about":"a","run":"contactless.select","given":{"applications":[]},"want":{"outcome":"approved"}},
		{"id":"lacking","about":"a","run":"oda.xda","given":{},"want":{"result":"ok"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return []*Suite{s}
}

func TestStatuses(t *testing.T) {
	results, counts := run(t, four(t), Options{})
	for i, want := range []Status{Pass, Fail, StatusError, Skip} {
		if results[i].Status != want {
			t.Errorf("%s: %s, want %s: %v", results[i].Case.ID, results[i].Status, want, results[i].details())
		}
	}
	if counts != (Counts{1, 1, 1, 1}) || counts.ExitClass() != 1 || (Counts{Passed: 3, Skipped: 1}).ExitClass() != 0 {
		t.Errorf("%v", counts)
	}
	if results[3].Why != "this build has no oda.xda" {
		t.Errorf("%q", results[3].Why)
	}
}

func TestReports(t *testing.T) {
	for _, format := range Formats() {
		var b bytes.Buffer
		r, err := NewReporter(format, &b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), four(t), Options{}, r); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		switch format {
		case "json":
			checkJSON(t, out)
		case "junit":
			var x junitSuites
			if err := xml.Unmarshal([]byte(out), &x); err != nil || x.Tests != 4 || len(x.Suites) != 1 || len(x.Suites[0].Cases) != 4 {
				t.Errorf("%v\n%s", err, out)
			}
		case "tap":
			for _, want := range []string{"1..4", "ok 1 - ", "not ok 2", "not ok 3", "ok 4 - four <&>/lacking # SKIP this build has no"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		case "html":
			if !strings.Contains(out, "four &lt;&amp;&gt;") || strings.Contains(out, "<script") || strings.Contains(out, "four <&>") {
				t.Error(out)
			}
		case "text":
			if !strings.HasSuffix(out, "1 passed, 1 failed, 1 errors, 1 skipped\n") || strings.Contains(out, "good") {
				t.Error(out)
			}
		}
	}
	if _, err := NewReporter("yaml", io.Discard); err == nil {
		t.Error("there is a format yaml")
	}
}

func checkJSON(t *testing.T, out string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 5 || lines[4] != `{"passed":1,"failed":1,"errors":1,"skipped":1}` {
		t.Fatalf("%d lines: %s", len(lines), out)
	}
	for i, l := range lines[:4] {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatal(err)
		}
		keys := []string{"case", "got", "refs", "status", "suite", "us", "want"}
		if i >= 2 {
			keys = append(keys, "why")
		}
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, keys) {
			t.Errorf("%v, want %v", got, keys)
		}
	}
}

// TestTrace holds that a trace tells the dialogue and no card number.
func TestTrace(t *testing.T) {
	dir := t.TempDir()
	f, err := ParseFilter("id=visa-offline")
	if err != nil {
		t.Fatal(err)
	}
	run(t, load(t), Options{Filter: f, Trace: TraceDir(dir)})
	b, err := os.ReadFile(dir + "/recorded-contactless/visa-offline.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := string(b)
	for _, want := range []string{"card > 00A404000E325041592E5359532E444446303100", "out  approved", ": pass"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the trace", want)
		}
	}
	if strings.Contains(out, "4761739001010010") {
		t.Error("the trace shows the card number")
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, load(t), Options{Workers: 2}, &collect{}); err == nil {
		t.Error("a run went on after its context ended")
	}
}

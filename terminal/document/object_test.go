package document_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/document"
)

// TestFaults: each thing that can be wrong with a member, its path, its code and its text.
func TestFaults(t *testing.T) {
	text := func(o *document.Object) { o.Text("a", 3) }
	flag := func(o *document.Object) { o.Flag("a") }
	number := func(o *document.Object) { o.Number("a", 9) }
	list := func(o *document.Object) { o.List("a") }
	child := func(o *document.Object) { o.Child("a") }
	whole := "must be a whole number from 0 to 9"
	for _, c := range []struct {
		file             string
		read             func(*document.Object)
		path, code, text string
	}{
		{`{}`, func(o *document.Object) { o.Need("a") }, "a", "x.missing", "is required"},
		{`{"a":0,"c":0}`, func(o *document.Object) { o.Need("a", "b", "c") }, "b", "x.missing", "is required"},
		{`{"a":1}`, text, "a", "x.type", "must be a text"},
		{`{"a":null}`, text, "a", "x.type", "must be a text"},
		{`{"a":"wxyz"}`, text, "a", "x.length", "more than 3 bytes"},
		{`{"a":"éé"}`, text, "a", "x.length", "more than 3 bytes"},
		{`{"a":"true"}`, flag, "a", "x.type", "must be true or false"},
		{`{"a":null}`, flag, "a", "x.type", "must be true or false"},
		{`{"a":"1"}`, number, "a", "x.type", "must be a number"},
		{`{"a":null}`, number, "a", "x.type", "must be a number"},
		{`{"a":10}`, number, "a", "x.value", whole},
		{`{"a":-1}`, number, "a", "x.value", whole},
		{`{"a":1.0}`, number, "a", "x.value", whole},
		{`{"a":1e0}`, number, "a", "x.value", whole},
		{`{"a":18446744073709551617}`, number, "a", "x.value", whole}, // 1 in 64 bits
		{`{"a":{}}`, list, "a", "x.type", "must be a list"},
		{`{"a":null}`, list, "a", "x.type", "must be a list"},
		{`{"a":[]}`, child, "a", "x.type", "must be an object"},
		{`{"a":null}`, child, "a", "x.type", "must be an object"},
		{`{"a":0}`, func(o *document.Object) { o.Done() }, "a", "x.unknown", "there is no such key"},
		{`{"a":0}`, func(o *document.Object) { o.Need("a"); o.Has("a"); o.Done() }, "a", "x.unknown", "there is no such key"},
		{`{"a":{"b":0}}`, func(o *document.Object) { o.Child("a").Text("b", 1) }, "a.b", "x.type", "must be a text"},
		{`{"a":{"b":{}}}`, func(o *document.Object) { o.Child("a").Child("b").Need("c") }, "a.b.c", "x.missing", "is required"},
		{`{"a":{"a":0}}`, func(o *document.Object) { o.Child("a").Done() }, "a.a", "x.unknown", "there is no such key"},
		{`{}`, func(o *document.Object) { o.TextOf("a[1]", json.Number("1"), 9) }, "a[1]", "x.type", "must be a text"},
		{`{}`, func(o *document.Object) { o.NumberOf("a[1]", true, 9) }, "a[1]", "x.type", "must be a number"},
		{`{}`, func(o *document.Object) { o.NumberOf("a[1]", json.Number("10"), 9) }, "a[1]", "x.value", whole},
		{`{}`, func(o *document.Object) { o.ChildOf("a[1]", "{}") }, "a[1]", "x.type", "must be an object"},
		{
			`{"a":[{"b":0}]}`, func(o *document.Object) { o.ChildOf("a[0]", o.List("a")[0]).Flag("b") },
			"a[0].b", "x.type", "must be true or false",
		},
		{`{}`, func(o *document.Object) { o.Fault("a", "y.own", "%d of %s", 1, "2%") }, "a", "y.own", "1 of 2%"},
	} {
		o := read(t, c.file)
		c.read(o)
		want := []kernel.Fault{{Path: c.path, Code: c.code, Text: c.text}}
		if got := faults(t, o.Err()); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.file, got, want)
		}
	}
}

// TestValues: what is right is read as it is, up to its bound, and leaves no fault.
func TestValues(t *testing.T) {
	o := read(t, `{"t":"xyz","f":true,"n":9,"l":[1,"x"],"e":[],"o":{"n":0}}`)
	if s := o.Text("t", 3); s != "xyz" {
		t.Errorf("text %q", s)
	}
	if !o.Flag("f") {
		t.Error("the flag is not set")
	}
	if n := o.Number("n", 9); n != 9 {
		t.Errorf("number %d", n)
	}
	l := o.List("l")
	if len(l) != 2 {
		t.Fatalf("list %v", l)
	}
	if n, ok := o.NumberOf("l[0]", l[0], 1); n != 1 || !ok {
		t.Errorf("element %d, %v", n, ok)
	}
	if s := o.TextOf("l[1]", l[1], 1); s != "x" {
		t.Errorf("element %q", s)
	}
	if e := o.List("e"); e == nil || len(e) != 0 {
		t.Errorf("empty list %#v", e)
	}
	c := o.Child("o")
	if n, ok := c.NumberOf("n", json.Number("0"), 0); n != 0 || !ok {
		t.Errorf("nought %d, %v", n, ok)
	}
	if v, ok := c.Take("n"); v != json.Number("0") || !ok {
		t.Errorf("taken %#v, %v", v, ok)
	}
	if !o.Need("t", "f", "n") || !o.Has("o") || strings.Join(o.Keys(), " ") != "e f l n o t" {
		t.Errorf("keys %v", o.Keys())
	}
	c.Done()
	o.Done()
	if err := o.Err(); err != nil {
		t.Error(err)
	}
}

// TestAbsent: what is not there is nothing, and no fault.
func TestAbsent(t *testing.T) {
	o := read(t, `{}`)
	_, taken := o.Take("a")
	if o.Text("a", 1) != "" || o.Flag("a") || o.Number("a", 1) != 0 || o.List("a") != nil || o.Child("a") != nil || o.Has("a") || taken {
		t.Error("something is there")
	}
	if err := o.Err(); err != nil {
		t.Error(err)
	}
	if o.Need("a") {
		t.Error("nothing is missing")
	}
}

// TestRefused: what is refused reads as nothing, so that the reading goes on.
func TestRefused(t *testing.T) {
	o := read(t, `{"t":"wxyz","f":"yes","n":10,"l":{},"o":[]}`)
	if o.Text("t", 3) != "" || o.Flag("f") || o.Number("n", 9) != 0 || o.List("l") != nil || o.Child("o") != nil {
		t.Error("something is there")
	}
	if n, ok := o.NumberOf("n", json.Number("10"), 9); n != 0 || ok {
		t.Errorf("%d, %v", n, ok)
	}
}

// TestAllAtOnce: an object tells of everything in the document, in the order in which it was read; unknown keys are sorted.
func TestAllAtOnce(t *testing.T) {
	o := read(t, `{"z":0,"a":{"x":0,"b":"1"},"y":0,"y":0}`)
	c := o.Child("a")
	c.Number("b", 1)
	c.Done()
	o.Done()
	var got []string
	for _, f := range faults(t, c.Err()) {
		got = append(got, f.Path+" "+f.Code)
	}
	want := []string{"y x.twice", "a.b x.type", "a.x x.unknown", "y x.unknown", "z x.unknown"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !slices.Equal(faults(t, o.Err()), faults(t, c.Err())) {
		t.Error("two objects of one document tell of other faults")
	}
}

// TestPaths: a path shows what comes from the file without breaking a line, and not more of it than a person would write.
func TestPaths(t *testing.T) {
	for key, want := range map[string]string{
		strings.Repeat("k", 40): strings.Repeat("k", 40),
		strings.Repeat("k", 41): strings.Repeat("k", 40) + "…",
		"a\nb\x7f":              "a?b?",
		"é":                     "é",
	} {
		o := read(t, `{}`)
		o.Need(key)
		o.ChildOf(key, map[string]any{}).Need(key)
		got := faults(t, o.Err())
		if len(got) != 2 || got[0].Path != want || got[1].Path != want+"."+want {
			t.Errorf("%q: %v", key, got)
		}
	}
}

// TestNested: the faults of another document keep their paths whole, behind the member that names it.
func TestNested(t *testing.T) {
	o := read(t, `{"a":{}}`)
	o.Child("a").Nested("file", []kernel.Fault{{Path: "brands[0].contactless.options.torn_records", Code: "y.value", Text: "%d"}})
	want := kernel.Fault{Path: "a.file:brands[0].contactless.options.torn_records", Code: "y.value", Text: "%d"}
	if got := faults(t, o.Err()); len(got) != 1 || got[0] != want {
		t.Errorf("%v", got)
	}
}
